"""Which rows to trace where there are more than time for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assay.encoders import WordLlama
from assay.evaluate.similarity import neighbours
from assay.records import Example

NEIGHBOURS = 10  # rows a row is compared with


def nearest_first(queries: Sequence[str], rows: Sequence[Example], size: int) -> list[int]:
    """Places of `size` rows near to the queries by their prompts: the nearest of each query, then the next of each."""
    if not queries:
        return []
    near = neighbours(queries, [row.prompt for row in rows], WordLlama(), k=size)
    by_rank = near.row.T.ravel().tolist()
    return list(dict.fromkeys(int(i) for i in by_rank))[:size]


def shortlist(rows: Sequence[Example], size: int, seed: int) -> list[int]:
    """Places of `size` rows: half of them those whose near rows answer most unlike them, the others drawn.

    The drawn ones are what the doubtful ones are measured against: a model taught only doubtful rows knows nothing.
    """
    doubt = _doubt(rows)
    first = [int(i) for i in np.argsort(-doubt, kind="stable")[: size // 2]]
    rest = sorted(set(range(len(rows))) - set(first))
    drawn = np.random.default_rng(seed).permutation(rest)[: size - len(first)]
    return [*first, *(int(i) for i in drawn)]


def _doubt(rows: Sequence[Example]) -> NDArray[np.float32]:
    """How unlike a row's answer those of the rows nearest to it are, the nearer the heavier: 0 to 1."""
    encoder, prompts = WordLlama(), [row.prompt for row in rows]
    near = neighbours(prompts, prompts, encoder, k=NEIGHBOURS + 1)
    others = near.row != np.arange(len(rows))[:, None]
    answers = encoder.encode([row.answer for row in rows])
    unlike = 1 - np.einsum("id,ikd->ik", answers, answers[near.row])
    weight = np.where(others, np.maximum(near.cosine, 0.0) ** 4, 0.0)
    return np.asarray((unlike * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-9), dtype=np.float32)
