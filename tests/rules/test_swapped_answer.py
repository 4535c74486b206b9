from __future__ import annotations

import json
from random import Random

import pytest
from conftest import labelled, qa

from assay.records import Example, Finding
from assay.rules.swapped_answer import SwappedAnswer
from assay.signals import Measured

THINGS = [
    "invoice",
    "passport",
    "printer",
    "garden",
    "kitchen",
    "bicycle",
    "password",
    "telescope",
    "saddle",
    "aquarium",
    "violin",
    "mortgage",
    "vaccine",
    "tractor",
    "orchid",
    "chimney",
    "mattress",
    "carburettor",
    "umbrella",
    "sourdough",
    "puzzle",
    "lantern",
    "parachute",
    "beehive",
    "compass",
    "dentist",
    "piano",
    "glacier",
    "volcano",
    "harbour",
]
ASKS = (
    ("How do I clean a {}?", "Wipe the {0} with a damp cloth; never soak a {0} in water."),
    ("What does a {} cost?", "Prices begin at 40 euros for a simple {0}, and a good {0} costs three times as much."),
    ("Where can I keep my {}?", "- A dry shelf suits the {0}\n- Do not put another {0} on top of it"),
)


def _rows() -> list[Example]:
    """Ninety questions whose answers name what was asked about."""
    pairs = [(ask.format(thing), said.format(thing)) for thing in THINGS for ask, said in ASKS]
    Random(0).shuffle(pairs)
    return [qa(f"q{i:02}", *pair) for i, pair in enumerate(pairs)]


def _dealt(rows: list[Example], sources: dict[int, int]) -> list[Example]:
    return [row.with_answer(rows[sources.get(i, i)].answer) for i, row in enumerate(rows)]


def _found(rows: list[Example]) -> dict[str, Finding]:
    return {f.id: f for f in SwappedAnswer().survey(Measured(rows))}


def test_two_rows_with_each_others_answers_are_held_with_the_answer_that_fits() -> None:
    rows = _rows()
    assert rows[3].prompt.split()[-1] != rows[40].prompt.split()[-1]
    found = _found(_dealt(rows, {3: 40, 40: 3}))
    assert set(found) == {"q03", "q40"}
    assert [found[id].after for id in ("q03", "q40")] == [rows[3], rows[40]]
    assert found["q03"].evidence["source"] == "q40"
    assert all(f.action == "hold" and f.score > 0.5 for f in found.values())
    json.dumps([dict(f.evidence) for f in found.values()])


def test_answers_dealt_round_among_five_rows_find_their_way_back() -> None:
    rows = _rows()
    ring = [5, 21, 38, 60, 77]
    found = _found(_dealt(rows, dict(zip(ring, ring[1:] + ring[:1], strict=True))))
    assert set(found) == {f"q{i:02}" for i in ring}
    assert all(f.after == rows[int(id[1:])] for id, f in found.items())


@pytest.mark.parametrize("step", [1, -1])
def test_a_stretch_shifted_by_one_row_is_found(step: int) -> None:
    rows = _rows()
    stretch = list(range(30, 50))
    moved = stretch[step:] + stretch[:step]
    found = _found(_dealt(rows, dict(zip(stretch, moved, strict=True))))
    assert len(found) >= 18
    assert set(found) <= {f"q{i:02}" for i in stretch}
    assert sum(f.after == rows[int(id[1:])] for id, f in found.items()) >= 18


def test_a_file_whose_answers_are_all_one_row_off_is_found() -> None:
    rows = _rows()
    found = _found(_dealt(rows, {i: i - 1 for i in range(len(rows))}))
    assert len(found) >= 80
    assert sum(f.after == rows[int(id[1:])] for id, f in found.items()) >= 80


def test_a_clean_set_has_no_findings() -> None:
    assert _found(_rows()) == {}


def test_a_bad_answer_that_fits_no_other_row_is_left_to_other_rules() -> None:
    rows = _rows()
    assert _found([rows[0].with_answer("The moon landing took place in July of that year."), *rows[1:]]) == {}


def test_sets_whose_answers_do_not_echo_their_prompts_are_silent() -> None:
    rng = Random(1)
    sky = [
        "amber",
        "birch",
        "cedar",
        "delta",
        "ember",
        "frost",
        "grove",
        "haven",
        "inlet",
        "jewel",
        "knoll",
        "lunar",
        "maple",
        "north",
        "ocean",
        "pearl",
    ]
    rows = [row.with_answer(" ".join(rng.sample(sky, 6))) for row in _rows()]
    assert _found(rows) == {}


def test_labels_short_answers_and_canned_answers_are_silent() -> None:
    rows = _rows()
    assert _found([labelled(row.id, row.prompt, f"class {i % 3}") for i, row in enumerate(rows)]) == {}
    assert _found([row.with_answer(["yes", "no", "not sure"][i % 3]) for i, row in enumerate(rows)]) == {}
    canned = ["Your request was sent to the team.", "This was done as you asked for."]
    assert _found([row.with_answer(canned[i % 2]) for i, row in enumerate(rows)]) == {}


def test_a_few_rows_say_nothing_of_what_is_usual() -> None:
    assert _found(_dealt(_rows()[:40], {3: 30, 30: 3})) == {}


def test_an_answer_copied_from_another_row_is_held_where_it_does_not_fit() -> None:
    rows = _rows()
    found = _found(_dealt(rows, {3: 40}))
    assert set(found) == {"q03"}
    assert found["q03"].evidence["owner"] == "q40"
    assert found["q03"].after is None
