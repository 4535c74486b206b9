"""Edge cases: the kinds of prompts that users send and datasets lack."""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from assay.signals.folding import fold, misspelt, negations, words

ENOUGH = 0.01  # share of the rows from which a kind is not missing; a rarer one is in no sample of a hundred
LEAST = 3  # rows a kind needs however small the set is
USUAL = 5  # rows a word must be in for a like one of a single row to be its misspelling
FEW_WORDS = 4  # words of a short prompt
WORDY = 4  # median words from which the prompts of a set are sentences: below, short and long say nothing
LONGER = 3  # times the median from which a prompt is long
SHORTEST = 5  # letters of a word that can be told to be misspelt

_ASKED = re.compile(r"[?？؟][^\w\s]*(?:\s|$)|？")
_POLITE = re.compile(
    r"\b(?:please|pls|thanks?|thank you|kindly|sorry|bitte|danke|vielen dank|merci|s'il (?:vous|te) pla[iî]t|por favor"
    r"|gracias|per favore|grazie|obrigad[oa]|alstublieft|dank je|dank u|prosz[ęe]|dziękuj\w*|tack)\b"
    r"|ください|谢谢|пожалуйста",
    re.IGNORECASE,
)
_UPSET = re.compile(r"[!?]*![!?]+|\b[A-ZÀ-Þ]{4,}[^\w.!?]+[A-ZÀ-Þ]{2,}\b")
_BROKEN_OFF = re.compile(r"(?:\.{3}|…|[,;:–—-]|\b(?:and|or|but|the|my|und|oder|et|ou|y|o))\s*$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?。！？]+(?=\s+\S)")


class Edge(NamedTuple):
    """How many prompts of a set are of one kind."""

    kind: str
    rows: int
    share: float  # of all prompts, 0 to 1
    lacking: int  # rows up to 1% of the prompts, and at least 3: 0 where there are enough
    meaning: str  # what counts, in words


class _Prompt(NamedTuple):
    text: str
    tokens: list[str]


def edges(prompts: Sequence[str]) -> list[Edge]:
    """The kinds a set of prompts can lack, in a fixed order; those that cannot be told of this set are left out.

    Negations are looked up in a list for a dozen languages; the others go by form alone.
    """
    n = len(prompts)
    kinds = _kinds(prompts)
    enough = max(LEAST, math.ceil(ENOUGH * n))
    return [
        Edge(kind, len(rows), len(rows) / n, max(0, enough - len(rows)), meaning)
        for kind, (meaning, rows) in kinds.items()
    ]


def between_labels(doubted: int, labelled: int) -> list[Edge]:
    """The rows that could as well have another label, of those with one; empty where none has a label."""
    if not labelled:
        return []
    lacking = max(0, max(LEAST, math.ceil(ENOUGH * labelled)) - doubted)
    return [Edge("between labels", doubted, doubted / labelled, lacking, "ambiguous: another label is as probable")]


def kinds_of(prompts: Sequence[str]) -> dict[str, list[int]]:
    """The places of the prompts of each kind: kinds_of(["Why?", "So."]) -> {"question mark": [0], ...}."""
    return {kind: rows for kind, (_, rows) in _kinds(prompts).items()}


def _kinds(prompts: Sequence[str]) -> dict[str, tuple[str, list[int]]]:
    """Of each kind what counts, and the places of its prompts."""
    known: dict[str, str] = {}  # each word is held once: of a million prompts they would take half a gigabyte
    seen = [_Prompt(text.strip(), [known.setdefault(word, word) for word in words(fold(text))]) for text in prompts]
    if not seen:
        return {}
    median = statistics.median(len(prompt.tokens) for prompt in seen)
    wrong = _misspelt(seen)
    kinds: dict[str, tuple[str, Callable[[_Prompt], bool]]] = {
        "question mark": ("a sentence ends with a question mark", lambda p: bool(_ASKED.search(p.text))),
        "no question mark": ("no sentence ends with a question mark", lambda p: not _ASKED.search(p.text)),
        "several sentences": ("more than one sentence", lambda p: bool(_SENTENCE_END.search(p.text))),
        "number": ("holds a digit", lambda p: any(c.isdigit() for c in p.text)),
        "negated": ("holds a word like not, never, without", lambda p: bool(negations(p.tokens))),
        "polite": ("holds a word of asking or thanking", lambda p: bool(_POLITE.search(p.text))),
        "upset": ("shouts: marks in a row, or words in capitals", lambda p: bool(_UPSET.search(p.text))),
        "broken off": (
            "ends in an ellipsis, a dash, a comma or a small word",
            lambda p: bool(_BROKEN_OFF.search(p.text)),
        ),
        "misspelt": (
            "holds a word of one row that is a typing mistake away from a frequent one",
            lambda p: any(token in wrong for token in p.tokens),
        ),
    }
    if median >= WORDY:
        kinds["short"] = (f"at most {FEW_WORDS} words", lambda p: len(p.tokens) <= FEW_WORDS)
        kinds["long"] = (f"at least {LONGER} times the median length", lambda p: len(p.tokens) >= LONGER * median)
    return {
        kind: (meaning, [i for i, prompt in enumerate(seen) if is_of(prompt)])
        for kind, (meaning, is_of) in kinds.items()
    }


def _misspelt(prompts: Sequence[_Prompt]) -> set[str]:
    """The words of one row that are one typing mistake away from a word of five rows or more."""
    rows = Counter(token for prompt in prompts for token in set(prompt.tokens) if len(token) >= SHORTEST)
    usual: dict[str, set[str]] = {}
    for word in (word for word, n in rows.items() if n >= USUAL):
        for left in {word, *_shorter(word)}:
            usual.setdefault(left, set()).add(word)
    return {word for word, n in rows.items() if n == 1 and word.isalpha() and _mistaken(word, usual)}


def _mistaken(word: str, usual: Mapping[str, set[str]]) -> bool:
    """Whether one letter was added, left out, changed or swapped; an ending is grammar."""
    near = {other for left in (word, *_shorter(word)) for other in usual.get(left, ())}
    return any(misspelt(word, other) and not _inflected(word, other) for other in near)


def _inflected(one: str, other: str) -> bool:
    """_inflected("cards", "card") -> True: they differ in their last two letters only."""
    short = min(len(one), len(other)) - 1
    return one[:short] == other[:short]


def _shorter(word: str) -> set[str]:
    """The word without one of its letters: _shorter("ab") -> {"a", "b"}."""
    return {word[:i] + word[i + 1 :] for i in range(len(word))} if len(word) <= 24 else set()
