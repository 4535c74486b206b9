from __future__ import annotations

from dataclasses import replace

from conftest import labelled, qa

from assay.records import Example
from assay.rules.test_leakage import TestLeakage
from assay.signals import Measured

TEST = [
    replace(labelled(id, text, "x"), split="test")
    for id, text in (("t1", "How do I activate my card?"), ("t2", "My top up of 20 euros failed"))
]


def test_a_row_that_gives_the_test_away_is_dropped_and_names_the_test_row() -> None:
    rows = [
        labelled("a", "how do i  activate my card", "y"),
        labelled("b", "Hello, how do I actually activate my card, please?", "x"),
        labelled("c", "How do I lock my account?", "x"),
    ]
    found = {f.id: f for f in TestLeakage().survey(Measured(rows, test=TEST))}
    assert {id: f.evidence["test_id"] for id, f in found.items()} == {"a": "t1", "b": "t1"}
    assert found["a"].score == 1.0
    assert all(f.action == "drop" for f in found.values())


def test_another_number_another_verb_or_no_test_is_no_leak() -> None:
    rows = [labelled("a", "My top up of 50 euros failed", "x"), labelled("b", "How do I deactivate my card?", "x")]
    assert not list(TestLeakage().survey(Measured(rows, test=TEST)))
    assert not list(TestLeakage().survey(Measured([labelled("a", TEST[0].prompt, "x")])))
    assert not list(TestLeakage().survey(Measured([], test=TEST)))
    assert not list(TestLeakage().survey(Measured([labelled("a", "", "x")], test=[labelled("t", "", "x")])))


LONG = "The northern harbour met on a cold Tuesday in March to vote on the new pier, its cranes and the lighthouse."
ANSWER = "Go to Settings, choose Security, tap Reset and follow the link that we send you."


def _leaks(rows: list[Example], test: Example) -> dict[str, str]:
    return {f.id: f.message for f in TestLeakage().survey(Measured(rows, test=[replace(test, split="test")]))}


def test_a_reworded_question_with_the_answer_of_the_test_row_leaks() -> None:
    rows = [
        qa("a", "In what way can I reset the forgotten password?", ANSWER),
        qa("b", "In what way can I reset the forgotten password?", "Write to us."),
        qa("c", "Where are you?", ANSWER),
    ]
    assert list(_leaks(rows, qa("t", "How can I reset my forgotten password?", ANSWER))) == ["a"]


def test_an_answer_that_many_rows_share_tells_nothing() -> None:
    rows = [qa(f"r{i}", f"In what way can I reset the {word} password?", ANSWER) for i, word in enumerate("abc")]
    assert _leaks(rows, qa("t", "How can I reset my forgotten password?", ANSWER)) == {}


def test_a_row_that_quotes_a_long_test_prompt_leaks() -> None:
    rows = [qa("a", "Read the minutes aloud and tell me what they say, in detail.", f"They say: {LONG}")]
    assert "runs of 13 words" in _leaks(rows, qa("t", LONG, "It met."))["a"]


def test_another_factorial_or_substance_gives_no_test_row_away() -> None:
    test = [replace(labelled("t", text, "x"), split="test") for text in ("What is 5!!! ?", "Is propane burnt here?")]
    rows = [
        labelled("a", "What is 5! ?", "x"),
        labelled("b", "What is 5!! ?", "x"),
        labelled("c", "Is propene burnt here?", "x"),
    ]
    assert not list(TestLeakage().survey(Measured(rows, test=test)))
