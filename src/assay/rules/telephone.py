"""Telephone numbers as people type them, told from other digits by numbering plan, grouping and the words before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assay.rules.personal import OF_A_THING, Span, before

# A run of digits in groups; extension after it.
CANDIDATE = re.compile(
    r"(?<![\w.,/#$€£%=:+-])(?<!\d[ .–-])(?:\+|00 ?)?\(?\d{1,5}\)?(?:[ .–/-]{0,2}\(?\d{1,6}\)?){0,7}(?![\w%$€£]|[.,:/-]\d)"
    r"(?P<extension>,?\s?(?:x|ext\.?|extension)\s?\d{1,5}(?!\w))?",
    re.IGNORECASE,
)
WORD = re.compile(
    r"\b(?:phone|phones|telephone|tel|mobile|cell|cellphone|handy|call|calls|called|calling|text me|sms|whatsapp|signal|fax|dial|ring|reach|contact|number is"
    r"|my number|his number|her number|their number|numbers? (?:for|of)|landline|t[ée]l[ée]phone|telefon\w*|tel[ée]fono|cellulare|portable|hotline|callback)\b",
    re.IGNORECASE,
)
NANP = re.compile(
    r"(?:\+?1[ .-]{0,2})?(?:\([2-9]\d{2}\) ?[-.]?\d{3}[-. ]\d{4}|[2-9]\d{2}(?P<sep>[-.])\d{3}(?P=sep)\d{4})"
)
NANP_SPACED = re.compile(r"(?:\+?1 )?[2-9]\d{2} [2-9]\d{2}[ -]\d{4}")
FRENCH = re.compile(r"0[1-79](?P<sep>[ .-])\d{2}(?:(?P=sep)\d{2}){3}")
LOCAL = re.compile(r"[2-9]\d{2}[- .]\d{4}")
SAID = re.compile(r"(?:call|phone|tel|mobile|cell|dial|reach|text|number|contact)\b[\w\s.:@]{0,16}$", re.IGNORECASE)
DATE = re.compile(
    r"(?:19|20)\d{2}[-./ ][01]?\d[-./ ][0-3]?\d.*|[0-3]?\d[-./ ][0-3]?\d[-./ ](?:19|20)\d{2}.*|(?:(?:19|20)\d{2}[-– ]?){2,3}"
)
# Regions tried for national numbers: populous ones, and those whose plans differ most.
REGIONS = (
    "US",
    "GB",
    "DE",
    "FR",
    "IN",
    "ES",
    "IT",
    "AU",
    "BR",
    "NL",
    "PL",
    "MX",
    "JP",
    "CN",
    "ZA",
    "CH",
    "SE",
    "TR",
    "NG",
    "IE",
)


@lru_cache(maxsize=4096)
def plan(number: str, region: str | None) -> str:
    """plan("+442079460958", None) -> "valid": also "possible", "public" (toll-free, premium) or "" (no number of the region)."""
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
    said = bool(WORD.search(words)) and not (OF_A_THING.search(words) and not SAID.search(words))
    grouped = len(re.findall(r"\d+", found)) > 1
    if OF_A_THING.search(words) and not said:
        return False
    if found.startswith(("+", "00")) and not NANP.fullmatch(found):
        kind = plan("+" + (digits[2:] if found.startswith("00") else digits), None)
        trusted = said or grouped if found.startswith("+") else said
        return kind == "valid" or (kind == "possible" and trusted and len(digits) >= 10)
    if DATE.fullmatch(found):
        return False
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
        return "valid" in kinds and (len(digits) >= 9 or grouped)
    plausible = found.startswith(("0", "(0")) and grouped and 10 <= len(digits) <= 11 and "/" not in found
    return plausible and any(
        plan(digits, region) == "valid" for region in ("GB", "DE", "AU", "IT", "NL", "JP", "IN", "TR")
    )


def phones(text: str) -> Iterator[Span]:
    """Telephone numbers of people; hotlines (toll-free, premium) and emergency numbers are public and stay."""
    for match in CANDIDATE.finditer(text):
        found = match.group()
        number = found[: len(found) - len(match["extension"] or "")]
        if sum(c.isdigit() for c in number) < 7 or not number.isascii():
            continue
        if _is_phone(number, before(text, match.start())):
            yield Span("PHONE", *match.span())
