"""D001: rows that say the same, letter for letter, once looks are set aside."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.letter_case import told_apart_by_case
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.oddity import unclosed
from assay.signals.spelling import about_spelling

SHORT, BRIEF = 6, 2  # words of a text in which the mark at its end is part of what it says: "Ca!", and "Ready?"
SPELT = 30  # words of a prompt about spelling in which every letter counts; of a longer one a copy was made
CODE = re.compile(r"^\s*(?:def|class|for|if|while|with|try|else)\b.*:\s*$|^\s*return\b|[{};]\s*$|^\s*```", re.MULTILINE)


@dataclass(frozen=True)
class ExactDuplicate:
    """D001: the prompt and the answer repeat another row.

    What it does: compares prompt, answer, system prompt and context after setting aside unicode form, case, spacing,
    and runs of punctuation; of labels the family counts, not the spelling. Case counts in code, between quotes and
    within sentences, where a capital makes another word ("Turkey"/"turkey", "US law"/"us law", "5 MW"/"5 mW"), but not
    where one of the texts is all in one case. Dots between words ("1..5"), the marks of a factorial ("5!!") and, in
    short texts, a question mark against an exclamation mark count, and so do tools, choices and pictures that rows
    bring beside their prompts. Short prompts about spelling repeat each other letter by letter only. The row without
    unknown words stays, then the one with its closing marks, then the one with the fewest oddities (broken characters,
    odd spacing, words nobody else uses), the smallest id on ties. Equal answers alone are no repeat.

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
        best = best_first(measured, rows)[0]
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
    if a.prompt.strip() != b.prompt.strip() and len(a.prompt.split()) <= SPELT and about_spelling(a.prompt):
        return True
    if any(_layout(x) != _layout(y) for x, y in ((a.prompt, b.prompt), (a.answer, b.answer))):
        return True
    if otherwise_meant(a.prompt, b.prompt):
        return True
    return told_apart_by_case(a.prompt, b.prompt) or (not of_a_class and told_apart_by_case(a.answer, b.answer))


def otherwise_meant(one: str, other: str) -> bool:
    """Whether the marks at their ends make two short texts two: "Ca?"/"Ca!", and of a word or two also "Ca?"/"Ca"."""
    size = len(one.split())
    if size > SHORT:
        return False
    here, there = _closing(one), _closing(other)
    return here != there and "?" in (here, there) and ("!" in (here, there) or size <= BRIEF)


def _closing(text: str) -> str:
    """The mark that says how a text is meant: "?", "!" or none."""
    bare = text.rstrip(" \n\t\"'”’)")
    marks = bare[len(bare.rstrip("?!.…？！ ")) :]
    return "?" if "?" in marks or "？" in marks else "!" if "!" in marks or "！" in marks else ""


def _layout(text: str) -> list[int]:
    """The indentation of every line of code, which says what belongs to what; [] for prose."""
    if "\n" not in text or not CODE.search(text):
        return []
    return [len(line) - len(line.lstrip()) for line in text.split("\n") if line.strip()]


def best_first(measured: Measured, rows: list[int]) -> list[int]:
    """Rows that say the same, in the order in which they are kept.

    Canonical label, no unknown words, closing marks, least odd, shortest, smallest id; each is asked only of rows that
    are equal in all before it. Rows of the very same words, once folded, are not compared by words.
    """
    odd, examples = measured.oddities, measured.examples
    worded = len({(measured.prompts[row], measured.answers[row]) for row in rows}) > 1

    def off_label(row: int) -> bool:
        family = measured.families[row]
        return family is not None and family != (examples[row].label or examples[row].answer)

    tied = [rows]
    for criterion in (
        off_label,
        lambda row: odd.unknown_words(row) if worded else 0,
        lambda row: unclosed(examples[row]),
        lambda row: odd.looks(row) + (4 * odd.rare_words(row) if worded else 0),
        lambda row: len(examples[row].prompt),
    ):
        tied = [part for group in tied for part in _parted(group, criterion)]
    return [row for group in tied for row in sorted(group, key=lambda row: examples[row].id)]


def _parted(rows: list[int], criterion: Callable[[int], int]) -> list[list[int]]:
    """The rows in parts of equal values, the least first."""
    if len(rows) == 1:
        return [rows]
    found = sorted((criterion(row), row) for row in rows)
    return [[row for _, row in part] for _, part in groupby(found, key=itemgetter(0))]
