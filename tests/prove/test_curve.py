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
    gain = curve.gain_of_more(ROWS, table, 1000)
    assert gain.value == pytest.approx(scale * 1000**-decay - scale * 2000**-decay)


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
