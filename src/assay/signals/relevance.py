"""Relevance: how near each row stands to what the model must serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assay import frames

if TYPE_CHECKING:
    import numpy as np

    from assay.signals.measured import Measured

CLOSEST = 3  # targets averaged: one alone may be an odd one
TRIMMED = 0.1  # share of rows furthest from the centre that have no say in where it lies
COMPACT = 0.28  # median cosine to the centre from which a set has a domain; broad instruction sets lie at 0.18 to 0.23,
#                 sets of one domain at 0.32 to 0.53
INSIDE = 1.0  # robust standard deviations from the bulk of a set within which a row belongs to it, whatever the targets
FEWEST = 5  # targets, or rows, below which nothing can be said


class Distances(NamedTuple):
    """How far each row is from the domain."""

    deviations: np.ndarray  # shape (n,): 0 is usual, -3 is three robust standard deviations further out
    similarity: np.ndarray  # shape (n,): mean cosine to the nearest targets, or to the centre of the set
    compact: bool  # whether there is a domain to be far from


class Relevance(NamedTuple):
    """How much of a set stands near its domain."""

    n: int  # rows
    near: float  # share within 2.5 robust standard deviations of the usual, 0 to 1
    similarity: float  # median cosine to the targets, or to the centre of the set


def relevance(measured: Measured) -> Relevance:
    """The relevance of a set as two numbers."""
    import numpy as np

    far = distances(measured)
    n = len(far.deviations)
    if not n:
        return Relevance(0, 1.0, 0.0)
    return Relevance(n, float((far.deviations >= -2.5).mean()), float(np.median(far.similarity)))


def has_subject(measured: Measured) -> bool:
    """Whether there is a domain to be far from: targets that name it, or rows that lie close enough together."""
    import numpy as np

    if len(measured.targets) >= FEWEST:
        return True
    if len(measured.examples) < FEWEST * 10:
        return False
    return bool(np.median(_centrality(measured.vectors.astype(np.float64))) >= COMPACT)


def distances(measured: Measured) -> Distances:
    """How far each row is from the targets of the domain, or without targets from the bulk of the set itself."""
    import numpy as np

    if not len(measured.examples):
        return Distances(np.zeros(0), np.zeros(0), False)
    bulk = _from_the_bulk(measured)
    if len(measured.targets) < FEWEST:
        return bulk
    far = _from_targets(measured)
    # A list of targets seldom covers all of a domain: what lies in the bulk of a set that has one is not foreign to it.
    inside = (bulk.deviations > -INSIDE) & bulk.compact
    return far._replace(deviations=np.where(inside, np.maximum(far.deviations, 0.0), far.deviations))


def _from_targets(measured: Measured) -> Distances:
    """From the centre of the targets and from the nearest of them, counted from how far targets are from each other."""
    import numpy as np

    targets = measured.target_vectors
    centre = targets.mean(0)
    centre = centre / max(float(np.linalg.norm(centre)), 1e-9)
    near = frames.neighbours(targets, CLOSEST, queries=measured.vectors).similarity.mean(1)
    among = frames.neighbours(targets, CLOSEST).similarity.mean(1)
    return Distances(_deviations((measured.vectors @ centre, near), (targets @ centre, among)), near, True)


def _from_the_bulk(measured: Measured) -> Distances:
    """From the centre of the set and from the dense regions, counted from the median row."""
    import numpy as np

    to_centre = _centrality(measured.vectors.astype(np.float64))
    density = np.maximum(measured.neighbours.similarity, 0.0).mean(1)
    enough = len(to_centre) >= FEWEST * 10
    compact = enough and bool(np.median(to_centre) >= COMPACT)
    return Distances(_deviations((to_centre, density), (to_centre, density)), to_centre, compact)


def _centrality(vectors: np.ndarray) -> np.ndarray:
    """Cosine of each row to the centre of the set, the furthest tenth having no say in it. Shape (n,)."""
    import numpy as np

    kept = np.ones(len(vectors), dtype=bool)
    cosine = np.zeros(len(vectors))
    for _ in range(3):
        centre = vectors[kept].mean(0)
        cosine = vectors @ (centre / max(float(np.linalg.norm(centre)), 1e-9))
        kept = cosine >= np.quantile(cosine, TRIMMED)
    return np.asarray(cosine)


def _deviations(rows: tuple[np.ndarray, np.ndarray], usual: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Two similarities of each row as one number: robust standard deviations from the median of the usual rows."""
    import numpy as np

    asked, base = np.zeros(len(rows[0])), np.zeros(len(usual[0]))
    for values, reference in zip(rows, usual, strict=True):
        middle, spread = float(np.median(reference)), _spread(reference)
        asked += (values - middle) / spread
        base += (reference - middle) / spread
    return np.asarray((asked - np.median(base)) / _spread(base))


def _spread(values: np.ndarray) -> float:
    """The median absolute deviation, scaled to the standard deviation of a normal distribution."""
    import numpy as np

    return max(1.4826 * float(np.median(np.abs(values - np.median(values)))), 1e-3)
