"""Numbers that never come alone: a Metric carries its interval and n; paired tests; what a test set can show.

Rows that belong together (near-duplicates, one conversation) are resampled together: `groups` names the group of each
row, and None means every row is its own. All randomness is an argument.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

CONFIDENCE = 0.95
POWER = 0.8
DISCORDANT = 0.1  # share of rows on which two tuned models usually differ: an assumption, stated wherever it is used
RESAMPLES = 10_000  # keeps the Monte-Carlo error of a 95% bound below a tenth of its width
FEW_GROUPS = 20  # below this a bootstrap over groups is too narrow
_CELLS = 2_000_000  # numbers held at once while resampling: 16 MB

Floats = NDArray[np.float64]
Groups = Sequence[str] | None


class Metric(NamedTuple):
    """A measured value with its 95% interval and the number of rows it rests on."""

    value: float
    low: float
    high: float
    n: int

    def as_dict(self) -> dict[str, float | int]:
        """As the JSON object of every report."""
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n}


class Grouped(NamedTuple):
    """Rows summed by group. Groups that look alike are one kind, so that resampling costs the same for any n."""

    sums: Floats  # (kinds,): sum of the values of a group of this kind
    sizes: Floats  # (kinds,): rows in a group of this kind
    counts: NDArray[np.int64]  # (kinds,): groups of this kind


def wilson(successes: float, n: int, confidence: float = CONFIDENCE) -> Metric:
    """A proportion with Wilson's score interval (Wilson 1927; Newcombe 1998, method 3).

    `successes` may be fractional: a mean of scores in [0, 1] varies no more than a proportion, so the interval is then
    conservative.

    Raises:
        ValueError: no rows, or more successes than rows.
    """
    if n < 1 or not 0 <= successes <= n + 1e-9:
        raise ValueError(f"wilson: {successes} successes of {n} rows")
    share, z = min(1.0, successes / n), _z(1 - (1 - confidence) / 2)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Metric(share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)), n)


def mean(scores: ArrayLike, groups: Groups = None, *, seed: int = 0, resamples: int = RESAMPLES) -> Metric:
    """The mean of scores in [0, 1], shape (n,), with a 95% interval.

    Wilson's for single rows right or wrong; a percentile bootstrap over groups otherwise. With fewer than 20 groups, or
    scores that are all 0 or all 1, where a bootstrap shows less doubt than there is: Wilson's on the number of groups.

    Raises:
        ValueError: no rows.
    """
    values = np.asarray(scores, dtype=np.float64)
    grouped = _grouped(values, groups)
    n_groups = int(grouped.counts.sum())
    total, n = float(values.sum()), len(values)
    if n_groups == n and np.isin(values, (0.0, 1.0)).all():
        return wilson(total, n)
    if n_groups < FEW_GROUPS or total in (0.0, float(n)):
        return wilson(total / n * n_groups, n_groups)._replace(n=n)
    return _bootstrap(grouped, total / n, n, seed, resamples)


def paired_difference(
    a: ArrayLike, b: ArrayLike, groups: Groups = None, *, seed: int = 0, resamples: int = RESAMPLES
) -> Metric:
    """Mean of a - b over the same rows, shape (n,) each, in [0, 1], with a 95% percentile bootstrap over groups.

    Where no row differs the interval is not zero wide: the share of rows that differ may be as high as Wilson's bound
    for none of n, and so may the difference, either way.

    Raises:
        ValueError: no rows, or a and b of unlike length.
    """
    differences = _differences(a, b)
    grouped = _grouped(differences, groups)
    n = len(differences)
    if not differences.any():
        bound = wilson(0, int(grouped.counts.sum())).high
        return Metric(0.0, -bound, bound, n)
    return _bootstrap(grouped, float(differences.mean()), n, seed, resamples)


def mcnemar(improved: int, regressed: int) -> float:
    """Two-sided exact p that two models are equally often right, from the rows on which only one is (McNemar 1947).

    mcnemar(23, 17) -> 0.43
    """
    n, k = improved + regressed, min(improved, regressed)
    return min(1.0, 2 * sum(math.comb(n, i) for i in range(k + 1)) / (1 << n))


def sign_flip(a: ArrayLike, b: ArrayLike, groups: Groups = None, *, seed: int = 0, resamples: int = RESAMPLES) -> float:
    """Two-sided p of a paired permutation test: under no difference each group's a - b is as likely with either sign.

    Never 0: the observed signs count as one of the permutations (Phipson and Smyth 2010).

    Raises:
        ValueError: no rows, or a and b of unlike length.
    """
    grouped = _grouped(_differences(a, b), groups)
    observed = abs(float((grouped.sums * grouped.counts).sum()))
    rng = np.random.default_rng(seed)
    extreme = 0
    for size in _pieces(resamples, len(grouped.sums)):
        heads = rng.binomial(grouped.counts, 0.5, size=(size, len(grouped.counts)))
        extreme += int((np.abs((2 * heads - grouped.counts) @ grouped.sums) >= observed - 1e-9).sum())
    return (1 + extreme) / (1 + resamples)


def paired_p(a: ArrayLike, b: ArrayLike, groups: Groups = None, *, seed: int = 0) -> float:
    """The p of a against b: exact McNemar for single rows right or wrong, sign flips by group otherwise."""
    left, right = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    single = groups is None or len(set(groups)) == len(groups)
    if single and np.isin(left, (0.0, 1.0)).all() and np.isin(right, (0.0, 1.0)).all():
        differences = _differences(left, right)
        return mcnemar(int((differences > 0).sum()), int((differences < 0).sum()))
    return sign_flip(left, right, groups, seed=seed)


def holm(ps: Sequence[float]) -> list[float]:
    """p-values corrected for how many were tested together (Holm 1979), in the order given.

    holm([0.01, 0.04, 0.03, 0.005]) -> [0.03, 0.06, 0.06, 0.02]
    """
    corrected, worst = [0.0] * len(ps), 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        worst = max(worst, min(1.0, (len(ps) - rank) * ps[index]))
        corrected[index] = worst
    return corrected


def smallest_effect(n: int, discordant: float = DISCORDANT, *, power: float = POWER, alpha: float = 0.05) -> float:
    """The smallest true difference, in [0, 1], that a paired test on n rows shows with this power.

    (z(1 - alpha/2) + z(power)) * sqrt(discordant / n): Connor 1987, with the variance under no difference on both
    sides. Above 1 the test set can show nothing.
    """
    return (_z(1 - alpha / 2) + _z(power)) * math.sqrt(discordant / n)


def rows_needed(effect: float, discordant: float = DISCORDANT, *, power: float = POWER, alpha: float = 0.05) -> int:
    """The rows a paired test needs to show a true difference: the inverse of `smallest_effect`."""
    return math.ceil(discordant * ((_z(1 - alpha / 2) + _z(power)) / effect) ** 2 - 1e-9)


_z: Callable[[float], float] = NormalDist().inv_cdf


def _differences(a: ArrayLike, b: ArrayLike) -> Floats:
    left, right = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if left.shape != right.shape:
        raise ValueError(f"paired rows: {left.shape} against {right.shape}")
    return left - right


def _grouped(values: Floats, groups: Groups) -> Grouped:
    if len(values) == 0:
        raise ValueError("no rows")
    seen: dict[str, int] = {}
    index = range(len(values)) if groups is None else [seen.setdefault(group, len(seen)) for group in groups]
    sums, sizes = np.bincount(index, weights=values), np.bincount(index)
    kinds, counts = np.unique(np.stack([np.round(sums, 12), sizes], axis=1), axis=0, return_counts=True)
    return Grouped(kinds[:, 0], kinds[:, 1], counts)


def _bootstrap(grouped: Grouped, value: float, n: int, seed: int, resamples: int) -> Metric:
    """Percentile interval of the mean over groups drawn with replacement: drawing groups is drawing counts of kinds."""
    rng = np.random.default_rng(seed)
    groups = int(grouped.counts.sum())
    shares = grouped.counts / groups
    means = []
    for size in _pieces(resamples, len(shares)):
        drawn = rng.multinomial(groups, shares, size=size)
        means.append((drawn @ grouped.sums) / (drawn @ grouped.sizes))
    low, high = np.quantile(np.concatenate(means), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Metric(value, min(value, float(low)), max(value, float(high)), n)


def _pieces(resamples: int, width: int) -> Iterator[int]:
    """Sizes that sum to `resamples`, each small enough that size * width numbers fit in memory."""
    step = max(1, _CELLS // max(1, width))
    for start in range(0, resamples, step):
        yield min(step, resamples - start)
