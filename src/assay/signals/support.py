"""How much of each answer the text it rests on holds: content words, sentence by sentence, by what the set teaches."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from assay.records import Example
from assay.signals.details import LONGEST, source_of
from assay.signals.folding import fold, word_list, words

STEM = 5  # letters by which two forms of a word are one: "refund", "refunded"
OWN = 4  # words of its own from which a sentence can be judged; fewer may be said in other words
HOUSE, HOUSE_SHARE = (
    5,
    0.03,
)  # answers, and share of all, with a word that their sources lack, from which it is the house's
FIGURES = re.compile(r"\d+")
SENTENCE = re.compile(r"(?<=[.!?。！？])\s+(?=\S)|\n+")


class Support(NamedTuple):
    """The least supported sentence of an answer."""

    row: int
    share: float  # of its words of its own that the source or the question holds, 0 to 1
    own: int  # words of its own
    sentence: str
    missing: tuple[str, ...]  # the words that neither holds, at most eight


def supports(examples: Sequence[Example]) -> list[Support]:
    """For each answer with a source its least supported sentence; the whole answer where it is short.

    Words are compared by their first letters; small words, numbers and words that many answers of the set add
    to their sources are left out. Labels and verdicts ("yes") have no support.
    """
    rows = [
        (row, example, source) for row, example in enumerate(examples)
        if example.label is None and example.answer.strip() and (source := source_of(example))
    ]  # fmt: skip
    held = [{*_content(source), *_content(example.prompt)} for _, example, source in rows]
    said = [_content(example.answer) for _, example, _ in rows]
    spread = Counter(stem for stems in said for stem in stems)
    added = Counter(stem for stems, source in zip(said, held, strict=True) for stem in stems if stem not in source)
    house = {stem for stem, n in added.items() if n >= max(HOUSE, HOUSE_SHARE * len(rows)) and 2 * n > spread[stem]}
    found = (_least(row, example.answer, stems, house) for (row, example, _), stems in zip(rows, held, strict=True))
    return [
        support for support, (_, example, source) in zip(found, rows, strict=True)
        if support is not None and (support.own >= OWN or not _figured(example.answer, source))
    ]  # fmt: skip


def _figured(answer: str, source: str) -> bool:
    """Whether a short answer is told by its figures, which its source holds: "Between 11 and 15"."""
    figures = {*FIGURES.findall(answer)}
    return bool(figures) and figures <= {*FIGURES.findall(source)}


def _content(text: str) -> dict[str, str]:
    """The content words of a text by their stems: _content("The refunds were paid") -> {"refun": "refunds", ...}."""
    light = word_list("light")
    return {
        word[:STEM]: word for word in words(fold(text[:LONGEST]))
        if len(word) > 2 and word not in light and not word[0].isdigit()
    }  # fmt: skip


def _least(row: int, answer: str, held: set[str], house: set[str]) -> Support | None:
    judged = [_judged(row, part, held, house) for part in SENTENCE.split(answer) if part.strip()]
    long = [support for support in judged if support.own >= OWN]
    if long:
        return min(long, key=lambda support: support.share)
    said = set(words(fold(answer)))
    whole = _judged(row, answer.strip(), held, house)
    brief = whole.own and len(_content(answer)) < OWN and not said & word_list("verdicts")
    return whole if brief else None


def _judged(row: int, text: str, held: set[str], house: set[str]) -> Support:
    own = {stem: word for stem, word in _content(text).items() if stem not in house}
    missing = [word for stem, word in own.items() if stem not in held]
    return Support(row, 1 - len(missing) / len(own) if own else 1.0, len(own), text.strip(), tuple(missing[:8]))
