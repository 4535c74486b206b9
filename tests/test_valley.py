from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.frames.valley import lowest


@given(st.floats(-5, 30), st.floats(0, 3), st.sampled_from([0.1, 1e-3]))
def test_the_bottom_of_a_valley_is_found_or_the_bound_nearest_to_it(bottom: float, flat: float, within: float) -> None:
    found = lowest(lambda x: flat * (x - bottom) ** 2 + abs(x - bottom) ** 1.5, 0, 24, within)
    assert abs(found - min(24.0, max(0.0, bottom))) <= within


@pytest.mark.parametrize(
    "of", [lambda x: 1.0, lambda x: math.exp(-x), lambda x: math.log1p(math.exp(3 - x)) + 0.1 * x, lambda x: math.nan]
)
def test_it_is_the_place_that_scipy_finds(of: Callable[[float], float]) -> None:
    from scipy.optimize import minimize_scalar

    theirs = minimize_scalar(of, bounds=(0, 24), method="bounded", options={"xatol": 0.1}).x
    assert lowest(of, 0, 24, 0.1) == pytest.approx(theirs, abs=1e-6)
