from __future__ import annotations

import json
from dataclasses import replace

import pytest
from conftest import labelled, qa
from hypothesis import given
from hypothesis import strategies as st

from assay.rules.exact_duplicate import ExactDuplicate, best_first
from assay.signals import Measured
from assay.signals.oddity import unclosed


def test_a_repeat_is_dropped_whatever_its_looks_and_the_better_written_row_stays() -> None:
    rows = [
        qa("a", "how do i  reset my password ??", "Use the link."),
        qa("b", "How do I reset my password?", "Use the link."),
        qa("a2", "HOW DO I RESET MY PASSWORD", "Use the link"),
    ]
    found = list(ExactDuplicate().survey(Measured(rows)))
    assert sorted(f.id for f in found) == ["a", "a2"]
    assert all(f.action == "drop" and f.evidence["twin"] == "b" for f in found)
    json.dumps(found[0].evidence)


def test_of_equal_rows_the_smallest_id_stays() -> None:
    rows = [qa("b", "Same?", "Yes."), qa("a", "Same?", "Yes."), qa("c", "Same?", "Yes.")]
    assert sorted(f.id for f in ExactDuplicate().survey(Measured(rows))) == ["b", "c"]


def test_labels_are_compared_by_family() -> None:
    rows = [labelled("a", "Where is my card?", "Card Arrival"), labelled("b", "Where is my card?", "card_arrival")]
    rows += [labelled(f"r{i}", f"other question {i}", "card_arrival") for i in range(8)]
    found = list(ExactDuplicate().survey(Measured(rows)))
    assert [(f.id, f.evidence["twin"]) for f in found] == [("a", "b")]


def test_equal_prompts_or_equal_answers_alone_are_no_repeat() -> None:
    rows = [
        qa("a", "What is the capital of France?", "Paris"), qa("b", "Where is the Louvre?", "Paris"),
        qa("c", "What is the capital of France?", "Lyon"), qa("d", "Is x = -1?", "Yes"), qa("e", "Is x = 1?", "Yes"),
    ]  # fmt: skip
    assert not list(ExactDuplicate().survey(Measured(rows)))


def test_odd_sets_raise_nothing() -> None:
    assert not list(ExactDuplicate().survey(Measured([])))
    assert not list(ExactDuplicate().survey(Measured([qa("a", "", ""), qa("b", "", "")])))
    same = [qa(f"{i:03}", "同じ質問", "同じ答え") for i in range(200)]
    assert len(list(ExactDuplicate().survey(Measured(same)))) == 199


def test_raised_digits_and_options_of_commands_make_another_row() -> None:
    pairs = [("What is 2³?", "What is 23?"), ("Simplify 10² + 1", "Simplify 102 + 1"),
             ("What does grep -v 'a' print?", "What does grep -V 'a' print?"),
             ("What is ls -l for?", "what is ls -L for?")]  # fmt: skip
    for one, other in pairs:
        assert not list(ExactDuplicate().survey(Measured([qa("a", one, "that"), qa("b", other, "that")]))), one


def test_code_of_another_layout_is_another_row() -> None:
    one, other = "def f(x):\n    if x:\n        a()\n    b()", "def f(x):\n    if x:\n        a()\n        b()"
    assert not list(ExactDuplicate().survey(Measured([qa("a", "Write it.", one), qa("b", "Write it.", other)])))
    assert list(ExactDuplicate().survey(Measured([qa("a", "Write it.", one), qa("b", "Write it.", one)])))


@given(st.lists(st.tuples(st.sampled_from(["Is it on", "is it  on", "is it on?", "IS IT ON ??"]), st.booleans())))
def test_the_best_comes_first_by_all_that_counts(said: list[tuple[str, bool]]) -> None:
    rows = [qa(f"{i}", text + (" &amp;" if broken else ""), "Yes.") for i, (text, broken) in enumerate(said)]
    measured = Measured(rows)

    def rank(row: int) -> tuple[int, int, int, int, str]:
        odd, example = measured.oddities, rows[row]
        looks = odd.looks(row) + 4 * odd.rare_words(row)
        return odd.unknown_words(row), unclosed(example), looks, len(example.prompt), example.id

    assert best_first(measured, list(range(len(rows)))) == sorted(range(len(rows)), key=rank)


def test_rows_with_other_tools_or_choices_are_others_and_with_other_origins_are_not() -> None:
    one, other = (
        qa("a", "Which of these do you call?", "The only one."),
        qa("b", "Which of these do you call?", "The only one."),
    )

    def found(left: object, right: object) -> int:
        rows = [replace(row, extra=json.dumps(extra)) for row, extra in ((one, left), (other, right))]
        return len(list(ExactDuplicate().survey(Measured(rows))))

    assert found({"tools": [{"name": "lamp"}]}, {"tools": [{"name": "door"}]}) == 0
    assert found({"choices": ["x", "y"]}, {"choices": ["y", "x"]}) == 0
    assert found({"tools": [{"name": "lamp"}]}, {"tools": [{"name": "lamp"}]}) == 1
    assert found({"source": "mail", "tools": None}, {"source": "phone"}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is Zn heavier than Ca?", "Is Zn heavier than Ca!"), ("Ready?", "Ready"), ("What is 4!", "What is 4!!"),
        ("Is (1..9) full?", "Is (1...9) full?"), ("Kennst du die Maße?", "Kennst du die Masse?"),
        ("Correct this: i like it", "Correct this: I like it"), ("Wie schreibt man haus?", "Wie schreibt man Haus?"),
    ],
)  # fmt: skip
def test_marks_and_letters_that_say_something_make_two_rows(one: str, other: str) -> None:
    assert not list(ExactDuplicate().survey(Measured([qa("a", one, "Yes."), qa("b", other, "Yes.")])))


def test_marks_of_a_long_question_are_looks() -> None:
    rows = [qa(mark, f"How do I get my money back from the old shop{mark}", "Ask there.") for mark in ("?", " !", "")]
    assert len(list(ExactDuplicate().survey(Measured(rows)))) == 2
