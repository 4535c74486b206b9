"""F002 malformed: turns that no chat template can render as meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Example, Finding, Message, Severity
from assay.rules.protocol import Stage, finding

ROLES = ("system", "user", "assistant", "tool")


def problems_of(messages: tuple[Message, ...]) -> Iterator[str]:
    """Everything wrong with the order, the roles and the emptiness of the turns, one sentence each."""
    roles = [m.role for m in messages]
    if unknown := sorted({r for r in roles if r not in ROLES}):
        yield f"unknown role {', '.join(repr(r) for r in unknown)}; expected {', '.join(ROLES)}"
    if "assistant" not in roles:
        yield "no assistant turn: nothing to learn"
    elif roles[-1] != "assistant":
        yield f"the last turn is the {roles[-1]}'s, not the assistant's"
    if "user" not in roles:
        yield "no user turn"
    for i, (before, role) in enumerate(zip(["", *roles], roles, strict=False)):
        if role == "system" and before not in ("", "system"):
            yield f"turn {i + 1}: a system turn amid the conversation"
        elif role == before and role in ("user", "assistant"):
            yield f"turns {i} and {i + 1}: two {role} turns in a row"
        elif role == "assistant" and before in ("", "system"):
            yield f"turn {i + 1}: the assistant speaks first"
        elif role == "tool" and before not in ("assistant", "tool"):
            yield f"turn {i + 1}: a tool answers what no assistant asked"
    yield from _empty_turns(messages)


def _empty_turns(messages: tuple[Message, ...]) -> Iterator[str]:
    """Blank turns inside a conversation; a single question or answer belongs to F001, tool calls may be blank."""
    users = [m for m in messages if m.role == "user"]
    for i, message in enumerate(messages[:-1]):
        calls = message.role == "assistant" and messages[i + 1].role == "tool"
        if message.role in ("user", "assistant") and len(users) > 1 and not calls and not message.content.strip():
            yield f"turn {i + 1}: the {message.role} says nothing"


@dataclass(frozen=True)
class Malformed:
    """F002: the turns are out of order, unknown, missing or empty.

    What it does: checks that a conversation has a user and an assistant, that they alternate, that it ends with the
    assistant, that system turns come first, that tools answer an assistant, and that no turn within it is empty.

    Why is this bad: a chat template renders such rows in an order the model never meets when it is served, or refuses
    them.

    Example: user, user, assistant is held: which of the two questions does the answer belong to?
    """

    code: ClassVar[str] = "F002"
    name: ClassVar[str] = "malformed"
    stage: ClassVar[Stage] = "row"
    severity: ClassVar[Severity] = "error"
    action: Action = "hold"  # what becomes of a malformed conversation

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding, which names every problem of the conversation."""
        if len(example.messages) == 2 and (example.messages[0].role, example.messages[1].role) == ("user", "assistant"):
            return
        if problems := list(problems_of(example.messages)):
            roles = [m.role for m in example.messages[:20]]
            yield finding(
                self, example, "row", 1.0, "; ".join(problems[:5]), evidence={"problems": problems[:20], "roles": roles}
            )
