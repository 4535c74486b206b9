"""How near the test rows lie to the training rows, by the cosine of their prompts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.evaluate.speakers import Encode

_BLOCK = 1024  # queries compared at once: 1024 x 100,000 float32 cosines are 0.4 GB


class Neighbours(NamedTuple):
    """Of each query, its most similar rows of the pool."""

    row: NDArray[np.int64]  # (queries, k): most similar first; of equals the first row
    cosine: NDArray[np.float32]  # (queries, k)


def neighbours(queries: Sequence[str], pool: Sequence[str], encoder: Encode, k: int = 1) -> Neighbours:
    """The k most similar texts of the pool; fewer when the pool is smaller.

    Raises:
        ValueError: an empty pool.
    """
    if not pool:
        raise ValueError("no rows to be similar to")
    left, right = encoder.encode(queries), encoder.encode(pool)
    k = min(k, len(pool))
    row, cosine = np.zeros((len(queries), k), np.int64), np.zeros((len(queries), k), np.float32)
    for start in range(0, len(queries), _BLOCK):
        block = left[start : start + _BLOCK] @ right.T
        best = np.argsort(-block, axis=1, kind="stable")[:, :k] if k > 1 else block.argmax(axis=1)[:, None]
        row[start : start + _BLOCK] = best
        cosine[start : start + _BLOCK] = np.take_along_axis(block, best, axis=1)
    return Neighbours(row, cosine)
