"""Where personal data stands in a text: candidates by pattern, each confirmed by checksum, numbering plan or context."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import NamedTuple

NEAR = 48  # characters before a number in which a word gives it its meaning
PLACEHOLDER = re.compile(r"\[[A-Z_]{2,20}\]")


class Span(NamedTuple):
    """One piece of personal data."""

    kind: str  # "EMAIL", "PHONE", "CARD", "IBAN", "ACCOUNT", "SSN", "NATIONAL_ID", "IP": also its placeholder
    start: int
    end: int


def before(text: str, start: int) -> str:
    """The words before a place, in lower case, placeholders left out: [PHONE] is no word for what follows."""
    return PLACEHOLDER.sub(" ", text[max(0, start - NEAR) : start]).lower()


# A number called one of these is a thing's, not a person's.
OF_A_THING = re.compile(
    r"\b(?:orders?|invoices?|tracking|parcels?|packages?|shipments?|isbn|issn|doi|part|model|serial|sku|items?|product|case|tickets?|ref(?:erence)?"
    r"|transactions?|confirmation|booking|claim|policy|version|build|release|imei|barcode|upc|ean|batch|lot|article|docket|permit|licen[cs]e plate"
    r"|invoice|po|bill|receipt|coupon|voucher|gift code|error|code|bug|pull request|issue)\b(?:\s+(?:no|num|number|id|code|is|was|of|with|the)\b)*[\s.:#]*$",
    re.IGNORECASE,
)

# --- mail -----------------------------------------------------------------------------------------------------------

MAIL = re.compile(
    r"(?<![\w.%+'@-])[\w.%+'-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?P<top>[^\W\d_]{2,24})(?![\w@-]|\.[^\W_])"
)
SPELT_MAIL = re.compile(
    r"(?<![\w.%+-])[a-z0-9_%+-][\w.%+-]{0,63}(?P<at>\s?[\[({]\s?at\s?[\])}]\s?|\s+at\s+)(?!the\b|an?\b|this\b|that\b|our\b|your\b)[a-z0-9-]{2,40}"
    r"(?:(?:\s?[\[({]\s?dot\s?[\])}]\s?|\s+dot\s+|\.)[a-z]{2,12}){1,3}\b",
    re.IGNORECASE,
)
ROLES = re.compile(
    r"(?:no-?_?reply|donotreply|support|info|help(?:desk)?|sales|contact(?:us)?|admin|hr|billing|service|customer\.?(?:service|care|support)|press"
    r"|media|jobs|careers|security|privacy|legal|abuse|postmaster|webmaster|hostmaster|office|enquiries|inquiries|feedback|hello|team|orders|returns"
    r"|news(?:letter)?|marketing|accounts?|payments|dpo|gdpr|compliance|git|user(?:name)?|name|you|your\.?name|email|someone|example|test)",
    re.IGNORECASE,
)
FREE_MAIL = re.compile(
    r"(?:gmail|googlemail|outlook|hotmail|live|yahoo|ymail|icloud|aol|protonmail|proton|gmx|mail|web|msn|me)\.",
    re.IGNORECASE,
)
FILE_ENDINGS = frozenset("png jpg jpeg gif svg webp ico css js ts json md txt pdf html mp3 mp4 py sh yml yaml".split())


@cache
def documentation_domains() -> frozenset[str]:
    """Domains whose addresses belong to no one."""
    lines = files("assay.rules").joinpath("documentation_domains.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _anyone(local: str, domain: str) -> bool:
    parts = domain.lower().split(".")
    documented = bool({".".join(parts[i:]) for i in range(len(parts))} & documentation_domains())
    return documented or bool(ROLES.fullmatch(local) and not FREE_MAIL.match(domain))


def mails(text: str) -> Iterator[Span]:
    """Mail addresses of people: not of roles (support@), documentation (example.com), remotes (git@) or passwords in a URL."""
    if "@" in text:
        for match in MAIL.finditer(text):
            local, _, domain = match.group().partition("@")
            in_address = re.search(r"://[^\s/]*$", text[max(0, match.start() - 100) : match.start()])
            if match["top"].lower() not in FILE_ENDINGS and not in_address and not _anyone(local.strip("'"), domain):
                start = match.start() + len(local) - len(local.lstrip("'"))
                yield Span("EMAIL", start, match.end())
    if re.search(r"\bdot\b|[\[({]\s?at", text, re.IGNORECASE):
        for match in SPELT_MAIL.finditer(text):
            bracketed = match["at"].strip()[0] in "[({"
            if bracketed or re.search(r"\sdot\s|[\[({]\s?dot", match.group(), re.IGNORECASE):
                yield Span("EMAIL", *match.span())


# --- payment cards, bank accounts -----------------------------------------------------------------------------------

CARD = re.compile(r"(?<![\w.,/#-])(?<!\d[ ./–-])\d(?:[ .–-]{0,2}\d){12,18}(?![\w%])")
CARD_GROUPS = re.compile(
    r"\d{13,19}|\d{4}(?:\D+\d{4}){2}\D+\d{4}(?:\D+\d{1,3})?|\d{4}\D+\d{6}\D+\d{4,5}|(?:\d\D+){12,18}\d|\d{8}\D+\d{8}"
)
# Prefixes and lengths of the issuers: ISO/IEC 7812 as published by the networks.
ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|6(?:011|4[4-9]\d|5\d\d)\d{12}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}|(?:50|5[6-8]|6[37])\d{14}"
)
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
    """Payment card numbers: right length and prefix for an issuer, right check digit, written in the usual groups."""
    for match in CARD.finditer(text):
        found = match.group()
        ends = [
            i + 1 for i, c in enumerate(found) if c.isdigit() and (i + 1 == len(found) or not found[i + 1].isdigit())
        ]
        for end in reversed(ends):
            part = found[:end]
            digits = re.sub(r"\D", "", part)
            if len(digits) < 13:
                break
            if ISSUERS.fullmatch(digits) and luhn(digits) and CARD_GROUPS.fullmatch(part):
                words = before(text, match.start())
                if CARD_WORD.search(words) or not OF_A_THING.search(words):
                    yield Span("CARD", match.start(), match.start() + end)
                break


IBAN = re.compile(r"(?<![\w/=+-])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![\w])")
ACCOUNT = re.compile(
    r"\b(?:bank\s+)?(?:account|acct|a/c)\.?\s*(?:number|num|no|nr|#)\.?\s*(?:is|was|:|=|#|-)?\s*(?P<value>\d(?:[ -]?\d){7,16})(?![\w-])",
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
                yield Span("IBAN", match.start(), match.start() + len(found[:end].rstrip(" -")))
                break
    for match in ACCOUNT.finditer(text):
        yield Span("ACCOUNT", *match.span("value"))


# --- national identifiers -------------------------------------------------------------------------------------------


class National(NamedTuple):
    """A national identifier: its shape, the words that name it, and the module of stdnum that checks it."""

    module: str
    shape: re.Pattern[str]
    words: re.Pattern[str]
    kind: str = "NATIONAL_ID"


def _national(module: str, shape: str, words: str, kind: str = "NATIONAL_ID") -> National:
    return National(
        module, re.compile(rf"(?<![\w-]){shape}(?![\w-])"), re.compile(rf"\b(?:{words})\b", re.IGNORECASE), kind
    )


NATIONALS = (
    _national("us.ssn", r"\d{3}[- ]?\d{2}[- ]?\d{4}", "ssn|social security|social", "SSN"),
    _national("ca.sin", r"\d{3}[- ]?\d{3}[- ]?\d{3}", "sin|social insurance"),
    _national("gb.nhs", r"\d{3}[- ]?\d{3}[- ]?\d{4}", "nhs"),
    _national("in_.aadhaar", r"\d{4}[- ]?\d{4}[- ]?\d{4}", "aadhaar|aadhar|uidai"),
    _national("in_.pan", r"[A-Z]{5}\d{4}[A-Z]", "pan|permanent account"),
    _national("br.cpf", r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}", "cpf"),
    _national("es.dni", r"\d{8}[- ]?[A-Z]", "dni|nif"),
    _national("es.nie", r"[XYZ][- ]?\d{7}[- ]?[A-Z]", "nie"),
    _national("de.idnr", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", "steuer-?id\\w*|identifikationsnummer|tax id\\w*|idnr"),
    _national("fr.nir", r"[12] ?\d{2} ?\d{2} ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}", "nir|s[ée]curit[ée] sociale|social security|insee"),
    _national("it.codicefiscale", r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]", "codice fiscale|cf|tax code|fiscal code"),
    _national("au.tfn", r"\d{3} ?\d{3} ?\d{3}", "tfn|tax file"),
    _national("nl.bsn", r"\d{9}", "bsn|burgerservicenummer"),
    _national("pl.pesel", r"\d{11}", "pesel"),
    _national("se.personnummer", r"(?:\d{2})?\d{6}[-+]?\d{4}", "personnummer|personal identity number"),
    _national("cn.ric", r"\d{17}[\dX]", "身份证|resident identity|identity card|id card"),
    _national("mx.curp", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d", "curp"),
    _national("za.idnr", r"\d{13}", "id number|identity number|south african id"),
)  # fmt: skip
DASHED_SSN = re.compile(r"(?<![\w.-])\d{3}-\d{2}-\d{4}(?![\w-])")
NINO = re.compile(r"(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)")
NINO_WORD = re.compile(r"national insurance|\bnino?\b", re.IGNORECASE)
PASSPORT = re.compile(
    r"\bpassport\s*(?:number|num|no|nr|#)?\.?\s*(?:is|was|:|=|#)?\s*(?P<value>(?=[A-Z\d]{0,3}\d)[A-Z\d]{1,3}\d{5,7}[A-Z\d]?)(?!\w)"
)
NATIONAL_WORD = re.compile("|".join(n.words.pattern for n in NATIONALS), re.IGNORECASE)


@cache
def _valid(module: str) -> Callable[[str], bool]:
    checked: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return checked


def identifiers(text: str) -> Iterator[Span]:
    """National identifiers with right check digits, named by a word before them; a dashed US number needs no word."""
    for match in DASHED_SSN.finditer(text):
        if _valid("us.ssn")(match.group()) and not OF_A_THING.search(before(text, match.start())):
            yield Span("SSN", *match.span())
    if NATIONAL_WORD.search(text):
        for national in NATIONALS:
            if national.words.search(text):
                for match in national.shape.finditer(text):
                    if national.words.search(before(text, match.start())) and _valid(national.module)(match.group()):
                        yield Span(national.kind, *match.span())
    if NINO_WORD.search(text):
        yield from (
            Span("NATIONAL_ID", *m.span()) for m in NINO.finditer(text) if NINO_WORD.search(before(text, m.start()))
        )
    yield from (Span("PASSPORT", *m.span("value")) for m in PASSPORT.finditer(text))


# --- network addresses ----------------------------------------------------------------------------------------------

IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:]|\.\d|/\d)", re.IGNORECASE
)
IP_WORD = re.compile(
    r"\bips?\b|\bipv[46]\b|\baddress|log(?:ged|in|s|ging)\b|\bsign(?:ed|-?in)\b|\bfrom\b|\bclients?\b|\bvisitors?\b|\busers?\b|\bhosts?\b|\bconnect\w*|\brequests?\b"
    r"|\bseen at\b|\baccess\w*|\bsession",
    re.IGNORECASE,
)
VERSION_WORD = re.compile(
    r"\b(?:version|release|build|firmware|driver|update|upgrad\w+|v|section|chapter|clause)\b[\s:]*(?:\w+\s+){0,2}$|\bdns\b",
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
    """Public addresses of machines that the words before say someone came from; not versions, resolvers, private ranges."""
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
