from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pytest

from assay.errors import InputError
from assay.evaluate import stats
from assay.evaluate.compare import compare, verdict
from assay.evaluate.ladder import Ladder
from assay.evaluate.rungs import TITLES, Answer, Rung
from assay.evaluate.stats import Metric

from .rows import example, examples, rung


def chance(n: int, share: float, seeds: int = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((seeds, n)) < share


def test_a_single_seed_gets_wilsons_interval_over_the_scored_rows() -> None:
    test = examples(100)
    right = np.arange(100)[None] < 80
    standing = compare([rung("raw", test, right)], test, seed=0).standings[0]
    assert standing.metric == stats.wilson(80, 100)
    assert standing.choice == stats.wilson(80, 100)
    assert standing.unscored == 0
    assert standing.latency_ms == (10.0, 10.0, 100)
    assert standing.tokens == (5.0, 2.0)


def test_rows_without_an_answer_are_counted_and_never_scored() -> None:
    unlabelled = replace(example(9), label=None)
    test = [*examples(9), unlabelled]
    answers = (Answer("e0", None), *(Answer(row.id, row.label) for row in test[1:8]), Answer("e9", "anything"))
    standing = compare([Rung("raw", (0,), (answers,))], test, seed=0).standings[0]
    assert standing.metric == stats.wilson(7, 7)
    assert standing.unscored == 2
    assert standing.choice is None


def test_a_row_that_one_seed_did_not_answer_is_unscored() -> None:
    test = examples(3)
    whole = tuple(Answer(row.id, row.label) for row in test)
    standing = compare([Rung("raw", (0, 1), (whole, whole[:2]))], test, seed=0).standings[0]
    assert standing.metric.n == 2
    assert standing.unscored == 1


def test_pairs_use_the_rows_both_answered_and_count_each_row_once() -> None:
    test = examples(60)
    a, b = np.arange(60)[None] >= 5, np.arange(60)[None] >= 20
    part = rung("raw", test[:50], b[:, :50])
    pair = compare([rung("curated", test, a), part], test, seed=0).pairs[0]
    assert (pair.a, pair.b, pair.difference.n) == ("curated", "raw", 50)
    assert (pair.improved, pair.regressed, pair.unchanged) == (15, 0, 35)
    assert pair.difference.value == pytest.approx(0.3)
    assert pair.p == stats.mcnemar(15, 0)
    assert pair.verdict == "better"


def test_p_values_are_corrected_within_the_primary_pairs_and_within_the_others() -> None:
    test = examples(200)
    rungs = [
        rung(name, test, chance(200, share, seed=i))
        for i, (name, share) in enumerate([("raw", 0.8), ("random", 0.8), ("rules", 0.85), ("curated", 0.9)])
    ]
    pairs = compare(rungs, test, seed=0).pairs
    named = [("curated", "raw"), ("curated", "random"), ("curated", "rules"), ("rules", "raw")]
    assert [(pair.a, pair.b) for pair in pairs] == named
    for family in (pairs[:2], pairs[2:]):
        assert [pair.p_holm for pair in family] == stats.holm([pair.p for pair in family])
        assert any(pair.p_holm > pair.p for pair in family)


def test_seeds_are_averaged_by_row_before_rows_are_compared() -> None:
    test = examples(40)
    a = np.array([np.ones(40, bool), np.arange(40) < 20])
    b = np.array([np.arange(40) < 20, np.ones(40, bool)])
    pair = compare([rung("curated", test, a), rung("raw", test, b)], test, seed=0).pairs[0]
    assert (pair.improved, pair.regressed, pair.unchanged) == (0, 0, 40)
    assert pair.verdict == "no measurable effect (no difference seen)"


@pytest.mark.slow
def test_two_seeds_of_the_same_arm_are_called_different_in_about_one_of_twenty_ladders() -> None:
    test = examples(150)
    called = 0
    for trial in range(60):
        arms = [rung(name, test, chance(150, 0.85, 3, 2 * trial + i)) for i, name in enumerate(("curated", "raw"))]
        called += not compare(arms, test, seed=trial).pairs[0].verdict.startswith("no measurable effect")
    assert called <= 8


def test_verdicts_say_better_worse_or_how_many_rows_are_missing() -> None:
    assert verdict(Metric(0.1, 0.05, 0.15, 500), 0.001, 0.2) == "better"
    assert verdict(Metric(-0.1, -0.15, -0.05, 500), 0.001, 0.2) == "worse"
    missing = verdict(Metric(0.01, -0.01, 0.03, 500), 0.4, 0.1)
    assert missing == "no measurable effect (would need about 7,300 more test rows)"  # 0.1 * (2.8016 / 0.01)**2 - 500


def test_novelty_bands_share_out_all_rows() -> None:
    test = examples(8)
    near = [0.1, 0.79, 0.80, 0.899, 0.9, 0.95, 0.99, 1.0000001]
    bands = compare([rung("raw", test, np.ones((1, 8), bool))], test, seed=0, similarity=near).standings[0].novelty
    assert [(band.band, band.metric.n) for band in bands] == [("<.80", 2), (".80-.90", 2), (".90-.95", 1), (">=.95", 3)]


def test_an_empty_band_is_left_out_since_no_metric_comes_without_n() -> None:
    test = examples(2)
    bands = (
        compare([rung("raw", test, np.ones((1, 2), bool))], test, seed=0, similarity=[0.5, 0.5]).standings[0].novelty
    )
    assert [band.band for band in bands] == ["<.80"]


def test_groups_widen_the_intervals_and_raise_the_smallest_effect() -> None:
    alone, together = examples(400), [example(i, group=str(i // 8)) for i in range(400)]
    right = np.repeat(chance(50, 0.7), 8, axis=1)
    free, grouped = (compare([rung("raw", test, right)], test, seed=0) for test in (alone, together))
    assert grouped.smallest_effect.n == 50
    assert free.smallest_effect == (stats.smallest_effect(400), 0.8, 0.1, 400)
    width = [ladder.standings[0].metric.high - ladder.standings[0].metric.low for ladder in (free, grouped)]
    assert width[1] > 2 * width[0]


def test_a_group_never_merges_with_the_id_of_another_row() -> None:
    test = [example(0), example(1, group="e0")]
    assert compare([rung("raw", test, np.ones((1, 2), bool))], test, seed=0).smallest_effect.n == 2


def test_the_rows_shown_are_the_ones_that_changed_and_the_extremes() -> None:
    test = examples(6)
    raw = np.array([[True, True, True, False, False, True]])
    curated = np.array([[True, True, False, True, True, True]])
    rows = compare([rung("raw", test, raw), rung("curated", test, curated)], test, seed=0, shown=1).rows
    assert [(row.id, row.written, row.score) for row in rows.regressed] == [("e2", "wrong", -1.0)]
    assert [(row.id, row.written, row.score) for row in rows.improved] == [("e3", "card_arrival", 1.0)]
    assert [row.id for row in rows.worst] == ["e2"]
    assert rows.worst[0].prompt == "question 2"
    assert rows.worst[0].expected == "top_up_failed"


def test_best_and_worst_go_by_the_probability_of_the_expected_answer_when_known() -> None:
    test = examples(3)
    answers = tuple(Answer(row.id, row.label, gold=gold) for row, gold in zip(test, (-1.0, -0.1, -3.0), strict=True))
    rows = compare([Rung("curated", (0,), (answers,))], test, seed=0, shown=2).rows
    assert [row.id for row in rows.best] == ["e1", "e0"]
    assert [(row.id, row.score) for row in rows.worst] == [("e2", -3.0), ("e0", -1.0)]


def test_where_seeds_differ_a_regressed_row_shows_what_went_wrong() -> None:
    test = examples(1)
    arms = [rung("raw", test, np.ones((2, 1), bool)), rung("curated", test, np.array([[True], [False]]))]
    assert compare(arms, test, seed=0).rows.regressed[0].written == "wrong"


def test_the_json_twin_reads_back_equal_and_has_the_agreed_keys() -> None:
    test = examples(30)
    arms = [rung(name, test, chance(30, 0.5, 2, i), gold=-0.5) for i, name in enumerate(TITLES)]
    bare = Rung("bare", (0,), (tuple(Answer(row.id, "") for row in test),))
    ladder = compare([*arms, bare], test, seed=0, similarity=np.linspace(0, 1, 30))
    raw = json.loads(json.dumps(ladder.as_dict(), allow_nan=False))
    assert Ladder.from_dict(raw) == ladder
    assert list(raw) == ["task", "metric", "primary", "n", "smallest_effect", "ladder", "pairs", "rows"]
    assert list(raw["ladder"][0]) == [
        "name", "title", "value", "low", "high", "n", "choice", "latency_ms", "tokens", "size_mb", "seeds",
        "train_rows", "answer_tokens", "note", "novelty", "unscored", "measures", "classes", "slices", "memory_mb",
        "cost", "cut",
    ]  # fmt: skip
    assert list(raw["pairs"][0]) == [
        "a", "b", "difference", "low", "high", "n", "p", "p_holm", "improved", "regressed", "unchanged", "verdict",
    ]  # fmt: skip
    assert len(raw["pairs"]) == 7
    assert list(raw["rows"]) == ["best", "worst", "regressed", "improved"]
    assert all(set(rows[0]) == {"id", "prompt", "expected", "written", "score"} for rows in raw["rows"].values())


def test_a_rung_reads_back_equal() -> None:
    arm = rung("raw", examples(3), chance(3, 0.5, 2), gold=-1.0)
    assert Rung.from_dict(json.loads(json.dumps(arm.as_dict()))) == arm


def test_what_does_not_fit_together_is_refused_all_at_once() -> None:
    test = examples(3)
    arm = rung("raw", test, np.ones((1, 3), bool))
    with pytest.raises(InputError) as error:
        compare([arm, arm, rung("curated", examples(5), np.ones((1, 5), bool))], [*test, test[0]], seed=0)
    assert [problem.where for problem in error.value.problems] == ["test rows", "rung raw", "rung curated"]
    with pytest.raises(InputError, match="no test rows"):
        compare([arm], [], seed=0)
    with pytest.raises(InputError, match="rung silent"):
        compare([Rung("silent", (0,), ((Answer("e0", None),),))], test, seed=0)


def test_a_ladder_of_eight_rungs_three_seeds_and_500_rows_takes_under_two_seconds() -> None:
    test = examples(500)
    arms = [rung(name, test, chance(500, 0.8, 3, i), gold=-1.0) for i, name in enumerate(TITLES)]
    started = time.process_time()
    compare(arms, test, seed=0, similarity=np.linspace(0, 1, 500))
    assert time.process_time() - started < 2
