"""The error rate of a set, from a reviewed random sample of flagged and other rows."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from conftest import labelled
from hypothesis import given
from hypothesis import strategies as st

from assay.records import SETTLED, Decision, Finding
from assay.review import Drawn, answer, audit, draw, marked

ROWS = [labelled(f"r{n:03}", f"question {n}", "x") for n in range(200)]
TEST = [replace(labelled("t", "question t", "x"), split="test")]


def said(id: str, *, action: str = "keep", settled: bool = False) -> Finding:
    evidence = {SETTLED: "a person"} if settled else {}
    return Finding("A005", "doubtful-label", id, "label", action, "info", 0.5, "", evidence)  # type: ignore[arg-type]


FLAGGED = [said(row.id) for row in ROWS[:40]]


def reviewed(drawn: list[Drawn], wrong: set[str], version: str = "v1") -> list[Decision]:
    """What a reviewer who knows the wrong rows says."""
    return [
        marked(answer(one.row, "drop" if one.row.example.id in wrong else "keep", "ana"), one, version) for one in drawn
    ]


def test_a_sample_holds_both_kinds_of_rows_and_no_test_row() -> None:
    drawn = draw([*ROWS, *TEST], [*FLAGGED, said("t")], 40)
    assert len({one.row.example.id for one in drawn}) == 40
    assert {one.stratum for one in drawn} == {"flagged", "unflagged"}
    assert sum(one.stratum == "flagged" for one in drawn) == 10, "a quarter at least, where a fifth is flagged"
    assert {(one.stratum, one.of, one.total) for one in drawn} == {("flagged", 40, 200), ("unflagged", 160, 200)}
    assert all(one.row.findings == () for one in drawn), "who reviews a sample must not see what the rules say"


def test_a_seed_draws_the_same_rows_in_any_order_of_the_set() -> None:
    assert draw(ROWS, FLAGGED, 30, seed=3) == draw(ROWS[::-1], FLAGGED, 30, seed=3)
    assert draw(ROWS, FLAGGED, 30, seed=3) != draw(ROWS, FLAGGED, 30, seed=4)


@given(st.integers(0, 60), st.integers(0, 40), st.integers(0, 120))
def test_a_sample_is_as_large_as_asked_or_as_there_are_rows(rows: int, flagged: int, size: int) -> None:
    drawn = draw(ROWS[:rows], FLAGGED[:flagged], size)
    assert len(drawn) == min(size, rows)


def test_what_a_person_settled_is_not_flagged() -> None:
    drawn = draw(ROWS, [said(row.id, settled=True) for row in ROWS], 20)
    assert {one.stratum for one in drawn} == {"unflagged"}


def test_strata_weigh_as_many_rows_as_they_have() -> None:
    drawn = draw(ROWS, FLAGGED, 80)
    wrong = {row.id for row in ROWS[:20]}  # half of the flagged rows, none of the others
    found = audit(reviewed(drawn, wrong), "v1")
    assert found is not None
    flagged, unflagged = found.strata
    assert (flagged.stratum, flagged.rows, flagged.reviewed) == ("flagged", 40, 20)
    assert (unflagged.rows, unflagged.reviewed, unflagged.wrong) == (160, 60, 0)
    assert 1 - found.right.value == pytest.approx(flagged.wrong / 20 * 40 / 200)
    assert found.right.low < found.right.value < found.right.high < 1
    assert found.right.n == 80


def test_a_set_reviewed_whole_leaves_no_doubt() -> None:
    found = audit(reviewed(draw(ROWS, FLAGGED, 200), {ROWS[0].id, ROWS[99].id}), "v1")
    assert found is not None
    assert found.right[:3] == pytest.approx((0.99, 0.99, 0.99))
    assert found.left[:3] == pytest.approx((1, 1, 1)), "once the two are gone, none is left"


def test_no_error_found_is_not_no_error() -> None:
    found = audit(reviewed(draw(ROWS, FLAGGED, 40), set()), "v1")
    assert found is not None
    assert (found.right.value, found.right.high) == (1, 1)
    assert 0.9 < found.right.low < 0.99


def test_another_version_and_half_a_sample_say_nothing() -> None:
    answers = reviewed(draw(ROWS, FLAGGED, 40), set())
    assert audit(answers, "v2") is None
    assert audit([one for one in answers if one.evidence["stratum"] == "flagged"], "v1") is None
    assert audit([], "v1") is None


def test_an_answer_typed_anew_is_an_error_and_the_same_answer_is_none() -> None:
    drawn = draw(ROWS, FLAGGED, 200)
    same, other = (marked(answer(one.row, "edit", "ana", answer=text), one, "v1")
                   for one, text in ((drawn[0], "x"), (drawn[1], "y")))  # fmt: skip
    found = audit([same, other, *reviewed(drawn[2:], set())], "v1")
    assert found is not None
    assert sum(one.wrong for one in found.strata) == 1


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    random, held = Random(5), 0
    for trial in range(60):
        wrong = {row.id for n, row in enumerate(ROWS) if random.random() < (0.3 if n < 40 else 0.04)}
        found = audit(reviewed(draw(ROWS, FLAGGED, 50, seed=trial), wrong), "v1")
        assert found is not None
        held += found.right.low <= 1 - len(wrong) / len(ROWS) <= found.right.high
    assert held >= 51  # of 57 expected
