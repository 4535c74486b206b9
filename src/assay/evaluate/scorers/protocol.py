"""What every scorer has."""

from __future__ import annotations

from typing import ClassVar, Protocol

from assay.records import Example


class Scorer(Protocol):
    """`metric` names the mean of its scores in a report; `key` names it in the recipe and in JSON."""

    key: ClassVar[str]
    metric: ClassVar[str]

    def score(self, expected: Example, written: str) -> float | None:
        """Between 0 and 1; None where there is nothing to compare with."""
