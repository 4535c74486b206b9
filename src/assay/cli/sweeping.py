"""What another threshold of a rule would do, from the findings of the newest version: no rule runs again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from assay.cli.pages import Page
from assay.errors import AssayError
from assay.records import Decision, Finding
from assay.rules import Rule, settings_of

STEPS = (0.01, 0.02, 0.05, 0.1)  # between two thresholds
LINES = 12


class Swept(NamedTuple):
    """What a threshold on the score would name."""

    score: float
    rows: int  # with a finding of at least this score
    right: int  # of those a person decided on: dropped or changed
    reviewed: int


def sweep_page(what: str, rules: Mapping[str, type[Rule]]) -> Page:
    """The sweep of a rule of the project around.

    Raises:
        AssayError: not a rule, or nothing was built yet.
    """
    from assay import dataset
    from assay.pipeline import decisions_of
    from assay.project import find
    from assay.store import Store

    rule = next((rule for name, rule in rules.items() if what.lower() in (name, rule.code.lower())), None)
    if rule is None:
        raise AssayError(f"'{what}' is not one rule", hint="assay explain A004 --sweep")
    project = find(Path.cwd())
    store = Store(project.tables)
    version = dataset.load_version(store)
    found = [finding for finding in dataset.load_rows(store, version).findings if finding.code == rule.code]
    swept = sweep(found, decisions_of(project))
    body = {"code": rule.code, "name": rule.name, "version": version.id, "thresholds": [s._asdict() for s in swept]}
    return Page(_told(rule, version.id, swept, version.recipe["rules"].get(rule.name)), body)


def sweep(findings: Sequence[Finding], answers: Sequence[Decision]) -> list[Swept]:
    """For a dozen thresholds from the lowest score to the highest: the rows at or above it, and what people said."""
    best: dict[str, float] = {}
    for finding in findings:
        if finding.id:
            best[finding.id] = max(best.get(finding.id, 0.0), finding.score)
    if not best:
        return []
    said = {answer.id: answer.action in ("drop", "edit") for answer in answers if answer.id in best}
    low, high = min(best.values()), max(best.values())
    step = next((step for step in STEPS if (high - low) / step < LINES - 1), STEPS[-1])
    first, last = math.floor(low / step + 1e-9), math.floor(high / step + 1e-9)
    swept = []
    for threshold in (round(number * step, 4) for number in range(first, last + 1)):
        named = [id for id, score in best.items() if score >= threshold - 1e-9]
        reviewed = [said[id] for id in named if id in said]
        swept.append(Swept(threshold, len(named), sum(reviewed), len(reviewed)))
    return swept


def _told(rule: type[Rule], version: str, swept: Sequence[Swept], given: Any) -> str:
    head = f"{rule.code} {rule.name}, version {version}"
    if not swept:
        return f"{head}: it named no row. A row below its threshold leaves no score: build once with a lower one."
    lines = [f"{head}\n", f"{'score from':>10}  {'rows':>7}  people agreed"]
    for one in swept:
        people = f"{one.right} of {one.reviewed}" if one.reviewed else "-"
        lines.append(f"{one.score:>10.2f}  {one.rows:>7,}  {people}")
    settings = {**settings_of(rule), **(given or {})}
    limits = {key: value for key, value in settings.items() if "threshold" in key}
    if limits:
        ran = ", ".join(f"{key}: {value}" for key, value in limits.items())
        lines.append(f"\nIt ran with {ran}. Set another under `rules: {rule.name}:` in assay.yaml.")
    if any(isinstance(value, int | float) and value > 1 for value in limits.values()):
        lines.append("Its threshold has a unit of its own, and grows with the score.")
    lines.append("Rows below the threshold it ran with left no score: build once with a lower one to see them.")
    return "\n".join(lines)
