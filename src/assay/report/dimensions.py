"""The four dimensions of a dataset, before and after curation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from assay.dataset import Rows
from assay.evaluate.stats import wilson
from assay.passes import curate
from assay.pipeline import targets_of
from assay.project import Project
from assay.records import Example, Finding
from assay.report.contents import DimensionName, DimensionPart, Figure
from assay.rules.choose import choose
from assay.signals import Measured
from assay.signals.accuracy import accuracy
from assay.signals.balance import balance
from assay.signals.diversity import diversity
from assay.signals.relevance import relevance

# dimension, measure, what it means: in the order of the fields of _Side
PARTS: tuple[tuple[DimensionName, str, str], ...] = (
    (
        "relevance", "rows on the subject",
        "Share of rows that do not lie far from the bulk of the set, or from its targets.",
    ),
    (
        "accuracy", "rows no accuracy rule suspects",
        "Share of rows without a finding of the letter A. A row without a finding may still be wrong.",
    ),
    (
        "diversity", "rows that repeat no other",
        "Share of rows that are no near-duplicate of an earlier one.",
    ),
    (
        "diversity", "distinct prompts, for their number",
        "Vendi score of a sample of equal size over that size: how much of it says something of its own.",
    ),
    (
        "balance", "evenness of the labels",
        "Entropy of the labels over that of an even spread: 1 is even.",
    ),
    (
        "balance", "smallest class, for the median",
        "Rows of the smallest class over those of the median class.",
    ),
)  # fmt: skip
SAMPLE = 200  # rows: both states are larger in all but the smallest projects, so their scores can be compared


class _Side(NamedTuple):
    """One state of the dataset, measured."""

    on_subject: Figure
    unsuspected: Figure
    unrepeated: Figure
    vendi: Figure
    evenness: Figure
    smallest: Figure


def dimensions(
    before: Sequence[Example], after: Sequence[Example], rows: Rows, project: Project
) -> tuple[DimensionPart, ...]:
    """The parts of the four dimensions, of the training rows as read and as kept.

    What rules say of the kept rows is measured anew, on them alone: findings on rows that left do not count for it.
    """
    targets = targets_of(project)
    again = curate(after, choose(project.recipe.rules), targets=targets)
    read = {example.id for example in before}
    old = _measure(before, [f for f in rows.findings if f.id in read], targets)
    new = _measure(after, again.findings, targets)
    return tuple(
        DimensionPart(dimension, measure, was, now, meaning)
        for (dimension, measure, meaning), was, now in zip(PARTS, old, new, strict=True)
    )


def _measure(examples: Sequence[Example], findings: Sequence[Finding], targets: Sequence[str]) -> _Side:
    measured = Measured(examples, targets=targets)
    near, sure = relevance(measured), accuracy(len(examples), findings)
    varied = diversity(measured, sample=SAMPLE)
    even = balance([example.label for example in examples])
    return _Side(
        _share(near.near, near.n), _share(sure.unsuspected, sure.n), _share(varied.unrepeated, varied.n),
        Figure(varied.vendi / varied.sample if varied.sample else None, None, None, varied.sample),
        Figure(even.entropy if even.n else None, None, None, even.n),
        Figure(min(1.0, even.smallest / even.median) if even.n else None, None, None, even.n),
    )  # fmt: skip


def _share(value: float, n: int) -> Figure:
    return Figure(*wilson(round(value * n), n)) if n else Figure(None, None, None, 0)
