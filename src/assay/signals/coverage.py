"""Coverage: how much of what the model must serve the rows speak of, and how evenly they do."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from assay import frames
from assay.signals.relevance import FEWEST, HALF, NATURAL

if TYPE_CHECKING:
    import numpy as np

    from assay.signals.measured import Measured

CHANCE = (
    0.97  # of general text that no row is as near to: what is left is near by chance, and near more of a larger set
)
APART = 0.05  # share of the rows that no other row is as near to: they are of the domain nevertheless
LIKE = 2  # times the median length of the rows, or part of it, from which targets cannot be as near as rows are
SUBJECTS = 20  # groups of like prompts looked at
SAMPLE = 1000  # rows they are taken from
ROUNDS = 10  # after which groups of like prompts hardly move


class Coverage(NamedTuple):
    """Which targets the rows reach."""

    n: int  # targets
    similarity: np.ndarray  # shape (n,): cosine of each target to its nearest row
    covered: np.ndarray  # shape (n,), bool: whether a row is near it
    bar: float  # the cosine from which one is

    @property
    def share(self) -> float:
        """Of the targets, 0 to 1."""
        return float(self.covered.mean())


def coverage(measured: Measured) -> Coverage | None:
    """Which targets of the domain have a row near them; None with fewer than five targets, or without rows."""
    if len(measured.targets) < FEWEST or not measured.examples:
        return None
    near = _nearest(measured.subject.topics, measured.subject.targets)
    bar = near_enough(measured)
    return Coverage(len(near), near, near >= bar, bar)


def near_enough(measured: Measured) -> float:
    """The cosine from which a row speaks of a target: what is more than chance in this set, at most the encoder's
    `near`, .7 of the default one.

    Chance is the cosine that three lines of general text in a hundred reach to their nearest row. Where targets are as
    long as the rows and most of these came from no template, one row in twenty has no other as near as is asked for;
    targets of the same make would be covered as often.
    """
    import numpy as np

    most = chance = measured.subject.marks.near
    if len(measured.control) >= FEWEST:
        chance = min(most, float(np.quantile(_nearest(measured.subject.topics, measured.subject.control), CHANCE)))
    natural = measured.natural
    rows = max(1, median(len(topic.text) for topic in measured.topics))
    alike = 1 / LIKE < median(len(target) for target in measured.targets) / rows < LIKE
    if not alike or natural.sum() < max(NATURAL, HALF * len(natural)):
        return chance
    usual = float(np.quantile(measured.subject.neighbours.similarity[natural, 0], APART))
    return min(most, usual if len(measured.control) < FEWEST else max(chance, usual))


def _nearest(rows: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """The cosine of each query to the row nearest to it. Shape (queries,)."""
    return frames.neighbours(rows, 1, queries=queries).similarity[:, 0]


class Subjects(NamedTuple):
    """How evenly the prompts are spread over what they speak of."""

    n: int  # rows looked at
    groups: int  # of like prompts
    effective: float  # exp of the entropy of their sizes: how many even groups would be as spread
    largest: float  # share of the rows in the largest, 0 to 1


def subjects(measured: Measured, *, seed: int = 0) -> Subjects | None:
    """Spherical k-means with k = 20 on at most 1,000 rows drawn with `seed`; None below 100 rows."""
    import numpy as np

    n = len(measured.examples)
    if n < 5 * SUBJECTS:
        return None
    random = np.random.default_rng(seed)
    vectors = measured.vectors[np.sort(random.permutation(n)[:SAMPLE])].astype(np.float64)
    centres = vectors[random.choice(len(vectors), SUBJECTS, replace=False)]
    group = np.zeros(len(vectors), dtype=np.int64)
    for _ in range(ROUNDS):
        group = (vectors @ centres.T).argmax(1)
        sums = np.zeros_like(centres)
        np.add.at(sums, group, vectors)
        centres = np.where(np.bincount(group, minlength=SUBJECTS)[:, None] > 0, sums, centres)
        centres = centres / np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    share = np.bincount(group, minlength=SUBJECTS) / len(vectors)
    present = share[share > 0]
    return Subjects(
        len(vectors), SUBJECTS, math.exp(-float((present * np.log(present)).sum())), float(share.max())
    )  # fmt: skip
