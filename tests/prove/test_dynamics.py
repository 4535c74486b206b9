from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from assay.prove.dynamics import dynamics, losses_of
from assay.records import Example, Message
from assay.train.checkpoint import write_losses

ROWS = [Example(f"r{i}", "classify", (Message("user", str(i)), Message("assistant", "a"))) for i in range(3)]


def nats(chances: list[list[float]]) -> NDArray[np.float64]:
    return -np.log(np.array(chances))


def test_confidence_is_the_mean_chance_and_variability_its_spread() -> None:
    found = dynamics(nats([[0.2, 0.9], [0.6, 0.9]]))
    assert found.confidence == pytest.approx([0.4, 0.9])
    assert found.variability == pytest.approx([0.2, 0.0])


def test_a_row_is_forgotten_each_time_it_was_known_and_is_no_more() -> None:
    found = dynamics(nats([[0.9, 0.1], [0.2, 0.2], [0.9, 0.3], [0.1, 0.9]]))
    assert found.forgotten.tolist() == [2, 0]


def test_a_pass_that_left_a_row_out_says_nothing_of_it() -> None:
    table = nats([[0.9, 0.5], [0.5, 0.5], [0.2, 0.5]])
    table[1, 0] = np.nan
    found = dynamics(table)
    assert found.confidence[0] == pytest.approx(0.55)
    assert found.forgotten[0] == 1


def test_a_row_never_seen_has_no_confidence() -> None:
    found = dynamics([[np.nan], [np.nan]])
    assert np.isnan(found.confidence[0])
    assert np.isnan(found.variability[0])
    assert found.forgotten[0] == 0


@given(arrays(np.float64, (4, 3), elements=st.floats(0, 50)))
def test_dynamics_stay_within_their_bounds(losses: NDArray[np.float64]) -> None:
    found = dynamics(losses)
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()
    assert ((found.variability >= 0) & (found.variability <= 0.5 + 1e-9)).all()
    assert ((found.forgotten >= 0) & (found.forgotten <= 2)).all()


def test_losses_of_a_run_read_back_by_id_in_any_order(tmp_path: Path) -> None:
    losses = np.array([[1.0, 2.0, 3.0], [0.5, np.nan, 0.25]])
    write_losses(tmp_path / "losses.parquet", ROWS, losses)
    found = losses_of(tmp_path / "losses.parquet", [ROWS[2], ROWS[1]])
    assert found is not None
    assert np.array_equal(found, [[3.0, 2.0], [0.25, np.nan]], equal_nan=True)


def test_a_run_without_losses_or_with_a_damaged_table_has_none(tmp_path: Path) -> None:
    assert losses_of(tmp_path / "losses.parquet", ROWS) is None
    (tmp_path / "losses.parquet").write_bytes(b"PAR1 not really")
    assert losses_of(tmp_path / "losses.parquet", ROWS) is None
