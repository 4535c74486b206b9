from __future__ import annotations

from random import Random

import numpy as np
import pytest
from conftest import qa
from hypothesis import given
from hypothesis import strategies as st

from assay.demo.mess import read_rows
from assay.signals import Measured
from assay.signals.domain import judge
from assay.signals.folding import fold
from assay.signals.relevance import classified, distances, has_subject, nearness
from assay.signals.wording import general_text, log_ratios, templated

BANK = [row.text for row in read_rows("banking_train.csv")]
OTHER = [row.text for row in read_rows("other_domain.csv")]
TARGETS = [row.text for row in read_rows("banking_test.csv")][::8]
GENERAL = [fold(line) for line in general_text()]


def _auroc(low: np.ndarray, high: np.ndarray) -> float:
    """The share of pairs in which the one of `high` is the larger, 0 to 1."""
    return float((high[:, None] > low[None, :]).mean() + 0.5 * (high[:, None] == low[None, :]).mean())


def test_the_words_of_the_domain_are_likelier_than_those_of_general_text() -> None:
    rows = [fold(text) for text in BANK[::4] + OTHER[::10]]
    ratios = log_ratios(rows, GENERAL)
    inside = len(BANK[::4])
    assert _auroc(ratios[inside:], ratios[:inside]) >= 0.85


def test_a_row_does_not_speak_for_itself() -> None:
    rows = ["a b c d e f g h"] * 5 + ["wholly other words stand here"]
    ratios = log_ratios(rows, GENERAL)
    alone = log_ratios(rows[-1:], GENERAL)
    assert ratios[-1] < ratios[0]
    assert ratios[-1] == pytest.approx(alone[0], abs=0.05)


@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_text_has_a_finite_ratio_and_order_changes_nothing(texts: list[str]) -> None:
    folded = [fold(text) for text in texts]
    ratios = log_ratios(folded, GENERAL[:20])
    assert ratios.shape == (len(texts),)
    assert np.isfinite(ratios).all()
    assert np.allclose(log_ratios(folded[::-1], GENERAL[:20])[::-1], ratios)
    assert templated(folded).shape == (len(texts),)


def test_rows_of_templates_are_told_from_rows_of_people() -> None:
    made = [f"how many days of {what} do we have in {where}" for what in "abcdefgh" for where in "klmnopqrstuv"]
    assert templated(made).all()
    assert templated([fold(text) for text in BANK]).mean() <= 0.4
    assert not templated(["", "one", "two words"]).any()


def test_the_classifier_is_calibrated_on_what_it_did_not_see_and_parts_the_domain() -> None:
    measured = Measured([qa(str(i), text, "") for i, text in enumerate(BANK[::4] + OTHER[::4])], targets=TARGETS)
    said = classified(measured)
    assert said is not None
    inside = len(BANK[::4])
    assert _auroc(said.rows[inside:], said.rows[:inside]) >= 0.9
    assert said.calibration_error <= 0.1
    assert said.inside.shape == (len(TARGETS),)


def test_a_classifier_of_noise_does_not_claim_to_know() -> None:
    noise = np.random.default_rng(0).normal(size=(300, 64))
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    said = judge(noise[:100], noise[100:200], noise[200:])
    assert np.abs(said.rows).max() <= 1.5
    assert said.calibration_error <= 0.15


def test_nearness_has_a_place_among_the_control() -> None:
    rows = [qa(str(i), text, "") for i, text in enumerate([*BANK[:20], *OTHER[:20]])]
    near = nearness(Measured(rows, targets=TARGETS))
    assert near is not None
    assert near.percentile[:20].mean() >= 0.95
    assert near.percentile[20:].mean() <= 0.9
    assert (near.largest >= near.mean).all()
    assert nearness(Measured(rows, targets=TARGETS[:4])) is None


def test_targets_tell_the_domain_of_a_set_that_is_mostly_foreign() -> None:
    rng = Random(3)
    rows = rng.sample(BANK, 120) + rng.sample(OTHER, min(len(OTHER), 120))
    far = distances(Measured([qa(str(i), text, "") for i, text in enumerate(rows)], targets=TARGETS))
    assert _auroc(far.deviations[120:], far.deviations[:120]) >= 0.85


def test_passages_for_targets_do_not_make_every_query_foreign() -> None:
    passages = [" ".join(BANK[at : at + 10]) for at in range(0, 300, 10)]
    rows = [qa(str(i), text, "") for i, text in enumerate(BANK[300:600])]
    assert (distances(Measured(rows, targets=passages)).deviations <= -3).mean() <= 0.05


def test_targets_of_one_topic_do_not_make_the_rest_of_the_domain_foreign() -> None:
    rows = read_rows("banking_train.csv")
    topic = rows[0].label
    narrow = [row.text for row in rows if row.label == topic][:40]
    others = [qa(str(i), row.text, "") for i, row in enumerate(rows) if row.label != topic]
    far = distances(Measured(others, targets=narrow))
    assert ((far.deviations <= -3) & (far.similarity < 0.4)).mean() <= 0.09


def test_targets_said_twice_are_one_and_empty_ones_none() -> None:
    rows = [qa(str(i), text, "") for i, text in enumerate(BANK[:60])]
    assert Measured(rows, targets=["Where is my card?"] * 9 + ["", " "]).targets == ["Where is my card?"]


def test_templates_alone_show_no_subject() -> None:
    made = [f"how many days of {what} leave do we have in {where}" for what in "abcdefgh" for where in "klmnopqrstuv"]
    assert not has_subject(Measured([qa(str(i), text, "") for i, text in enumerate(made)]))
    assert has_subject(Measured([qa(str(i), text, "") for i, text in enumerate(BANK[:100])]))


def test_thousands_of_targets_are_judged_as_well() -> None:
    rng = np.random.default_rng(1)
    inside, outside = rng.normal(0.2, 1, (2300, 8)), rng.normal(-0.2, 1, (2100, 8))
    said = judge(rng.normal(0.2, 1, (50, 8)), inside, outside)
    assert said.inside.shape == (2300,)
    assert said.outside.shape == (2100,)
    assert said.inside.mean() > said.outside.mean()
    assert said.calibration_error <= 0.1
