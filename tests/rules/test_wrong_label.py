from __future__ import annotations

import json
from random import Random

import pytest
from conftest import labelled

from assay.demo.mess import read_rows
from assay.records import Example
from assay.rules.wrong_label import WrongLabel
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
    assert len(hits) >= 0.8 * len(found)
    assert sum(f.evidence["suggestion"] == right[f.id] for f in hits) >= 0.8 * len(hits)
    assert all(f.after is not None and f.after.label == f.evidence["suggestion"] and f.action == "hold" for f in found)
    json.dumps([dict(f.evidence) for f in found])


def test_few_rows_of_a_clean_set_are_called_wrong() -> None:
    rows = _clean()
    assert len(list(WrongLabel().survey(Measured(rows)))) <= 0.03 * len(rows)


def test_the_same_set_gives_the_same_findings() -> None:
    rows, _ = _flipped(_clean()[::3], 0.1, 3)
    assert list(WrongLabel().survey(Measured(rows))) == list(WrongLabel().survey(Measured(rows)))


def test_mislabelled_copies_do_not_vouch_for_each_other() -> None:
    rows = _clean()
    text = next(row.prompt for row in rows if row.answer == "card_arrival")
    rows += [labelled(f"copy{i}", text + "!" * i, "change_pin") for i in range(4)]
    found = {f.id for f in WrongLabel().survey(Measured(rows))}
    assert {f"copy{i}" for i in range(4)} <= found


def test_one_class_few_rows_and_many_classes_raise_nothing() -> None:
    one = [labelled(str(i), f"text {i}", "only") for i in range(50)]
    assert not list(WrongLabel().survey(Measured(one)))
    assert not list(WrongLabel().survey(Measured(one[:1])))
    assert not list(WrongLabel().survey(Measured([])))
    many = [labelled(str(i), f"word{i % 250} text {i}", f"class {i % 250}") for i in range(1000)]
    list(WrongLabel().survey(Measured(many)))
    same = [labelled(str(i), "the same text", "ab"[i % 2]) for i in range(60)]
    assert not list(WrongLabel().survey(Measured(same)))


def test_classes_of_one_wording_each_are_too_little_to_judge_a_label_by() -> None:
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
    assert not list(WrongLabel().survey(Measured(odd)))


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
