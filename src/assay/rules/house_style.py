"""A016 house-style: an answer that is written otherwise than nearly all of its kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.house import LEAST, Style, house, rewritten


@dataclass(frozen=True)
class HouseStyle:
    """A016: the answer is written otherwise than nearly all answers of its kind.

    What it does: measures how the answers of the set are written, phrases, short ones and sentences apart: a stop at
    the end or none, the first letter, capitals in headings or throughout, doubled marks, smileys, blanks before marks,
    one blank or two between sentences, quotes, commas in thousands, percent as a sign or a word. Where at least `clear`
    of the answers that show a trait have it in one form, that is the style of the house, and the others are listed,
    with the answer in this style as far as that is certain; phrases must agree twice as well. Labels, code, lists and
    answers of several lines are left alone, and nothing is said where a set has no clear style. In seven public sets 0
    to 4% of the answers are listed; by default nothing becomes of them.

    Why is this bad: a small model spends what it can learn on the difference, writes now one and now the other, and
    scores that compare texts exactly count each as an error.

    Example: among "Invoice sent." and "Order closed." the answer "order cancelled" lacks a capital and a stop.
    """

    code: ClassVar[str] = "A016"
    name: ClassVar[str] = "house-style"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "info"

    clear: float = 0.9  # share of like answers that must agree before they are the house's style, 0.5 to 1
    least: int = LEAST  # answers that must show a trait
    action: Action = "keep"

    def survey(self, measured: Measured) -> Iterator[Finding]:
        """One finding for each answer that deviates, with all that does."""
        answers = ["" if example.label is not None else example.answer for example in measured.examples]
        deviating: dict[int, list[Style]] = defaultdict(list)
        for style in house(answers, self.clear, self.least):
            for row in style.others:
                deviating[row].append(style)
        for row, styles in sorted(deviating.items()):
            example = measured.examples[row]
            mended = rewritten(example.answer, styles)
            said = "; ".join(f"{style.form} in {style.share:.0%} of {style.n} {style.kind}" for style in styles)
            yield finding(
                self, example, "answer", max(style.share for style in styles), f"written otherwise: {said}",
                evidence={"traits": {style.trait: style.form for style in styles}},
                after=example.with_answer(mended) if mended != example.answer.strip() else None,
            )  # fmt: skip
