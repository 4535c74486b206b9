from __future__ import annotations

import json
from random import Random

import numpy as np
import pytest
from conftest import labelled

from assay.demo.mess import read_rows
from assay.records import Example
from assay.rules.wrong_label import WrongLabel, below
from assay.signals import Measured


def _clean() -> list[Example]:
    return [labelled(f"r{i:04}", row.text, row.label) for i, row in enumerate(read_rows("banking_train.csv"))]


def _flipped(rows: list[Example], share: float, seed: int) -> tuple[list[Example], dict[str, str]]:
    """The rows with some labels changed at random, and the right label of each changed row by id."""
    rng, labels = Random(seed), sorted({row.answer for row in rows})
    chosen = set(rng.sample([row.id for row in rows], int(share * len(rows))))
    out = [
        row.with_answer(rng.choice([x for x in labels if x != row.answer])) if row.id in chosen else row for row in rows
    ]
    return out, {row.id: row.answer for row in rows if row.id in chosen}


@pytest.mark.parametrize("seed", [0, 1])
def test_labels_changed_at_random_are_found_and_the_right_one_is_suggested(seed: int) -> None:
    rows, right = _flipped(_clean(), 0.12, seed)
    found = list(WrongLabel().survey(Measured(rows)))
    hits = [f for f in found if f.id in right]
    assert len(hits) >= 0.8 * len(right)
    assert len(hits) >= 0.75 * len(found)
    assert sum(f.evidence["suggestion"] == right[f.id] for f in hits) >= 0.8 * len(hits)
    assert all(f.after is not None and f.after.label == f.evidence["suggestion"] and f.action == "hold" for f in found)
    json.dumps([dict(f.evidence) for f in found])


def test_where_four_labels_in_ten_are_wrong_in_every_class_most_are_found() -> None:
    rows, right = _flipped(_clean(), 0.4, 0)
    found = [f.id for f in WrongLabel().survey(Measured(rows))]
    assert sum(name in right for name in found) >= 0.5 * len(right)
    assert sum(name in right for name in found) >= 0.75 * len(found)


def test_names_that_mean_nothing_change_nothing_and_telling_ones_find_more() -> None:
    rows, right = _flipped(_clean()[::4], 0.12, 1)
    codes = {label: f"class {i * 7919 % 100}" for i, label in enumerate(sorted({row.answer for row in rows}))}
    mute = [row.with_answer(codes[row.answer]) for row in rows]
    hits = [sum(f.id in right for f in WrongLabel().survey(Measured(some))) for some in (rows, mute)]
    assert hits[0] >= hits[1]
    assert WrongLabel().judge(Measured(mute).classifications[0]) is not None


def test_among_few_rows_of_a_class_it_is_a_warning() -> None:
    rows, _ = _flipped(_clean(), 0.12, 0)
    labels = sorted({row.answer for row in rows})
    few = [row for label in labels for row in [one for one in rows if one.answer == label][:30]]
    assert {f.severity for f in WrongLabel().survey(Measured(few))} == {"warning"}
    assert "error" in {f.severity for f in WrongLabel().survey(Measured(rows))}


def test_few_rows_of_a_clean_set_are_called_wrong() -> None:
    rows = _clean()
    assert len(list(WrongLabel().survey(Measured(rows)))) <= 0.03 * len(rows)


def test_the_same_set_gives_the_same_findings() -> None:
    rows, _ = _flipped(_clean()[::3], 0.1, 3)
    assert list(WrongLabel().survey(Measured(rows))) == list(WrongLabel().survey(Measured(rows)))


def test_mislabelled_copies_do_not_vouch_for_each_other() -> None:
    rows, _ = _flipped(_clean(), 0.12, 0)
    text = next(row.prompt for row in _clean() if row.answer == "card_arrival")
    rows += [labelled(f"copy{i}", text + "!" * i, "change_pin") for i in range(4)]
    found = {f.id for f in WrongLabel().survey(Measured(rows))}
    assert {f"copy{i}" for i in range(4)} <= found


def test_a_small_class_that_looks_like_a_large_one_is_not_swept_away() -> None:
    rows = [row for row in _clean() if row.answer in ("card_arrival", "change_pin", "cash_withdrawal_charge")]
    large = [row for row in rows if row.answer == "card_arrival"]
    hidden = {row.id for row in large[::8]}  # told apart by something that is not in the text
    rows = [row.with_answer("card_arrival_abroad") if row.id in hidden else row for row in rows]
    assert not {f.id for f in WrongLabel().survey(Measured(rows))} & hidden


def test_one_class_few_rows_and_many_classes_raise_nothing() -> None:
    one = [labelled(str(i), f"text {i}", "only") for i in range(50)]
    assert not list(WrongLabel().survey(Measured(one)))
    assert not list(WrongLabel().survey(Measured(one[:1])))
    assert not list(WrongLabel().survey(Measured([])))
    many = [labelled(str(i), f"word{i % 250} text {i}", f"class {i % 250}") for i in range(1000)]
    list(WrongLabel().survey(Measured(many)))
    same = [labelled(str(i), "the same text", "ab"[i % 2]) for i in range(60)]
    assert not list(WrongLabel().survey(Measured(same)))


