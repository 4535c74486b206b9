"""A prompt in two parts: the instruction that many rows share, and what this row is about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

SHARED = 20  # rows with the same first line from which it is an instruction and no part of what a row is about


class Topic(NamedTuple):
    """A prompt in two parts, as written."""

    head: str  # the first line, when many rows share it; else ""
    text: str  # the rest


def first_line(prompt: str) -> str:
    """The first line of a prompt that has more than one; else ""."""
    head, _, tail = prompt.partition("\n")
    return head.strip() if tail.strip() else ""


def split_topics(prompts: Sequence[str], shared: Collection[str]) -> list[Topic]:
    """The prompts, those that begin with one of the `shared` first lines cut after it."""
    known = set(shared) - {""}
    heads = [first_line(prompt) for prompt in prompts]
    return [
        Topic(head, prompt.partition("\n")[2].strip()) if head in known else Topic("", prompt)
        for head, prompt in zip(heads, prompts, strict=True)
    ]
