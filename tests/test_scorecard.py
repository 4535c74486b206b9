"""The score card: each dimension is its weakest part, and what was not measured says why."""

from __future__ import annotations

import pytest
from conftest import labelled, qa
from hypothesis import given
from hypothesis import strategies as st

from assay.evaluate.stats import Metric
from assay.records import SETTLED, Action, Example, Finding, Severity
from assay.scorecard import DIMENSIONS, KEYS, card
from assay.signals import Measured

RAN = {"A004", "A003", "D001", "F001", "R001", "S001", "L001"}
THINGS = ("kettle", "lamp", "rug", "shelf", "clock", "mirror", "basin", "curtain", "stool", "vase")
ROWS = [
    labelled(f"{thing}{n}", f"Where is the {thing} number {n} kept today?", thing)
    for thing in THINGS
    for n in range(10)
]


def found(
    id: str, code: str, *, action: Action = "hold", severity: Severity = "error", settled: bool = False
) -> Finding:
    evidence = {SETTLED: "a person"} if settled else {}
    return Finding(code, "x", id, "label", action, severity, 1.0, "", evidence, uri="a.csv", row=0)


def part(key: str, **given: object) -> object:
    made = card(given.pop("rows", ROWS), given.pop("findings", ()), given.pop("ran", RAN), **given)  # type: ignore[arg-type]
    return next(part for part in made.parts if part.key == key)


def test_every_key_a_gate_can_name_is_a_part_or_a_dimension() -> None:
    made = card(ROWS, (), RAN)
    assert {part.key for part in made.parts} | set(DIMENSIONS) == set(KEYS)
    assert {part.dimension for part in made.parts} == set(DIMENSIONS)


def test_a_dimension_scores_what_its_weakest_part_that_counts_does() -> None:
    made = card(ROWS, [found(row.id, "F001") for row in ROWS[:25]], RAN).as_dict()["dimensions"]["accuracy"]
    assert (made["score"], made["weakest"], made["n"]) == (75.0, "suspect_rows", 100)
    assert made["low"] < 75 < made["high"]


def test_the_weaker_of_two_parts_is_the_score() -> None:
    targets = [row.prompt for row in ROWS[::10]] + ["Play some quiet jazz music", "Bake rye bread at home"]
    measured = Measured(ROWS, targets=targets)
    repeats = [found(row.id, "D001", severity="warning") for row in ROWS[:40]]
    weakest = [card(ROWS, findings, RAN, measured=measured).weakest("diversity") for findings in ([], repeats)]
    assert [(part.key, part.value) for part in weakest if part] == [
        ("coverage", pytest.approx(10 / 12)), ("duplicates", pytest.approx(0.6))
    ]  # fmt: skip


def test_a_row_counts_once_whatever_is_said_of_it_and_the_codes_tell_all() -> None:
    suspects = part("suspect_rows", findings=[found(ROWS[3].id, code) for code in ("A004", "F001", "F001", "A003")])
    assert suspects.rows == (ROWS[3].place,)  # type: ignore[attr-defined]
    assert dict(suspects.codes) == {"A003": 1, "A004": 1, "F001": 1}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("finding", "repaired", "counts"),
    [
        (found("kettle0", "A004"), False, True),
        (found("kettle0", "A004", settled=True), False, False),
        (found("kettle0", "A004", severity="info", action="keep"), False, False),
        (found("kettle0", "A004", action="edit"), False, True),
        (found("kettle0", "A004", action="edit"), True, False),
        (found("gone", "A004"), False, False),
        (found("kettle0", "F901"), False, False),
    ],
)
def test_what_is_settled_mended_only_said_or_gone_is_no_fault(finding: Finding, repaired: bool, counts: bool) -> None:
    assert len(part("suspect_rows", findings=[finding], repaired=repaired).rows) == counts  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("key", "given", "why"),
    [
        ("coverage", {}, "no targets are given"),
        ("leaks", {}, "no test rows"),
        ("error_rate", {}, "assay review --sample"),
        ("duplicates", {"ran": {"A004"}}, "no rule that looks for it ran to its end"),
        ("label_errors", {"rows": [qa("a", "x", "y")]}, "no labels"),
        ("evenness", {"rows": [qa("a", "x", "y")]}, "no labels"),
        ("off_subject", {"rows": ROWS[:5]}, "no targets name the subject"),
        ("suspect_rows", {"rows": []}, "no rows"),
        ("edge_cases", {"rows": []}, "no rows"),
    ],
)
def test_what_cannot_be_measured_has_no_value_and_says_why(key: str, given: dict[str, object], why: str) -> None:
    unmeasured = part(key, **given)
    assert unmeasured.value is None  # type: ignore[attr-defined]
    assert why in unmeasured.why  # type: ignore[attr-defined]


def test_targets_nobody_asks_like_are_named_and_wished_for() -> None:
    targets = [row.prompt for row in ROWS[::10]] + ["Play some quiet jazz music for the evening"]
    made = card(ROWS, (), RAN, measured=Measured(ROWS, targets=targets))
    covered = next(part for part in made.parts if part.key == "coverage")
    assert (covered.n, covered.rows) == (11, (targets[-1],))
    assert covered.value == pytest.approx(10 / 11)
    assert "quiet jazz" in made.wishes[0].what
    assert made.wishes[0].why.startswith("1 of 11 targets have no row at similarity 0.")


@pytest.mark.parametrize(("targets", "told"), [(["a queen"], "1 target is given"), (["a b", "c d"], "2 targets are")])
def test_fewer_targets_than_can_be_measured_against_are_counted(targets: list[str], told: str) -> None:
    made = card(ROWS, (), RAN, measured=Measured(ROWS, targets=targets))
    covered = next(part for part in made.parts if part.key == "coverage")
    assert covered.value is None
    assert covered.why.startswith(told)
    assert "5 are needed" in covered.why


def test_thin_classes_and_missing_kinds_are_wished_for_with_numbers() -> None:
    rows = [row for row in ROWS if row.label != "vase" or row.id < "vase4"]
    wishes = {wish.what: wish.rows for wish in card(rows, (), RAN).wishes}
    assert wishes["rows of 'vase'"] == 6
    assert any("negated" in what for what in wishes)


def test_a_reviewed_sample_is_told_with_its_interval_and_changes_no_score() -> None:
    audited = Metric(0.97, 0.93, 0.99, 100)
    told = part("error_rate", audited=audited)
    assert (told.value, told.low, told.high, told.n) == tuple(audited)  # type: ignore[attr-defined]
    assert card(ROWS, (), RAN, audited=audited).weakest("accuracy") == card(ROWS, (), RAN).weakest("accuracy")


def test_the_card_of_the_same_rows_is_the_same_in_any_order_of_runs() -> None:
    one, two = (card(ROWS, (), RAN, measured=Measured(ROWS)) for _ in range(2))
    assert one == two


@given(
    st.lists(st.builds(qa, st.uuids().map(str), st.text(max_size=30), st.text(max_size=9)), unique_by=lambda e: e.id)
)
def test_any_rows_have_a_card_with_scores_from_0_to_100(rows: list[Example]) -> None:
    body = card(rows, [found(row.id, "A004") for row in rows[::2]], RAN, measured=Measured(rows)).as_dict()
    for told in body["dimensions"].values():
        assert told["score"] is None or 0 <= told["score"] <= 100
        assert all(one["value"] is None or 0 <= one["value"] <= 1 + 1e-9 for one in told["parts"])
        assert all(one["value"] is not None or one["why"] for one in told["parts"])
