"""What an answer is worth: one frozen dataclass a scorer, `score(expected, written)` between 0 and 1.

None means unscored: there is nothing to compare with. Unscored rows are counted beside the metric, never made 0.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from assay.records import Example, Task

_ENDS = " \t\r\n\v\f.,;:!?。！？"  # what may follow a label without changing it
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"  # written without spaces: each sign is a word
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\W{_IDEOGRAPHS}]+")


class Scorer(Protocol):
    """What every scorer has. `metric` names the mean of its scores in a report."""

    metric: ClassVar[str]

    def score(self, expected: Example, written: str) -> float | None: ...


@dataclass(frozen=True)
class ExactLabel:
    """1 when what the model wrote is the label, in its canonical spelling; None for an example without a label.

    Space around and punctuation after it are forgiven, and so is the choice among equal Unicode forms; case,
    underscores and abbreviations are not, since one spelling of an answer is what the curation is for.
    """

    metric: ClassVar[str] = "accuracy of what the model writes"

    def score(self, expected: Example, written: str) -> float | None:
        """score(label "card_arrival", " card_arrival.\\n") -> 1.0; "Card Arrival" -> 0.0"""
        if not expected.label:
            return None
        return float(written == expected.label or _bare(written) == _bare(expected.label) != "")


@dataclass(frozen=True)
class ExactAnswer:
    """1 when the answer is the expected one but for spacing; None when none is expected."""

    metric: ClassVar[str] = "exact answers"

    def score(self, expected: Example, written: str) -> float | None:
        """score(answer "See page 3.", "See  page 3.") -> 1.0"""
        if not expected.answer.strip():
            return None
        return float(_spaced(written) == _spaced(expected.answer))


@dataclass(frozen=True)
class TokenF1:
    """Harmonic mean of precision and recall of the words written, order ignored; None when no words are expected.

    Rajpurkar et al. 2016, but articles count, so that it holds in any language.
    """

    metric: ClassVar[str] = "token F1"

    def score(self, expected: Example, written: str) -> float | None:
        """score(answer "the red card", "red card") -> 0.8"""
        want, got = words(expected.answer), words(written)
        return _f1(sum((Counter(want) & Counter(got)).values()), len(want), len(got)) if want else None


@dataclass(frozen=True)
class RougeL:
    """F1 of the longest common subsequence of words (Lin 2004, no stemming); None when no words are expected."""

    metric: ClassVar[str] = "ROUGE-L"

    def score(self, expected: Example, written: str) -> float | None:
        """score(answer "police killed the gunman", "police kill the gunman") -> 0.75"""
        want, got = words(expected.answer), words(written)
        return _f1(common_subsequence(want, got), len(want), len(got)) if want else None


def scorer_for(task: Task) -> Scorer:
    """The primary scorer of a task: exact label for classify, ROUGE-L for texts."""
    return ExactLabel() if task == "classify" else RougeL()


def words(text: str) -> list[str]:
    """Casefolded words without punctuation: words("The Card-PIN!") -> ["the", "card", "pin"]."""
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold())


def common_subsequence(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common subsequence: common_subsequence("abcd", "xbxd") -> 2. Time len(a) * len(b)."""
    lengths = [0] * (len(b) + 1)
    for left in a:
        diagonal = 0
        for j, right in enumerate(b, start=1):
            diagonal, lengths[j] = lengths[j], diagonal + 1 if left == right else max(lengths[j], lengths[j - 1])
    return lengths[-1]


def _bare(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().rstrip(_ENDS)


def _spaced(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _f1(common: int, want: int, got: int) -> float:
    return 2 * common / (want + got) if common else 0.0
