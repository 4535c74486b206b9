"""Selection under a budget: the rows that stand for most of the others, class by class.

Facility location: choose S to maximise the sum over all rows of the cosine to the nearest row of S; the greedy choice
is within 1 - 1/e of the best (Nemhauser, Wolsey, Fisher 1978), evaluated lazily (Minoux 1978). No difficulty score has
a say: selecting hard or easy rows did worse than chance wherever it was tried.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

ANCHORS = 5_000  # rows that are to be stood for; of a larger part as many are drawn
CHUNK = 2_048  # rows compared with the anchors at once


def quotas(sizes: Mapping[str, int], budget: int, temperature: float = 0.0, most: int | None = None) -> dict[str, int]:
    """How many rows each class gives: in proportion to size ** temperature, none more than it has, nor than `most`.

    0 takes as many of each class, 1 as they are. What a small class cannot give goes to the others. The sum is the
    budget, or all rows when there are fewer. quotas({"a": 90, "b": 10}, 40) -> {"a": 30, "b": 10}

    Raises:
        ValueError: a negative budget, or a temperature outside 0 to 1.
    """
    if budget < 0 or not 0 <= temperature <= 1:
        raise ValueError(f"budget {budget}, temperature {temperature}: expected 0 or more, and 0 to 1")
    if most is not None:
        sizes = {name: min(size, most) for name, size in sizes.items()}
    given = dict.fromkeys(sizes, 0)
    left = min(budget, sum(sizes.values()))
    while left:
        open_ = {name: size**temperature for name, size in sizes.items() if given[name] < size}
        total = sum(open_.values())
        shares = {name: min(sizes[name] - given[name], int(left * weight / total)) for name, weight in open_.items()}
        if not any(shares.values()):  # fewer rows left than classes: one each, the least served first
            for name in sorted(open_, key=lambda name: (given[name] / open_[name], name))[:left]:
                given[name] += 1
            return given
        for name, share in shares.items():
            given[name] += share
        left -= sum(shares.values())
    return given


def facility_location(vectors: np.ndarray, count: int, *, seed: int = 0) -> list[int]:
    """The positions of `count` rows, the most telling first.

    `vectors` has shape (n, d), L2-normalised. Of more than `ANCHORS` rows the gain is counted over a seeded sample.
    """
    import numpy as np

    n = len(vectors)
    anchors = vectors if n <= ANCHORS else vectors[sorted(Random(seed).sample(range(n), ANCHORS))]
    served = np.zeros(len(anchors), dtype=np.float32)
    gains = np.concatenate(
        [np.maximum(vectors[low : low + CHUNK] @ anchors.T, 0).sum(1) for low in range(0, n, CHUNK)] or [np.zeros(0)]
    )
    queue = [(-float(gain), row, 0) for row, gain in enumerate(gains)]
    heapq.heapify(queue)
    chosen: list[int] = []
    while queue and len(chosen) < count:
        _, row, seen = heapq.heappop(queue)
        similarity = vectors[row] @ anchors.T
        if seen == len(chosen):
            chosen.append(row)
            served = np.maximum(served, similarity)
        else:
            heapq.heappush(queue, (-float(np.maximum(similarity - served, 0).sum()), row, len(chosen)))
    return chosen


def select(
    vectors: np.ndarray, labels: Sequence[str | None], budget: int, *, temperature: float = 0.0,
    most: int | None = None, seed: int = 0,
) -> list[int]:  # fmt: skip
    """The positions of the rows to keep, ascending: facility location within each class; rows without a label are one.

    Raises:
        ValueError: as `quotas`.
    """
    by_class = _by_class(labels)
    chosen: list[int] = []
    sizes = {name: len(rows) for name, rows in by_class.items()}
    for name, count in quotas(sizes, budget, temperature, most).items():
        rows = by_class[name]
        chosen += [rows[i] for i in facility_location(vectors[rows], count, seed=seed)]
    return sorted(chosen)


def at_random(
    labels: Sequence[str | None],
    budget: int,
    *,
    temperature: float | None = None,
    most: int | None = None,
    seed: int = 0,
) -> list[int]:
    """What a selection stands beside: as many rows drawn at random, over all, or within the quotas of a temperature."""
    rng = Random(seed)
    if temperature is None:
        return sorted(rng.sample(range(len(labels)), min(budget, len(labels))))
    by_class = _by_class(labels)
    counts = quotas({name: len(rows) for name, rows in by_class.items()}, budget, temperature, most)
    return sorted(row for name, count in counts.items() for row in rng.sample(by_class[name], count))


def coverage(vectors: np.ndarray, chosen: Sequence[int]) -> float:
    """Mean cosine of every row to the nearest chosen one: 1 when all are chosen, 0 when none is."""
    import numpy as np

    if not len(vectors) or not len(chosen):
        return 0.0
    picked = vectors[list(chosen)]
    nearest = [(vectors[low : low + CHUNK] @ picked.T).max(1) for low in range(0, len(vectors), CHUNK)]
    return float(np.concatenate(nearest).mean())


def _by_class(labels: Sequence[str | None]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {name: [] for name in sorted(Counter(label or "" for label in labels))}
    for row, label in enumerate(labels):
        rows[label or ""].append(row)
    return rows
