from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from assay.prove.influence import RIDGE, folds_of, influence
from assay.prove.trace import Moment
from assay.records import Example, Message

MOMENTS = {0.0: False, 1.0: True}


def row(name: str, prompt: str, answer: str = "a") -> Example:
    return Example(name, "classify", (Message("user", prompt), Message("assistant", answer)), label=answer)


class Scripted:
    """A tracer whose gradients are given: row i has the i-th of `gradients`, and loss i, whoever is taught."""

    def __init__(self, rows: Sequence[Example], gradients: Any) -> None:
        self.rows, self.gradients = list(rows), np.array(gradients, dtype=np.float32)
        self.tokens = np.full(len(rows), 2.0, dtype=np.float32)
        self.begun: list[list[int]] = []
        self.stop_at = -1

    def run(self, taught: Sequence[int], moments: Mapping[float, bool], *, seed: int) -> Iterator[Moment]:
        if len(self.begun) == self.stop_at:
            raise KeyboardInterrupt
        self.begun.append(list(taught))
        losses = np.arange(len(self.rows), dtype=np.float32)
        for wanted in moments.values():
            yield Moment(losses, self.gradients if wanted else None)


def four(**more: Any) -> Scripted:
    rows = [row(f"r{i}", f"prompt {i}") for i in range(4)]
    gradients = [[1, 0], [2, 0], [-1, 0], [0, 1], [3, 1]]
    return Scripted([*rows, row("asked", "asked")], gradients)


@given(st.lists(st.sampled_from(["one", "Two", "two ", "three", "four"]), min_size=1), st.integers(2, 4))
def test_rows_with_one_prompt_are_held_out_together(prompts: list[str], count: int) -> None:
    folds = folds_of([row(f"r{i}", prompt) for i, prompt in enumerate(prompts)], count, seed=0)
    home: dict[str, int] = {}
    for prompt, fold in zip(prompts, folds.tolist(), strict=True):
        assert home.setdefault(prompt.strip().casefold(), fold) == fold
        assert 0 <= fold < count


def test_every_row_is_held_out_once_and_taught_in_the_other_runs() -> None:
    tracer = four()
    found = influence(tracer, 4, runs=2, seed=0, moments=MOMENTS)  # type: ignore[arg-type]
    assert sorted(i for taught in tracer.begun for i in taught) == [0, 1, 2, 3]
    assert np.array_equal(found.held, [[0, 1, 2, 3]] * 2)
    assert np.array_equal(found.taught, [[0, 1, 2, 3]] * 2)
    assert found.tokens.tolist() == [2, 2, 2, 2]


def exactly(tracer: Scripted, taught: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Influence of the taught rows on all, by the inverse of the sum of their outer products and a ridge."""
    mine = tracer.gradients[:4][taught].astype(np.float64)
    ridge = RIDGE * (mine**2).sum(axis=1).mean()
    return mine @ np.linalg.inv(mine.T @ mine + ridge * np.eye(mine.shape[1])) @ tracer.gradients.T


def test_influence_solves_for_what_the_other_rows_do_already() -> None:
    tracer = four()
    found = influence(tracer, 4, runs=2, seed=0, moments=MOMENTS)  # type: ignore[arg-type]
    fold = folds_of(tracer.rows[:4], 2, 0)
    for run in (0, 1):
        taught = fold != run
        exact = exactly(tracer, taught)
        assert found.asked[taught, 0] == pytest.approx(exact[:, 4], rel=1e-4)
        assert found.among[np.ix_(taught, ~taught)] == pytest.approx(exact[:, :4][:, ~taught], rel=1e-4)
        assert found.own[taught] == pytest.approx(exact[:, :4][:, taught].diagonal(), rel=1e-4)
    assert found.asked[1, 0] > 0 > found.asked[2, 0]


def test_gradients_of_zero_have_no_influence() -> None:
    tracer = four()
    tracer.gradients[:] = 0
    found = influence(tracer, 4, runs=2, seed=0, moments=MOMENTS)  # type: ignore[arg-type]
    assert (found.asked == 0).all()


def test_rows_influence_only_rows_that_their_run_held_out() -> None:
    tracer = four()
    found = influence(tracer, 4, runs=2, seed=0, moments=MOMENTS)  # type: ignore[arg-type]
    fold = folds_of(tracer.rows[:4], 2, 0)
    never = fold[:, None] == fold[None, :]
    assert np.isnan(found.among[never]).all()
    assert not np.isnan(found.among[~never]).any()


def test_an_interrupted_proof_goes_on_with_the_runs_that_are_missing(tmp_path: Path) -> None:
    whole = influence(four(), 4, runs=3, seed=0, moments=MOMENTS)  # type: ignore[arg-type]
    tracer = four()
    tracer.stop_at = 2
    with pytest.raises(KeyboardInterrupt):
        influence(tracer, 4, runs=3, seed=0, keep=tmp_path, moments=MOMENTS)  # type: ignore[arg-type]
    tracer.stop_at = -1
    found = influence(tracer, 4, runs=3, seed=0, keep=tmp_path, moments=MOMENTS)  # type: ignore[arg-type]
    assert len(tracer.begun) == 3
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(found, whole, strict=True))


def test_a_damaged_part_is_traced_again(tmp_path: Path) -> None:
    (tmp_path / "run-0.npz").write_bytes(b"PK\x03\x04 cut short")
    (tmp_path / "run-1.npz").write_bytes(b"")
    tracer = four()
    influence(tracer, 4, runs=2, seed=0, keep=tmp_path, moments=MOMENTS)  # type: ignore[arg-type]
    assert len(tracer.begun) == 2
