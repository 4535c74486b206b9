"""From a project to the contents of its report: everything is read from what was committed and scored."""

from __future__ import annotations

import inspect
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from assay import dataset
from assay.pipeline import registry_of
from assay.project import Project
from assay.records import Example, Finding
from assay.report.contents import (
    SAFETY,
    CodeCount,
    Diff,
    DiffRow,
    FindingGroup,
    Ledger,
    ReportContents,
    SourceUsed,
    Timing,
    group_findings,
)
from assay.report.dimensions import cards, dimensions, to_collect
from assay.report.masks import masks
from assay.report.model import adapter_of, model_card
from assay.report.proofs import read_proofs
from assay.rules import Rule
from assay.scoring.looks import looks_at
from assay.store import Store

SHOWN = 10  # edited rows shown in the report, and of each other kind


def gather(project: Project, *, version_id: str = "", reviewer_note: str = "") -> ReportContents:
    """The contents of the report of a version; the newest when none is named.

    Raises:
        StoreError: no such version.
    """
    store = Store(project.tables)
    chosen = dataset.load_version(store, version_id or None)
    rows = dataset.load_rows(store, chosen)
    both = cards(rows, project, chosen.id)
    told = _every(both.found.findings, rows.findings)
    changes = dataset.diff(dataset.as_read(rows), rows)
    scores = _scores(project, chosen.id)
    contents = ReportContents(
        title=project.recipe.name, task=project.recipe.task, version=chosen.id, parent=chosen.parent,
        created=chosen.created, recipe=(project.root / "assay.yaml").read_text(encoding="utf-8"),
        sources=tuple(SourceUsed(s.path, s.rows, s.shape, s.licence, s.digest) for s in chosen.sources),
        ledger=_ledger(chosen.ledger), findings=_findings(rows, told, registry_of(project)),
        diff=_diff("as read", chosen.id, changes),
        dimensions=dimensions(both), collect=to_collect(both.after), ladder=scores.get("ladder"),
        reviewer_note=reviewer_note, timings=_timings(project), environment=environment(),
        looks=_looks(project, scores), judged=scores.get("judged"),
        proofs=read_proofs(project.state / "prove", chosen.id, _private(told)),
    )  # fmt: skip
    learnt = {"curated": rows.kept, "raw": rows.read}
    trained = next((name for name in learnt if adapter_of(project, name, chosen.id)), "")
    adapter = adapter_of(project, trained, chosen.id) if trained else None
    seen = masks(adapter, learnt[trained], _private(told)) if adapter else ()
    return replace(contents, model=model_card(contents, project), masks=seen, masks_of=trained)


def _looks(project: Project, scores: Mapping[str, Any]) -> int | None:
    """How often answers to the test rows of the ladder were scored until now, by whatever verb; None without one."""
    test = (scores.get("looks") or {}).get("test")
    return looks_at(project, str(test)).times or None if test and project.people.is_file() else None


def _ledger(ledger: dataset.Ledger) -> Ledger:
    counts = tuple(CodeCount(c.code, c.name, c.action, c.count) for c in ledger.by_code)
    return Ledger(ledger.rows_in, ledger.kept, ledger.dropped, ledger.held, ledger.edited, counts)


def _every(came: Sequence[Finding], built: Sequence[Finding]) -> list[Finding]:
    """What was found in the rows as they came, then what only the build found: once people had been heard."""
    known = {(found.id, found.code) for found in came}
    return [*came, *(found for found in built if (found.id, found.code) not in known)]


def _findings(rows: dataset.Rows, told: Sequence[Finding], rules: Mapping[str, type[Rule]]) -> tuple[FindingGroup, ...]:
    """By code, with the text each rule saw: as it was read."""
    texts = {example.id: f"{example.prompt} -> {example.answer}" for example in rows.read}
    pages = {rule.code: _page(rule) for rule in rules.values()}
    return group_findings(told, texts, pages)


def _page(rule: type) -> str:
    """The first lines of a rule's docstring: what it looks for and why that is bad."""
    parts = (inspect.getdoc(rule) or "").split("\n\n")
    return " ".join(part.replace("\n", " ") for part in parts if part.startswith(("Why", parts[0][:5])))


def _diff(old: str, new: str, changes: dataset.Diff) -> Diff:
    def shown(example: Example | None) -> str | None:
        return f"{example.prompt} -> {example.answer}" if example else None

    # edits first: they are what a reader wants to judge; then one of each reason for the drops
    picked = [*changes.edited[:SHOWN], *_one_of_each(changes.dropped), *changes.added[:SHOWN]]
    examples = tuple(DiffRow(c.id, shown(c.before), shown(c.after), c.reasons) for c in picked)
    return Diff(old, new, len(changes.added), len(changes.dropped), len(changes.edited), examples)


def _one_of_each(changes: list[dataset.Change], each: int = 1) -> list[dataset.Change]:
    seen: dict[str, int] = {}
    picked = []
    for change in changes:
        reason = change.reasons[-1] if change.reasons else ""
        seen[reason] = seen.get(reason, 0) + 1
        picked += [change] if seen[reason] <= each else []
    return picked[:SHOWN]


def _scores(project: Project, version_id: str) -> Mapping[str, Any]:
    """The newest evaluation of a version; empty where the newest is of another, or there is none."""
    if not project.scores.exists():
        return {}
    body: dict[str, Any] = json.loads(project.scores.read_text(encoding="utf-8"))
    return body if body["version"] == version_id else {}


def _private(told: Sequence[Finding]) -> set[str]:
    """The ids of rows in which a rule on safety found something."""
    return {found.id for found in told if found.code.startswith(SAFETY)}


def _timings(project: Project) -> tuple[Timing, ...]:
    path = project.state / "timings.json"
    return tuple(Timing(*pair) for pair in json.loads(path.read_text(encoding="utf-8"))) if path.exists() else ()


def environment() -> dict[str, str]:
    """The versions that matter for the numbers."""
    found = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
    for name in ("assay", "torch", "transformers", "peft", "daft", "pylance", "scikit-learn", "wordllama"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
