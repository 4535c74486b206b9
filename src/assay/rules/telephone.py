"""Telephone numbers as people type them, told from other digits by numbering plan, grouping and nearby words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assay.rules.personal import OF_A_THING, Span, before

# A whole run of digits and the marks people put between them; possessive, so that a long run is read once.
CANDIDATE = re.compile(
    r"(?<![\w.,/#$€£%=:+-])(?<!\d[ .–-])(?:\+|\(\+?)?\d(?:[ .–/()-]{0,3}\d){6,}+"
    r"(?P<extension>,?\s?(?:x|ext\.?|extension)\s?\d{1,5})?+(?![\w%$€£]|[.,:/-]\d|-\w)",
    re.IGNORECASE,
)
LONGEST = 17  # digits: 15 at most by ITU-T E.164, two more for a "00" before them
WORD = re.compile(
    r"\b(?:phone|phones|telephone|tel|mobile|cell|cellphone|handy|call|calls|called|calling|text me|sms"
    r"|whatsapp|signal|fax|dial|ring|reach|contact|number is"
    r"|my number|his number|her number|their number|numbers? (?:for|of)|landline|t[ée]l[ée]phone|telefon\w*"
    r"|tel[ée]fono|cellulare|portable|m[óo]vil|celular|telefonino|telem[óo]vel"
    r"|mobil(?:nummer|telefon|nr)?|callback)\b|电话|手机|電話|携帯|телефон|هاتف|फ़ोन",
    re.IGNORECASE,
)
NANP = re.compile(
    r"(?:(?:\+?1|001)[ .-]{0,2})?(?:\([2-9]\d{2}\) ?[-.]?\d{3}[-. ]\d{4}|[2-9]\d{2}(?P<sep>[-.])\d{3}(?P=sep)\d{4})"
)
NANP_SPACED = re.compile(r"(?:\+?1 )?[2-9]\d{2} [2-9]\d{2}[ -]\d{4}")
FRENCH = re.compile(r"0[1-79](?P<sep>[ .-])\d{2}(?:(?P=sep)\d{2}){3}")
UNMISTAKABLE = re.compile(rf"(?:(?<=\s)|\A){NANP.pattern}(?=\s|\Z)")
LOCAL = re.compile(r"[2-9]\d{2}[- .]\d{4}")
SAID = re.compile(r"(?:call|phone|tel|mobile|cell|dial|reach|text|number|contact)\b[\w\s.:@]{0,16}$", re.IGNORECASE)
CALLED = re.compile(r"(?:call|phone|tel|mobile|cell|dial|reach|text|contact)\b[\w\s.:@]{0,16}$")
LABELLED = re.compile(r"\b(?:tel|phone|telephone|mobile|cell|fax|whatsapp|handy)\.?\s*(?:no|number|#)?\.?\s*:\s*$")
DATE = re.compile(
    r"(?:19|20)\d{2}[-./ ][01]?\d[-./ ][0-3]?\d.*|[0-3]?\d[-./ ][0-3]?\d[-./ ](?:19|20)\d{2}.*|(?:(?:19"
    r"|20)\d{2}[-– ]?){2,3}"
)
# Regions tried for national numbers: populous ones, and those whose plans differ most.
REGIONS = (
    "US", "GB", "DE", "FR", "IN", "ES", "IT", "AU", "BR", "NL",
    "PL", "MX", "JP", "CN", "ZA", "CH", "SE", "TR", "NG", "IE",
)  # fmt: skip
# Numbers that can be no one's: a country code and area codes that are reserved, and a first digit no plan has.
NO_ONES = re.compile(r"\+?1?[2-9]9\d555\d{4}|\+999\d+|(?:000|00999)\d+")
# Lines of organisations that anybody may call, and units of what is measured.
PUBLIC_LINE = re.compile(
    r"\b(?:hot ?line|help ?line|crisis line|information line|info line|customer (?:services?|care|support)|support line"
    r"|switchboard|front desk|help ?desk|call cent(?:er|re)|box office|reservations?)\b[^.!?\n]{0,24}$"
)
OPEN_TO_ALL = re.compile(r"\s?[,(]?\s?(?:during (?:business|office) hours|toll[- ]free|24/7|24 hours)", re.IGNORECASE)
COUNTED = "1234567890123"  # what people type for any number
UNIT = re.compile(
    r"\s?(?:m?ah|[kmg]?w|[kmc]?m|[km]?g|[kmgt]i?b|[kmg]?hz|rpm|px|dpi|lbs?|eur|usd|gbp|dollars|euros|bytes|rows)\b",
    re.IGNORECASE,
)
HOTLINES = ("0800", "0808", "1800", "1300", "1900")
# Regions whose numbers are known by their grouping and first 0, without a word before them.
LEADING_ZERO = ("GB", "DE", "AU", "IT", "NL", "JP", "IN", "TR")


@lru_cache(maxsize=4096)
def plan(number: str, region: str | None) -> str:
    """plan("+442079460958", None) -> "valid"; also "possible", "public" (toll-free, premium) or "" (no such number)."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed):
        return "possible" if phonenumbers.is_possible_number(parsed) else ""
    kind = phonenumbers.number_type(parsed)
    types = phonenumbers.PhoneNumberType
    return "public" if kind in (types.TOLL_FREE, types.PREMIUM_RATE, types.SHARED_COST, types.UAN) else "valid"


