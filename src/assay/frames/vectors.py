"""What is computed on vectors: neighbours, clusters, and out-of-fold label probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from assay.frames.pairs import Pairs

EXACT = 30_000  # vectors up to which each is compared with all, which costs as much as cells do
CELL, PROBES = 100, 40  # vectors a cell on average; cells around a query that are searched
CHUNK = 4096  # queries a search: 4,096 x n similarities is what one core holds in cache and memory


class Neighbours(NamedTuple):
    """The nearest rows of each query, nearest first; both arrays of shape (queries, k)."""

    rows: np.ndarray  # int64; -1 where there are fewer than k
    similarity: np.ndarray  # float32, cosine; -1 where there are fewer than k


def neighbours(vectors: np.ndarray, k: int, *, queries: np.ndarray | None = None) -> Neighbours:
    """The `k` rows of `vectors` most similar to each of `queries`, or to each row itself (which is then left out).

    `vectors` and `queries` are L2-normalised float32 of shape (n, d): the inner product is the cosine. Exact up to
    `EXACT` vectors; among more, each query is compared with those of the cells of space around it (of 60,000 vectors of
    short queries 95% of the ten nearest are found, and the cost grows with n and not with its square).
    """
    import numpy as np

    own = queries is None
    asked = vectors if queries is None else queries
    near = Neighbours(np.full((len(asked), k), -1, dtype=np.int64), np.full((len(asked), k), -1.0, dtype=np.float32))
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
    around = _nearest(cells, cells, PROBES)
    for cell, rows in enumerate(asking):
        among = np.concatenate([home[other] for other in around[cell]])
        for low in range(0, len(rows), CHUNK):
            _search(near, asked, rows[low : low + CHUNK], vectors[among], among, own)
    return near


def _search(
    near: Neighbours, asked: np.ndarray, rows: np.ndarray, vectors: np.ndarray, numbers: np.ndarray, own: bool
) -> None:
    """Write the nearest of `vectors`, whose row numbers are given, to the asked `rows`, into `near`."""
    import faiss
    import numpy as np

    wide = min(near.rows.shape[1] + own, len(vectors))
    found, at = faiss.knn(asked[rows], vectors, wide, metric=faiss.METRIC_INNER_PRODUCT)
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

    count = max(PROBES, len(vectors) // CELL)
    sample = np.random.default_rng(0).choice(len(vectors), min(len(vectors), 64 * count), replace=False)
    space = faiss.Kmeans(vectors.shape[1], count, niter=6, seed=0, spherical=True, min_points_per_centroid=1)
    space.train(vectors[np.sort(sample)])
    return np.asarray(space.centroids)


def _nearest(asked: np.ndarray, cells: np.ndarray, k: int) -> np.ndarray:
    """The numbers of the `k` cells nearest to each. Shape (asked, k)."""
    import faiss
    import numpy as np

    return np.asarray(faiss.knn(asked, cells, k, metric=faiss.METRIC_INNER_PRODUCT)[1])


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


def folds_of(labels: np.ndarray, groups: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """The fold of each row: a group never straddles two, each class is dealt evenly. Shape (n,), int64."""
    import numpy as np

    _, group = np.unique(groups, return_inverse=True)
    _, first = np.unique(group, return_index=True)
    order = np.random.default_rng(seed).permutation(len(first))
    by_class = order[np.argsort(labels[first][order], kind="stable")]
    fold = np.empty(len(first), dtype=np.int64)
    fold[by_class] = np.arange(len(first)) % folds
    return np.asarray(fold[group])


def label_probabilities(
    meaning: np.ndarray, lexical: np.ndarray, labels: np.ndarray, groups: np.ndarray, *, folds: int = 5, seed: int = 0
) -> np.ndarray:
    """The probability of each class for each row, from models that never saw the row nor its near-duplicates.

    The mean of two models in closed form, a linear discriminant on `meaning` and ridge regression on both views: ten
    thousand rows of 77 classes take 2 CPU-seconds where logistic regression took 27, and planted errors are found as
    well.

    Args:
        meaning: shape (n, d), float32: encoder's vectors.
        lexical: shape (n, l), float32: `lexical_vectors`.
        labels: shape (n,), integers 0..classes-1.
        groups: shape (n,): rows that must share a fold.

    Returns:
        Shape (n, classes), float64, rows sum to 1. A class that a fold's training rows lack gets 0 there; with one
        group only, all classes are equally probable.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    classes = int(labels.max()) + 1 if len(labels) else 0
    out = np.full((len(labels), classes), 1 / max(classes, 1))
    if len(labels) == 0:
        return out
    both = np.hstack([meaning, lexical, np.ones((len(labels), 1))]).astype(np.float64)
    fold = folds_of(labels, groups, folds, seed)
    with threadpool_limits(1):  # threads that wait for each other in so small a product cost ten times what they save
        for held in np.unique(fold):
            train, test = fold != held, fold == held
            seen = np.unique(labels[train])
            if len(seen):
                y = np.searchsorted(seen, labels[train])
                mean = _discriminant(meaning[train], y, meaning[test]) + _ridge(both[train], y, both[test])
                out[test] = 0.0
                out[np.ix_(test, seen)] = mean / 2
    return out


def _discriminant(x: np.ndarray, y: np.ndarray, queries: np.ndarray, shrinkage: float = 0.3) -> np.ndarray:
    """Class probabilities of `queries` under a Gaussian per class with one shared covariance.

    The covariance is shrunk towards a multiple of the identity, class means towards the mean of all as if two more rows
    stood there.
    """
    import numpy as np

    x, queries = x.astype(np.float64), queries.astype(np.float64)
    sizes = np.bincount(y)
    means = np.zeros((len(sizes), x.shape[1]))
    np.add.at(means, y, x)
    means = (means + 2 * x.mean(0)) / (sizes[:, None] + 2)
    rest = x - means[y]
    covariance = (1 - shrinkage) * (rest.T @ rest) / len(x)
    covariance.flat[:: len(covariance) + 1] += shrinkage * (rest**2).mean() + 1e-9
    weights = np.linalg.solve(covariance, means.T)
    return _softmax(queries @ weights - 0.5 * (means.T * weights).sum(0) + np.log(sizes + 1))


def _ridge(
    x: np.ndarray, y: np.ndarray, queries: np.ndarray, penalty: float = 1.0, sharpness: float = 12.0
) -> np.ndarray:
    """Class probabilities of `queries` under ridge regression on one-hot labels, its flat scores times `sharpness`."""
    import numpy as np

    normal = x.T @ x
    normal.flat[:: len(normal) + 1] += penalty
    return _softmax(sharpness * (queries @ np.linalg.solve(normal, x.T @ np.eye(int(y.max()) + 1)[y])))


def _softmax(scores: np.ndarray) -> np.ndarray:
    import numpy as np

    odds = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(odds / odds.sum(1, keepdims=True))
