"""A010: like questions, contradictory answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.paraphrases import paraphrase_conflicts


@dataclass(frozen=True)
class ContradictoryAnswer:
    """A010: the same is asked in other words elsewhere, and the answers cannot both be right.

    What it does: among the nearest prompts of each row looks for those that ask the same: each word that matters has
    its like or a synonym in the other prompt, and numbers, negations and names are equal. Besides, it compares what
    questions are about once the words they are asked with are set aside: "how much is" and "what is the price of",
    "can I" and "is it allowed to", "when" and "at what time", in any order where an "in" or a passive explains it;
    there only yes against no and other numbers for one thing count. Answers contradict each other when one says yes
    and one no, when they are one sentence with another number or a negation in it, when they give other amounts of the
    same unit, or when, being short, they have nothing in common. Where more rows side with one answer it is suggested.
    Equal prompts are the matter of A003; requests with many right answers, labels and prompts of more than sixty words
    are left alone.

    Why is this bad: the model learns to answer by the wording of the question, and is wrong about one of the two.

    Example: "How long does a refund take?" / "Refunds take 5 days."; "Hi, how long do refunds take?" / "It takes 14
    days."
    """

    code: ClassVar[str] = "A010"
    name: ClassVar[str] = "contradictory-answer"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "warning"

    action: Action = "hold"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding for each row of a contradiction that the majority does not side with."""
        for conflict in paraphrase_conflicts(measured):
            if measured.prompt_groups[conflict.row] == measured.prompt_groups[conflict.twin]:
                continue  # equal prompts are the matter of A003
            if measured.systems[conflict.row] != measured.systems[conflict.twin]:
                continue
            example, twin = measured.examples[conflict.row], measured.examples[conflict.twin]
            yield finding(
                self, example, "answer", conflict.score,
                f"like {twin.place}, answered otherwise: {example.answer[:60]!r} here, {twin.answer[:60]!r} there",
                evidence={
                    "twin": twin.id, "twin_text": twin.prompt[:200], "twin_answer": twin.answer[:200],
                    "rows_for_the_twin": conflict.votes, **({"suggestion": twin.answer} if conflict.decided else {}),
                },
                after=example.with_answer(twin.answer) if conflict.decided else None,
            )  # fmt: skip
