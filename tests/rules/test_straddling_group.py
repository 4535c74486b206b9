from __future__ import annotations

from dataclasses import replace

from conftest import qa

from assay.rules.straddling_group import StraddlingGroup
from assay.signals import Measured

TEST = [
    replace(qa("t1", "And the price?", "Two euros."), split="test", group="ticket 7"),
    replace(qa("t2", "Who signed?", "Ana."), split="test", documents=("contract.pdf",)),
]


def test_rows_of_a_group_or_document_of_the_test_are_held() -> None:
    rows = [
        replace(qa("a", "Where is it sold?", "Here."), group="ticket 7"),
        replace(qa("b", "When was it signed?", "In May."), documents=("annex.pdf", "contract.pdf")),
        replace(qa("c", "Something else?", "Yes."), group="ticket 8", documents=("annex.pdf",)),
        qa("d", "Nothing?", "No."),
    ]
    found = {f.id: f for f in StraddlingGroup().survey(Measured(rows, test=TEST))}
    assert {id: f.evidence["test_id"] for id, f in found.items()} == {"a": "t1", "b": "t2"}
    assert all(f.action == "hold" for f in found.values())


def test_rows_without_a_group_never_share_one() -> None:
    assert not list(StraddlingGroup().survey(Measured([qa("a", "q", "x")], test=[qa("t", "q", "x")])))
    assert not list(StraddlingGroup().survey(Measured([replace(qa("a", "q", "x"), group="g")])))
