from __future__ import annotations

from random import Random

import pytest
from conftest import labelled

from assay.demo.mess import read_rows
from assay.records import Example
from assay.rules.doubtful_label import DoubtfulLabel
from assay.rules.wrong_label import WrongLabel
from assay.signals import Measured


def _clean() -> list[Example]:
    return [labelled(f"r{i:04}", row.text, row.label) for i, row in enumerate(read_rows("banking_train.csv"))]


def _confused(rows: list[Example], share: float, seed: int) -> tuple[list[Example], set[str]]:
    """The rows with some labels changed to the next one in the alphabet, and the ids of the changed rows."""
    rng, labels = Random(seed), sorted({row.answer for row in rows})
    chosen = set(rng.sample([row.id for row in rows], int(share * len(rows))))
    other = {label: labels[(i + 1) % len(labels)] for i, label in enumerate(labels)}
    return [row.with_answer(other[row.answer]) if row.id in chosen else row for row in rows], chosen


@pytest.mark.parametrize("seed", [0, 1])
def test_rows_in_doubt_carry_more_wrong_labels_than_rows_drawn_at_random(seed: int) -> None:
    rows, wrong = _confused(_clean(), 0.15, seed)
    measured = Measured(rows)
    held = {f.id for f in WrongLabel().survey(measured)}
    doubted = [f.id for f in DoubtfulLabel().survey(measured)]
    assert not held & set(doubted)
    assert len(doubted) <= 0.1 * len(rows)
    left = wrong - held
    rate = len(left) / (len(rows) - len(held))
    assert sum(name in left for name in doubted) >= 2.5 * rate * len(doubted)
    assert sum(name in left for name in doubted) >= 0.4 * len(left)


def test_a_few_held_rows_of_a_small_set_bring_a_second_look_at_the_others() -> None:
    rows, _ = _confused(_clean()[::4], 0.1, 1)
    measured = Measured(rows)
    held = {f.id for f in WrongLabel().survey(measured)}
    doubted = [f.id for f in DoubtfulLabel(per_wrong=0.0).survey(measured)]
    assert held
    assert 0 < len(doubted) <= 0.05 * len(rows)
    assert len(list(DoubtfulLabel(threshold=0.0).survey(measured))) == round(max(1.5 * len(held), 0.05 * len(rows)))


def test_a_clean_set_has_hardly_a_row_in_doubt() -> None:
    rows = _clean()
    assert len(list(DoubtfulLabel().survey(Measured(rows)))) <= 0.05 * len(rows)


def test_every_doubt_suggests_another_label_and_leaves_the_row_in() -> None:
    rows, _ = _confused(_clean()[::2], 0.15, 2)
    found = list(DoubtfulLabel().survey(Measured(rows)))
    by_id = {row.id: row for row in rows}
    assert found
    for doubt in found:
        assert (doubt.action, doubt.severity) == ("keep", "info")
        assert doubt.after is not None
        assert doubt.after.label not in (None, by_id[doubt.id].label)
    assert [f.score for f in found] == sorted((f.score for f in found), reverse=True)


def test_too_few_rows_raise_nothing() -> None:
    assert not list(DoubtfulLabel().survey(Measured([])))
    assert not list(DoubtfulLabel().survey(Measured(_clean()[:20])))
