"""The texts of an example as row rules see them: one turn a message, and the context it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from assay.records import Example

CONTEXT = -1  # the index that stands for `Example.context`


class Turn(NamedTuple):
    """One text of an example."""

    at: int  # index of the message, or CONTEXT
    field: str  # "answer" for the assistant's last message, else "prompt"
    text: str


def turns_of(example: Example) -> Iterator[Turn]:
    """Every text of the example: messages in order, then the context."""
    last = len(example.messages) - 1
    for index, message in enumerate(example.messages):
        yield Turn(index, "answer" if index == last and message.role == "assistant" else "prompt", message.content)
    if example.context:
        yield Turn(CONTEXT, "prompt", example.context)


def rewritten(example: Example, rewrite: Callable[[str], str]) -> dict[int, str]:
    """The texts that `rewrite` changes, by turn index; {} when it changes none."""
    return {turn.at: new for turn in turns_of(example) if (new := rewrite(turn.text)) != turn.text}


def with_turns(example: Example, texts: dict[int, str]) -> Example:
    """The example with some texts replaced; the label follows the answer."""
    context = texts.get(CONTEXT, example.context)
    return replace(example.with_text({i: text for i, text in texts.items() if i != CONTEXT}), context=context)


def field_of(example: Example, texts: dict[int, str]) -> str:
    """Where the changed texts lie: "answer", "prompt", or "row" when both."""
    answer = len(example.messages) - 1 if example.answered else CONTEXT - 1
    touched = {"answer" if index == answer else "prompt" for index in texts}
    return touched.pop() if len(touched) == 1 else "row"
