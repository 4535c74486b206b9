from __future__ import annotations

from dataclasses import replace

from conftest import labelled

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
