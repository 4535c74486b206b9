"""Selection under a budget: quotas that add up, rows that stand for the others."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assay.signals.selection import at_random, coverage, facility_location, quotas, select

SIZES = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 60), max_size=8)


def blobs(seed: int, sizes: tuple[int, ...], d: int = 16) -> np.ndarray:
    """Unit vectors about as many random centres as there are sizes."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(len(sizes), d))
    rows = np.concatenate([c + 0.15 * rng.normal(size=(n, d)) for c, n in zip(centres, sizes, strict=True)])
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@given(SIZES, st.integers(0, 400), st.sampled_from([0.0, 0.5, 1.0]))
def test_quotas_spend_the_budget_and_no_class_gives_more_than_it_has(
    sizes: dict[str, int], budget: int, temperature: float
) -> None:
    given_ = quotas(sizes, budget, temperature)
    assert sum(given_.values()) == min(budget, sum(sizes.values()))
    assert all(0 <= given_[name] <= size for name, size in sizes.items())


@given(SIZES, st.integers(0, 400))
def test_equal_quotas_differ_by_one_at_most_where_rows_are_left(sizes: dict[str, int], budget: int) -> None:
    given_ = quotas(sizes, budget)
    open_ = [given_[name] for name, size in sizes.items() if given_[name] < size]
    assert not open_ or max(given_.values()) - min(open_) <= 1


def test_quotas_follow_the_sizes_at_temperature_one() -> None:
    assert quotas({"a": 90, "b": 10}, 40) == {"a": 30, "b": 10}
    assert quotas({"a": 90, "b": 10}, 40, 1.0) == {"a": 36, "b": 4}


@given(st.integers(0, 30), st.integers(0, 10))
def test_the_lazy_choice_is_the_greedy_choice(count: int, seed: int) -> None:
    vectors = blobs(seed, (9, 5, 7))
    similarity = np.maximum(vectors @ vectors.T, 0)
    served, greedy = np.zeros(len(vectors)), list[int]()
    for _ in range(min(count, len(vectors))):
        gains = np.maximum(similarity - served, 0).sum(1)
        gains[greedy] = -1
        greedy.append(int(gains.argmax()))
        served = np.maximum(served, similarity[greedy[-1]])
    lazy = facility_location(vectors, count)
    value = [similarity[rows].max(0).sum() if rows else 0.0 for rows in (lazy, greedy)]
    assert len(set(lazy)) == len(greedy)
    assert np.isclose(value[0], value[1], rtol=1e-4)


def test_one_row_of_each_group_is_taken_before_a_second_of_any() -> None:
    vectors = blobs(1, (40, 4, 4))
    groups = np.repeat([0, 1, 2], (40, 4, 4))
    assert {int(groups[i]) for i in facility_location(vectors, 3)} == {0, 1, 2}


def test_a_selection_stands_for_more_than_chance_and_keeps_the_quotas() -> None:
    vectors, labels = blobs(2, (60, 30, 8)), ["x"] * 60 + ["y"] * 30 + ["z"] * 8
    chosen = select(vectors, labels, 18)
    assert [labels[i] for i in chosen].count("z") == 6
    chance = [coverage(vectors, at_random(labels, 18, temperature=0.0, seed=seed)) for seed in range(20)]
    assert coverage(vectors, chosen) > max(chance)
    assert select(vectors, labels, 18) == chosen
    assert select(vectors, labels, 1000) == list(range(98))
    assert coverage(vectors, range(98)) > 0.999
    assert coverage(vectors, []) == 0.0


def test_a_cap_holds_for_every_class_and_gives_its_rows_to_the_others() -> None:
    assert quotas({"a": 90, "b": 10}, 40, 1.0, 25) == {"a": 25, "b": 10}
    assert quotas({"a": 90, "b": 90, "c": 5}, 60, 0.0, 30) == {"a": 28, "b": 27, "c": 5}
