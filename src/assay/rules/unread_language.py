"""R003: rows in languages whose meaning the vectors do not know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, set_finding
from assay.signals import Measured
from assay.signals.language import language_name
from assay.signals.tongues import unread


@dataclass(frozen=True)
class UnreadLanguage:
    """R003: rows are in a language whose meaning the vectors do not know.

    What it does: counts the prompts in languages other than those the encoder was made for (the default one: English),
    and says so where there are 20 or more, and at least 2% of all. Such rows are compared by their spelling instead:
    pieces of words, three to five characters. Rules on single rows, exact and near duplicates, leaks and formats work
    as ever.

    Why is this bad: it is not, but what rests on meaning finds less there: wrong labels, swapped and contradictory
    answers, rows of another domain. On English rows read as if they were such a language, five neighbours name the
    right one of 77 intents in 70% of 2,000 queries by spelling, and in 77% by meaning.

    Example: 120 of 130 support requests are in German
    """

    code: ClassVar[str] = "R003"
    name: ClassVar[str] = "unread-language"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "info"

    action: Action = "keep"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding about the set, or none."""
        rows = unread(measured)
        if not rows:
            return
        total, n = sum(rows.values()), len(measured.examples)
        told = ", ".join(f"{language_name(code)} {count:,}" for code, count in rows.items())
        message = (
            f"{total:,} of {n:,} rows are in a language the rules that go by meaning do not read ({told}): "
            "they compare their spelling, and find less"
        )
        yield set_finding(self, total / n, message, evidence={"rows": total, "languages": rows})
