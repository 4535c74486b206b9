"""Answers that must rest on a text: how much of them it holds, and how much shorter they are.

The text is the example's `context`; without one, a prompt long enough to carry a document is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assay.evaluate.scorers.facts import content, facts, supported
from assay.evaluate.scorers.words import words
from assay.records import Example

DOCUMENT = 60  # words from which a prompt carries a document: few questions are as long


def source_of(example: Example) -> str:
    """The text an answer must rest on, "" where there is none."""
    if example.context and example.context.strip():
        return example.context
    return example.prompt if len(words(example.prompt)) >= DOCUMENT else ""


@dataclass(frozen=True)
class Groundedness:
    """Share of the answer's content words that the source or the question holds; None without a source or a word.

    By stems of five letters. It sees what was made up, not what was turned round: "not" changes nothing.
    """

    key: ClassVar[str] = "groundedness"
    metric: ClassVar[str] = "words of the answer found in its source"

    def score(self, expected: Example, written: str) -> float | None:
        """score(context "Leave is 20 days.", "Leave is 25 days") -> 2/3"""
        source, said = source_of(expected), content(written)
        if not source or not said:
            return None
        held = {*content(source), *content(expected.prompt)}
        return sum(word in held for word in said) / len(said)


@dataclass(frozen=True)
class Faithfulness:
    """Share of the answer's numbers and names that the source or the question holds; None without a source or a fact.

    Facts it derives (a sum, a date worked out) count against it.
    """

    key: ClassVar[str] = "faithfulness"
    metric: ClassVar[str] = "numbers and names of the answer found in its source"

    def score(self, expected: Example, written: str) -> float | None:
        """score(context "Ask Ana within 3 days", "ask Ana within 30 days") -> 0.5"""
        source, claims = source_of(expected), facts(written)
        return supported(claims, f"{source}\n{expected.prompt}") / len(claims) if source and claims else None


@dataclass(frozen=True)
class Compression:
    """Share of the source's words that the answer saves, 0 when it is longer; None without a source or an answer."""

    key: ClassVar[str] = "compression"
    metric: ClassVar[str] = "words saved against the source"

    def score(self, expected: Example, written: str) -> float | None:
        """score(context of 100 words, answer of 20) -> 0.8"""
        long, short = len(words(source_of(expected))), len(words(written))
        return max(0.0, 1 - short / long) if long and short else None
