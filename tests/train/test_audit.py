from __future__ import annotations

from dataclasses import replace

import pytest

from assay.errors import TrainingError
from assay.models.chat import Rendered
from assay.records import Example, Message
from assay.train.audit import audit

GOOD = Rendered([5] * 30 + [6, 6, 2], 30, 0, True)


def row(id: str, answer: str = "yes", weight: float = 1.0) -> Example:
    turns = (Message("user", "?"), Message("assistant", answer))
    return Example(id, "classify", turns, weight=weight, uri="train.jsonl", row=int(id))


def test_tokens_are_counted() -> None:
    counted = audit([row("0"), row("1")], [GOOD, GOOD._replace(truncated=7)], 64)
    assert (counted.rows, counted.tokens, counted.answer_tokens) == (2, 66, 6)
    assert counted.trained_share == pytest.approx(6 / 66)
    assert (counted.truncated_rows, counted.truncated_tokens, counted.longest) == (1, 7, 33)


def test_rows_that_would_teach_nothing_are_named_all_at_once() -> None:
    masked = Rendered([5] * 64, 64, 40, False)  # the prompt alone fills it: no token has a loss
    endless = Rendered([5] * 60 + [6] * 4, 60, 1, False)
    rows = [row("0"), row("1"), row("2"), row("3", answer="  "), row("4", weight=0.0), row("5", weight=float("nan"))]
    with pytest.raises(TrainingError, match="5 of 6 rows cannot be trained") as told:
        audit(rows, [GOOD, masked, endless, GOOD, GOOD, GOOD], 64)
    said = str(told.value)
    for line, why in [(2, "no token of the answer fits"), (3, "would not learn to stop"), (4, "the answer is empty"),
                      (5, "its weight is 0.0"), (6, "its weight is nan")]:  # fmt: skip
        assert f"train.jsonl[{line - 1}] (id {line - 1}): " in said
        assert why in said
    assert said.count("set train.max_tokens to 128: every answer fits then") == 1  # 104 tokens, rounded up
    assert "train.jsonl:1 " not in said


def test_a_row_without_an_answer_is_named() -> None:
    unanswered = replace(row("0"), messages=(Message("user", "?"),))
    with pytest.raises(TrainingError, match="the answer is empty"):
        audit([unanswered], [GOOD], 64)


def test_many_bad_rows_are_counted_and_some_named() -> None:
    with pytest.raises(TrainingError, match="30 of 30 rows") as told:
        audit([row(str(i), answer="") for i in range(30)], [GOOD] * 30, 64)
    assert len(told.value.problems) == 20
    assert "10 more rows" in str(told.value)


def test_no_rows_are_refused() -> None:
    with pytest.raises(TrainingError, match="no rows to train on"):
        audit([], [], 64)
