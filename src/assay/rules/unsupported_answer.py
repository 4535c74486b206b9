"""A013 unsupported-answer: an answer that says what its source does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.support import OWN, Support, supports

LEAST = 20  # answers with a source from which a set has a habit
COPIED = 0.8  # share of the short answers that must be wholly in their sources before the others are judged


@dataclass(frozen=True)
class UnsupportedAnswer:
    """A013: a sentence of the answer has hardly a word of the text it rests on.

    What it does: takes for each answer with a source (the `context`, the document of a file of summaries, or a prompt
    that gives a text, however short, and asks for a summary, an extract or an answer from it) its least supported
    sentence: the share of its content words, words that
    many answers add left out, that the source or the question holds. Answers of a few words count only where nearly all
    of the set's are copied. Only in sets that keep to their sources, where three answers in four have at least `habit`,
    those with at most `threshold` are held. A set whose answers reword or add freely is passed over: of four public
    sets with sources one, of medical questions summed up, has the habit. There 0.2% of the pairs as published are held,
    and half of the sentences planted from other answers are found. Of 231 instructions with a document 7% are held.

    Why is this bad: a model that learns to go beyond its source invents in the same assured tone when it is asked about
    a text that matters.

    Example: context about returns within 30 days / "You can return it. Members also collect points at partner hotels."
    """

    code: ClassVar[str] = "A013"
    name: ClassVar[str] = "unsupported-answer"
    stage: ClassVar[Stage] = "whole"  # what other rules hold would hide the habit
    severity: ClassVar[Severity] = "warning"

    threshold: float = 0.1  # share of the sentence's words in the source up to which it is unsupported, 0 to 1
    habit: float = 0.4  # share that three answers in four must reach for the set to keep to its sources, 0 to 1
    action: Action = "hold"

    def survey(self, measured: Measured) -> Iterator[Finding]:
        """One finding for each answer with an unsupported sentence."""
        found = supports(measured.examples)
        short = [support for support in found if support.own < OWN]
        copied = sum(support.share == 1 for support in short) >= COPIED * len(short)
        judged = found if copied else [support for support in found if support.own >= OWN]
        shares = sorted(support.share for support in judged)
        if len(judged) >= LEAST and shares[len(shares) // 4] >= self.habit:
            yield from (self._finding(measured, support) for support in judged if support.share <= self.threshold)

    def _finding(self, measured: Measured, support: Support) -> Finding:
        missing = ", ".join(support.missing[:4])
        return finding(
            self, measured.examples[support.row], "answer", 0.9 - support.share if support.own >= OWN else 0.6,
            f"the text it rests on says nothing of {missing}: {support.sentence[:80]!r}",
            evidence={
                "sentence": support.sentence[:300], "supported": round(support.share, 3), "missing": support.missing,
            },
        )  # fmt: skip
