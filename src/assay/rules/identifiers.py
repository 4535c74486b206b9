"""National identifiers in a text, confirmed by their check digits and by a word that names them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import NamedTuple

from assay.rules.personal import NEAR, OF_A_THING, Span, before

REACH = NEAR + 100  # characters behind a word in which an identifier begins and ends: the longest has 25


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
    _national("luhn", r"\d{3}[- ]?\d{3}[- ]?\d{3}", "sin|social insurance"),  # also those that begin with 0
    _national("gb.nhs", r"\d{3}[- ]?\d{3}[- ]?\d{4}", "nhs"),
    _national("in_.aadhaar", r"\d{4}[- ]?\d{4}[- ]?\d{4}", "aadhaar|aadhar|uidai"),
    _national("in_.pan", r"[A-Z]{5}\d{4}[A-Z]", "pan|permanent account"),
    _national("br.cpf", r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}", "cpf"),
    _national("es.dni", r"\d{8}[- ]?[A-Z]", "dni|nif"),
    _national("es.nie", r"[XYZ][- ]?\d{7}[- ]?[A-Z]", "nie"),
    _national("de.idnr", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", "steuer-?id\\w*|identifikationsnummer|tax id\\w*|idnr"),
    _national("fr.nir", r"[12] ?\d{2} ?\d{2} ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}", "nir|s[ée]cu(?:rit[ée] sociale)?|insee"),
    _national("it.codicefiscale", r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]", "codice fiscale|cf|tax code|fiscal code"),
    _national("au.tfn", r"\d{3} ?\d{3} ?\d{3}", "tfn|tax file"),
    _national("nl.bsn", r"\d{9}", "bsn|burgerservicenummer"),
    _national("pl.pesel", r"\d{11}", "pesel"),
    _national("se.personnummer", r"(?:\d{2})?\d{6}[-+]?\d{4}", "personnummer|personal identity number"),
    _national("cn.ric", r"\d{17}[\dX]", "身份证|resident identity|identity card|id card"),
    _national("mx.curp", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d", "curp"),
    _national("za.idnr", r"\d{13}", "id number|identity number|south african id"),
    _national("fi.hetu", r"\d{6}[-+A-FU-Y]\d{3}[\dA-Y]", "hetu|henkilötunnu\\w*|personal identity code"),
    _national("ie.pps", r"\d{7} ?[A-W][A-IW]?", "ppsn?|pps-?n\\w*|personal public service"),
    _national("ch.ssn", r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}", "ahv(?:-?n\\w*)?|avs|sozialversicherungsn\\w*|oasi"),
    _national("at.vnr", r"\d{4} ?\d{6}", "sozialversicherungsn\\w*|svnr|sv-n\\w*"),
    _national("be.nn", r"\d{2}\.?\d{2}\.?\d{2}[- ]?\d{3}[. ]?\d{2}",
        "rijksregister\\w*|registre national|numéro national|niss|insz"),
    _national("dk.cpr", r"\d{6}-?\d{4}", "cpr(?:-?n\\w*)?|personnummer"),
    _national("no.fodselsnummer", r"\d{6} ?\d{5}", "f[øo]dselsn\\w*|personnummer"),
    _national("is_.kennitala", r"\d{6}-?\d{4}", "kennit[aö]l\\w*"),
    _national("ee.ik", r"\d{11}", "isikukood\\w*"),
    _national("lt.asmens", r"\d{11}", "asmens kod\\w*"),
    _national("cz.rc", r"\d{6}/?\d{3,4}", "rodné čísl\\w*|rodného čísla|rodne cislo"),
    _national("ro.cnp", r"\d{13}", "cnp|cod numeric personal"),
    _national("bg.egn", r"\d{10}", "egn|егн"),
    _national("hr.oib", r"\d{11}", "oib"),
    _national("si.emso", r"\d{13}", "em[šs]o|jmbg"),
    _national("gr.amka", r"\d{11}", "amka|αμκα"),
    _national("tr.tckimlik", r"\d{11}", "kimlik n\\w*|tckn|tc no"),
    _national("il.idnr", r"\d{8}-?\d", "teudat zehut|israeli id|תעודת זהות"),
    _national("pt.nif", r"\d{3}[ .]?\d{3}[ .]?\d{3}", "nif|contribuinte|número fiscal"),
    _national("br.cnpj", r"\d{2}\.?\d{3}\.?\d{3}/?\d{4}-?\d{2}", "cnpj"),
    _national("cl.rut", r"\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]", "rut|run"),
    _national("ar.cuit", r"\d{2}-?\d{8}-?\d", "cui[tl]"),
    _national("ec.ci", r"\d{9}-?\d", "c[ée]dula"),
    _national("do.cedula", r"\d{3}-?\d{7}-?\d", "c[ée]dula"),
    _national("nz.ird", r"\d{2,3}[- ]?\d{3}[- ]?\d{3}", "ird"),
    _national("kr.rrn", r"\d{6}-?\d{7}", "주민등록번호|resident registration"),
    _national("my.nric", r"\d{6}-?\d{2}-?\d{4}", "nric|mykad"),
    _national("th.pin", r"\d[- ]?\d{4}[- ]?\d{5}[- ]?\d{2}[- ]?\d", "thai id|บัตรประชาชน"),
    _national("pk.cnic", r"\d{5}-?\d{7}-?\d", "cnic"),
)  # fmt: skip
DASHED_SSN = re.compile(r"(?<![\w.-])\d{3}-\d{2}-\d{4}(?![\w-])")
# Prefixes as HMRC issues them (NIM39110): no D, F, I, Q, U or V, no O in second place, and some pairs never.
NINO = re.compile(
    r"(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)"
)
NINO_WORD = re.compile(r"national insurance|\bnino?\b|\bni (?:number|no\b)", re.IGNORECASE)
# A number of seven to nine digits and capitals, four of them digits at least.
PASSPORT = re.compile(
    r"(?i:\b(?:passport|reisepass\w*|passnummer|passeport|pasaporte|passaport[eo]|paspoort\w*|paszport\w*))"
    r"\s*(?i:numbers?|num|no|nr|#|nummer|n[°ºo]|numéro|número|numero)?\.?\s*(?i:is|was|:|=|#|ist|lautet|est|es|è|é)?\s*"
    r"(?P<value>(?=(?:[A-Z]*\d){4})(?=[A-Z\d]{0,3}\d)[A-Z\d]{7,9})(?!\w)"
)
LICENCE = re.compile(
    r"\bdriv(?:er['’]?s?|ing) licen[cs]e\s*(?:number|num|no|nr|#)?\.?\s*(?:is|was|:|=|#)?\s*"
    r"(?P<value>(?=[A-Za-z]{0,5}\d)[A-Za-z]{0,5}(?:\d{5,13}[A-Za-z\d]{0,5}|\d{2,4}(?:[ -]\d{2,6}){2,4}))(?!\w)",
    re.IGNORECASE,
)
RECORD = re.compile(
    r"\b(?:MRN|(?:[Mm]edical|[Pp]atient) record (?:number|num|no|nr|#))\.?\s*(?:is|was|:|=|#)?\s*(?:MRN[:\s-]*)?"
    r"(?P<value>[A-Z]{0,3}-?\d{5,12})(?!\w)"
)
NATIONAL_WORD = re.compile("|".join(dict.fromkeys(n.words.pattern for n in NATIONALS)), re.IGNORECASE)
# Every identifier holds one of these; most texts with digits do not.
RUN = re.compile(r"\d(?:[ ./-]?\d){5}|[A-Z]\d{2}[A-Z]\d{2}|[A-Z]{5}\d{4}")


@cache
def _valid(module: str) -> Callable[[str], bool]:
    checked: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return checked if module != "luhn" else lambda number: checked(re.sub(r"\D", "", number))


def _named(text: str) -> Iterator[tuple[int, int]]:
    """The stretches behind words that name identifiers, in which one may stand: a long text is not searched whole."""
    low = high = 0
    for word in NATIONAL_WORD.finditer(text):
        if high and word.start() > high:
            yield low, high
            high = 0
        low, high = low if high else word.start(), word.end() + REACH
    if high:
        yield low, high


def may_be_named_before(text: str) -> bool:
    """Whether a text may hold an identifier without the word that names it: then what was asked is worth reading."""
    return RUN.search(text) is not None or NINO.search(text) is not None


def identifiers(text: str, asked: str = "") -> Iterator[Span]:
    """National identifiers with right check digits, named by a word before them; a dashed US number needs no word.

    `asked` is the question that the text answers: what it names last may be given without saying so again.
    """
    for span in _identifiers(f"{asked}{text}"):
        if span.start >= len(asked):
            yield Span(span.kind, span.start - len(asked), span.end - len(asked))


def _identifiers(text: str) -> Iterator[Span]:
    for match in DASHED_SSN.finditer(text):
        if _valid("us.ssn")(match.group()) and not OF_A_THING.search(before(text, match.start())):
            yield Span("SSN", *match.span())
    for low, high in _named(text) if RUN.search(text) else ():
        for national in NATIONALS:
            for match in national.shape.finditer(text, low, high):
                if national.words.search(before(text, match.start())) and _valid(national.module)(match.group()):
                    yield Span(national.kind, *match.span())
    if NINO_WORD.search(text):
        yield from (
            Span("NATIONAL_ID", *m.span()) for m in NINO.finditer(text) if NINO_WORD.search(before(text, m.start()))
        )
    yield from (Span("PASSPORT", *m.span("value")) for m in PASSPORT.finditer(text))
    yield from (Span("NATIONAL_ID", *m.span("value")) for m in LICENCE.finditer(text))
    yield from (Span("RECORD", *m.span("value")) for m in RECORD.finditer(text))
