"""The luck of training is told from runs on the same rows, and widens every interval."""

import numpy as np
import pytest

from assay.evaluate.luck import Luck, luck_of, p_with_luck, widened
from assay.evaluate.stats import Metric


def table(runs: int, rows: int, luck: float, rng: np.random.Generator) -> np.ndarray:
    by_run, by_row = rng.normal(0, luck, (runs, 1)), rng.normal(0, 0.3, (1, rows))
    return by_run + by_row + rng.normal(0, 0.3, (runs, rows))


def test_the_variance_of_a_run_is_found_among_that_of_the_rows() -> None:
    rng = np.random.default_rng(0)
    told = luck_of([table(5, 200, 0.05, rng) for _ in range(200)], np.zeros((1, 200)))
    assert told.freedom == 800
    assert told.variance == pytest.approx(0.05**2, rel=0.15)
    none = luck_of([table(5, 200, 0.0, rng) for _ in range(200)], np.zeros((1, 200)))
    assert none.variance < 0.01**2


def test_single_runs_take_the_luck_of_runs_on_the_same_rows_twice() -> None:
    rng = np.random.default_rng(1)
    found = [luck_of([table(1, 200, 0.05, rng)], table(4, 200, 0.05, rng)) for _ in range(300)]
    assert {luck.freedom for luck in found} == {3}
    assert np.mean([luck.variance for luck in found]) == pytest.approx(2 * 0.05**2, rel=0.15)


def test_luck_widens_the_interval_and_raises_the_p_and_more_runs_undo_it() -> None:
    seen, luck = Metric(0.05, 0.02, 0.08, 400), Luck(0.0004, 10)
    one, nine = widened(seen, luck, 1), widened(seen, luck, 9)
    assert one.low < nine.low < seen.low < seen.value < seen.high < nine.high < one.high
    assert 0.001 < p_with_luck(0.001, seen, luck, 9) < p_with_luck(0.001, seen, luck, 1)
    assert widened(seen, Luck(0.0, 0), 1) == seen
    assert p_with_luck(0.001, seen, Luck(0.0, 0), 1) == 0.001


def test_comparing_a_thing_with_itself_is_called_different_about_as_often_as_stated() -> None:
    from assay.evaluate import stats

    rng, alarms = np.random.default_rng(2), 0
    for trial in range(200):
        left, right = (np.clip(0.8 + table(5, 150, 0.03, rng), 0, 1) for _ in range(2))
        luck = luck_of([left - right], np.zeros((1, 150)))
        seen = stats.paired_difference(left.mean(0), right.mean(0), seed=trial, resamples=500)
        p = stats.sign_flip(left.mean(0), right.mean(0), seed=trial, resamples=500)
        alarms += p_with_luck(p, seen, luck, 5) < 0.05
    assert alarms <= 20  # of 200; 10 expected
