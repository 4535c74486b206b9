"""Learning curves: a power law through a few sizes, what it says of more rows, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from assay.evaluate.stats import CONFIDENCE, Floats

RESAMPLES = 2000
FLOORS = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)  # tried for a floor, as shares of the smallest error
LEAST = 1e-6  # an error below it counts as none
REACH = 100.0  # a size further than this many times the largest one measured is not foretold


class Law(NamedTuple):
    """error(n) = floor + scale * n ** -decay: the floor is what no number of rows like these wears down."""

    scale: float
    decay: float
    floor: float = 0.0

    def error(self, rows: float) -> float:
        """Expected error, 0 to 1, after so many rows."""
        return float(min(1.0, self.floor + self.scale * rows**-self.decay))


class _Fitted(NamedTuple):
    """Laws, arrays of shape (lines,)."""

    scale: Floats
    decay: Floats
    floor: Floats

    def errors(self, rows: float, most: float) -> Floats:
        """Expected errors after so many rows, at most `most`."""
        return np.clip(self.floor + self.scale * rows**-self.decay, 0.0, most)


class Foretold(NamedTuple):
    """A value read off a curve, with its 95% interval over resampled test rows; None: beyond what can be foretold."""

    value: float | None
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, float | None]:
        """JSON."""
        return self._asdict()


class Gain(NamedTuple):
    """What more rows bring: never more than the error there is."""

    gain: Foretold
    start: float  # the error the law has at the largest size: the gain is counted from there


def fit(rows: Sequence[int], errors: Sequence[float]) -> Law:
    """The law through some points; an error of 0 counts as a tenth of the smallest above it.

    Raises:
        ValueError: fewer than two sizes.
    """
    if len(set(rows)) < 2:
        raise ValueError(f"a curve needs two sizes, not {sorted(set(rows))}")
    found = _fit(rows, np.asarray(errors, dtype=np.float64)[None])
    return Law(*(float(part[0]) for part in found))


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
    scale, decay, floor = _fit(rows, errors)
    above = np.maximum(wanted, 1e-9) - floor
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        reached = np.exp((np.log(scale) - np.log(above)) / decay)
    found = np.where((decay > 1e-6) & (above > 0), reached, np.inf)
    return _bounded(found, REACH * max(rows))


def gain_of_more(rows: Sequence[int], errors: Floats, more: int, *, most: float = 1.0) -> Gain:
    """By how much the error falls when `more` rows are added to the largest size.

    The gain and its interval are at most the error that was measured there, and that the law has there: an error does
    not fall below 0, nor does it rise above `most`, the largest the metric has (infinite for a loss).
    """
    laws, largest = _fit(rows, errors), float(max(rows))
    now, then = laws.errors(largest, most), laws.errors(largest + more, most)
    start = float(now[0])
    left = min(start, float(errors[0, int(np.argmax(rows))]))
    return Gain(_bounded(np.clip(now - then, start - most, left), np.inf), start)


def _fit(rows: Sequence[int], errors: Floats) -> _Fitted:
    """The law of each line of `errors`, shape (lines, points): least squares of the logarithms.

    The floor is tried at shares of the smallest error of a line; of equally good ones the lowest is taken. Fewer than
    four sizes do not tell a floor: it is 0.
    """
    above = errors[errors > LEAST]
    errors = np.maximum(errors, float(above.min()) / 10 if above.size else LEAST)
    logs = np.log(np.asarray(rows, dtype=np.float64))
    x = logs - logs.mean()
    best = _Fitted(*np.zeros((3, len(errors))))
    misfit = np.full(len(errors), np.inf)
    for share in FLOORS if len(set(rows)) >= 4 else (0.0,):
        floor = share * errors.min(axis=1)
        y = np.log(errors - floor[:, None])
        slope = (y @ x) / (x @ x)
        scale = np.exp(y.mean(axis=1) - slope * logs.mean())
        drawn = floor[:, None] + scale[:, None] * np.exp(slope[:, None] * logs)
        off = ((np.log(drawn) - np.log(errors)) ** 2).sum(axis=1)
        better = off < misfit - 1e-9
        found = (scale, -slope, floor)
        best = _Fitted(*(np.where(better, new, old) for new, old in zip(found, best, strict=True)))
        misfit = np.where(better, off, misfit)
    return best


def _bounded(found: Floats, limit: float) -> Foretold:
    low, high = np.quantile(found[1:], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], method="inverted_cdf")

    def told(value: float) -> float | None:
        return float(value) if np.isfinite(value) and value <= limit else None

    return Foretold(told(found[0]), told(min(low, found[0])), told(max(high, found[0])))
