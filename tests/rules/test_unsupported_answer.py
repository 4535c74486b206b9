from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

import pytest
from conftest import qa

from assay.passes import curate
from assay.records import Action, Example, Finding
from assay.rules import finding
from assay.rules.unsupported_answer import UnsupportedAnswer
from assay.signals import Measured

THINGS = ("kettle", "lantern", "bicycle", "printer", "mattress", "camera", "blender", "ladder", "violin", "aquarium")
PLACES = ("garage", "balcony", "kitchen", "cellar", "library", "workshop", "hallway", "orchard", "studio", "attic")
DEEDS = (
    "cleaned",
    "polished",
    "repaired",
    "painted",
    "inspected",
    "wrapped",
    "measured",
    "emptied",
    "covered",
    "moved",
)
STRANGE = "Loyal guests collect bonus points at partner hotels worldwide."


def _rows(n: int = 60, *, free: bool = False) -> list[Example]:
    rng, rows = Random(1), []
    for i in range(n):
        thing, place, deed = rng.choice(THINGS), rng.choice(PLACES), rng.choice(DEEDS)
        source = f"On every visit the {thing} number {i} is {deed} before it goes back into the {place} for the winter."
        said = (
            "Nothing much happens to such objects, honestly speaking."
            if free
            else f"The {thing} gets {deed}, goes into the {place} for winter."
        )
        rows.append(replace(qa(f"r{i}", "What happens on a visit?", said), context=source))
    return rows  # fmt: skip


def _held(rows: list[Example]) -> set[str]:
    return {found.id for found in UnsupportedAnswer().survey(Measured(rows))}


def test_a_sentence_from_nowhere_is_held_with_its_words() -> None:
    rows = _rows()
    rows[7] = rows[7].with_answer(f"{rows[7].answer} {STRANGE}")
    (found,) = UnsupportedAnswer().survey(Measured(rows))
    assert found.id == "r7"
    assert found.evidence["sentence"] == STRANGE
    assert "bonus" in found.evidence["missing"]


def test_answers_that_keep_to_their_sources_stay() -> None:
    assert _held(_rows()) == set()


def test_a_set_whose_answers_say_what_they_like_is_passed_over() -> None:
    rows = _rows(free=True)
    assert _held([*rows, rows[0].with_answer(STRANGE)]) == set()


def test_rows_without_a_source_are_passed_over() -> None:
    rows = _rows()
    assert _held([*rows, qa("x", "What happens?", STRANGE)]) == set()


@pytest.mark.parametrize(("answer", "held"), [("paintbrush", True), ("Yes", False), ("the attic", True)])
def test_short_answers_count_where_nearly_all_are_copied(answer: str, held: bool) -> None:
    copied = [row.with_answer(row.context.split("the ")[1].split(" ")[0]) for row in _rows() if row.context]
    rows = [*copied, replace(qa("x", "Where is it?", answer), context="The kettle stands in the cellar.")]
    assert (_held(rows) == {"x"}) is held


@pytest.mark.parametrize(("answer", "held"), [("Between 11 and 15", False), ("Between 11 and 16", True)])
def test_a_short_answer_told_by_its_figures_rests_on_them(answer: str, held: bool) -> None:
    copied = [row.with_answer(row.context.split("the ")[1].split(" ")[0]) for row in _rows() if row.context]
    rows = [*copied, replace(qa("x", "How old?", answer), context="The painting class is for ages 11 to 15.")]
    assert (_held(rows) == {"x"}) is held


@dataclass(frozen=True)
class Sweeping:
    """Holds the rows whose ids begin with d."""

    code: ClassVar = "A990"
    name: ClassVar = "sweeping"
    stage: ClassVar = "survey"
    severity: ClassVar = "error"
    action: Action = "hold"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        return [finding(self, row, "row", 1.0, "swept") for row in measured.examples if row.id.startswith("d")]


def test_rows_that_other_rules_hold_do_not_hide_the_habit_of_the_rest() -> None:
    rng = Random(2)
    said = [" ".join("".join(rng.choices("bcdfgklmnprstaeiou", k=8)) for _ in range(8)) + "." for _ in range(40)]
    dirt = [replace(row, id=f"d{i}").with_answer(said[i]) for i, row in enumerate(_rows(40))]
    good = _rows()
    strange = replace(good[0], id="x").with_answer(f"{good[0].answer} {STRANGE}")
    assert not list(UnsupportedAnswer().survey(Measured([*dirt, *good, strange])))
    done = curate([*dirt, *good, strange], [UnsupportedAnswer(), Sweeping()])
    assert [found.id for found in done.findings if found.code == "A013"] == ["x"]
    assert done.measured is not None
    assert [row.id for row in done.measured.examples] == [row.id for row in good]
