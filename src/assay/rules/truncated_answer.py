"""A007 truncated-answer: an answer that stops in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.endings import cuts

FEWEST = 3  # messages up to which a row has no earlier turn of the assistant, but a greeting


@dataclass(frozen=True)
class TruncatedAnswer:
    """A007: the answer seems to stop in the middle.

    What it does: looks at answers of 40 characters or more that end without a stop, and asks how likely each is a cut.
    The set itself tells: how often its words stand last, which words begin like the last one, how its answers of the
    same build end (sentences, lists, verse, titles), and which last lines are a habit. Commas, open brackets and
    quotes, list marks without an item, sentences just begun and code that is not closed count as well. Lists of like
    items, pairs, tables, code, hashtags, addresses and signatures may end as they like. Of answers cut at random in
    seven public sets it found 62 to 100 in a hundred; in six of these nine in ten of those it held were cut, by us or
    by their makers, in one of terse notes without a habit only half. A cut after a whole sentence is not seen. In a
    conversation the earlier turns of the assistant are judged, too.

    Why is this bad: a model that learnt from cut answers learns to stop anywhere.

    Example: "Plants are green because of chlorophyll. As an inter" is held.
    """

    code: ClassVar[str] = "A007"
    name: ClassVar[str] = "truncated-answer"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "warning"

    threshold: float = 0.5  # probability that the answer was cut, 0 to 1
    action: Action = "hold"

    def survey(self, measured: Measured) -> Iterator[Finding]:
        """One finding for each answer that was probably cut."""
        answers = ["" if example.label is not None else example.answer for example in measured.examples]
        earlier = [(row, at) for row, example in enumerate(measured.examples) for at in _earlier_turns(example)]
        texts = answers + [measured.examples[row].messages[at].content for row, at in earlier]
        told: set[int] = set()
        for cut in cuts(texts, [example.prompt for example in measured.examples]):
            row, at = (cut.row, -1) if cut.row < len(answers) else earlier[cut.row - len(answers)]
            if cut.probability < self.threshold or row in told:
                continue
            told.add(row)
            field, what = ("answer", "the answer") if at < 0 else ("prompt", "an earlier turn of the assistant")
            evidence = {"last": cut.last, "probability": round(cut.probability, 3), "build": cut.build}
            yield finding(
                self, measured.examples[row], field, cut.probability,
                f"{what} seems to stop in the middle: {'...' + cut.last!r}",
                evidence=evidence if at < 0 else {**evidence, "turn": at},
            )  # fmt: skip


def _earlier_turns(example: Example) -> list[int]:
    """The positions of the assistant's messages before the answer."""
    if example.label is not None or len(example.messages) <= FEWEST:
        return []
    return [i for i, message in enumerate(example.messages[:-1]) if message.role == "assistant"]
