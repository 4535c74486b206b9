"""Vectors of the words of texts: what averaged meanings blur."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.frames.large import room

if TYPE_CHECKING:
    import numpy as np

FITTED = 30_000  # texts the directions are fitted on, drawn by seed from more: beyond, only memory grows
CHUNK = 8192  # texts projected at once
SPARE = 10  # directions fitted beyond those wanted (Halko, Martinsson, Tropp: Finding structure with randomness, 2011)
_WORD = re.compile(r"\b\w+\b")


def lexical_vectors(texts: Sequence[str], *, dim: int = 256, seed: int = 0) -> np.ndarray:
    """Vectors of the words and word pairs of `texts`: TF-IDF, projected on its main directions.

    Shape (n, at most `dim`), L2-normalised, float32, or float16 beyond 200,000 texts; a text of words that
    no other has is all zeros.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    fitted: Sequence[str] = texts
    if len(texts) > FITTED:
        rows = np.sort(np.random.default_rng(seed).choice(len(texts), FITTED, replace=False))
        fitted = [texts[row] for row in rows.tolist()]
    columns: dict[str, int] = {}
    counts = _counts(fitted, columns, grow=True)
    used = np.bincount(counts.columns, minlength=len(columns))
    if not (used >= 2).any():
        return np.zeros((len(texts), 1), dtype=np.float32)
    scale = _Scale(np.cumsum(used >= 2) - 1, np.where(used >= 2, np.log((1 + len(fitted)) / (1 + used)) + 1, 0.0))
    with threadpool_limits(1):  # threads that wait for each other in so small a product cost more than they save
        weights = _weights(counts, scale)
        del counts
        columns = {term: column for term, column in columns.items() if used[column] >= 2}  # a few of many
        directions = _directions(weights, dim, seed)
        out = room(len(texts), directions.shape[1])
        for low in range(0, len(texts), CHUNK):
            part = texts[low : low + CHUNK]
            some = weights[low : low + CHUNK] if fitted is texts else _weights(_counts(part, columns), scale)
            out[low : low + CHUNK] = _unit(some @ directions)
    return out


class _Scale(NamedTuple):
    """What becomes of a term, by its number."""

    column: np.ndarray  # of the matrix
    rarity: np.ndarray  # its smoothed inverse document frequency; 0 for one that a single text uses


class _Counts(NamedTuple):
    """How often each text uses each term it uses: parallel arrays, ordered by row."""

    n: int  # texts
    rows: np.ndarray
    columns: np.ndarray
    counts: np.ndarray


def _counts(texts: Sequence[str], columns: dict[str, int], *, grow: bool = False) -> _Counts:
    """The terms of the texts by the numbers in `columns`; unknown ones are added when it may grow, else passed over."""
    import numpy as np

    found, ends = list[int](), [0]
    for text in texts:
        words = _WORD.findall(text.lower())
        terms = [*words, *map(" ".join, pairwise(words))]
        if grow:
            found += [columns.setdefault(term, len(columns)) for term in terms]
        else:
            found += [columns[term] for term in terms if term in columns]
        ends.append(len(found))
    rows = np.repeat(np.arange(len(texts)), np.diff(ends))
    packed = np.sort((rows << 32) | np.array(found, dtype=np.int64))
    starts = np.flatnonzero(np.concatenate([[True], packed[1:] != packed[:-1]])) if len(packed) else packed
    counts = np.diff(np.append(starts, len(packed)))
    return _Counts(len(texts), packed[starts] >> 32, packed[starts] & 0xFFFFFFFF, counts)


def _weights(found: _Counts, scale: _Scale) -> Any:
    """The TF-IDF matrix, (1 + log count) * rarity, rows of unit length. Sparse, shape (n, terms used twice)."""
    import numpy as np
    from scipy.sparse import csr_matrix

    data = (1 + np.log(found.counts)) * scale.rarity[found.columns]
    lengths = np.sqrt(np.bincount(found.rows, weights=data**2, minlength=found.n))
    kept = data > 0
    data, rows, columns = data[kept], found.rows[kept], scale.column[found.columns[kept]]
    data = (data / lengths[rows]).astype(np.float32)
    return csr_matrix((data, (rows, columns)), shape=(found.n, int(scale.column[-1]) + 1))


def _directions(weights: Any, dim: int, seed: int) -> np.ndarray:
    """The `dim` main directions of the rows of a sparse matrix, by random projection. Shape (columns, at most dim)."""
    import numpy as np

    size = min(dim, *weights.shape)
    shape = (weights.shape[0], min(size + SPARE, *weights.shape))
    random = np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
    turned = weights.T.tocsr()
    for _ in range(2):
        random = weights @ (turned @ random)
    basis = np.linalg.qr(turned @ random)[0]
    projected = weights @ basis
    _, rotation = np.linalg.eigh(projected.T @ projected)  # ascending: the main directions are the last
    return np.asarray(basis @ rotation[:, ::-1][:, :size])


def _unit(vectors: np.ndarray) -> np.ndarray:
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 1e-9))
