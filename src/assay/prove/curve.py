"""Learning curves: a power law through a few sizes, what it says of more rows, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from assay.evaluate.stats import CONFIDENCE, Floats

RESAMPLES = 2000
REACH = 100.0  # a size further than this many times the largest one measured is not foretold


class Law(NamedTuple):
    """error(n) = scale * n ** -decay, fitted by least squares of the logarithms."""

    scale: float
    decay: float

    def error(self, rows: float) -> float:
        """Expected error, 0 to 1, after so many rows."""
        return float(min(1.0, self.scale * rows**-self.decay))


class Foretold(NamedTuple):
    """A value read off a curve, with its 95% interval over resampled test rows; None: beyond what can be foretold."""

    value: float | None
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, float | None]:
        """JSON."""
        return self._asdict()


def fit(rows: Sequence[int], errors: Sequence[float]) -> Law:
    """The law through some points; an error of 0 counts as a tenth of the smallest above it.

    Raises:
        ValueError: fewer than two sizes.
    """
    if len(set(rows)) < 2:
        raise ValueError(f"a curve needs two sizes, not {sorted(set(rows))}")
    scale, decay = _fit(np.log(np.asarray(rows, dtype=np.float64)), np.asarray(errors, dtype=np.float64)[None])
    return Law(float(scale[0]), float(decay[0]))


def resampled_errors(scores: Sequence[Floats], groups: Sequence[str], seed: int) -> Floats:
    """Mean errors, shape (RESAMPLES, points), of test rows drawn anew in their groups; the same draw for all points.

    Args:
        scores: of each point, shape (test rows,), 0 to 1.
    """
    index: dict[str, int] = {}
    place = np.array([index.setdefault(group, len(index)) for group in groups])
    sizes = np.bincount(place).astype(np.float64)
    sums = np.stack([np.bincount(place, weights=1 - np.nan_to_num(one)) for one in scores], axis=1)
    draws = np.random.default_rng(seed).multinomial(len(sizes), np.full(len(sizes), 1 / len(sizes)), size=RESAMPLES)
    return np.asarray((draws @ sums) / (draws @ sizes)[:, None])


def rows_to_reach(rows: Sequence[int], errors: Floats, wanted: Floats) -> Foretold:
    """Rows the law needs to come to the error `wanted`: the first line of each array is what was measured.

    Args:
        errors: shape (1 + resamples, points). wanted: shape (1 + resamples,).
    """
    scale, decay = _fit(np.log(np.asarray(rows, dtype=np.float64)), errors)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        found = np.where(decay > 1e-6, np.exp((np.log(scale) - np.log(np.maximum(wanted, 1e-9))) / decay), np.inf)
    return _bounded(found, REACH * max(rows))


def gain_of_more(rows: Sequence[int], errors: Floats, more: int) -> Foretold:
    """By how much the error falls when `more` rows are added to the largest size."""
    scale, decay = _fit(np.log(np.asarray(rows, dtype=np.float64)), errors)
    most = float(max(rows))
    return _bounded(scale * most**-decay - scale * (most + more) ** -decay, 1.0)


def _fit(logs: Floats, errors: Floats) -> tuple[Floats, Floats]:
    """Scale and decay of each line of `errors`, shape (lines, points), against the logarithms of the rows."""
    above = errors[errors > 0]
    floor = float(above.min()) / 10 if above.size else 1e-3
    y = np.log(np.maximum(errors, floor))
    x = logs - logs.mean()
    slope = (y @ x) / (x @ x)
    return np.exp(y.mean(axis=1) - slope * logs.mean()), -slope


def _bounded(found: Floats, limit: float) -> Foretold:
    low, high = np.quantile(found[1:], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], method="inverted_cdf")

    def told(value: float) -> float | None:
        return float(value) if np.isfinite(value) and value <= limit else None

    return Foretold(told(found[0]), told(min(low, found[0])), told(max(high, found[0])))
