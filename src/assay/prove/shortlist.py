"""Which rows to trace where there are more than time for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assay.encoders import WordLlama
from assay.evaluate.similarity import neighbours
from assay.prove.suspects import unsupported
from assay.records import Example


def nearest_first(queries: Sequence[str], rows: Sequence[Example], size: int) -> list[int]:
    """Places of `size` rows near to the queries by their prompts: the nearest of each query, then the next of each."""
    if not queries:
        return []
    near = neighbours(queries, [row.prompt for row in rows], WordLlama(), k=size)
    by_rank = near.row.T.ravel().tolist()
    return list(dict.fromkeys(int(i) for i in by_rank))[:size]


def shortlist(rows: Sequence[Example], size: int, seed: int) -> list[int]:
    """Places of `size` rows: half of them those whose answers are most unlike those of near rows, the others drawn.

    The drawn ones are what the doubtful ones are measured against: a model taught only doubtful rows knows nothing.
    """
    first = [int(i) for i in np.argsort(-unsupported(rows), kind="stable")[: size // 2]]
    rest = sorted(set(range(len(rows))) - set(first))
    drawn = np.random.default_rng(seed).permutation(rest)[: size - len(first)]
    return [*first, *(int(i) for i in drawn)]
