from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.train.batches import plan

SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=60)


def seen(made: object) -> Counter[int]:
    return Counter(i for _, batch in made.steps for i in batch)  # type: ignore[attr-defined]


@given(answers=SIZES, epochs=st.integers(1, 4), size=st.integers(1, 9), seed=st.integers(0, 99))
def test_every_epoch_holds_every_row_once(answers: list[int], epochs: int, size: int, seed: int) -> None:
    made = plan([a + 20 for a in answers], answers, batch_size=size, seed=seed, epochs=epochs)
    assert len(made.epochs) == epochs
    for batches in made.epochs:
        assert sorted(i for batch in batches for i in batch) == list(range(len(answers)))
        assert max(map(len, batches)) <= size
    assert made.answer_tokens == epochs * sum(answers)


@given(answers=SIZES, budget=st.integers(1, 2000), seed=st.integers(0, 99))
def test_a_budget_is_met_to_within_half_a_row(answers: list[int], budget: int, seed: int) -> None:
    made = plan([a + 20 for a in answers], answers, batch_size=4, seed=seed, budget_tokens=budget)
    assert made.answer_tokens == sum(answers[i] for _, batch in made.steps for i in batch)
    assert abs(made.answer_tokens - budget) <= max(answers) / 2
    times = seen(made)
    assert max(times.values(), default=0) - min(times[i] for i in range(len(answers))) <= 1


def test_a_smaller_set_is_repeated_to_the_same_budget() -> None:
    all_rows, half = plan([30] * 80, [4] * 80, batch_size=8, seed=0, epochs=2), None
    half = plan([30] * 40, [4] * 40, batch_size=8, seed=0, budget_tokens=all_rows.answer_tokens)
    assert half.answer_tokens == all_rows.answer_tokens
    assert len(half.epochs) == 4


def test_half_an_epoch_is_half_the_tokens() -> None:
    assert plan([30] * 80, [4] * 80, batch_size=8, seed=0, epochs=1.5).answer_tokens == 480


def test_the_order_is_the_seeds() -> None:
    sizes = [7] * 50
    one, same, other = (plan(sizes, sizes, batch_size=4, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one.epochs != other.epochs
    two = plan(sizes, sizes, batch_size=4, seed=1, epochs=2)
    assert two.epochs[0] == one.epochs[0]
    assert two.epochs[1] != one.epochs[0]


def test_rows_alike_in_length_share_a_batch() -> None:
    lengths = np.random.default_rng(0).integers(15, 90, 600).tolist()
    grouped = plan(lengths, [1] * 600, batch_size=8, seed=0).padding
    at_random = 1 - sum(lengths) / sum(8 * max(lengths[i : i + 8]) for i in range(0, 600, 8))
    assert grouped < 0.08 < 0.25 < at_random


@pytest.mark.parametrize("budget", [0, 1])
def test_a_budget_below_half_a_row_trains_nothing(budget: int) -> None:
    assert plan([30], [4], batch_size=8, seed=0, budget_tokens=budget).steps == []
