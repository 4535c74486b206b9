"""Rows, rungs and an encoder for the tests of evaluation: small, seeded, without a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assay.evaluate.rungs import Answer, Rung
from assay.records import Example, Message

LABELS = ("card_arrival", "lost_card", "top_up_failed")


def example(index: int, prompt: str = "", label: str | None = None, *, group: str | None = None) -> Example:
    """A classification of `prompt`; the label goes round the three by default."""
    label = label or LABELS[index % len(LABELS)]
    messages = (Message("user", prompt or f"question {index}"), Message("assistant", label))
    return Example(f"e{index}", "classify", messages, label, group=group)


def examples(n: int, start: int = 0) -> list[Example]:
    return [example(start + i) for i in range(n)]


def rung(name: str, test: Sequence[Example], right: NDArray[np.bool_], *, gold: float | None = None) -> Rung:
    """A rung whose answer to row i under seed s is right where `right[s, i]` is, and "wrong" elsewhere."""
    answers = tuple(
        tuple(
            Answer(row.id, row.label if ok else "wrong", row.label if ok else "wrong", gold, 0.01, 5, 2)
            for row, ok in zip(test, line, strict=True)
        )
        for line in right
    )
    return Rung(name, tuple(range(len(right))), answers, f"title of {name}")


class LetterEncoder:
    """Counts letters: texts with the same letters are alike."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.seen.extend(texts)
        counts = np.array([[text.count(chr(c)) for c in range(33, 127)] for text in texts], dtype=np.float32)
        counts[:, 0] += 1e-3  # a text without letters has a direction too
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)
