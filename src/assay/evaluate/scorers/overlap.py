"""How near an answer comes to the expected one: shared words, their order, and meaning."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import ClassVar

from assay.encoders import Encoder, default_encoder
from assay.evaluate.scorers.words import common_subsequence, f1, words
from assay.records import Example


@dataclass(frozen=True)
class TokenF1:
    """Harmonic mean of precision and recall of the words written, order ignored; None when no words are expected.

    Rajpurkar et al. 2016, but articles count, so that it holds in any language.
    """

    key: ClassVar[str] = "token-f1"
    metric: ClassVar[str] = "token F1"

    def score(self, expected: Example, written: str) -> float | None:
        """score(answer "the red card", "red card") -> 0.8"""
        want, got = words(expected.answer), words(written)
        return f1(sum((Counter(want) & Counter(got)).values()), len(want), len(got)) if want else None


@dataclass(frozen=True)
class RougeL:
    """F1 of the longest common subsequence of words (Lin 2004, no stemming); None when no words are expected."""

    key: ClassVar[str] = "rouge-l"
    metric: ClassVar[str] = "ROUGE-L"

    def score(self, expected: Example, written: str) -> float | None:
        """score(answer "police killed the gunman", "police kill the gunman") -> 0.75"""
        want, got = words(expected.answer), words(written)
        return f1(common_subsequence(want, got), len(want), len(got)) if want else None


@dataclass(frozen=True)
class Similarity:
    """Cosine of the vectors of the answer and the expected one, at least 0; None where the encoder knows no word.

    The default encoder averages English word vectors: it sees subjects, not negations or numbers.
    """

    key: ClassVar[str] = "similarity"
    metric: ClassVar[str] = "semantic similarity"
    encoder: Encoder = field(default_factory=default_encoder)

    def score(self, expected: Example, written: str) -> float | None:
        """score(answer "Ask HR.", "Ask HR.") -> 1.0; nothing written -> 0.0"""
        if not written.strip() and expected.answer.strip():
            return 0.0
        want, got = self.encoder.encode([expected.answer, written])
        if not want.any() or not got.any():
            return None
        return float(min(1.0, max(0.0, want @ got)))
