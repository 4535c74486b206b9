"""Balance: how evenly the rows are spread over the labels."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from assay.signals.folding import label_tokens

STRAY = 2  # rows up to which a class is rather a mistake than thin


class Balance(NamedTuple):
    """How evenly `n` rows are spread."""

    n: int  # rows with a label
    counts: dict[str, int]  # rows of each class, most first
    entropy: float  # Shannon entropy over that of an even spread: 0 one class holds all, 1 even
    effective: float  # exp(entropy): how many even classes would be as spread
    smallest: int  # rows of the smallest class
    median: float  # rows of the median class


def one_spelling(labels: Sequence[str | None]) -> list[str | None]:
    """The labels, those that differ in case, joints and spacing alone in their most frequent spelling.

    one_spelling(["card_arrival", "Card Arrival", "card_arrival", None]) -> ["card_arrival"] * 3 + [None]
    """
    spellings: dict[tuple[str, ...], Counter[str]] = {}
    for label, n in Counter(label for label in labels if label is not None).items():
        spellings.setdefault(label_tokens(label), Counter())[label] = n
    usual = {tokens: min(found, key=lambda label: (-found[label], label)) for tokens, found in spellings.items()}
    return [None if label is None else usual[label_tokens(label)] for label in labels]


def balance(labels: Iterable[str | None]) -> Balance:
    """The balance of the labels; rows without one are left out. An empty or single class counts as even (1.0)."""
    counts = dict(Counter(label for label in labels if label is not None).most_common())
    n = sum(counts.values())
    entropy = -sum(c / n * math.log(c / n) for c in counts.values())
    sizes = sorted(counts.values())
    middle = (sizes[(len(sizes) - 1) // 2] + sizes[len(sizes) // 2]) / 2 if sizes else 0.0
    even = entropy / math.log(len(counts)) if len(counts) > 1 else 1.0
    return Balance(n, counts, even, math.exp(entropy) if counts else 0.0, sizes[0] if sizes else 0, middle)
