"""What can be asked: the protocol of a loaded model, and two speakers that need none, for tests and dry runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from assay.records import Message

Prompt = Sequence[Message]  # what is said before the answer; the last message is the user's


class Reply(Protocol):
    """What a speaker wrote for one prompt."""

    @property
    def text(self) -> str: ...

    @property
    def tokens(self) -> int: ...  # written, end of turn included

    @property
    def seconds(self) -> float | None: ...  # from the prompt to the last token; None where it was not timed alone


class Speaker(Protocol):
    """A model that answers."""

    def write(self, prompts: Sequence[Prompt], max_new_tokens: int) -> Sequence[Reply | None]:
        """One reply a prompt, in their order; None where none came."""

    def choose(self, prompts: Sequence[Prompt], options: Sequence[str]) -> NDArray[np.floating]:
        """Shape (prompts, options): the natural log-probability of each option and the end of turn as the answer."""


@runtime_checkable
class Scoring(Protocol):
    """A speaker that can tell, of many prompts at once, how probable it finds the answer that belongs to each."""

    def score(self, prompts: Sequence[Prompt], answers: Sequence[str]) -> NDArray[np.floating]:
        """Shape (prompts,): the natural log-probability of each prompt's own answer and the end of turn."""


class Encode(Protocol):
    """Text to vectors."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (texts, dim), each of length 1."""


class Written(NamedTuple):
    """A reply of the speakers below."""

    text: str
    tokens: int  # words, for want of a tokeniser
    seconds: float


class LookupSpeaker:
    """Answers from a table of what the user last said: LookupSpeaker({"hi": "greeting"}, default="other")."""

    def __init__(self, answers: Mapping[str, str], default: str = "") -> None:
        self.answers = dict(answers)
        self.default = default
        self.asked: list[Prompt] = []  # every prompt met, in order

    def reply(self, prompt: Prompt) -> str:
        """What it says to one prompt."""
        return self.answers.get(prompt[-1].content, self.default)

    def write(self, prompts: Sequence[Prompt], max_new_tokens: int) -> list[Written]:
        """At most `max_new_tokens` words of each answer."""
        self.asked.extend(prompts)
        replies = [self.reply(prompt).split(" ")[:max_new_tokens] for prompt in prompts]
        return [Written(" ".join(reply), len(reply), 0.0) for reply in replies]

    def choose(self, prompts: Sequence[Prompt], options: Sequence[str]) -> NDArray[np.float64]:
        """90% on the option it would write, the rest shared; all alike when it would write none of them."""
        self.asked.extend(prompts)
        weights = np.ones((len(prompts), len(options)))
        for row, prompt in zip(weights, prompts, strict=True):
            row[[option == self.reply(prompt) for option in options]] = 9.0 * len(options)
        logs: NDArray[np.float64] = np.log(weights / weights.sum(axis=1, keepdims=True))
        return logs


class EchoSpeaker(LookupSpeaker):
    """Says what the user last said."""

    def __init__(self) -> None:
        super().__init__({})

    def reply(self, prompt: Prompt) -> str:
        """What it says to one prompt: its last message."""
        return prompt[-1].content
