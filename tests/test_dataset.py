"""What differs between two versions."""

from __future__ import annotations

from conftest import labelled

from assay.dataset import Rows, diff
from assay.records import Decision, Example


def decided(example: Example, action: str) -> Decision:
    return Decision(example.id, example.digest, action, "A004", "rule:wrong-label")  # type: ignore[arg-type]


def test_rows_that_wait_for_a_person_are_held_and_not_dropped() -> None:
    a, b, c = (labelled(name, f"say {name}", "x") for name in "abc")
    before = Rows([a, b, c], [a, b, c], [], [])
    after = Rows([a, b, c], [c], [], [decided(a, "hold"), decided(b, "drop")])
    found = diff(before, after)
    assert [change.id for change in found.held] == ["a"]
    assert [change.id for change in found.dropped] == ["b"]
    assert (found.added, found.edited) == ([], [])


def test_a_row_that_was_held_and_came_back_is_added() -> None:
    a = labelled("a", "say a", "x")
    found = diff(Rows([a], [], [], [decided(a, "hold")]), Rows([a], [a], [], []))
    assert ([change.id for change in found.added], found.held) == (["a"], [])
