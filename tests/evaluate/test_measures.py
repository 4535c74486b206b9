from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score

from assay.evaluate import stats
from assay.evaluate.measures import Asked, Measure, classes, measures
from assay.evaluate.rungs import Answer, Rung, written_scores
from assay.evaluate.scorers import ExactLabel, RougeL, TokenF1
from assay.records import Example, Message

from .rows import LABELS, examples, rung


def asked(test: list[Example]) -> Asked:
    return Asked(test, [row.id for row in test], 0)


def named(found: tuple[Measure, ...], key: str) -> Measure:
    (one,) = (measure for measure in found if measure.key == key)
    return one


def said(test: list[Example], answers: list[Answer]) -> Rung:
    return Rung("raw", (0,), (tuple(answers),))


def test_macro_f1_is_that_of_scikit_learn() -> None:
    test = examples(90)
    rng = np.random.default_rng(3)
    wrote = [str(rng.choice([*LABELS, row.label or "", "something else"])) for row in test]
    rung = said(test, [Answer(row.id, text) for row, text in zip(test, wrote, strict=True)])
    measure = named(measures(rung, asked(test), [ExactLabel()]), "macro-f1")
    truth = [row.label for row in test]
    assert measure.metric is not None
    expected = f1_score(truth, wrote, labels=sorted(LABELS), average="macro", zero_division=0.0)
    assert measure.metric.value == pytest.approx(expected)
    assert measure.metric.low < measure.metric.value < measure.metric.high
    assert measure.metric.n == 90


def test_a_rare_class_weighs_as_much_as_a_frequent_one_in_macro_f1() -> None:
    test = [replace(row, label=LABELS[0] if i else LABELS[1]) for i, row in enumerate(examples(50))]
    rung = said(test, [Answer(row.id, LABELS[0]) for row in test])
    found = measures(rung, asked(test), [ExactLabel()])
    assert named(found, "accuracy").metric == stats.wilson(49, 50)
    assert named(found, "macro-f1").metric.value == pytest.approx((98 / 99) / 2)  # type: ignore[union-attr]


def test_a_model_that_is_right_as_often_as_it_is_sure_is_calibrated_and_one_that_boasts_is_not() -> None:
    test, rng = examples(600), np.random.default_rng(0)
    sure = rng.uniform(0.4, 1.0, len(test))
    right = rng.random(len(test)) < sure
    choices = [row.label if ok else "wrong" for row, ok in zip(test, right, strict=True)]
    honest = said(
        test,
        [Answer(row.id, "x", choice, confidence=p) for row, choice, p in zip(test, choices, sure, strict=True)],
    )
    boaster = replace(honest, answers=tuple(tuple(replace(a, confidence=0.99) for a in s) for s in honest.answers))
    good = named(measures(honest, asked(test), [ExactLabel()]), "calibration-error")
    bad = named(measures(boaster, asked(test), [ExactLabel()]), "calibration-error")
    assert good.metric is not None
    assert bad.metric is not None
    assert good.better == "lower"
    assert good.metric.low == 0.0, "noise alone may explain it"
    assert bad.metric.value == pytest.approx(0.99 - right.mean(), abs=1e-6)
    assert bad.metric.low > 0.2
    brier = named(measures(boaster, asked(test), [ExactLabel()]), "confidence-brier").metric
    assert brier is not None
    assert brier.value == pytest.approx(((0.99 - right) ** 2).mean())


def test_without_a_choice_there_is_no_calibration_and_an_unanswered_row_is_counted() -> None:
    test = examples(10)
    rung = said(test, [Answer(row.id, None if i < 4 else row.label) for i, row in enumerate(test)])
    found = measures(rung, asked(test), [ExactLabel()])
    assert [measure.key for measure in found] == ["accuracy", "macro-f1"]
    assert all(measure.unscored == 4 and measure.metric and measure.metric.n == 6 for measure in found)


def test_recall_of_each_class_has_its_own_n_and_small_classes_are_marked() -> None:
    test = examples(70)
    right = np.array([[row.label != LABELS[1] for row in test]])
    one = rung("raw", test, right)
    found = classes(one, asked(test), written_scores(one, test, ExactLabel())[0])
    counts = Counter(row.label for row in test)
    assert [(c.label, c.recall.value, c.recall.n) for c in found] == [
        (label, float(label != LABELS[1]), counts[label]) for label in sorted(LABELS)
    ]
    assert not any(c.few for c in found)
    few = classes(rung("raw", test[:30], right[:, :30]), asked(test[:30]), np.ones(30))
    assert all(c.few for c in few)


def test_the_loss_of_the_expected_answer_is_told_in_nats_a_token() -> None:
    test = [Example(f"g{i}", "generate", (Message("user", "?"), Message("assistant", "yes it is"))) for i in range(30)]
    answers = [Answer(row.id, "yes", gold=-3.0 * (1 + i % 2), gold_tokens=3) for i, row in enumerate(test)]
    found = measures(said(test, [*answers[:28], *(Answer(row.id, "no") for row in test[28:])]), asked(test), [RougeL()])
    loss = named(found, "gold-loss")
    assert loss.metric is not None
    assert (loss.metric.value, loss.metric.n, loss.unscored, loss.unit) == (1.5, 28, 2, "nats")
    assert loss.metric.low < 1.5 < loss.metric.high


def test_a_metric_no_row_can_be_scored_by_is_told_as_unscored_and_reads_back() -> None:
    test = [replace(row, messages=(row.messages[0],), label=None) for row in examples(3)]
    (measure,) = measures(said(test, [Answer(row.id, "x") for row in test]), asked(test), [TokenF1()])
    assert measure.metric is None
    assert measure.unscored == 3
    assert measure.as_dict()["n"] == 0
    assert Measure.from_dict(measure.as_dict()) == measure


def test_small_sets_of_a_calibrated_model_are_rarely_called_miscalibrated() -> None:
    called = 0
    for seed in range(20):
        test, rng = examples(100), np.random.default_rng(seed)
        sure = rng.uniform(0.5, 1.0, 100)
        answers = [
            Answer(row.id, "x", row.label if rng.random() < p else "wrong", confidence=float(p))
            for row, p in zip(test, sure, strict=True)
        ]
        off = named(measures(said(test, answers), asked(test), [ExactLabel()]), "calibration-error").metric
        called += off is not None and off.low > 0
    assert called <= 1
