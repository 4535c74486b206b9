"""Telephone numbers that an answer gives as those of an organisation, told from those of a person by the words around.

"Call us on", "our front desk": the number is the speaker's own, and what the row teaches. "Ring the registry on": whose
it is cannot be told. A word of a person ("his", "mobile", "Mrs", a name that is called) makes it a person's.
"""

from __future__ import annotations

import re
from typing import Literal

from assay.rules.listed import expression_of

Whose = Literal["ours", "unclear", "personal"]

WORDS = "line_words.txt"
AHEAD, BEHIND = 90, 60  # characters of the sentence before a number, and after it
SENTENCE = re.compile(r"[!?。\n]|(?<!\b[A-Z][a-z])(?<!\b[A-Z][a-z][a-z])\.\s")
NAMED = re.compile(
    r"\b(?:[Cc]all|[Rr]ing|[Pp]hone|[Cc]ontact|[Rr]each|[Aa]sk|[Tt]ext|[Ss]peak to|[Tt]alk to|[Aa]ppelez|[Ll]lame? a"
    r"|[Cc]hiam[aei]|[Bb]el) (?!(?:the|our|us)\b)[A-Z][a-z]+(?: [A-Z][a-z'’-]+)? (?:on|at|under|au|al|allo|op)\b"
    r"|\b[A-Z][a-z]+['’]s (?:\w+ )?(?:number|phone|line|mobile)|\b(?:de|von|van|di) [A-Z][a-zé]+ (?:es|ist|is|est|è)\b"
    r"|(?:^|[\s(])[A-Z][a-z]+ [A-Z][a-z'’-]+[,:]? \(?$"
)
MOBILE = re.compile(
    r"(?:\+44|0044|0)7[1-9]|(?:\+49|0049|0)1[567]|(?:\+33|0033|0)[67]|(?:\+34|0034)[67]|(?:\+39|0039)3|(?:\+31|0)6"
)
IN_PRINT = re.compile(r"https?:|www\.|toll[- ]?free|\btty\b|\bfax\b|\b\d{5}(?:-\d{4})?\s*$", re.IGNORECASE)


def whose(text: str, start: int, end: int) -> Whose:
    """Whose number stands at a place of an answer.

    whose("Ring our desk on 0113 496 0000", 17, 30) -> "ours"; "Ring the ward on ..." -> "unclear"; "Tom's mobile is
    ..." -> "personal". What has no word about it is personal.
    """
    ahead = SENTENCE.split(text[max(0, start - AHEAD) : start])[-1]
    behind = re.split(r"[!?\n]|\.\s", text[end : end + BEHIND])[0]
    manned, ours, calls, personal = (expression_of(WORDS, kind) for kind in ("manned", "ours", "calls", "personal"))
    person = _last(ahead, personal, NAMED)
    if _last(ahead, manned, ours) > person:  # the nearer word tells
        return "ours"
    if person or personal.search(behind):
        return "personal"
    digits = re.sub(r"[^\d+]", "", text[start:end])
    around = text[max(0, start - AHEAD) : end + BEHIND]
    return "unclear" if not MOBILE.match(digits) and (calls.search(ahead) or IN_PRINT.search(around)) else "personal"


def _last(text: str, *patterns: re.Pattern[str]) -> int:
    """Where the last match of any ends; 0 for none."""
    return max((found.end() for pattern in patterns for found in pattern.finditer(text)), default=0)
