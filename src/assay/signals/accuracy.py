"""Accuracy: how many rows show no sign of a wrong answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from assay.records import Finding


class Accuracy(NamedTuple):
    """An estimate from what the rules found: a row without a finding may still be wrong."""

    n: int  # rows
    unsuspected: float  # share of rows without a finding of the letter A, 0 to 1
    expected: float  # share of right rows if each finding is right as often as its score says, 0 to 1


def accuracy(rows: int, findings: Iterable[Finding]) -> Accuracy:
    """The accuracy of a set of `rows` rows, from the findings on it."""
    worst: dict[str, float] = {}
    for found in findings:
        if found.id and found.code.startswith("A"):
            worst[found.id] = max(worst.get(found.id, 0.0), found.score)
    if not rows:
        return Accuracy(0, 1.0, 1.0)
    return Accuracy(rows, 1 - len(worst) / rows, 1 - sum(worst.values()) / rows)
