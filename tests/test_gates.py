"""Gates: limits on rules and on the score card, which name the rows."""

from __future__ import annotations

import pytest
from conftest import labelled

from assay.errors import AssayError, RecipeError
from assay.gates import Failed, limits, passed, typed
from assay.records import Finding
from assay.scorecard import card
from assay.signals import Measured

ROWS = [labelled(f"r{n}", f"what is {n} times seven minus {n * 3}", "even" if n % 2 else "odd") for n in range(20)]
FOUND = [
    Finding("D001", "exact-duplicate", f"r{n}", "row", "drop", "warning", 1.0, "", uri="a.csv", row=n) for n in (3, 7)
]
RAN = {"D001", "D002", "A004", "L001"}


def failed(gates: dict[str, str | float], found: list[Finding] = FOUND) -> list[Failed]:
    return passed(gates, found, ROWS, card(ROWS, found, RAN))


@pytest.mark.parametrize(
    ("limit", "kept"),
    [
        (0, False),
        (2, True),
        ("2", True),
        ("< 2", False),
        ("<= 2", True),
        ("10%", True),
        ("< 10%", False),
        ("< 11%", True),
    ],
)
@pytest.mark.parametrize("key", ["duplicates", "D001", "exact-duplicate"])
def test_a_limit_on_faults_is_a_count_or_a_share(key: str, limit: str | float, kept: bool) -> None:
    assert (failed({key: limit}) == []) == kept


@pytest.mark.parametrize("limit", [0, "0%", "< 1", "< 1%"])
def test_no_fault_passes_any_limit(limit: str | float) -> None:
    assert failed({"duplicates": limit}, []) == []


@pytest.mark.parametrize(
    ("limit", "kept"),
    [("> 80%", True), ("> 80", True), (">= 90", True), ("> 90%", False), ("95", False), ("90%", True)],
)
def test_a_limit_on_a_dimension_is_of_a_hundred(limit: str, kept: bool) -> None:
    assert (failed({"diversity": limit}) == []) == kept


def test_a_failed_gate_names_the_rows_and_what_is_allowed() -> None:
    (one,) = failed({"duplicates": "< 5%"})
    assert str(one) == f"gates.duplicates: 2 rows, < 5% allowed: {ROWS[3].place}, {ROWS[7].place}"
    (two,) = failed({"diversity": "> 95"})
    assert "90.0%, > 95% asked" in str(two)
    assert len(two.rows) == 2


def test_what_was_not_measured_fails_and_says_why() -> None:
    (one,) = failed({"coverage": "> 80%"})
    assert "no targets are given" in one.what
    (two,) = failed({"leakage": "> 99"})
    assert "no test rows" in two.what
    (three,) = passed({"wrong-label": 0}, [], ROWS, ran={"exact-duplicate"})
    assert "wrong-label (A004) is off: switch it on" in three.what


def test_a_rule_that_crashed_on_the_set_keeps_no_gate() -> None:
    crash = Finding("F900", "rule-crashed", "", "dataset", "keep", "error", 1.0, "", {"rule": "D001"})
    assert [one.gate for one in failed({"duplicates": 0, "D001": 0, "wrong-label": 0}, [crash])] == [
        "duplicates",
        "D001",
    ]


def test_a_rule_that_crashed_on_rows_of_the_set_keeps_no_gate() -> None:
    crash = Finding(
        "F900", "rule-crashed", ROWS[0].id, "row", "keep", "error", 1.0, "", {"rule": "F001"}, uri="a", row=0
    )
    (one,) = failed({"empty-answer": 0}, [crash])
    assert (one.what, one.rows) == ("cannot be judged: empty-answer (F001) crashed on 1 rows", ("a[0]",))
    gone = Finding("F900", "rule-crashed", "not there", "row", "keep", "error", 1.0, "", {"rule": "F001"})
    assert not failed({"empty-answer": 0}, [gone])


def test_coverage_of_targets_is_judged_by_its_share() -> None:
    measured = Measured(ROWS, targets=[row.prompt for row in ROWS[:5]] + ["how do I bake rye bread at home"])
    made = card(ROWS, (), RAN, measured=measured)
    assert passed({"coverage": "> 80%"}, [], ROWS, made) == []
    (one,) = passed({"coverage": "> 90%"}, [], ROWS, made)
    assert one.rows == ("how do I bake rye bread at home",)


def test_mended_rows_count_where_nothing_was_mended() -> None:
    mended = [Finding("A001", "mojibake", "r1", "prompt", "edit", "warning", 1.0, "", uri="a.csv", row=1)]
    assert passed({"mojibake": 0}, mended, ROWS) == []
    assert passed({"mojibake": 0}, mended, ROWS, repaired=False) != []


def test_mistakes_are_told_at_once_with_the_nearest_name() -> None:
    with pytest.raises(RecipeError) as raised:
        limits({"duplicate": 0, "label_errors": "few", "coverage": "80 %"})
    told = str(raised.value)
    assert "did you mean 'duplicates'" in told
    assert "got 'few'" in told
    assert len(raised.value.problems) == 2


@pytest.mark.parametrize(
    ("text", "key", "limit"),
    [
        ("duplicates=0", "duplicates", "0"), ("duplicates = < 1%", "duplicates", "< 1%"),
        ("label_errors<1%", "label_errors", "<1%"), ("coverage > 80%", "coverage", "> 80%"), ("A004=3", "A004", "3"),
    ],
)  # fmt: skip
def test_a_gate_is_typed_as_one_reads_it(text: str, key: str, limit: str) -> None:
    assert typed([text]) == {key: limit}
    limits(typed([text]))


def test_what_is_no_gate_is_refused() -> None:
    with pytest.raises(AssayError, match="not gates"):
        typed(["duplicates", "=0", ""])


def test_a_crashed_rule_and_one_that_is_off_are_told_apart() -> None:
    crash = Finding("F900", "rule-crashed", "", "dataset", "keep", "error", 1.0, "", {"rule": "A004"})
    (off,) = passed({"A004": 0}, [], ROWS, ran=set())
    (crashed,) = passed({"A004": 0}, [crash], ROWS, ran={"wrong-label"})
    assert "is off" in off.what
    assert crashed.what == "cannot be judged: wrong-label (A004) crashed"
