"""Intervals for what is no mean of scores in [0, 1]: any statistic of rows, by a bootstrap over their groups.

Rows of one group are drawn together. A statistic gets the weights of the rows, shape (draws, rows), and gives one value
a draw: NaN where a draw leaves it undefined.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assay.evaluate.stats import CONFIDENCE, FEW_GROUPS, Floats, Groups, Metric

DRAWS = 1_000
_CELLS = 2_000_000  # weights held at once: 16 MB

Statistic = Callable[[Floats], Floats]


def bootstrap(statistic: Statistic, n: int, groups: Groups = None, *, seed: int = 0, centred: bool = False) -> Metric:
    """The statistic of all n rows with its 95% percentile interval.

    With `centred`, for a statistic that noise can only raise: the draws have the noise of the rows twice more than the
    truth, so the interval is moved down by twice what they lie above the value, to 0 at most.

    Raises:
        ValueError: no rows, or a statistic that is undefined for all of them.
    """
    value = float(statistic(np.ones((1, n)))[0]) if n else float("nan")
    if np.isnan(value):
        raise ValueError(f"nothing to measure in {n} rows")
    drawn = np.concatenate([statistic(weights) for weights in _weights(n, groups, seed)])
    drawn = drawn[~np.isnan(drawn)]
    if centred:
        drawn = np.maximum(0.0, drawn - 2 * max(0.0, float(drawn.mean()) - value))
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Metric(value, min(value, float(low)), max(value, float(high)), n)


def mean_of_reals(values: Floats, groups: Groups = None, *, seed: int = 0) -> Metric:
    """The mean of any numbers, shape (n,), with a 95% interval: over fewer than 20 groups by Student's t.

    Raises:
        ValueError: no rows.
    """
    from scipy.stats import t

    n = len(values)
    places = _places(n, groups)
    count = int(places.max()) + 1 if n else 0
    if count >= FEW_GROUPS or count < 2:
        return bootstrap(lambda weights: (weights @ values) / weights.sum(axis=1), n, groups, seed=seed)
    value = float(values.mean())
    sums = np.bincount(places, weights=values - value)
    error = float(np.sqrt(count / (count - 1) * (sums**2).sum()) / n)
    half = float(t.ppf((1 + CONFIDENCE) / 2, count - 1)) * error
    return Metric(value, value - half, value + half, n)


def _places(n: int, groups: Groups) -> np.ndarray:
    """The number of the group of each row."""
    seen: dict[str, int] = {}
    return np.array(range(n) if groups is None else [seen.setdefault(group, len(seen)) for group in groups], np.int64)


def _weights(n: int, groups: Groups, seed: int) -> list[Floats]:
    """How often each row is drawn, in pieces of shape (draws, n)."""
    rng = np.random.default_rng(seed)
    places = _places(n, groups)
    count = int(places.max()) + 1
    step = max(1, min(DRAWS, _CELLS // n))
    sizes = [min(step, DRAWS - start) for start in range(0, DRAWS, step)]
    shares = np.full(count, 1 / count)
    return [rng.multinomial(count, shares, size=size)[:, places].astype(np.float64) for size in sizes]
