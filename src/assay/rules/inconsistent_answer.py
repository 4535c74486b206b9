"""A003: like inputs, unlike outputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.exact_duplicate import BRIEF, otherwise_meant
from assay.rules.letter_case import told_apart_by_case
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.canned import strays
from assay.signals.classification import Classification
from assay.signals.conflicts import Conflict, conflicts
from assay.signals.sameness import otherwise_pointed

FEW = 10  # words of a prompt in which a comma may turn the sense


@dataclass(frozen=True)
class InconsistentAnswer:
    """A003: like inputs are answered in unlike ways.

    What it does: looks for four forms of one fault. (1) One label in several spellings: "Card Arrival", "card arr.":
    tied by case, abbreviation or typing mistake *and* standing on inputs that cannot be told apart. (2) Prompts that
    are (nearly) equal with answers that are not. (3) A canned answer that a whole group of like prompts gets, written
    another way on a few of them: "Invoice Generated Successfully" / "inv. done" / "INVOICE GENERATED SUCCESSFULLY".
    (4) The canned answer of another request, where the words of the two requests tell them apart. The form most rows
    use is suggested to a person. Requests with many right answers ("write a poem") and paraphrases are left alone, and
    so are prompts that looks may tell apart: by case ("US law"/"us"), and short ones by a mark ("Ok!"/"ok?").

    Why is this bad: the model learns to answer at random among the forms, software that reads the answer meets words it
    does not know, and each form counts as an error of the other in the evaluation.

    Example: "Create the invoice for order 12" -> "Invoice Generated Successfully"; for order 31 -> "inv. done"
    """

    code: ClassVar[str] = "A003"
    name: ClassVar[str] = "inconsistent-answer"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "error"

    threshold: float = 0.85  # Jaccard similarity from which two prompts count as equal, 0.55 to 1
    majority: float = (
        0.6  # share of like rows that must use a canned answer before the others are called strays, 0.5 to 1
    )
    least: int = 5  # rows that must use it
    action: Action = "hold"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """At most one finding a row."""
        said: set[str] = set()
        for found in self._all(measured):
            if found.id not in said:
                said.add(found.id)
                yield found

    def _all(self, measured: Measured) -> Iterator[Finding]:
        for part in measured.classifications:
            yield from self._spellings(measured, part)
        for conflict in conflicts(measured, self.threshold):
            here, there = measured.examples[conflict.row].prompt, measured.examples[conflict.twin].prompt
            if not _told_apart_by_looks(here, there):
                yield self._conflict(measured, conflict)
        for stray in strays(measured, self.majority, self.least):
            example, model = measured.examples[stray.row], measured.examples[stray.like]
            yield finding(
                self, example, "answer", stray.share,
                f"answers {example.answer!r} where {stray.share:.0%} of {stray.of} like rows answer {model.answer!r}",
                evidence={
                    "suggestion": model.answer, "share": round(stray.share, 3), "like_rows": stray.of,
                    "twin": model.id, "twin_text": model.prompt[:200],
                },
                after=example.with_answer(model.answer),
            )  # fmt: skip

    def _spellings(self, measured: Measured, part: Classification) -> Iterator[Finding]:
        counts = Counter(part.labels)
        for row, label, family in zip(part.rows.tolist(), part.labels, part.families, strict=True):
            if label == family:
                continue
            why = part.spellings.reason[label]
            yield finding(
                self, measured.examples[row], "label", 1.0 if why == "case or separators" else 0.8,
                f"{label!r} is another spelling of {family!r}, which {counts[family]} rows use",
                evidence={
                    "label": label, "suggestion": family, "tie": why,
                    "spellings": {form: counts[form] for form in part.spellings.members(family)},
                },
                after=measured.examples[row].with_answer(family),
            )  # fmt: skip

    def _conflict(self, measured: Measured, conflict: Conflict) -> Finding:
        example, twin = measured.examples[conflict.row], measured.examples[conflict.twin]
        labelled = measured.families[conflict.row] is not None
        forms = f"{example.answer[:60]!r} here, {twin.answer[:60]!r} there"
        return finding(
            self, example, "label" if labelled else "answer", conflict.score,
            f"the same is asked in {twin.place}: {forms}",
            evidence={
                "twin": twin.id, "twin_text": twin.prompt[:200], "twin_answer": twin.answer[:200],
                "rows_for_the_twin": conflict.votes, **({"suggestion": twin.answer} if conflict.decided else {}),
            },
            after=example.with_answer(twin.answer) if conflict.decided else None,
        )  # fmt: skip


def _told_apart_by_looks(one: str, other: str) -> bool:
    """Whether case, commas or, in a word or two, any mark may be why two prompts are answered in unlike ways."""
    size = len(one.split())
    if told_apart_by_case(one, other) or otherwise_meant(one, other):
        return True
    return (size <= BRIEF and one.strip() != other.strip()) or (size <= FEW and otherwise_pointed(one, other))
