"""A sweep reads the scores that are there: no rule runs again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.cli.sweeping import LINES, sweep
from assay.records import Action, Decision, Finding

SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=60)


def found(id: str, score: float) -> Finding:
    return Finding("A004", "wrong-label", id, "label", "hold", "error", score, "")


def said(id: str, action: Action) -> Decision:
    return Decision(id, "", action, "A004", "reviewer:ana")


def test_each_threshold_names_the_rows_at_or_above_it_and_what_people_said_of_them() -> None:
    findings = [found("a", 0.5), found("b", 0.7), found("b", 0.6), found("c", 0.9), found("", 1.0)]
    answers = [said("a", "keep"), said("c", "edit"), said("z", "drop")]
    swept = sweep(findings, answers)
    assert [(one.score, one.rows) for one in swept] == [
        (0.5, 3), (0.55, 2), (0.6, 2), (0.65, 2), (0.7, 2), (0.75, 1), (0.8, 1), (0.85, 1), (0.9, 1)
    ]  # fmt: skip
    assert (swept[0].right, swept[0].reviewed) == (1, 2)
    assert (swept[-1].right, swept[-1].reviewed) == (1, 1)
    assert sweep([], answers) == []


@given(SCORES)
def test_a_sweep_starts_with_all_rows_and_never_names_more_further_up(scores: list[float]) -> None:
    swept = sweep([found(str(n), score) for n, score in enumerate(scores)], [])
    rows = [one.rows for one in swept]
    assert rows[0] == len(scores)
    assert rows == sorted(rows, reverse=True)
    assert rows[-1] > 0
    assert len(swept) <= LINES
    for one in swept:
        assert one.rows == sum(score >= one.score - 1e-9 for score in scores)
    assert swept[0].score == pytest.approx(min(scores), abs=0.1)
