"""`assay log`: the versions of the dataset, newest first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from assay.dataset import Version
    from assay.review import Audit


def log(json: Annotated[bool, typer.Option("--json", help="The versions as JSON.")] = False) -> None:
    """List the versions of the dataset, newest first: when, how many rows, how many decisions of people, what for.

    Example: assay log
    """
    from assay import dataset
    from assay.cli.reviewing import told
    from assay.cli.screen import out, plain, print_json
    from assay.pipeline import decisions_of
    from assay.project import find
    from assay.review import audit
    from assay.store import Store

    project = find(Path.cwd())
    store = Store(project.tables)
    versions = dataset.log(store)
    answers = decisions_of(project)
    if json:
        print_json([_as_json(version, audit(answers, version.id)) for version in versions])
        return
    console = out()
    for name in store.damaged():
        console.print(f"[red]![/] [bold]{plain(name)}[/]  its manifest cannot be read; `assay build` may write it anew")
    if not versions:
        console.print("no version yet\n[dim]next: `assay build`[/]")
    for version in versions:
        mark = "*" if version.id == store.head() else " "
        ledger = version.ledger
        rows = f"{ledger.kept:>7,} kept  {ledger.dropped:>6,} dropped  {ledger.held:>6,} held"
        people = f"{version.human:>5,} by people"
        console.print(f"{mark} [bold]{version.id}[/]  {version.created}  {rows}  {people}  {plain(version.message)}")
        if (found := audit(answers, version.id)) is not None:
            console.print(f"    [dim]{told(found)}[/]")


def _as_json(version: Version, found: Audit | None) -> dict[str, Any]:
    named = {key: getattr(version, key) for key in ("id", "parent", "created", "message", "human")}
    wrong = None
    if found is not None:
        right = found.right
        wrong = {"value": 1 - right.value, "low": 1 - right.high, "high": 1 - right.low, "n": right.n}
    return {**named, **version.ledger.as_dict(), "errors_estimated": wrong}
