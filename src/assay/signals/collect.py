"""What to collect next: the rows a set lacks, as a list a person can act on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from assay.signals.balance import STRAY, balance
from assay.signals.coverage import Coverage
from assay.signals.edges import Edge

if TYPE_CHECKING:
    from assay.signals.measured import Measured

THIN = 0.5  # of the median class: thinner ones are asked for
CLASS_ROWS = 10  # rows a class needs whatever the median is
NAMED = 5  # targets named in one wish


class Wish(NamedTuple):
    """One thing to collect."""

    what: str  # in words
    rows: int  # how many to collect at least
    why: str  # what was measured


def collect_next(
    labels: Sequence[str | None], covered: Coverage | None, measured: Measured | None, edges: Sequence[Edge]
) -> list[Wish]:
    """Targets without a row near them, then thin classes, thinnest first, then kinds of prompts that are missing."""
    return [*_for_targets(covered, measured), *_for_classes(labels), *_for_edges(edges), *_for_wording(measured)]


def _for_targets(covered: Coverage | None, measured: Measured | None) -> list[Wish]:
    if covered is None or measured is None or covered.covered.all():
        return []
    import numpy as np

    far = [int(i) for i in np.argsort(covered.similarity, kind="stable") if not covered.covered[i]]
    named = ", ".join(repr(" ".join(measured.targets[i].split())[:80]) for i in far[:NAMED])
    more = f" and {len(far) - NAMED} more" if len(far) > NAMED else ""
    near = f"similarity {covered.bar:.2f} or more"
    why = f"{len(far)} of {covered.n} targets have no row at {near}; a rough measure: look at them"
    return [Wish(f"prompts like {named}{more}", len(far), why)]


def _for_classes(labels: Sequence[str | None]) -> list[Wish]:
    counts = balance(labels).counts
    real = {label: n for label, n in counts.items() if n > STRAY}
    if len(real) < 2:
        return []
    median = balance(label for label in labels if label in real).median
    enough = max(CLASS_ROWS, math.ceil(THIN * median))
    thin = sorted((n, label) for label, n in real.items() if n < enough)
    return [
        Wish(f"rows of {label!r}", enough - n, f"{n} rows, half the median class is {median / 2:g}")
        for n, label in thin
    ]


def _for_wording(measured: Measured | None) -> list[Wish]:
    """As many rows in other words as templates made, where they made most."""
    if measured is None or len(measured.examples) < 100:
        return []
    made = len(measured.examples) - int(measured.natural.sum())
    if 2 * made <= len(measured.examples):
        return []
    why = (
        f"{made} of {len(measured.examples)} rows are made of word pairs that many others share, as templates make them"
    )
    return [Wish("rows asked in other words", made, why)]


def _for_edges(edges: Sequence[Edge]) -> list[Wish]:
    return [
        Wish(f"prompts of the kind '{edge.kind}': {edge.meaning}", edge.lacking, f"{edge.rows} rows are of this kind")
        for edge in edges
        if edge.lacking
    ]
