"""A007 truncated-answer: an answer that stops in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.endings import cuts


@dataclass(frozen=True)
class TruncatedAnswer:
    """A007: the answer seems to stop in the middle.

    What it does: looks at answers of 40 characters or more that end without a stop, and asks how likely each is a cut.
    The set itself tells: how often its words stand last, which words begin like the last one, how its answers of the
    same build end (sentences, lists, verse, titles), and which last lines are a habit. Commas, open brackets and
    quotes, list marks without an item, sentences just begun and code that is not closed count as well. Lists of like
    items, pairs, tables, code, hashtags, addresses and signatures may end as they like. Of answers cut at random in
    seven public sets it found 62 to 100 in a hundred; in six of these nine in ten of those it held were cut, by us or
    by their makers, in one of terse notes without a habit only half. A cut after a whole sentence is not seen.

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
        for cut in cuts(answers, [example.prompt for example in measured.examples]):
            if cut.probability >= self.threshold:
                yield finding(
                    self, measured.examples[cut.row], "answer", cut.probability,
                    f"the answer seems to stop in the middle: {'...' + cut.last!r}",
                    evidence={"last": cut.last, "probability": round(cut.probability, 3), "build": cut.build},
                )  # fmt: skip