def test_among_rows_of_one_wording_a_class_the_odd_one_is_found_and_no_other() -> None:
    asks = (
        "Der Zug nach {} fiel heute ohne Ansage aus und ich musste warten",
        "Bitte erstatten Sie mir die Fahrkarte nach {} auf mein Konto zurück",
        "Im Wagen nach {} blieb mein Koffer liegen, wurde er abgegeben?",
    )
    places = (
        "Ulm", "Köln", "Jena", "Bonn", "Trier", "Kiel", "Hof", "Gera", "Celle", "Emden", "Halle", "Fulda", "Worms",
        "Essen", "Mainz",
    )  # fmt: skip
    rows = [
        labelled(f"{c}{i}", ask.format(place), f"art {c}")
        for c, ask in enumerate(asks)
        for i, place in enumerate(places)
    ]
    assert not list(WrongLabel().survey(Measured(rows)))
    odd = [row.with_answer("art 2") if row.id == "00" else row for row in rows]
    assert [f.id for f in WrongLabel().survey(Measured(odd))] == ["00"]


def test_a_class_of_few_rows_is_neither_judged_nor_suggested() -> None:
    rows = _clean()
    rows = [row.with_answer("a new thing") if i in (5, 300, 600) else row for i, row in enumerate(rows)]
    found = list(WrongLabel().survey(Measured(rows)))
    assert not [f for f in found if "a new thing" in (f.evidence["label"], f.evidence["suggestion"])]


def test_rows_too_short_to_tell_the_classes_apart_are_no_ground_for_findings() -> None:
    rng, rows = Random(10), []
    for row in _clean()[::3]:
        words = row.prompt.split()
        kept = sorted(rng.sample(range(len(words)), min(4, len(words))))
        rows.append(labelled(row.id, " ".join(words[i] for i in kept), row.answer))
    assert len(list(WrongLabel().survey(Measured(rows)))) <= 0.02 * len(rows)


PARTS = {
    "bones": ("knee", "ankle", "shoulder", "hip", "elbow", "wrist"),
    "eyes": ("left eye", "eyelid", "retina", "cornea", "pupil", "eyesight"),
    "skin": ("rash", "eczema", "acne", "mole", "blister", "sunburn"),
}
TEMPLATES = (
    "my {} has been bothering me for {} days", "the trouble with my {} is worse since day {}",
    "can doctor number {1} look at my {0}", "I would like appointment {1} about my {0}",
    "is it normal that my {} hurts, {}",
)  # fmt: skip


def _templated(n: int, seed: int) -> list[Example]:
    """Rows of five wordings that every class shares: one word decides the label."""
    rng, texts = Random(seed), dict[str, str]()
    while len(texts) < n:
        label = rng.choice(sorted(PARTS))
        texts[rng.choice(TEMPLATES).format(rng.choice(PARTS[label]), rng.randint(2, 60))] = label
    return [labelled(f"t{i:03}", text, label) for i, (text, label) in enumerate(texts.items())]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rows_of_few_templates_are_judged_by_the_word_that_matters(seed: int) -> None:
    rows = _templated(150, seed)
    assert not list(WrongLabel().survey(Measured(rows)))
    spoilt, right = _flipped(rows, 0.1, seed)
    found = {f.id for f in WrongLabel().survey(Measured(spoilt))}
    assert found <= set(right)
    assert len(found) >= 0.8 * len(right)


@pytest.mark.parametrize("seed", range(4))
def test_of_a_small_clean_set_at_most_a_row_in_a_hundred_is_held(seed: int) -> None:
    rows = _clean()
    classes = Random(seed).sample(sorted({row.answer for row in rows}), 3 + 2 * seed)
    small = [row for row in rows if row.answer in classes]
    small = Random(seed).sample(small, min(len(small), 60 + 60 * seed))
    assert len(list(WrongLabel().survey(Measured(small)))) <= 0.01 * len(small)


def test_most_findings_stay_when_other_rows_are_gone() -> None:
    rows, _ = _flipped(_clean(), 0.12, 5)
    found, shared, either = {f.id for f in WrongLabel().survey(Measured(rows))}, 0, 0
    for seed in range(3):
        gone = set(Random(seed).sample([row.id for row in rows], len(rows) // 20))
        again = {f.id for f in WrongLabel().survey(Measured([row for row in rows if row.id not in gone]))}
        shared, either = shared + len(again & found), either + len(again | (found - gone))
    assert shared >= 0.85 * either


def test_a_second_run_finds_hardly_anything_on_what_the_first_one_left() -> None:
    rows, _ = _flipped(_clean(), 0.12, 6)
    found = {f.id for f in WrongLabel().survey(Measured(rows))}
    left = [row for row in rows if row.id not in found]
    assert len(list(WrongLabel().survey(Measured(left)))) <= 0.1 * len(found)


def test_the_rows_taken_are_those_the_step_up_procedure_takes() -> None:
    chances = np.array([0.5, 0.001, 0.03, 0.02, 0.9])
    assert below(chances, 0.1).tolist() == [False, True, True, True, False]  # 0.03 <= 0.1 * 3 / 5
    assert not below(chances, 0.001).any()
    assert below(np.zeros(0), 0.1).shape == (0,)
