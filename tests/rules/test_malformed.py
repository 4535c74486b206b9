from __future__ import annotations

import pytest
from conftest import qa

from assay.records import Example, Message
from assay.rules.malformed import Malformed


def _chat(*roles: str) -> Example:
    return Example(
        "a", "chat", tuple(Message(role.rstrip("0"), "" if role.endswith("0") else "words") for role in roles)
    )


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ((), "no assistant turn"),
        (("user",), "no assistant turn"),
        (("user", "assistant", "user"), "last turn is the user's"),
        (("assistant",), "no user turn"),
        (("assistant", "user", "assistant"), "speaks first"),
        (("user", "user", "assistant"), "two user turns in a row"),
        (("user", "assistant", "assistant"), "two assistant turns in a row"),
        (("user", "system", "assistant"), "system turn amid"),
        (("user", "tool", "assistant"), "no assistant asked"),
        (("human", "assistant"), "unknown role 'human'"),
        (("user", "assistant0", "user", "assistant"), "turn 2: the assistant says nothing"),
        (("user0", "assistant", "user", "assistant"), "turn 1: the user says nothing"),
    ],
)
def test_each_disorder_is_named(roles: tuple[str, ...], said: str) -> None:
    (found,) = Malformed().check(_chat(*roles))
    assert said in found.message
    assert found.action == "hold"


@pytest.mark.parametrize(
    "roles",
    [
        ("user", "assistant"),
        ("system", "user", "assistant"),
        ("user", "assistant", "user", "assistant"),
        ("user", "assistant0", "tool", "assistant"),
        ("user", "assistant", "tool", "tool", "assistant"),
    ],
)
def test_an_orderly_conversation_is_left_alone(roles: tuple[str, ...]) -> None:
    assert list(Malformed().check(_chat(*roles))) == []


def test_an_empty_answer_belongs_to_another_rule() -> None:
    assert list(Malformed().check(qa("a", "why", ""))) == []
