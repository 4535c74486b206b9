"""What counts as found, as right, as neutral and as touched."""

from __future__ import annotations

import pytest

from assay.demo.mess import shipped
from assay.demo.score import CODES, FaultScore, Scores, score
from assay.demo.truth import FAULTS, Row, Truth
from assay.errors import InputError
from assay.records import Action, Decision, Finding
from assay.rules import RULES

WRONG = Truth(0, ("wrong_label",), original=Row("t", "l"))


def on(row: int, code: str, action: Action = "hold") -> Finding:
    return Finding(code, "rule", f"e{row}", "row", action, "warning", 1.0, "look", row=row)


def did(row: int, action: Action, by: str = "rule:x") -> Decision:
    return Decision(f"e{row}", "", action, "A004", by)


def of(scores: Scores, fault: str) -> FaultScore:
    return next(s for s in scores.faults if s.fault == fault)


def test_every_fault_has_its_codes_and_they_are_codes_of_rules_that_exist() -> None:
    assert set(CODES) == set(FAULTS)
    assert [fault for fault, codes in CODES.items() if not codes] == ["typo"]
    known = {rule.code for rule in RULES.values()}
    assert {code for codes in CODES.values() for code in codes} <= known


def test_a_perfect_build_finds_all_and_touches_no_good_row() -> None:
    made = shipped()
    findings = [on(t.row, CODES[f][0]) for t in made.truth for f in t.faults if CODES[f]]
    scores = score(made.truth, findings, [did(f.row, "drop") for f in findings], made.thinned)
    for one in scores.faults:
        if one.fault not in ("typo", "imbalance"):
            assert one.recall is not None
            assert one.precision is not None
            assert one.recall.value == one.precision.value == 1.0
            assert one.found == one.planted == one.recall.n > 0
    assert scores.good_rows_touched == 0
    assert scores.touched is not None
    assert scores.touched.n > 150


def test_recall_and_precision_are_counted_with_their_intervals() -> None:
    truth = [WRONG, Truth(1, ("wrong_label",), original=Row("t", "l")), Truth(2), Truth(3)]
    found = of(score(truth, [on(0, "A004"), on(2, "A004")], []), "wrong_label")
    assert (found.planted, found.found, found.flagged, found.right) == (2, 1, 2, 1)
    assert found.recall is not None
    assert found.recall.value == 0.5
    assert 0 < found.recall.low < 0.5 < found.recall.high < 1
    assert found.precision is not None
    assert found.precision.value == 0.5


def test_a_row_with_another_fault_or_a_natural_one_is_neutral() -> None:
    truth = [WRONG, Truth(1, ("pii",), original=Row("t", "l")), Truth(2, natural=("leakage",))]
    scores = score(truth, [on(i, "A004") for i in range(3)], [did(2, "drop")])
    assert (of(scores, "wrong_label").flagged, of(scores, "wrong_label").right) == (1, 1)
    assert scores.touched is None


def test_either_row_of_a_pair_counts_and_the_copied_row_is_not_a_good_row_touched() -> None:
    truth = [Truth(0), Truth(1, ("near_duplicate",), twin=0, original=Row("t", "l")), Truth(2)]
    scores = score(truth, [on(0, "D002", "drop")], [did(0, "drop")])
    near = of(scores, "near_duplicate")
    assert (near.found, near.flagged, near.right) == (1, 1, 1)
    assert (scores.good_rows_touched, scores.touched.n if scores.touched else 0) == (0, 1)


def test_a_fault_on_a_row_that_left_for_another_reason_is_settled_but_not_found() -> None:
    found = of(score([WRONG], [on(0, "S002")], [did(0, "hold")]), "wrong_label")
    assert (found.found, found.settled) == (0, 1)


def test_a_held_good_row_that_a_person_kept_was_not_touched_but_an_edited_one_was() -> None:
    truth = [Truth(i) for i in range(4)]
    findings = [on(i, "A004") for i in range(4)]
    decisions = [
        did(0, "hold"),
        did(0, "keep", "reviewer:ana"),
        did(1, "hold"),
        did(2, "edit"),
        did(2, "keep", "reviewer:ana"),
    ]
    scores = score(truth, findings, decisions)
    assert scores.good_rows_touched == 2
    assert scores.touched is not None
    assert scores.touched.value == 0.5


def test_what_is_not_looked_for_has_no_recall() -> None:
    typo = of(score([Truth(0, ("typo",), original=Row("t", "l"))], [], []), "typo")
    assert (typo.planted, typo.recall, typo.precision) == (1, None, None)


def test_a_thinned_label_is_found_when_the_imbalance_finding_names_it() -> None:
    said = Finding("B001", "imbalance", "", "dataset", "keep", "info", 1.0, "thin: change_pin", {"all": ["age_limit"]})
    thin = of(score([Truth(0)], [said], [], ["change_pin", "age_limit"]), "imbalance")
    assert (thin.planted, thin.found) == (2, 1)


def test_a_finding_outside_the_messy_file_is_refused() -> None:
    with pytest.raises(InputError, match="e7"):
        score([Truth(0)], [on(7, "A004")], [])
