"""The luck of training: how far two runs on the same rows differ beyond what their test rows explain.

Test rows alone cannot tell it: a lucky run is a little better on all of them. Seen here without it: one in five
comparisons of a set with itself came out "different" at p < .05. The model is a table of runs by test rows with an
effect of the run, one of the row, and a rest; the variance of the run effect is estimated by the analysis of variance
of a two-way table without repeats (Searle, Casella and McCulloch 1992, chapter 4).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from assay.evaluate.stats import CONFIDENCE, Floats, Metric


class Luck(NamedTuple):
    """The variance of the mean difference of one pair of runs that is due to the runs."""

    variance: float
    freedom: int  # degrees of freedom it was estimated with; 0: it could not be


def luck_of(tables: Sequence[Floats], repeats: Floats) -> Luck:
    """Pooled over tables of differences; where each has one run only, from runs on the same rows.

    Args:
        tables: of each comparison, shape (seeds, test rows): the difference of two runs of the same seed.
        repeats: shape (runs, test rows): scores of runs that differ by their seed alone.
    """
    parts = [_run_variance(table) for table in tables if len(table) > 1]
    freedom = sum(part.freedom for part in parts)
    if freedom:
        return Luck(max(0.0, sum(part.variance * part.freedom for part in parts) / freedom), freedom)
    alone = _run_variance(repeats) if len(repeats) > 1 else Luck(0.0, 0)
    return Luck(max(0.0, 2 * alone.variance), alone.freedom)  # a difference has the luck of two runs


def _run_variance(table: Floats) -> Luck:
    """Of the effect of a run: may come out below 0, and is cut off only after pooling."""
    scored = table[:, ~np.isnan(table).any(axis=0)]
    runs, rows = scored.shape
    if rows < 2:
        return Luck(0.0, 0)
    means = scored.mean(axis=1)
    rest = scored - means[:, None] - scored.mean(axis=0) + scored.mean()
    noise = float((rest**2).sum()) / ((runs - 1) * (rows - 1))
    return Luck(float(means.var(ddof=1)) - noise / rows, runs - 1)


def widened(difference: Metric, luck: Luck, runs: int) -> Metric:
    """The interval with the luck of `runs` pairs of runs added to that of the test rows."""
    if luck.variance <= 0 or luck.freedom < 1:
        return difference
    from scipy.stats import t

    more = float(t.ppf((1 + CONFIDENCE) / 2, luck.freedom)) ** 2 * luck.variance / runs
    low, high = difference.value - difference.low, difference.high - difference.value
    return difference._replace(
        low=difference.value - math.sqrt(low**2 + more), high=difference.value + math.sqrt(high**2 + more)
    )


def p_with_luck(p: float, difference: Metric, luck: Luck, runs: int) -> float:
    """The larger of the p of the test rows, and that of a difference this large by rows and luck together."""
    if luck.variance <= 0 or luck.freedom < 1:
        return p
    from scipy.stats import norm, t

    z = float(norm.ppf((1 + CONFIDENCE) / 2))
    rows = ((difference.high - difference.low) / 2 / z) ** 2
    by_luck = luck.variance / runs
    total = rows + by_luck
    freedom = luck.freedom * (total / by_luck) ** 2  # Satterthwaite 1946: the rows' part counts as known
    return max(p, float(2 * t.sf(abs(difference.value) / math.sqrt(total), freedom)))
