"""Numbers of tests and examples: cards, accounts and telephones that documentation gives and no person has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from assay.rules.patterns import lines

# Telephones for examples: 555-0100 to 555-0199 (NANP), and what Ofcom keeps free for drama.
FICTIONAL = re.compile(
    r"(?:1?[2-9]\d\d)?55501\d\d|(?:44|0)(?:20794600\d\d|2079460\d{3}|1632960\d{3}|7700900\d{3}|808157\d{4}|1[1-9]1496\d{4})"
)
# A row that is about testing or documenting something, in the languages of most such rows.
TRIED_OUT = re.compile(
    r"\btest(?:s|ed|ing|er|e[nr]?)?\b|\btest-?(?:card|kart|kaart|num|mode|modus|daten|data|zahl|betal|umgeb|omgev)\w*"
    r"|\bsandbox|\bdummy\b|\bfixtures?\b|\bmock(?:s|ed|ing)?\b|\bstaging\b|\b(?:unit|integration)[- ]tests?\b"
    r"|\bapi\b|\bendpoints?\b|\bwebhooks?\b|\bcurl\b|\bjson\b|\bsdk\b|\bdevelopers?\b|\bdocumentation\b|\bregex\b"
    r"|\bluhn\b|\bcheck ?(?:sum|digit)|\bvalidat(?:e|es|or|ion)\b|\bfictional\b|\bfictitious\b|\bmade[- ]up\b"
    r"|\b(?:example|sample|fake) (?:card|number|iban|account|phone|data|value)s?\b|\bde (?:test|prueba|teste|prova)\b"
    r"|\bbeispiel(?:nummer|karte|daten|iban)\b|\bvoorbeeld(?:nummer|kaart|iban)\b",
    re.IGNORECASE,
)
WITH_DIGITS_OR_AT = re.compile(r"\S*[@\d]\S*")


@cache
def _numbers() -> frozenset[str]:
    return frozenset(lines("documented_numbers.txt"))


def documented(kind: str, value: str) -> bool:
    """documented("CARD", "4111 1111 1111 1111") -> True; ("PHONE", "(415) 555-0123") -> True; others -> False."""
    bare = "".join(c for c in value if c.isalnum()).upper()
    if kind == "PHONE":
        return FICTIONAL.fullmatch(bare) is not None
    return kind in ("CARD", "IBAN") and bare in _numbers()


def tried_out(texts: Iterable[str]) -> bool:
    """Whether the redacted texts of a row speak of testing or documenting; what holds digits or an "@" has no say.

    Of redacted texts, so that the answer is the same once the row was edited.
    """
    return any(TRIED_OUT.search(WITH_DIGITS_OR_AT.sub(" ", text)) for text in texts)
