"""A finished build, as text for people and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from assay.cli.card import show_failed
from assay.cli.extras import how_to_install, missing
from assay.cli.screen import out, plain, seconds, short
from assay.gates import Failed
from assay.pipeline import Build
from assay.recipe import TrainSpec
from assay.records import Finding
from assay.review import queue
from assay.rules.run import CRASHED
from assay.runs import length_of, training_seconds
from assay.signals.relevance import too_few
from assay.sources import Read

FILES = 10  # files whose reading is told


def as_json(built: Build, failed: Sequence[Failed]) -> dict[str, Any]:
    """The version with its ledger, and the gates that failed."""
    version = built.version
    return {
        "id": version.id, "parent": version.parent, **version.ledger.as_dict(), "human": version.human,
        "stale": version.stale, "left_out": built.material.left_out,
        "unreadable": sum(len(read.problems) for read in built.material.reads),
        "gates_failed": [str(one) for one in failed],
    }  # fmt: skip


def _crashes(findings: Sequence[Finding]) -> None:
    """The rules that crashed, and where: what they would have found is not known."""
    first: dict[str, Finding] = {}
    times: Counter[str] = Counter()
    for found in findings:
        if found.code == CRASHED:
            rule = str(found.evidence.get("rule"))
            first.setdefault(rule, found)
            times[rule] += 1
    for rule, found in first.items():
        where = f"{times[rule]:,} rows" if found.id else "the set"
        out().print(f"  [red]{CRASHED}[/]  {plain(rule)} crashed on {where}: {plain(short(found.message, 160))}")


def show(built: Build, failed: Sequence[Failed]) -> None:
    """Say what could not be read, what each rule did, what became of the rows, and what to do next."""
    console, version, ledger = out(), built.version, built.version.ledger
    _sources(built.material.reads)
    for file in built.material.left_out:
        console.print(f"  [yellow]left out:[/] {plain(file)} holds no rows by its name")
    if few := too_few(built.curated.measured):
        console.print(f"  [yellow]domain.targets:[/] {few}")
    for count in ledger.by_code:
        console.print(f"  {count.code}  {plain(count.name):<22} {count.action:<5} {count.count:>7,}")
    _crashes(built.curated.findings)
    rows = (
        f"{ledger.rows_in:,} rows in = {ledger.kept:,} kept ({ledger.edited:,} repaired) + {ledger.dropped:,} dropped "
        f"+ {ledger.held:,} held; {ledger.frozen:,} test rows untouched"
    )
    people = f"{version.human:,} decisions of people, {version.stale:,} stale"
    console.print(f"version [bold]{version.id}[/]: {rows}; {people}")
    rows_in = ledger.kept + ledger.dropped + ledger.held
    spec = TrainSpec.model_validate(version.recipe["train"])
    in_set = [example for example in built.curated.kept if example.split != "test"]
    took = "about " + seconds(training_seconds(rows_in, spec, length_of(in_set)))
    doubted = len(queue([], built.curated.findings, in_set))
    waiting = f"{ledger.held:,} rows held" + (f", {doubted:,} in doubt" if doubted else "")
    first = plain(how_to_install("train")) if missing("train") else took
    console.print(f"[dim]next: {_next(ledger.kept, waiting, first)}[/]")
    show_failed(failed)


def _next(kept: int, waiting: str, first: str) -> str:
    if not kept:
        return "nothing is left to learn from: look at the rows with `assay diff raw`, or name the columns: `shape:`"
    return f"`assay review` ({waiting}) or `assay train` ({first})"


def _sources(reads: Sequence[Read]) -> None:
    """How the files were read, and what of them could not be."""
    console = out()
    for number, read in enumerate(reads):
        left = f"; not used: {', '.join(read.shape.unused)}" if read.shape.unused else ""
        if number < FILES:
            console.print(f"  [dim]{plain(read.path)}: {read.rows:,} rows, {plain(read.shape)}{plain(left)}[/]")
        for problem in read.problems:
            console.print(f"  [yellow]not read:[/] {plain(problem)}")
    if len(reads) > FILES:
        console.print(f"  [dim]and {len(reads) - FILES:,} files more[/]")
