"""Whether the looks of a text are what its row is about: then nothing of them is mended without a person."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assay.records import Example
from assay.rules.turns import turns_of

# Words of somebody who speaks of blanks, marks, letters and their forms, or asks to have them put right.
LOOKS = re.compile(
    r"\b(?:white ?)?spac(?:es?|ed|ing)\b|\bblanks?\b|\bindent\w*|\btabs?\b|\btokeni[sz]\w*|\btypograph\w*|\bpunctuat\w*"
    r"|\bcharacters? (?:are|is|has|have|in|of|long|between)\b|\b(?:how many|invisible|control|escape|zero-width"
    r"|separator|printed|special) characters?\b|\bzero-width|\bjoiner|\bfull-?width|\bhalf-?width|\bfixed[- ]width"
    r"|\bpad(?:ded|ding)?\b|\balign\w*|\bnormali[sz]e\w*|\bcollapse|\btrim(?:med)?\b|\bproof-?read|\btyped\b|\btyping\b"
    r"|\b(?:fix|correct|mend|repair|restore|clean|tidy|undo|rewrite)\w*\b.{0,24}(?::|\b(?:text|sentence|line|string)\b)"
    r"|\bcolumns?\b|\bwidths?\b|\blayout|\bas (?:it is |they are )?(?:printed|typed|written|spaced|the page)|\bfonts?\b"
    r"|\b(?:form|line|page) ?(?:feed|break)|\bseparat(?:or|e|ed by)\b|\bdelimit\w*|\bascii\b|\bunicode\b|\bencod\w+"
    r"|\bentit(?:y|ies)\b|\bescap\w+|\brss\b|\bfeed\b|\bsource\b|\bleerzeichen|\beinr[üu]ck|\bsatzzeichen|\bgesperrt"
    r"|\bzeichen\b|\bumlaut|\bespaces?\b|\bespacement|\bponctuation|\btypographi|\balinéa|\bespacios?\b|\bpuntuación"
    r"|\bsangr[íi]a|\bspazi(?:o|atura)?\b|\bpunteggiatura|\bespaços?\b|\bpontuação|\bspaties?\b|\bleestekens"
    r"|\bodstęp|\bspacj|\bпробел|\bотступ|空格|空两格|全角|半角|标点|缩进|字下げ|空白|句読点|띄어쓰기|전각",
    re.IGNORECASE,
)


def about_looks(example: Example) -> bool:
    """Whether a text of the row, or its label, speaks of blanks, marks or the forms of letters."""
    return any(LOOKS.search(turn.text) for turn in turns_of(example))


def undone(example: Example, texts: Mapping[int, str]) -> bool:
    """Whether an edit makes one text of the row say what another says: the change is then what the row teaches.

    "Remove the double blanks: I  like cats" / "I like cats", and "Show Q&A as the page holds it" / "Q&amp;A", would
    both lose it. `texts` are the edited ones by turn.
    """
    old = {turn.at: turn.text for turn in turns_of(example)}
    return any(
        (_says(new, other) and not _says(old[at], other)) or (_says(other, new) and not _says(other, old[at]))
        for at, new in texts.items()
        for place, other in old.items()
        if place != at
    )


def _says(text: str, said: str) -> bool:
    """Whether the words of another text, whole, stand in a text."""
    words = said.strip()
    if len(words) < 2 or words not in text:
        return False
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None
