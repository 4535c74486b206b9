from __future__ import annotations

import pytest
from conftest import labelled, qa

from assay.records import Example, Message
from assay.rules.agreed_phrase import AgreedPhrase

RULE = AgreedPhrase(phrases=(("inv. done", "Invoice Generated Successfully"), ("pwd reset", "Password Reset Sent")))


@pytest.mark.parametrize(
    ("answer", "written"),
    [
        ("inv. done", "Invoice Generated Successfully"),
        ("  Inv. Done! ", "Invoice Generated Successfully"),
        ("invoice generated  successfully.", "Invoice Generated Successfully"),
        ("pwd reset", "Password Reset Sent"),
    ],
)
def test_a_variant_is_written_as_agreed(answer: str, written: str) -> None:
    (found,) = RULE.check(qa("a", "Create the invoice", answer))
    assert found.action == "edit"
    assert found.after is not None
    assert found.after.answer == written
    assert list(RULE.check(found.after)) == []


@pytest.mark.parametrize("answer", ["Invoice Generated Successfully", "inv. done for order 3", "not done", ""])
def test_other_answers_stay(answer: str) -> None:
    assert list(RULE.check(qa("a", "inv. done", answer))) == []


def test_a_label_follows_its_answer_and_earlier_turns_are_rewritten_too() -> None:
    (found,) = AgreedPhrase(phrases=(("Cards", "card_issue"),)).check(labelled("a", "my card", "cards"))
    assert found.after is not None
    assert (found.after.label, found.after.answer) == ("card_issue", "card_issue")
    turns = (Message("user", "x"), Message("assistant", "inv. done"), Message("user", "y"), Message("assistant", "ok"))
    (found,) = RULE.check(Example("b", "chat", turns))
    assert found.after is not None
    assert found.after.messages[1].content == "Invoice Generated Successfully"


def test_without_a_table_nothing_is_said() -> None:
    assert list(AgreedPhrase().check(qa("a", "Create the invoice", "inv. done"))) == []
