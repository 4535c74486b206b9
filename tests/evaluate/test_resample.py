from __future__ import annotations

import numpy as np
import pytest

from assay.evaluate import stats
from assay.evaluate.resample import bootstrap, mean_of_reals
from assay.evaluate.stats import Floats


def mean_of(values: Floats) -> object:
    return lambda weights: (weights @ values) / weights.sum(axis=1)


def test_a_bootstrap_of_the_mean_agrees_with_the_one_for_means() -> None:
    values = np.random.default_rng(0).random(300)
    groups = [str(i // 3) for i in range(300)]
    ours, theirs = bootstrap(mean_of(values), 300, groups), stats.mean(values, groups)  # type: ignore[arg-type]
    assert ours.value == pytest.approx(theirs.value)
    assert ours.low == pytest.approx(theirs.low, abs=0.01)
    assert ours.high == pytest.approx(theirs.high, abs=0.01)


def test_rows_of_one_group_widen_the_interval() -> None:
    values = np.repeat(np.random.default_rng(1).random(40), 5)
    together = mean_of_reals(values, [str(i // 5) for i in range(200)])
    alone = mean_of_reals(values)
    assert together.value == alone.value
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_a_mean_of_few_numbers_has_students_interval() -> None:
    found = mean_of_reals(np.array([2.0, 4.0, 6.0]))
    assert found.value == 4.0
    assert found.high - 4.0 == pytest.approx(4.302653 * 2 / 3**0.5, rel=1e-4)
    assert found.n == 3


def test_students_interval_of_few_groups_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    held = sum(low <= 0 <= high for _, low, high, _ in (mean_of_reals(rng.normal(size=8)) for _ in range(400)))
    assert 0.92 <= held / 400 <= 0.98


def test_a_statistic_that_is_undefined_for_all_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to measure in 3 rows"):
        bootstrap(lambda weights: np.full(len(weights), np.nan), 3)
    with pytest.raises(ValueError, match="nothing to measure in 0 rows"):
        bootstrap(lambda weights: weights.sum(axis=1), 0)
