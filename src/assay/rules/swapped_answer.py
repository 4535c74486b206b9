"""A009: answers that stand on the wrong row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.exchanged import BOTH, exchanged
from assay.signals.misplaced import misplaced


@dataclass(frozen=True)
class SwappedAnswer:
    """A009: the answer belongs to another row.

    What it does: measures how well each answer fits its prompt (meaning, rare words in common, and the length and form
    such prompts are answered in), by what is usual in this set. Answers that fit no better than a random one are dealt
    anew among such rows; a row whose answer finds a prompt it fits, while another answer fits the row's own prompt, is
    held with that answer as the suggested edit. The new pairs must fit as right pairs of this set do and share more
    rare words than the row's own pair, in sets below 300 rows each of them; where they fit and too few words say so,
    the row is told as a warning and kept. Where answers echo their prompts weakly, only two rows that exchange with
    each other are told. Two rows exchanged, many dealt anew and rows shifted by one are found alike; so is an answer
    copied from another row, which fits there. Between prompts that differ in a word or two the answers must name what
    the other prompt is about, and in a language whose meaning the vectors do not know (R003) rare words must tie them
    to each other's prompts and none to their own. A bad answer that fits no other row is not reported, nor are labels,
    answers of fewer than four words, answers that three rows share, and sets whose answers do not echo their prompts.
    In small sets of one subject that is hardly any: there `domain.encoder: minilm` finds about half of the rows that
    two by two have each other's answers, and four of five in sets about many things (its numbers: LOG.md).

    Why is this bad: each such row teaches two wrong things: nonsense for its prompt, and that answers need not answer.

    Example: "How do I reset my password?" / "Refunds take five days.", and elsewhere "When is my refund paid?" / "Use
    the link in the reset mail."
    """

    code: ClassVar[str] = "A009"
    name: ClassVar[str] = "swapped-answer"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "error"

    threshold: float = 2.0  # deviations by which the answers must fit the other rows better than their own
    action: Action = "hold"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding for each row that has another row's answer."""
        pairs = {one.id: one for one in self._exchanged(measured)}
        for one in self._misplaced(measured):
            if one.id not in pairs or one.action == self.action:
                pairs.pop(one.id, None)  # the pair says no more than this does
                yield one
        yield from pairs.values()

    def _exchanged(self, measured: Measured) -> Iterable[Finding]:
        for pair in exchanged(measured):
            example, other = measured.examples[pair.row], measured.examples[pair.other]
            yield finding(
                self, example, "answer", 1 - 0.5 ** (pair.gain / BOTH),
                f"the answer fits {other.place}, and that row's answer fits here",
                evidence={
                    "gain": round(pair.gain, 3), "owner": other.id, "owner_text": other.prompt[:200],
                    "source": other.id, "source_answer": other.answer[:200],
                },
                after=example.with_answer(other.answer),
            )  # fmt: skip

    def _misplaced(self, measured: Measured) -> Iterable[Finding]:
        for found in misplaced(measured):
            gain = found.found - found.own
            if gain < self.threshold:
                continue
            example, owner = measured.examples[found.row], measured.examples[found.owner]
            source = measured.examples[found.source] if found.source >= 0 else None
            told = finding(
                self, example, "answer", 1 - 0.5 ** (gain / self.threshold),
                f"the answer fits {owner.place}; here fits that of {source.place}" if source
                else f"the answer is that of {owner.place}, where it fits",
                evidence={
                    "fit": round(found.own, 2), "fit_elsewhere": round(found.found, 2),
                    "owner": owner.id, "owner_text": owner.prompt[:200],
                    **({"source": source.id, "source_answer": source.answer[:200]} if source else {}),
                },
                after=example.with_answer(source.answer) if source and found.sure else None,
            )  # fmt: skip
            yield told if found.sure else replace(told, severity="warning", action="keep")
