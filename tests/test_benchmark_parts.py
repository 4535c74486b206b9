"""The parts of benchmarks that a wrong number would come from."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import defects
from benchmarks.label_sets import written, written_sets
from benchmarks.tables.drift import _distance
from benchmarks.tables.intents import Rows
from benchmarks.tables.label_noise import estimated_errors, flipped

FILES = sorted((Path(defects.__file__).parent / "data").glob("*_*.txt"))
CLASSES = ("apple", "bread", "cheese", "date")


def _bench() -> defects.Bench:
    pool = {label: [f"the {label} number {i} is here" for i in range(36)] for label in CLASSES}
    alike = {label: [other for other in CLASSES if other != label][:2] for label in CLASSES}
    return defects.Bench("made", pool, 20, Rows([], []), [], ["a rainy day at sea"], alike)


def test_the_written_sets_are_the_three_and_each_class_is_large_enough_to_be_judged() -> None:
    assert [path.stem for path in FILES] == ["contract_clauses", "hr_requests", "triage_messages"]
    for path in FILES:
        rows, taken_for = written(path)
        sizes = Counter(label for _, label in rows)
        assert min(sizes.values()) >= 14
        assert set(taken_for) == set(sizes)
        assert all(others and label not in others for label, others in taken_for.items())
        assert len({text for text, _ in rows}) == len(rows)
    assert all(0.07 < one.wrong.mean() < 0.09 for one in written_sets((0,)))


@pytest.mark.parametrize("name", ["wrong_at_random", "wrong_among_alike", "contradictory", "repeated", "off_domain"])
def test_a_defect_is_planted_in_as_many_rows_as_asked(name: str) -> None:
    rows = defects.DEFECTS[name](_bench(), Random(1), 0.2)
    assert len(rows) == 80
    assert sum(row.label != row.right for row in rows) == 16
    assert all(row.label in CLASSES for row in rows)


def test_slips_change_half_of_the_words_and_imbalance_moves_rows_between_classes() -> None:
    plain, slipped = (plant(_bench(), Random(2), 0.4) for plant in (defects.clean, defects.misspelt))
    changed = [(a.text, b.text) for a, b in zip(plain, slipped, strict=True) if a.text != b.text]
    assert 28 <= len(changed) <= 32  # a slip may give the word it came from
    assert all(row.label == row.right for row in slipped)
    sizes = Counter(row.label for row in defects.imbalanced(_bench(), Random(3), 0.4))
    assert sorted(sizes.values()) == [4, 4, 36, 36]


def test_as_many_errors_are_estimated_as_confident_probabilities_show() -> None:
    right = np.repeat([0, 1, 2], 100)
    believed = np.full((300, 3), 0.05)
    believed[np.arange(300), right] = 0.9
    labels = right.copy()
    labels[::10] = (labels[::10] + 1) % 3
    assert estimated_errors(believed, labels) == pytest.approx(30, abs=0.5)
    assert estimated_errors(believed, right) == 0


def test_flipped_labels_are_others_and_as_many_as_asked() -> None:
    labels = list(CLASSES) * 25
    assert sum(a != b for a, b in zip(labels, flipped(labels, 0.4, seed=0), strict=True)) == 40


def test_the_distance_of_two_samples_is_that_of_kolmogorov_and_smirnov() -> None:
    assert _distance(np.array([1.0, 2, 3, 4]), np.array([3.0, 4, 5, 6])) == 0.5
    assert _distance(np.array([1.0, 2]), np.array([1.0, 2])) == 0
