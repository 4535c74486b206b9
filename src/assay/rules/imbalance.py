"""B001: classes with too few rows to be learnt."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, set_finding
from assay.signals import Measured
from assay.signals.balance import balance
from assay.signals.classification import Classification

NAMED = 5  # thin classes named in the message; the evidence has all


@dataclass(frozen=True)
class Imbalance:
    """B001: some classes have far fewer rows than the others.

    What it does: compares the size of each class with the median class, says which are thin, and how many rows to
    collect for each to reach `share` of the median (and at least `least`). It touches no row.

    Why is this bad: a class with a handful of rows is rarely predicted, and its errors hide in the average.

    Example: 75 rows of "card_arrival", 4 of "card_swallowed": collect about 34 more.
    """

    code: ClassVar[str] = "B001"
    name: ClassVar[str] = "imbalance"
    stage: ClassVar[Stage] = "whole"
    severity: ClassVar[Severity] = "info"

    share: float = 0.5  # of the median class: thinner classes are named, 0 to 1
    least: int = 10  # rows a class needs whatever the median is
    action: Action = "keep"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding about the dataset for each classification with thin classes."""
        for part in measured.classifications:
            found = self._thin(part)
            if found:
                yield found

    def _thin(self, part: Classification) -> Finding | None:
        numbers = balance(part.families)
        if len(numbers.counts) < 2:
            return None
        enough = max(self.least, math.ceil(self.share * numbers.median))
        thin = {label: n for label, n in numbers.counts.items() if n < enough}
        if not thin:
            return None
        collect = {label: enough - n for label, n in sorted(thin.items(), key=lambda item: (item[1], item[0]))}
        named = ", ".join(f"{n} more for {label!r}" for label, n in list(collect.items())[:NAMED])
        others = f" and {len(collect) - NAMED} others" if len(collect) > NAMED else ""
        return set_finding(
            self, 1 - numbers.entropy,
            f"{len(thin)} of {len(numbers.counts)} classes have fewer than {enough} rows (median {numbers.median:g}):"
            f" collect {named}{others}",
            evidence={
                "classes": len(numbers.counts), "median": numbers.median, "rows": numbers.n, "collect": collect,
                "effective_classes": round(numbers.effective, 2), "entropy": round(numbers.entropy, 4),
            },
        )  # fmt: skip
