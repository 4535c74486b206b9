from __future__ import annotations

from conftest import labelled, qa

from assay.rules.imbalance import Imbalance
from assay.signals import Measured


def test_thin_classes_are_named_with_the_rows_to_collect() -> None:
    sizes = {"card": 40, "cash": 40, "pin": 12, "fees": 3}
    rows = [labelled(f"{label}{i}", f"about {label} {i}", label) for label, n in sizes.items() for i in range(n)]
    (found,) = Imbalance().survey(Measured(rows))
    assert (found.id, found.field, found.action) == ("", "dataset", "keep")
    assert found.evidence["collect"] == {"fees": 10, "pin": 1}
    assert 2 < found.evidence["effective_classes"] < 4
    assert "collect 10 more for 'fees', 1 more for 'pin'" in found.message


def test_classes_of_a_row_or_two_are_named_apart_and_move_no_median() -> None:
    sizes = {"card": 40, "cash": 40, "pin": 12, **{f"stray {i}": 1 + i % 2 for i in range(7)}}
    rows = [labelled(f"{label}{i}", f"about {label} {i}", label) for label, n in sizes.items() for i in range(n)]
    (found,) = Imbalance().survey(Measured(rows))
    assert "collect 8 more for 'pin'; 7 of them have one row or two" in found.message
    assert found.evidence["median"] == 40
    assert len(found.evidence["stray"]) == 7


def test_even_sets_single_classes_and_free_text_are_left_alone() -> None:
    even = [labelled(f"{label}{i}", f"{label} {i}", label) for label in ("a", "b") for i in range(20)]
    assert not list(Imbalance().survey(Measured(even)))
    assert not list(Imbalance().survey(Measured(even[:20])))
    assert not list(Imbalance().survey(Measured([qa("a", "Why?", "Because of the long answer given here.")])))
    assert not list(Imbalance().survey(Measured([])))
