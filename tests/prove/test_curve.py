"""Learning curves: a law is found again, and read in both directions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.prove import curve

ROWS = (100, 250, 500, 1000)


@given(st.floats(0.5, 3.0), st.floats(0.05, 0.9))
def test_a_power_law_is_found_again_and_read_backwards(scale: float, decay: float) -> None:
    errors = [scale * n**-decay for n in ROWS]
    law = curve.fit(ROWS, errors)
    assert law.scale == pytest.approx(scale)
    assert law.decay == pytest.approx(decay)
    table = np.array([errors] * 3)
    told = curve.rows_to_reach(ROWS, table, table[:, 2])
    assert told.value == pytest.approx(500)
    gain = curve.gain_of_more(ROWS, table, 1000, most=np.inf)
    assert gain.gain.value == pytest.approx(scale * 1000**-decay - scale * 2000**-decay)


def test_what_lies_too_far_beyond_the_largest_size_is_not_foretold() -> None:
    flat = np.array([[0.3, 0.299, 0.2985, 0.298]] * 3)
    assert curve.rows_to_reach(ROWS, flat, np.array([0.05] * 3)).value is None
    rising = np.array([[0.2, 0.21, 0.22, 0.23]] * 3)  # more rows make it worse: no number of them helps
    assert curve.rows_to_reach(ROWS, rising, np.array([0.1] * 3)).value is None


def test_one_size_is_no_curve() -> None:
    with pytest.raises(ValueError, match="two sizes"):
        curve.fit([100, 100], [0.2, 0.3])


def test_resampled_errors_keep_groups_together() -> None:
    scores = [np.array([1.0, 1.0, 0.0, 0.0])]
    whole = curve.resampled_errors(scores, ["a", "a", "b", "b"], seed=0)
    assert set(np.unique(whole).tolist()) <= {0.0, 0.5, 1.0}
    single = curve.resampled_errors(scores, ["a", "b", "c", "d"], seed=0)
    assert 0.25 in np.unique(single)


@given(
    st.lists(st.floats(0, 1), min_size=4, max_size=4), st.integers(2, 60), st.integers(1, 100_000),
    st.integers(0, 1000),
)  # fmt: skip
def test_no_gain_goes_beyond_the_range_of_a_share(errors: list[float], first: int, more: int, seed: int) -> None:
    rows = [first, 2 * first + 1, 5 * first, 10 * first]
    noisy = np.array(errors) + np.random.default_rng(seed).normal(0, 0.05, (40, 4))
    table = np.concatenate([np.array([errors]), np.clip(noisy, 0, 1)])
    told = curve.gain_of_more(rows, table, more)
    measured = errors[-1]
    for gain in told.gain:
        assert gain is not None
        assert gain <= measured + 1e-12
        assert 0 <= told.start - gain <= 1 + 1e-12
    assert 0 <= told.start <= 1


def test_a_curve_that_ends_at_95_percent_does_not_promise_more_than_all() -> None:
    shares = np.array([0.432, 0.689, 0.868, 0.954])
    draws = np.clip(np.random.default_rng(0).binomial(104, shares, (500, 4)) / 104, 0, 1)
    told = curve.gain_of_more([19, 48, 96, 191], 1 - np.concatenate([shares[None], draws]), 1000)
    assert told.gain.high is not None
    assert 1 - told.start + told.gain.high <= 1
    assert shares[-1] + told.gain.high <= 1


@given(st.floats(0.5, 3.0), st.floats(0.3, 0.9), st.sampled_from([0.2, 0.5, 1.5]))
def test_a_floor_is_seen_and_more_rows_do_not_wear_it_down(scale: float, decay: float, floor: float) -> None:
    errors = [floor + scale * n**-decay for n in ROWS]
    law = curve.fit(ROWS, errors)
    assert 0 < law.floor < errors[-1]
    told = curve.gain_of_more(ROWS, np.array([errors] * 3), 1_000_000, most=np.inf)
    assert told.gain.value is not None
    bare = errors[-1] * (1 - ((errors[-1] / errors[0]) ** (np.log(1001) / np.log(10))))
    assert told.gain.value < bare, "a law without a floor promises more"
    assert curve.rows_to_reach(ROWS, np.array([errors] * 3), np.array([0.5 * law.floor] * 3)).value is None
