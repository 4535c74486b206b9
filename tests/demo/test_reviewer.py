"""What the scripted reviewer may know, and what he says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.demo.reviewer import BY, ERROR_RATE, answers, write
from assay.demo.truth import Row, Truth
from assay.errors import InputError
from assay.records import Decision, Example, Finding, Message


def ticket(row: int, text: str = "Where is my card?", label: str = "card_arrival") -> Example:
    messages = (Message("system", "Name the intent."), Message("user", text), Message("assistant", label))
    return Example(f"e{row}", "classify", messages, label=label, row=row)


def held(example: Example, code: str = "A004", after: Example | None = None) -> Finding:
    return Finding(code, "rule", example.id, "label", "hold", "warning", 0.9, "look", after=after, row=example.row)


def ask(
    example: Example, truth: Truth, code: str = "A004", error_rate: float = 0.0, after: Example | None = None
) -> Decision:
    padded = [Truth(i) for i in range(example.row)] + [truth]
    (decision,) = answers([held(example, code, after)], {example.id: example}, padded, error_rate=error_rate)
    return decision


def test_a_good_row_is_kept() -> None:
    decision = ask(ticket(2), Truth(2))
    assert (decision.action, decision.by, decision.after) == ("keep", BY, None)
    assert decision.digest == ticket(2).digest


def test_a_wrong_label_is_put_right_in_label_and_answer() -> None:
    example = ticket(0, label="change_pin")
    decision = ask(example, Truth(0, ("wrong_label",), original=Row("Where is my card?", "card_arrival")))
    assert decision.action == "edit"
    assert decision.after == ticket(0)


def test_text_that_was_repaired_already_is_left_as_it_is() -> None:
    example = ticket(0, "Where is my card? [PHONE]", "card arr.")
    decision = ask(
        example, Truth(0, ("label_spelling", "pii"), original=Row("Where is my card?", "card_arrival")), "A003"
    )
    assert decision.after == ticket(0, "Where is my card? [PHONE]")


def test_a_rude_sentence_and_lost_characters_are_taken_out() -> None:
    rude = ask(
        ticket(0, "Where is my card? You idiots."),
        Truth(0, ("offensive",), original=Row("Where is my card?", "card_arrival")),
        "S002",
    )
    lost = ask(
        ticket(0, "Where\ufffds my card?"),
        Truth(0, ("mojibake",), original=Row("Where's my card?", "card_arrival")),
        "A001",
    )
    assert rude.after == ticket(0)
    assert lost.after == ticket(0, "Where's my card?")


def test_mojibake_that_was_repaired_is_not_retyped() -> None:
    truth = Truth(0, ("mojibake",), original=Row("Where's my card?", "card_arrival"))
    assert ask(ticket(0, "Where’s my card?"), truth).action == "keep"


def test_the_first_finding_of_a_row_is_the_question() -> None:
    copy = Truth(0, ("near_duplicate",), twin=3)
    for codes, action in ((("A004", "D002"), "keep"), (("D002", "A004"), "drop")):
        queue = [held(ticket(0), code) for code in codes]
        assert [d.action for d in answers(queue, {"e0": ticket(0)}, [copy], error_rate=0.0)] == [action]


@pytest.mark.parametrize(
    ("truth", "code"),
    [
        (Truth(0, ("off_domain",), details={"off_domain": "own label"}), "A004"),
        (Truth(0, ("empty_answer",), original=Row("x", "y"), details={"empty_answer": "text"}), "F001"),
        (Truth(0, ("near_duplicate",), twin=3, original=Row("x", "y")), "D002"),
        (Truth(0, ("leakage",), test_row=3), "L001"),
    ],
)
def test_rows_that_should_not_be_there_are_dropped(truth: Truth, code: str) -> None:
    assert ask(ticket(0), truth, code).action == "drop"


def test_a_copy_is_not_recognised_by_someone_who_sees_one_row_of_the_pair() -> None:
    truth = Truth(0, ("exact_duplicate", "label_spelling"), twin=3, original=Row("Where is my card?", "card_arrival"))
    assert ask(ticket(0, label="Card Arrival"), truth, "A003").after == ticket(0)


def test_a_missing_label_is_filled_in() -> None:
    truth = Truth(
        0, ("empty_answer",), original=Row("Where is my card?", "card_arrival"), details={"empty_answer": "label"}
    )
    assert ask(ticket(0, label="N/A"), truth, "F001").after == ticket(0)


def test_his_mistakes_let_a_bad_row_pass_and_believe_a_suggestion() -> None:
    bad = Truth(0, ("wrong_label",), original=Row("Where is my card?", "change_pin"))
    assert ask(ticket(0), bad, error_rate=1.0).action == "keep"
    suggested = ticket(0, label="change_pin")
    assert ask(ticket(0), Truth(0), error_rate=1.0, after=suggested).after == suggested
    assert ask(ticket(0), Truth(0), error_rate=1.0).action == "drop"


def test_three_answers_in_a_hundred_are_wrong_and_the_same_ones_for_a_seed() -> None:
    rows = [ticket(i) for i in range(3000)]
    table, truth = {e.id: e for e in rows}, [Truth(i) for i in range(3000)]
    given_answers = answers([held(e) for e in rows], table, truth, seed=1)
    wrong = {d.id for d in given_answers if d.action != "keep"}
    assert ERROR_RATE == 0.03
    assert 60 <= len(wrong) <= 125
    assert wrong == {d.id for d in answers([held(e) for e in rows[::-1]], table, truth, seed=1) if d.action != "keep"}
    assert wrong != {d.id for d in answers([held(e) for e in rows], table, truth, seed=2) if d.action != "keep"}


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(0, 12))
def test_he_answers_each_row_once_in_the_order_shown_and_stops_at_his_budget(shown: list[int], budget: int) -> None:
    rows = [ticket(i) for i in range(10)]
    found = answers(
        [held(rows[i]) for i in shown], {e.id: e for e in rows}, [Truth(i) for i in range(10)], budget=budget
    )
    assert [d.id for d in found] == [f"e{i}" for i in dict.fromkeys(shown)][:budget]


def test_a_row_he_cannot_know_is_refused() -> None:
    with pytest.raises(InputError, match="knows only the 1 rows"):
        answers([held(ticket(5))], {"e5": ticket(5)}, [Truth(0)])
    with pytest.raises(InputError, match="e0"):
        answers([held(ticket(0))], {}, [Truth(0)])


def test_his_answers_are_written_one_a_line_with_what_changed(tmp_path: Path) -> None:
    before, after = ticket(4, label="change_pin"), ticket(4)
    reread = replace(before, messages=(Message("user", "Né?"), before.messages[-1]))
    decisions = [
        Decision(before.id, before.digest, "edit", "put right", BY, after=after),
        Decision(before.id, before.digest, "edit", "put right", BY, after=reread),
        Decision(before.id, before.digest, "keep", "right as it is", BY),
    ]  # fmt: skip
    write(tmp_path / "answers.jsonl", decisions, {before.id: before})
    lines = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text("utf-8").splitlines()]
    assert lines[0] == {"id": "e4", "row": 4, "action": "edit", "reason": "put right", "answer": "card_arrival"}
    assert lines[1]["text"] == "Né?"
    assert "answer" not in lines[1]
    assert lines[2] == {"id": "e4", "row": 4, "action": "keep", "reason": "right as it is"}
