"""Where personal data stands in a text: candidates by pattern, confirmed by a checksum or the words before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from assay.rules.listed import expression_of
from assay.rules.roles import of_a_duty

NEAR = 48  # characters before a number in which a word gives it its meaning
PLACEHOLDER = re.compile(r"\[[A-Z_]{2,20}(?:-[A-Z]{8})?\]")


class Span(NamedTuple):
    """One piece of personal data."""

    kind: str  # "EMAIL", "PHONE", "CARD", "IBAN", "SSN", "NATIONAL_ID", "BIRTH_DATE", "IP", ...: also its placeholder
    start: int
    end: int


def before(text: str, start: int) -> str:
    """The words before a place, in lower case, placeholders left out: [PHONE] is no word for what follows."""
    return PLACEHOLDER.sub(" ", text[max(0, start - NEAR) : start]).lower()


# A number called one of these is a thing's, not a person's.
OF_A_THING = re.compile(
    r"\b(?:orders?|invoices?|tracking|parcels?|packages?|shipments?|isbn|issn|doi|part|model|serial|sku"
    r"|items?|product|case|tickets?|ref(?:erence)?"
    r"|transactions?|confirmation|booking|claim|policy|version|build|release|imei|barcode|upc|ean|batch|lot"
    r"|article|docket|permit|licen[cs]e plate"
    r"|s/?n|p/?n|asset|chip|serien-?n(?:umme)?r|artikel-?n(?:umme)?r|bestell-?n(?:umme)?r|auftrags-?n(?:umme)?r"
    r"|n(?:o|°|º|uméro) de série"
    r"|número de serie|numero di serie|commande|pedido|ordine"
    r"|invoice|po|bill|receipt|coupon|voucher|gift code|error|code|bug|pull request|issue)\b(?:\s+(?:no|num"
    r"|number|nr|id|code|is|was|of|with|the|s/?n|p/?n)\b)*[\s.:#]*$",
    re.IGNORECASE,
)


def of_an_order(words: str) -> bool:
    """Whether the words before a number end in what calls it that of an order, a parcel or a document, in any language.

    of_an_order("die sendungsnummer lautet ") -> True.
    """
    called = [found.end() for found in expression_of("value_words.txt", "thing").finditer(words)]
    return bool(called) and len(re.findall(r"\w+", words[called[-1] :])) <= 1


# --- mail -----------------------------------------------------------------------------------------------------------

MAIL = re.compile(
    r"(?<![\w.%+'@-])[\w.%+'-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?P<top>[^\W\d_]{2,24})(?![\w@-]|\.[^\W_])"
)
SPELT_MAIL = re.compile(
    r"(?<![\w.%+-])[a-z0-9_%+-][\w.%+-]{0,63}(?P<at>\s?[\[({]\s?at\s?[\])}]\s?|\s+at\s+)(?!the\b|an?\b|this\b"
    r"|that\b|our\b|your\b)[a-z0-9-]{2,40}"
    r"(?:(?:\s?[\[({]\s?dot\s?[\])}]\s?|\s+dot\s+|\.)[a-z]{2,12}){1,3}\b",
    re.IGNORECASE,
)
FREE_MAIL = re.compile(
    r"(?:gmail|googlemail|outlook|hotmail|live|yahoo|ymail|icloud|aol|protonmail|proton|gmx|mail|web|msn|me)\.",
    re.IGNORECASE,
)
# Stand-ins that people write for an address, at any provider: example@gmail.com.
STAND_INS = re.compile(
    r"(?:(?:example|sample|test(?:er|ing|user)?|dummy(?:email|user)?|some(?:one|body|thing)|user(?:name)?"
    r"|your\.?(?:name|e?mail)"
    r"|(?:first|my)\.?name|firstname\.lastname|first\.last|name|e?mail|abc|xyz|me|you|foo|bar)+|([a-z])\1{2,}"
    r"|123\d?)\d{0,3}",
    re.IGNORECASE,
)
# Before the name of an account on a machine.
LOGIN = re.compile(r"\b(?:ssh|scp|sftp|rsync|mosh|svn|git clone|telnet)\b[^\n;|]{0,60}$")
FILE_ENDINGS = frozenset(
    re.findall(r"\w+", "png jpg jpeg gif svg webp ico css js ts json md txt pdf html mp3 mp4 py sh yml")
)


@cache
def documentation_domains() -> frozenset[str]:
    """Domains whose addresses belong to no one."""
    lines = files("assay.rules").joinpath("documentation_domains.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _anyone(local: str, domain: str) -> bool:
    parts = domain.lower().split(".")
    documented = bool({".".join(parts[i:]) for i in range(len(parts))} & documentation_domains())
    return documented or bool(STAND_INS.fullmatch(local)) or (not FREE_MAIL.match(domain) and of_a_duty(local, domain))


def mails(text: str) -> Iterator[Span]:
    """Mail addresses of people: not of roles (support@), documentation (example.com) or within a URL."""
    if "@" in text:
        for match in MAIL.finditer(text):
            local, _, domain = match.group().partition("@")
            ahead = text[max(0, match.start() - 100) : match.start()]
            in_address = re.search(r"://[^\s?=]*$", ahead) or LOGIN.search(ahead)
            if match["top"].lower() not in FILE_ENDINGS and not in_address and not _anyone(local.strip("'"), domain):
                start = match.start() + len(local) - len(local.lstrip("'"))
                yield Span("EMAIL", start, match.end())
    if re.search(r"\bdot\b|[\[({]\s?at", text, re.IGNORECASE):
        for match in SPELT_MAIL.finditer(text):
            bracketed = match["at"].strip()[0] in "[({"
            if bracketed or re.search(r"\sdot\s|[\[({]\s?dot", match.group(), re.IGNORECASE):
                yield Span("EMAIL", *match.span())


# --- payment cards, bank accounts -----------------------------------------------------------------------------------

CARD_RUN = re.compile(r"(?<![\w.,/#-])(?<!\d[ ./–-])\d(?:[ .–-]{0,2}\d){12,}(?![\w%])")
CARD = re.compile(r"\d(?:[ .–-]{0,2}\d){12,18}(?!\d)")
CARD_GROUPS = re.compile(
    r"\d{13,19}|\d{4}(?:\D+\d{4}){2}\D+\d{4}(?:\D+\d{1,3})?|\d{4}\D+\d{6}\D+\d{4,5}|(?:\d\D+){12,18}\d|\d{8}\D+\d{8}"
)
# Prefixes and lengths of the issuers: ISO/IEC 7812 as published by the networks.
ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}|(?:50|5[6-8]|6[37])\d{14}"
)
TEST_CARDS = ("400000", "370000", "360066")  # ranges of Visa, American Express and Diners that no person's card is of
IN_CODE = re.compile(r"[\[=*+<>&|{]\s*$")  # before bare digits that are a value of a program
CARD_WORD = re.compile(
    r"\bcards?\b|\bvisa\b|master ?card|\bamex\b|american express|discover|\bdebit\b|\bcredit\b|\bpan\b", re.IGNORECASE
)


def luhn(digits: str) -> bool:
    """Whether the check digit is right (ISO/IEC 7812-1, annex B): luhn("4111111111111111") -> True."""
    total = 0
    for i, c in enumerate(reversed(digits)):
        d = int(c) * (1 + i % 2)
        total += d - 9 if d > 9 else d
    return total % 10 == 0


def cards(text: str) -> Iterator[Span]:
    """Payment card numbers: right length and prefix for an issuer, right check digit, written in the usual groups.

    A run of digits is read from its start, and on from the end of every card found in it.
    """
    for run in CARD_RUN.finditer(text):
        start = run.start()
        while match := CARD.match(text, start, run.end()):
            size = _card_length(match.group())
            words = before(text, start)
            of_a_thing = OF_A_THING.search(words) or of_an_order(words) or _in_code(text, start, start + size)
            if not size or (of_a_thing and not CARD_WORD.search(words)):
                break
            if not re.sub(r"\D", "", match.group()).startswith(TEST_CARDS):
                yield Span("CARD", start, start + size)
            start = _next_digit(text, start + size)


def _in_code(text: str, start: int, end: int) -> bool:
    """_in_code("a[4111111111111111]", 2, 18) -> True: digits without separators between the signs of a program."""
    bare = text[start:end].isdecimal()
    return bare and bool(
        IN_CODE.search(text[max(0, start - 4) : start]) or text[end : end + 3].lstrip()[:1] in list(";]%*")
    )


def _card_length(found: str) -> int:
    """How many characters of the digits and separators are a card number, the longest first; 0 for none."""
    ends = [i for i in range(1, len(found) + 1) if found[i - 1].isdigit() and not found[i : i + 1].isdigit()]
    for end in reversed(ends):
        digits = re.sub(r"\D", "", found[:end])
        if ISSUERS.fullmatch(digits) and luhn(digits) and CARD_GROUPS.fullmatch(found[:end]):
            return end
    return 0


def _next_digit(text: str, start: int) -> int:
    while start < len(text) and not text[start].isdigit():
        start += 1
    return start


IBAN = re.compile(r"(?<![\w/=+-])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![\w])")
NO_BANK = re.compile(r"[A-Za-z]{2}\d\d(?:0000|TEST|test)")  # an IBAN of a bank that there is not
SORT_CODE = re.compile(
    r"\bsort code\s*(?:is|:)?\s*(?P<value>\d{2}[- ]\d{2}[- ]\d{2}(?:\D{1,24}\d{8})?)(?!\w)", re.IGNORECASE
)
# "Account: 0001234567" is a bank's beside a word of banking.
BANKED = re.compile(r"\b(?:account|acct|a/c)\.?\s*[:#]\s*(?P<value>\d(?:[ -]?\d){7,16})(?![\w-])", re.IGNORECASE)
BANKING = re.compile(r"\b(?:routing|aba|swift|bic|bank|wire|sort code|direct deposit|iban)\b", re.IGNORECASE)
ACCOUNT = re.compile(
    r"\b(?:bank\s+)?(?:account|acct|a/c)\.?\s*(?:number|num|no|nr|#)\.?\s*(?:is|was|:|=|#"
    r"|-)?\s*(?P<value>\d(?:[ -]?\d){7,16})(?![\w-])",
    re.IGNORECASE,
)


def accounts(text: str) -> Iterator[Span]:
    """IBANs with the right length and check digits, and numbers said to be of a bank account."""
    from stdnum import iban

    for match in IBAN.finditer(text):
        found = match.group()
        for end in range(len(found), 14, -1):
            if (end == len(found) or not found[end].isalnum() or not found[end - 1].isalnum()) and iban.is_valid(
                found[:end], check_country=False
            ):
                if not NO_BANK.match(re.sub(r"[ -]", "", found)):
                    yield Span("IBAN", match.start(), match.start() + len(found[:end].rstrip(" -")))
                break
    for match in ACCOUNT.finditer(text):
        if not match["value"].startswith("0000"):
            yield Span("ACCOUNT", *match.span("value"))
    for match in BANKED.finditer(text):
        banked = BANKING.search(text, max(0, match.start() - 80), match.end() + 40)
        if banked and not match["value"].startswith("0000"):
            yield Span("ACCOUNT", *match.span("value"))
    yield from (Span("ACCOUNT", *match.span("value")) for match in SORT_CODE.finditer(text))


# --- network addresses ----------------------------------------------------------------------------------------------

IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:]|\.\d|/\d)", re.IGNORECASE
)
IP_WORD = re.compile(
    r"\bips?\b|\baddress|log(?:ged|in|s|ging)\b|\bsign(?:ed|-?in)\b|\bfrom\b|\bclients?\b|\bvisitors?\b"
    r"|\busers?\b|\bhosts?\b|\bconnect\w*|\brequests?\b"
    r"|\bseen at\b|\baccess\w*|\bsession",
    re.IGNORECASE,
)
VERSION_WORD = re.compile(
    r"\b(?:version|release|build|firmware|driver|update|upgrad\w+|v|valid|ipv[46]|subnet|cidr|netmask|mask"
    r"|section|chapter|clause)\b[\s:]*(?:\w+[\s:?]+){0,3}$|\bdns\b",
    re.IGNORECASE,
)
RESOLVERS = frozenset(
    {
        "8.8.8.8",
        "8.8.4.4",
        "1.1.1.1",
        "1.0.0.1",
        "9.9.9.9",
        "149.112.112.112",
        "208.67.222.222",
        "208.67.220.220",
        "1.2.3.4",
    }
)


def networks(text: str) -> Iterator[Span]:
    """Public addresses of machines someone came from, by the words before; not versions or private ranges."""
    from ipaddress import ip_address

    for match in IP.finditer(text):
        words = before(text, match.start())
        if match.group() in RESOLVERS or not IP_WORD.search(words) or VERSION_WORD.search(words):
            continue
        try:
            public = ip_address(match.group()).is_global
        except ValueError:
            continue
        if public:
            yield Span("IP", *match.span())
