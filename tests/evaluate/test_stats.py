from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.evaluate import stats

scores = st.lists(st.sampled_from([0.0, 1 / 3, 0.5, 1.0]), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_intervals_of_newcombe_1998(successes: int, n: int, low: float, high: float) -> None:
    metric = stats.wilson(successes, n)
    assert metric == pytest.approx((successes / n, low, high, n), abs=1e-4)


@pytest.mark.parametrize(
    ("n", "at_a_tenth", "at_a_fifth"),
    [(200, 0.063, 0.089), (500, 0.040, 0.056), (1000, 0.028, 0.040), (2000, 0.020, 0.028), (3080, 0.016, 0.023)],
)
def test_the_smallest_effect_matches_the_published_table(n: int, at_a_tenth: float, at_a_fifth: float) -> None:
    assert stats.smallest_effect(n, 0.1) == pytest.approx(at_a_tenth, abs=5e-4)
    assert stats.smallest_effect(n, 0.2) == pytest.approx(at_a_fifth, abs=5e-4)


@given(st.integers(10, 10_000), st.floats(0.01, 1.0))
def test_rows_needed_is_the_inverse_of_the_smallest_effect(n: int, discordant: float) -> None:
    assert stats.rows_needed(stats.smallest_effect(n, discordant), discordant) == n


def test_mcnemar_gives_exact_binomial_tails() -> None:
    assert stats.mcnemar(23, 17) == pytest.approx(0.430, abs=1e-3)
    assert stats.mcnemar(5, 0) == 2 / 32
    assert stats.mcnemar(0, 0) == stats.mcnemar(4, 4) == 1.0
    assert 0 < stats.mcnemar(2000, 1000) < 1e-60


def test_holm_gives_the_textbook_correction() -> None:
    assert stats.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert stats.holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_never_lowers_a_p_nor_changes_the_order(ps: list[float]) -> None:
    corrected = stats.holm(ps)
    assert all(p <= c <= 1 for p, c in zip(ps, corrected, strict=True))
    assert [corrected[i] for i in np.argsort(ps, kind="stable")] == sorted(corrected)


@given(scores, st.booleans(), st.integers(0, 3))
@settings(max_examples=60)
def test_an_interval_contains_its_value_and_n_counts_rows(values: list[float], grouped: bool, seed: int) -> None:
    groups = [str(i // 2) for i in range(len(values))] if grouped else None
    metric = stats.mean(values, groups, seed=seed, resamples=200)
    assert 0 <= metric.low <= metric.value <= metric.high <= 1
    assert metric.value == pytest.approx(np.mean(values))
    assert metric.n == len(values)
    assert metric.low < metric.high


@given(scores, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_a_difference_turns_its_sign_with_its_arms(values: list[float], random: object) -> None:
    other = values[1:] + values[:1]
    there = stats.paired_difference(values, other, seed=1, resamples=200)
    assert there.low <= there.value <= there.high
    assert stats.paired_difference(other, values, seed=1, resamples=200).value == pytest.approx(-there.value)
    assert stats.sign_flip(values, other, resamples=200) == stats.sign_flip(other, values, resamples=200)


@pytest.mark.slow
def test_the_bootstrap_agrees_with_the_normal_interval_on_many_rows() -> None:
    values = np.random.default_rng(0).random(2_000)
    half = 1.96 * values.std() / np.sqrt(len(values))
    metric = stats.mean(values, seed=3)
    assert (metric.low, metric.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=1e-3)


def test_rows_of_one_group_do_not_count_as_independent() -> None:
    values = np.random.default_rng(0).integers(0, 2, 200).astype(float)
    twice, groups = np.repeat(values, 4), [str(i) for i in np.repeat(np.arange(200), 4)]
    alone, grouped, ignored = stats.mean(values, seed=0), stats.mean(twice, groups, seed=0), stats.mean(twice, seed=0)
    assert grouped.high - grouped.low == pytest.approx(alone.high - alone.low, rel=0.05)
    assert ignored.high - ignored.low < 0.6 * (grouped.high - grouped.low)


def test_groups_of_unlike_size_weigh_by_their_rows() -> None:
    rng = np.random.default_rng(2)
    sizes = rng.integers(1, 9, 300)
    values, groups = np.repeat(0.5 + 0.1 * rng.random(300), sizes), [str(i) for i in np.repeat(np.arange(300), sizes)]
    drawn = [rng.integers(0, 300, 300) for _ in range(2_000)]
    starts = np.r_[0, sizes.cumsum()[:-1]]
    means = [(values[starts[d]] * sizes[d]).sum() / sizes[d].sum() for d in drawn]
    assert stats.mean(values, groups, seed=0)[1:3] == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=5e-4)


def test_equal_answers_still_leave_room_for_a_difference() -> None:
    metric = stats.paired_difference(np.ones(100), np.ones(100))
    assert metric.value == 0
    assert metric.low == -metric.high == pytest.approx(-stats.wilson(0, 100).high)


def test_a_model_against_itself_is_called_different_in_about_one_of_twenty_trials() -> None:
    rng = np.random.default_rng(7)
    outside = tests = 0
    trials = 400
    for trial in range(trials):
        a, b = rng.random(300) < 0.85, rng.random(300) < 0.85
        interval = stats.paired_difference(a, b, seed=trial, resamples=1_000)
        outside += not interval.low <= 0 <= interval.high
        tests += stats.paired_p(a, b) < 0.05
    assert 0.02 <= outside / trials <= 0.085
    assert 0.005 <= tests / trials <= 0.07  # exact tests on counts are conservative


def test_the_permutation_p_is_uniform_when_there_is_no_difference() -> None:
    rng = np.random.default_rng(11)
    groups = [str(i // 2) for i in range(120)]
    ps = np.array(
        [stats.sign_flip(rng.random(120), rng.random(120), groups, seed=t, resamples=500) for t in range(400)]
    )
    assert [(ps <= q).mean() for q in (0.05, 0.25, 0.5, 0.75)] == pytest.approx([0.05, 0.25, 0.5, 0.75], abs=0.07)
    assert ps.min() > 0


def test_a_true_difference_of_the_smallest_effect_is_seen_in_four_of_five_trials() -> None:
    rng, n, discordant = np.random.default_rng(5), 500, 0.1
    effect = stats.smallest_effect(n, discordant)
    chances = [(discordant + effect) / 2, (discordant - effect) / 2, 1 - discordant]
    seen = 0
    for trial in range(200):
        change = rng.choice([1.0, -1.0, 0.0], size=n, p=chances)
        interval = stats.paired_difference(np.maximum(change, 0), np.maximum(-change, 0), seed=trial, resamples=1_000)
        seen += interval.low > 0
    assert 0.72 <= seen / 200 <= 0.90


def test_sign_flips_agree_with_mcnemar_on_single_rows() -> None:
    a, b = np.r_[np.ones(23), np.zeros(17), np.ones(60)], np.r_[np.zeros(23), np.ones(17), np.ones(60)]
    assert stats.paired_p(a, b) == stats.mcnemar(23, 17)
    assert stats.sign_flip(a, b) == pytest.approx(stats.mcnemar(23, 17), abs=0.02)


def test_a_paired_p_resamples_groups_when_rows_belong_together() -> None:
    a, b = np.ones(12), np.zeros(12)
    assert stats.paired_p(a, b) == 2 / 2**12
    assert stats.paired_p(a, b, ["one"] * 12) == 1.0


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).random(100)
    assert stats.mean(values, seed=4) == stats.mean(values, seed=4) != stats.mean(values, seed=5)


def test_no_rows_and_unpaired_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="0 rows"):
        stats.wilson(0, 0)
    with pytest.raises(ValueError, match="no rows"):
        stats.mean([])
    with pytest.raises(ValueError, match="paired"):
        stats.paired_difference([1, 0], [1])
