from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from conftest import labelled, qa

from assay.signals import Measured
from assay.signals.between import between

ROWS = [
    qa("a", "When do I prune the roses?", "In March, before the buds open."),
    qa("b", "How deep do tulips go?", "Three times the height of the bulb."),
    qa("c", "Which soil suits heather?", "Acid soil, with leaf mould."),
    qa("d", "May I water at noon?", "Ask the gardener."),
    qa("e", "May I mow on Sunday?", "Ask the gardener."),
    qa("f", "May I burn leaves?", "Ask the gardener."),
]
TARGETS = ["pruning", "bulbs", "soil", "watering", "mowing"]


class Lengths:
    """An encoder of three numbers, so that nothing of its space can be compared with another's."""

    name = "lengths"
    dim = 3

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        out = np.array([[len(text), text.count(" ") + 1, 1.0] for text in texts], dtype=np.float32).reshape(-1, 3)
        return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True))


def test_vectors_of_two_encoders_never_meet() -> None:
    measured = Measured(ROWS, targets=TARGETS, sharper=Lengths())
    subject = measured.subject
    assert {part.shape[1] for part in (subject.topics, subject.told, subject.targets, subject.control)} == {3}
    assert measured.vectors.shape[1] == measured.answer_vectors.shape[1] == 256, "all else stays in the default space"
    assert subject.neighbours is not measured.neighbours


def test_without_a_sharper_encoder_nothing_is_read_twice() -> None:
    measured = Measured(ROWS)
    assert measured.subject.topics is measured.vectors
    assert measured.subject.told is measured.vectors, "without targets the answers have no say"
    assert measured.subject.told_neighbours is measured.neighbours
    assert measured.subject.texts == measured.prompts


def test_answers_have_a_say_where_targets_are_given_unless_many_rows_give_them() -> None:
    subject = Measured(ROWS, targets=TARGETS).subject
    moved = np.abs(subject.told - subject.topics).max(1) > 1e-3
    assert moved.tolist() == [True, True, True, False, False, False]
    assert np.allclose(np.linalg.norm(subject.told, axis=1), 1, atol=1e-5)
    assert "leaf mould" in subject.texts[2]
    assert "gardener" not in subject.texts[3]


def test_labels_have_no_say_in_what_a_row_is_about() -> None:
    rows = [labelled(str(i), f"{row.prompt} {i}", ("water", "cut")[i % 2]) for i, row in enumerate(ROWS * 5)]
    subject = Measured(rows, targets=TARGETS).subject
    assert subject.told is subject.topics


def test_what_is_known_of_rows_is_carried_over_when_others_leave() -> None:
    measured = Measured(ROWS, targets=TARGETS, sharper=Lengths())
    told, targets = measured.subject.told, measured.subject.targets
    rest = measured.only({"a", "c", "f"})
    assert (rest.subject.__dict__["told"] == told[[0, 2, 5]]).all()
    assert rest.subject.__dict__["targets"] is targets
    assert rest.subject.measured is rest


def test_a_slow_encoder_tells_how_far_it_has_read() -> None:
    heard: list[str] = []
    rows = [qa(str(i), f"Question {i} on gardens", "") for i in range(600)]
    assert len(Measured(rows, sharper=Lengths(), tell=heard.append).subject.topics) == 600
    assert heard == [f"lengths: {low} of 600 texts read" for low in (0, 256, 512)]


def test_strangers_stand_where_the_control_is() -> None:
    garden = ("roses", "tulips", "heather", "the lawn", "a hedge", "seedlings", "compost", "the pond", "an apple tree")
    asks = ("When do I plant {}?", "How much water does {} need?", "What harms {} in winter?", "Who trims {}?")
    rows = [qa(f"{i}{j}", ask.format(plant), "") for i, plant in enumerate(garden) for j, ask in enumerate(asks)]
    strangers = [
        "Who won the cup final in 1974?",
        "Convert nine pounds into euros",
        "Write a query that joins two tables",
    ]
    control = ["The train leaves at nine.", "Is the bank open today?", "Translate this letter.", "Play some jazz.",
               "What is the capital of Peru?", "My phone does not ring."]  # fmt: skip
    measured = Measured(
        [*rows, *(qa(f"x{i}", text, "") for i, text in enumerate(strangers))],
        targets=["planting roses", "watering the lawn", "trimming a hedge", "frost and tulips", "compost heap"],
        control=control,
    )
    found = between(measured)
    assert found is not None
    assert found.place[-3:].max() < np.quantile(found.place[:-3], 0.05)
    assert (found.place[-3:] < -0.5).all()
    assert abs(float(np.median(found.place[:-3]))) < 0.2
    assert abs(float(np.median(found.deviations))) < 1e-6


@pytest.mark.parametrize("few", [{"targets": TARGETS[:4]}, {"targets": TARGETS, "control": ["one", "two"]}])
def test_few_targets_or_lines_of_a_control_say_nothing(few: dict[str, list[str]]) -> None:
    assert between(Measured(ROWS, **few)) is None
    assert between(Measured([], targets=TARGETS)) is None
