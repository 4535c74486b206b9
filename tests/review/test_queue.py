"""What waits for a person, and in which order."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import labelled

from assay.errors import InputError
from assay.records import SETTLED, Action, Example, Finding, Severity
from assay.review import answer, queue, read_script, unknown_labels

KEPT = [labelled(f"k{i}", f"kept {i}", "a") for i in range(4)]
HELD = [labelled(f"h{i}", f"held {i}", "a") for i in range(3)]


def said(
    example: Example, action: Action, score: float, severity: Severity = "error", after: Example | None = None
) -> Finding:
    return Finding("A004", "rule", example.id, "label", action, severity, score, "look", after=after)


def test_held_rows_come_first_by_severity_and_score_then_kept_ones_with_a_suggestion() -> None:
    found = [
        said(KEPT[0], "keep", 0.2, "info", KEPT[0].with_answer("b")),
        said(KEPT[1], "keep", 0.9, "info", KEPT[1].with_answer("b")),
        said(KEPT[2], "keep", 1.0, "info"),
        said(HELD[0], "hold", 0.99, "warning"), said(HELD[1], "hold", 0.5), said(HELD[2], "hold", 0.7),
    ]  # fmt: skip
    rows = queue(HELD, found, KEPT)
    assert [row.example.id for row in rows] == ["h2", "h1", "h0", "k1", "k0"]
    assert [row.held for row in rows] == [True, True, True, False, False]
    assert rows[3].suggestion == KEPT[1].with_answer("b")


def test_a_kept_row_that_a_person_settled_does_not_wait_again() -> None:
    doubt = said(KEPT[0], "keep", 0.9, "info", KEPT[0].with_answer("b"))
    assert [row.example.id for row in queue([], [doubt], KEPT)] == ["k0"]
    assert queue([], [replace(doubt, evidence={SETTLED: "a person"})], KEPT) == []


def test_a_held_row_without_a_finding_still_waits_and_an_applied_edit_does_not() -> None:
    edited = said(KEPT[0], "edit", 1.0, "warning", KEPT[0].with_answer("b"))
    assert [row.example.id for row in queue(HELD[:1], [edited], KEPT)] == ["h0"]


def test_a_label_that_no_row_has_is_named_with_the_nearest() -> None:
    rows = queue(HELD, [said(HELD[0], "hold", 0.9)])
    answers = {
        "h0": {"id": "h0", "action": "edit", "answer": "refnud"},
        "h1": {"id": "h1", "action": "edit", "answer": "refund"},
        "h2": {"id": "h2", "action": "keep", "answer": "ignored"},
        "gone": {"id": "gone", "action": "edit", "answer": "nobody asks"},
    }
    (problem,) = unknown_labels(rows, answers, {"refund", "card"})
    assert str(problem) == "h0: no row has the label 'refnud'; did you mean 'refund'?"


def test_take_in_a_script_takes_the_suggestion_and_nothing_else(tmp_path: Path) -> None:
    path, suggested = tmp_path / "answers.jsonl", HELD[0].with_answer("b")
    path.write_text(json.dumps({"id": "h0", "action": "take"}))
    (row,) = queue(HELD[:1], [said(HELD[0], "hold", 0.9, after=suggested)], [])
    decided = answer(row, read_script(path)["h0"]["action"], "ana")
    assert (decided.action, decided.after) == ("edit", suggested)
    path.write_text(json.dumps({"id": "h0", "action": "take", "answer": "c"}))
    with pytest.raises(InputError, match="1 lines are not answers"):
        read_script(path)
