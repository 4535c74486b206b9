"""What is computed on vectors: neighbours and clusters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from assay.frames.large import LARGE, blocks, wide

if TYPE_CHECKING:
    import numpy as np

    from assay.frames.pairs import Pairs

EXACT = 30_000  # vectors up to which each is compared with all, which costs as much as cells do
CELL, PROBES = 100, 40  # vectors a cell on average; cells around a query that are searched
FEWER, SEEN = 10, 32  # the same cells beyond `LARGE`, which grow with the root of n; vectors a cell they are found on
CHUNK = 4096  # queries a search: 4,096 x n similarities is what one core holds in cache and memory


class Neighbours(NamedTuple):
    """The nearest rows of each query, nearest first; both arrays of shape (queries, k)."""

    rows: np.ndarray  # int32; -1 where there are fewer than k
    similarity: np.ndarray  # float32, cosine; -1 where there are fewer than k


def neighbours(vectors: np.ndarray, k: int, *, queries: np.ndarray | None = None) -> Neighbours:
    """The `k` rows of `vectors` most similar to each of `queries`, or to each row itself (which is then left out).

    `vectors` and `queries` are L2-normalised, of shape (n, d), float32 or float16: the inner product is the cosine.
    Exact up to `EXACT` vectors; among more, each query is compared with those of the cells of space around it (of
    60,000 vectors of short queries 95% of the ten nearest are found, and the cost grows with n and not with its
    square). Beyond 200,000 the cells are fewer and larger, and the ten nearest of them are searched.
    """
    import numpy as np

    own = queries is None
    asked = vectors if queries is None else queries
    near = Neighbours(np.full((len(asked), k), -1, dtype=np.int32), np.full((len(asked), k), -1.0, dtype=np.float32))
    if not len(asked) or not len(vectors):
        return near
    if len(vectors) <= EXACT:
        every, order = np.arange(len(vectors)), np.arange(len(asked))
        for low in range(0, len(asked), CHUNK):
            _search(near, asked, order[low : low + CHUNK], vectors, every, own)
        return near
    cells = _cells(vectors)
    home = _by_cell(_nearest(vectors, cells, 1)[:, 0], len(cells))
    asking = home if own else _by_cell(_nearest(asked, cells, 1)[:, 0], len(cells))
    around = _nearest(cells, cells, PROBES if len(vectors) <= LARGE else FEWER)
    for cell, rows in enumerate(asking):
        among = np.concatenate([home[other] for other in around[cell]])
        for low in range(0, len(rows), CHUNK):
            _search(near, asked, rows[low : low + CHUNK], vectors[among], among, own)
    return near


def searched(n: int) -> int:
    """How many of `n` rows each is compared with, about: all of them up to `EXACT`."""
    if n <= EXACT:
        return n
    return PROBES * CELL if n <= LARGE else FEWER * n // (2 * math.isqrt(n))


def _search(
    near: Neighbours, asked: np.ndarray, rows: np.ndarray, vectors: np.ndarray, numbers: np.ndarray, own: bool
) -> None:
    """Write the nearest of `vectors`, whose row numbers are given, to the asked `rows`, into `near`."""
    import faiss
    import numpy as np
    from threadpoolctl import threadpool_limits

    width = min(near.rows.shape[1] + own, len(vectors))
    with threadpool_limits(1):  # threads that wait for each other cost twice what they save beside a busy neighbour
        found, at = faiss.knn(wide(asked[rows]), wide(vectors), width, metric=faiss.METRIC_INNER_PRODUCT)
    at = numbers[at]
    if own:
        found, at = _without_self(found, at, rows)
    width = min(near.rows.shape[1], at.shape[1])
    near.rows[rows, :width] = at[:, :width]
    near.similarity[rows, :width] = np.asarray(found[:, :width])


def _cells(vectors: np.ndarray) -> np.ndarray:
    """The centres of cells of some `CELL` vectors each, found on a sample. Shape (cells, d), unit length."""
    import faiss
    import numpy as np

    n = len(vectors)
    count, each = (max(PROBES, n // CELL), 64) if n <= LARGE else (2 * math.isqrt(n), SEEN)
    sample = np.random.default_rng(0).choice(n, min(n, each * count), replace=False)
    space = faiss.Kmeans(vectors.shape[1], count, niter=6, seed=0, spherical=True, min_points_per_centroid=1)
    space.train(wide(vectors[np.sort(sample)]))
    return np.asarray(space.centroids)


def _nearest(asked: np.ndarray, cells: np.ndarray, k: int) -> np.ndarray:
    """The numbers of the `k` cells nearest to each. Shape (asked, k)."""
    import faiss
    import numpy as np

    parts = (wide(asked[part]) for part in blocks(len(asked)))
    return np.concatenate([faiss.knn(part, cells, k, metric=faiss.METRIC_INNER_PRODUCT)[1] for part in parts])


def _by_cell(cell: np.ndarray, count: int) -> list[np.ndarray]:
    """The rows of each cell, ascending."""
    import numpy as np

    return np.split(np.argsort(cell, kind="stable"), np.cumsum(np.bincount(cell, minlength=count))[:-1])


def _without_self(near: np.ndarray, at: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One column less: the query itself, or the last one where equal rows pushed it out."""
    drop = at == rows[:, None]
    drop[~drop.any(1), -1] = True
    return near[~drop].reshape(len(at), -1), at[~drop].reshape(len(at), -1)


def clusters(n: int, pairs: Pairs) -> np.ndarray:
    """For each of `n` rows the number of its connected component under `pairs`. Shape (n,), int64.

    Components are numbered in the order of their first rows.
    """
    import numpy as np

    first = np.arange(n)
    while True:  # each row takes the smallest number its pairs know, then that row's own: chains shorten by half
        least = first.copy()
        np.minimum.at(least, pairs.left, first[pairs.right])
        np.minimum.at(least, pairs.right, first[pairs.left])
        np.minimum.at(least, first, least)
        least = least[least]
        if (least == first).all():
            break
        first = least
    return np.asarray(np.cumsum(first == np.arange(n))[first] - 1)
