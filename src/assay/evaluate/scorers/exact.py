"""Right or wrong: labels and whole answers."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Example

_ENDS = " \t\r\n\v\f.,;:!?。！？"  # what may follow a label without changing it


@dataclass(frozen=True)
class ExactLabel:
    """1 when what the model wrote is the label, in its canonical spelling; None for an example without a label.

    Space around and punctuation after it are forgiven, and so is the choice among equal Unicode forms; case,
    underscores and abbreviations are not, since one spelling of an answer is what the curation is for.
    """

    key: ClassVar[str] = "accuracy"
    metric: ClassVar[str] = "accuracy of what the model writes"

    def score(self, expected: Example, written: str) -> float | None:
        """score(label "card_arrival", " card_arrival.\\n") -> 1.0; "Card Arrival" -> 0.0"""
        return None if not expected.label else float(same_label(written, expected.label))


def same_label(written: str, label: str) -> bool:
    """Whether what was written is this label: same_label("pay.", "pay") -> True."""
    return written == label or bare(written) == bare(label) != ""


def bare(text: str) -> str:
    """A text without space around and punctuation after it: bare(" pay!") -> "pay"."""
    return unicodedata.normalize("NFC", text).strip().rstrip(_ENDS)


@dataclass(frozen=True)
class ExactAnswer:
    """1 when the answer is the expected one but for spacing; None when none is expected."""

    key: ClassVar[str] = "exact"
    metric: ClassVar[str] = "exact answers"

    def score(self, expected: Example, written: str) -> float | None:
        """score(answer "See page 3.", "See  page 3.") -> 1.0"""
        if not expected.answer.strip():
            return None
        return float(_spaced(written) == _spaced(expected.answer))


def _spaced(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
