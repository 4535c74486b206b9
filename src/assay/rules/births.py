"""Dates of birth in a text: full dates that the words beside them call so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.rules.personal import Span

MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
DATE = (
    r"(?P<value>\d{1,2}(?:\.|º|er)? (?:de )?[^\W\d]{3,10}\.?,?(?: de)? (?:19|20)\d{2}"
    r"|\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}|(?:19|20)\d{2}-\d{2}-\d{2}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH},? (?:19|20)\d{{2}}"
    rf"|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d{{2}})(?!\w)"
)
CALLED = re.compile(
    r"\b(?:(?:my |his |her |their |your |patient['’]?s? )?(?:date of birth|birth ?date|d\.?o\.?b\.?)|geburtsdatum"
    r"|date de naissance|fecha de nacimiento|data di nascita|geboortedatum|data de nascimento|födelsedatum|fødselsdato"
    r"|syntymäaika\w*|data urodzenia|дата рождения|(?:my|his|her|their) birthday)"
    rf"\s*(?:is|was|ist|est|es|è|é|:|=|-|\()?\s*(?:on |der |am |le |el |il )?{DATE}",
    re.IGNORECASE,
)
# Who speaks of himself or of his own; a life that is told ("Ada was born on ...") has another subject.
OWN = re.compile(
    r"\b(?:i(?: was|['’]m| am) born|(?:my|our) (?:[\w'’-]+ ){1,2}?(?:was|is) born|ich (?:bin|wurde) geboren am"
    r"|ik (?:ben|werd) geboren op|je suis née?|nací|sono nat[oa]|nasci|jag är född|jeg er født|urodził[ae]m się)"
    rf"(?: (?:on the|on|den|the|le|el|el día|il|em|a|no dia|dnia))? {DATE}",
    re.IGNORECASE,
)
OWN_BEFORE = re.compile(
    rf"\b(?:ich (?:bin|wurde) am|ik (?:ben|werd) op) {DATE}(?=(?: in [\w-]+)? geboren\b)", re.IGNORECASE
)
# In letters of clinics and offices: "geb. 12.03.1984", "née le 12/03/1984", "born: 12/03/1984".
SHORT = re.compile(
    r"(?<!\w)(?:geb\.(?: am)?|née?(?:\(e\))? le|born ?[:=])\s*(?P<value>\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2})(?!\w)",
    re.IGNORECASE,
)
# Beside other data of a person no life is told: "born 9 July 1983, passport ...", "geboren am 3. April 1961".
BESIDE = re.compile(
    rf"\b(?:born|geboren|née?|nacid[oa]|nat[oa]|nascid[oa]|född|født)(?: (?:on(?: the)?|am|le|el|il|em|den)) ?{DATE}"
    rf"|\bborn ,?{DATE.replace('?P<value>', '?P<other>')}",
    re.IGNORECASE,
)
HINTS = ("born", "gebor", "geb.", "né", "nací", "nato", "nata", "nasci", "född", "født", "urodzi")


def births_beside(text: str) -> Iterator[Span]:
    """Dates of birth in a text that holds other data of a person."""
    for match in BESIDE.finditer(text):
        yield Span("BIRTH_DATE", *match.span("value" if match["value"] else "other"))


def births(text: str) -> Iterator[Span]:
    """Full dates of birth, by the words beside them; birthdays of history ("Ada was born on 4 May 1929") stay."""
    low = text.lower()
    patterns = (CALLED, OWN, OWN_BEFORE, SHORT) if any(hint in low for hint in HINTS) else (CALLED,)
    for pattern in patterns:
        yield from (Span("BIRTH_DATE", *match.span("value")) for match in pattern.finditer(text))
