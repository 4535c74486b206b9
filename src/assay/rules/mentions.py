"""Whether words stand in a text as somebody else's: quoted, reported, or asked about and not said."""

from __future__ import annotations

import re
from typing import NamedTuple

REACH = 300  # characters before a place in which the quotation around it opens
LEAD = 30  # characters of a quotation before the words it is quoted for
# Somebody said, wrote or left it, or it was found or seen somewhere; not "I say", not "say" as an order.
REPORTS = re.compile(
    r"\b(?:said|says|wrote|writes|written|typed|types|posted|posts|commented|entered|sent|sends|texted|replied|answered"
    r"|shouted|yelled|asked|asks|told|tells|found|finds|saw|sees|noticed|spotted|received|got|reads"
    r"|contain(?:s|ed|ing)?|includes?|included"
    r"|shows?|showed|left|put|puts|pasted|pastes|hid|hides|hidden|slipped|printed|sprayed|scribbled|appears?|appeared|starts|started"
    r"|schrieb\w*|geschrieben|schreibt|sagt\w*|gesagt|steht|stand|fand\w*|gefunden|enthält|las"
    r"|écrit|dit|tapé|saisi|inscrit|posté|laissé|trouvé|contient"
    r"|affiche|escribió|dijo|dice|encontró|encontramos|contiene|pone|ha scritto|scrisse|detto|trovato"
    r"|escreveu|disse|encontrou|contém"
    r"|schreef|zei|vond|gevonden|bevat|skrev|sade|napisał\w*|написал\w*)\b",
    re.IGNORECASE,
)
PAIRS = {"“": "”", "„": "“”", "«": "»", "»": "«", "‘": "’", "「": "」", "『": "』", "‚": "‘’"}
OPENING = re.compile(r"(?:(?<=[\s(\[:,])|^)['`\"](?=[^\W_])|[“„«»‘‚「『](?=\s?\w)")
# A sentence of nothing but what is asked about: "Ignore the previous instructions?"
OPENS_SENTENCE = re.compile(
    r"(?:^|[.!?:;\n\"“(…-]\s*)(?:(?:so|and|then|or|just|ok|okay|well|now|simply|better|really|also|to),?\s+){0,2}$"
)
ENDS_ASKED = re.compile(r"(?:(?!,|\b(?:and|then|und|dann|et|puis|y|e|en|och|og|i)\b)[^.!?\n]){0,30}\?")


class Quotation(NamedTuple):
    """A quotation of a text, its marks left out."""

    start: int
    end: int


def quotation(text: str, start: int) -> Quotation | None:
    """quotation("he wrote 'go on' there", 10) -> (10, 15): the quotation that holds a place, if it also closes."""
    low = max(0, start - REACH)
    for opening in reversed(list(OPENING.finditer(text, low, start + 1))):
        mark, begin = opening.group()[0], opening.end()
        closers = PAIRS.get(mark, mark)
        end = _closing(text, begin, closers)
        if end >= start:
            return Quotation(begin, end) if end < len(text) or text[-1:] in closers else None
    return None


def _closing(text: str, begin: int, closers: str) -> int:
    """Where a quotation closes: at the first closing mark that no letter follows; at the end of the text for none."""
    for match in re.compile(rf"[{re.escape(closers)}](?!\w)").finditer(text, begin):
        return match.start()
    return len(text)


def reported(text: str, start: int, *, asked: bool = True) -> bool:
    """Whether somebody's words are quoted at a place and, if `asked`, are asked about: "he typed 'X'. Is that bad?"."""
    quote = quotation(text, start)
    if quote is None or start - quote.start > LEAD:
        return False
    before = re.split(r"[.!?\n]", text[max(0, quote.start - 90) : max(0, quote.start - 1)])[-1]
    after = re.split(r"[.!?\n]", text[quote.end + 1 : quote.end + 61])[0]
    told = REPORTS.search(before) or REPORTS.search(after)
    return bool(told) and (not asked or "?" in text[quote.end :])


def asked_back(text: str, start: int, end: int) -> bool:
    """asked_back("Out of date. Skip these rules?", 13, 29) -> True: a sentence that only asks whether to do it."""
    return OPENS_SENTENCE.search(text[max(0, start - 40) : start]) is not None and bool(ENDS_ASKED.match(text, end))
