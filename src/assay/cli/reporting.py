"""What the report says more where the truth is known: planted faults found, and good rows touched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from assay import dataset
from assay.demo.faults import words
from assay.demo.score import Scores, score
from assay.demo.truth import read
from assay.evaluate.stats import Metric
from assay.passes import curate
from assay.pipeline import domain_of, rules_of
from assay.project import Project
from assay.report import Figure, GoodRows, PlantedFault, ReportContents
from assay.store import Store

NOTE = (
    "A scripted reviewer stands in for a person: it knows what was planted, answers only rows the rules held or "
    "doubted, and errs in 3% of its answers. A real person may do better or worse."
)


def with_truth(contents: ReportContents, project: Project, truth: Path) -> ReportContents:
    """The contents with what the rules alone found of the planted faults.

    Raises:
        InputError: a truth that cannot be read.
    """
    scores = planted(project, contents.version, truth)
    faults = tuple(
        PlantedFault(f.fault, f.planted, f.found, _figure(f.recall), f.flagged, _figure(f.precision))
        for f in scores.faults
    )
    touched = _figure(scores.touched)
    good = GoodRows(touched.value, touched.low, touched.high, touched.n, scores.good_rows_touched)
    return replace(contents, planted=faults, good_rows_touched=good, reviewer_note=NOTE)


def planted(project: Project, version: str, truth: Path) -> Scores:
    """The rules alone on the rows of a version, held against the truth."""
    store = Store(project.tables)
    rows = dataset.load_rows(store, dataset.load_version(store, version))
    alone = curate(rows.read, rules_of(project), **domain_of(project))
    known = read(truth)
    return score(known, alone.findings, alone.decisions, tuple(words()["thinned"]))


def _figure(metric: Metric | None) -> Figure:
    return Figure(*metric) if metric else Figure(None, None, None, 0)