def _is_phone(found: str, words: str) -> bool:
    digits = re.sub(r"\D", "", found)
    if (
        len(digits) > LONGEST
        or len(set(digits)) == 1
        or digits in "1234567890123"
        or NO_ONES.fullmatch(digits if found[:1] != "+" else "+" + digits)
    ):
        return False
    said = bool(WORD.search(words)) and not (OF_A_THING.search(words) and not CALLED.search(words))
    grouped = len(re.findall(r"\d+", found)) > 1
    if OF_A_THING.search(words) and not said:
        return False
    if found.startswith(("+", "00")) and not NANP.fullmatch(found):
        kind = plan("+" + (digits[2:] if found.startswith("00") else digits), None)
        trusted = said or grouped if found.startswith("+") else said
        likely = kind == "possible" or (not kind and said and grouped and found.startswith("+"))
        return kind == "valid" or (likely and trusted and len(digits) >= 10)
    if DATE.fullmatch(found):
        return False
    if LABELLED.search(words):
        return plan(digits, "US") != "public" and not digits.startswith(HOTLINES)
    if NANP.fullmatch(found) or (NANP_SPACED.fullmatch(found) and (said or plan(digits, "US") == "valid")):
        return plan(digits, "US") != "public"
    if len(digits) == 7:
        return bool(LOCAL.fullmatch(found) and SAID.search(words))
    return _national(found, digits, said, grouped)


def _national(found: str, digits: str, said: bool, grouped: bool) -> bool:
    if not 8 <= len(digits) <= 12:
        return False
    if FRENCH.fullmatch(found):
        return plan(digits, "FR") == "valid"
    if said:
        kinds = {plan(digits, region) for region in REGIONS}
        hotline = "public" in kinds and digits.startswith(HOTLINES)
        return "valid" in kinds and not hotline and (grouped or len(digits) >= 10 or digits.startswith("0"))
    longest = 12 if digits.startswith(("015", "016", "017")) else 11  # German mobile numbers have up to twelve
    plausible = found.startswith(("0", "(0")) and grouped and 10 <= len(digits) <= longest and "/" not in found
    hotline = digits.startswith(HOTLINES)
    return plausible and not hotline and any(plan(digits, region) == "valid" for region in LEADING_ZERO)


def phones(text: str) -> Iterator[Span]:
    """Telephone numbers of people; hotlines (toll-free, premium) and emergency numbers are public and stay."""
    for match in CANDIDATE.finditer(text):
        found = match.group()
        number = found[: len(found) - len(match["extension"] or "")]
        words = before(text, match.start())
        if PUBLIC_LINE.search(words) or OPEN_TO_ALL.match(text, match.end()) or UNIT.match(text, match.end()):
            continue
        if len(number) < 2 * LONGEST and number.isascii() and _is_phone(number, words):
            yield Span("PHONE", *match.span())
        elif not OF_A_THING.search(words):
            yield from _among_others(found, match.start())


def _among_others(found: str, offset: int) -> Iterator[Span]:
    """Numbers that need no word to be known, in a row of numbers: "415-555-2671 415-555-2672"."""
    for match in UNMISTAKABLE.finditer(found):
        digits = re.sub(r"\D", "", match.group())
        if plan(digits, "US") != "public" and not NO_ONES.fullmatch(digits):
            yield Span("PHONE", offset + match.start(), offset + match.end())
