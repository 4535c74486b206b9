"""B001: classes with too few rows to be learnt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, set_finding
from assay.signals import Measured
from assay.signals.balance import Balance, balance
from assay.signals.classification import Classification

NAMED = 5  # thin classes named in the message; the evidence has all
STRAY = 2  # rows up to which a class is rather a mistake: it does not count for the median


@dataclass(frozen=True)
class Imbalance:
    """B001: some classes have far fewer rows than the others.

    What it does: compares the size of each class with the median class, says which are thin, and how many rows to
    collect for each to reach `share` of the median (and at least `least`). Classes of one row or two may
    be mistakes: they are named apart and do not count for the median. It touches no row.

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
        real = balance(label for label in part.families if numbers.counts[label] > STRAY)
        if len(numbers.counts) < 2 or len(real.counts) < 1:
            return None
        enough = max(self.least, math.ceil(self.share * real.median))
        thin = sorted((n, label) for label, n in numbers.counts.items() if n < enough)
        if not thin:
            return None
        collect = {label: enough - n for n, label in thin}
        return set_finding(
            self, 1 - numbers.entropy, self._said(numbers, real, enough, thin),
            evidence={
                "classes": len(numbers.counts), "median": real.median, "rows": numbers.n, "collect": collect,
                "stray": [label for n, label in thin if n <= STRAY],
                "effective_classes": round(numbers.effective, 2), "entropy": round(numbers.entropy, 4),
            },
        )  # fmt: skip

    def _said(self, numbers: Balance, real: Balance, enough: int, thin: Sequence[tuple[int, str]]) -> str:
        few, stray = [one for one in thin if one[0] > STRAY], [label for n, label in thin if n <= STRAY]
        said = f"{len(thin)} of {len(numbers.counts)} classes have fewer than {enough} rows (median {real.median:g})"
        if few:
            said += ": collect " + _listed([f"{enough - n} more for {label!r}" for n, label in few])
        if stray:
            said += f"; {len(stray)} of them have one row or two, perhaps no class: " + _listed(list(map(repr, stray)))
        return said


def _listed(names: Sequence[str]) -> str:
    others = f" and {len(names) - NAMED} others" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + others
