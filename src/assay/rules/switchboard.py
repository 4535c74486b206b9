"""Telephone numbers that an answer gives as those of an organisation, told from those of a person by the words around.

"Call us on", "our front desk": the number is the speaker's own, and what the row teaches. A word of a person ("his",
"mobile", "Mrs", a name that is called) or a mobile number makes it a person's; whose any other is cannot be told.
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
    r"(?:\+44|0044|0)\W*7[1-9]|(?:\+49|0049)\W*1[567]|0(?:15[27-9]|16[023]|17\d)[ /-]|(?:\+33|0033|0)\W*[67]"
    r"|(?:\+34|0034)\W*[67]|(?:\+39|0039)\W*3|(?:\+31|0031|0)\W*6"
)


def whose(text: str, start: int, end: int) -> Whose:
    """Whose number stands at a place of an answer.

    whose("Ring our desk on 0113 496 0000", 17, 30) -> "ours"; "Ring the ward on ..." -> "unclear"; "Tom's mobile is
    ..." -> "personal".
    """
    ahead = SENTENCE.split(text[max(0, start - AHEAD) : start])[-1]
    behind = re.split(r"[!?\n]|\.\s", text[end : end + BEHIND])[0]
    manned, ours, personal = (expression_of(WORDS, kind) for kind in ("manned", "ours", "personal"))
    person = _last(ahead, personal, NAMED)
    if _last(ahead, manned, ours) > person:  # the nearer word tells
        return "ours"
    if person or personal.search(behind):
        return "personal"
    return "personal" if MOBILE.match(text, start) else "unclear"


def _last(text: str, *patterns: re.Pattern[str]) -> int:
    """Where the last match of any ends; 0 for none."""
    return max((found.end() for pattern in patterns for found in pattern.finditer(text)), default=0)
