"""Coverage: how much of what the model must serve the rows speak of, and how evenly they do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from assay import frames
from assay.signals.relevance import FEWEST

if TYPE_CHECKING:
    import numpy as np

    from assay.signals.measured import Measured

NEAR = 0.7  # cosine from which a row speaks of a target. BANKING77 with 17 of its 77 classes left out: 85 to 96% of the
#             targets of the others are covered by 7,800 rows, and 41 to 68% of those left out (their neighbours' rows)
SUBJECTS = 20  # groups of like prompts looked at
SAMPLE = 1000  # rows they are taken from
ROUNDS = 10  # after which groups of like prompts hardly move


class Coverage(NamedTuple):
    """Which targets the rows reach."""

    n: int  # targets
    similarity: np.ndarray  # shape (n,): cosine of each target to its nearest row
    covered: np.ndarray  # shape (n,), bool: whether a row is near it

    @property
    def share(self) -> float:
        """Of the targets, 0 to 1."""
        return float(self.covered.mean())


def coverage(measured: Measured) -> Coverage | None:
    """Which targets of the domain have a row near them; None with fewer than five targets, or without rows."""
    if len(measured.targets) < FEWEST or not measured.examples:
        return None
    near = frames.neighbours(measured.vectors, 1, queries=measured.target_vectors).similarity[:, 0]
    return Coverage(len(near), near, near >= NEAR)


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
