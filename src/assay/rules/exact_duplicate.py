"""D001: rows that say the same, letter for letter, once looks are set aside."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.letter_case import told_apart_by_case
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.oddity import unclosed, unknown_words

CODE = re.compile(r"^\s*(?:def|class|for|if|while|with|try|else)\b.*:\s*$|^\s*return\b|[{};]\s*$|^\s*```", re.MULTILINE)


@dataclass(frozen=True)
class ExactDuplicate:
    """D001: the prompt and the answer repeat another row.

    What it does: compares prompt, answer, system prompt and context after setting aside unicode form, case, spacing,
    and runs of punctuation; of labels the family counts, not the spelling. Case counts in code, between quotes and in
    short words that capitals turn into others ("US law", "5 MW"), but not where a text is all in one case. The row
    without unknown words stays, then the one with its closing marks, then the one with the fewest oddities (broken
    characters, odd spacing, words nobody else uses), the smallest id on ties. Equal
    answers alone are no repeat.

    Why is this bad: a repeated row counts several times in the loss, takes the budget of rows that teach something, and
    flatters the evaluation when its twin lands in the test split.

    Example: "How do I reset my password?" / "how do i  reset my password ??"
    """

    code: ClassVar[str] = "D001"
    name: ClassVar[str] = "exact-duplicate"
    stage: ClassVar[Stage] = "duplicates"
    severity: ClassVar[Severity] = "warning"

    action: Action = "drop"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding for each row of a group but the best."""
        groups: dict[int, list[int]] = defaultdict(list)
        for row, first in enumerate(measured.exact_groups.tolist()):
            if measured.prompts[row]:
                groups[first].append(row)
        for alike in groups.values():
            for rows in _by_case(measured, alike):
                if len(rows) > 1:
                    yield from self._but_the_best(measured, rows)

    def _but_the_best(self, measured: Measured, rows: list[int]) -> Iterable[Finding]:
        best = min(rows, key=lambda row: preference(measured, row))
        kept = measured.examples[best]
        for row in rows:
            if row != best:
                yield finding(
                    self, measured.examples[row], "row", 1.0, f"repeats {kept.place}: same prompt and same answer",
                    evidence={"twin": kept.id, "twin_text": kept.prompt[:200], "copies": len(rows)},
                )  # fmt: skip


def _by_case(measured: Measured, alike: list[int]) -> list[list[int]]:
    """The rows of a group in parts that case does not tell apart; mostly one part."""
    parts: list[list[int]] = []
    for row in alike:
        own = next((part for part in parts if not _apart(measured, part[0], row)), None)
        if own is None:
            parts.append([row])
        else:
            own.append(row)
    return parts


def _apart(measured: Measured, one: int, other: int) -> bool:
    """Whether case tells two rows apart; of labels the family counts."""
    a, b = measured.examples[one], measured.examples[other]
    of_a_class = measured.families[one] is not None
    if any(_layout(x) != _layout(y) for x, y in ((a.prompt, b.prompt), (a.answer, b.answer))):
        return True
    return told_apart_by_case(a.prompt, b.prompt) or (not of_a_class and told_apart_by_case(a.answer, b.answer))


def _layout(text: str) -> list[int]:
    """The indentation of every line of code, which says what belongs to what; [] for prose."""
    if "\n" not in text or not CODE.search(text):
        return []
    return [len(line) - len(line.lstrip()) for line in text.split("\n") if line.strip()]


def preference(measured: Measured, row: int) -> tuple[bool, int, int, int, int, str]:
    """The order in which rows that say the same are kept.

    Canonical label, no unknown words, closing marks, least odd, shortest, smallest id.
    """
    example = measured.examples[row]
    family = measured.families[row]
    odd_label = family is not None and family != (example.label or example.answer)
    unknown = unknown_words(example, measured.word_rows)
    return odd_label, unknown, unclosed(example), measured.oddities[row], len(example.prompt), example.id
