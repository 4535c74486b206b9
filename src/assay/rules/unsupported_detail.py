"""A012 unsupported-detail: a number of the answer that its source says otherwise, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.details import Detail, compared

LEAST = 12  # numbers of a set from which it has a habit
ABSENT = 0.6  # score of a number that the source does not hold and that has no other in its place


@dataclass(frozen=True)
class UnsupportedDetail:
    """A012: a number, date or amount of the answer is not that of the text it rests on.

    What it does: reads the numbers of each answer and of its source (the `context`, the document of a file of
    summaries, or a prompt that gives a text, however short, and asks for a summary, an extract or an answer from
    it, or has headings for text and question, "Context:" and "Question:"): figures and words, dates, times,
    amounts, units. A number is right when the source or the question has it, in another unit or form too ("two
    weeks", "14 days"), or when it follows from others: a sum, also of the items of a bill, a difference, a span
    between dates, a half, a percent of an amount, a rate by what the question names ("5 mg/kg" for 20 kg), a
    product where the question asks how many.
    Of the others it finds those that are a number of the source miswritten (figures in another order, a nought more or
    less, another unit) and those that stand among the same words ("within 3 days" where the source has "within 30
    days"), with that number as the suggestion. In sets whose answers take `habit` of their numbers from their sources
    it finds all others as well. Ordinals, small numbers in words, and prompts that ask to reckon or to invent are left
    alone. Of numbers changed by us in real pairs of four public sets with the habit it found 63 to 86 in a hundred, in
    one without it 10. Of these sets as published it holds 0, 0.5, 4 and 9%, without the habit 0.3%; of those 9%, in
    clinical notes, most numbers are nowhere in the conversation.

    Why is this bad: a model that is taught numbers its source does not say learns to invent them, and a wrong dose or
    deadline reads as well as a right one.

    Example: context "Returns are accepted within 30 days." / "You can return it within 3 days."
    """

    code: ClassVar[str] = "A012"
    name: ClassVar[str] = "unsupported-detail"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "warning"

    habit: float = 0.85  # share of the set's numbers that sources hold, from which the others are found too, 0 to 1
    action: Action = "hold"

    def survey(self, measured: Measured) -> Iterator[Finding]:
        """One finding for each answer, on the number that is wrong most surely."""
        pairs = [
            (example, found) for example in measured.examples
            if example.label is None and (found := compared(example)) is not None
        ]  # fmt: skip
        numbers = sum(found.firm for _, found in pairs)
        absent = sum(not detail.copied for _, found in pairs for detail in found.strange)
        habitual = numbers >= LEAST and 1 - absent / numbers >= self.habit
        for example, found in pairs:
            told = [detail for detail in found.strange if detail.copied or (habitual and not found.counted)]
            if told:
                yield self._finding(example, max(told, key=lambda d: (d.copied, d.shared, -d.said.start)))

    def _finding(self, example: Example, detail: Detail) -> Finding:
        answer = example.answer
        said = answer[detail.said.start : detail.said.end]
        named = f"; the text has {detail.meant!r}" if detail.meant else ""
        return finding(
            self, example, "answer", max(ABSENT, 0.5 + detail.shared / 2) if detail.copied else ABSENT,
            f"{said!r} is not in the text the answer rests on{named}",
            evidence={"said": said, "span": [detail.said.start, detail.said.end], "source": detail.meant},
            after=example.with_answer(detail.mended) if detail.mended is not None else None,
        )  # fmt: skip
