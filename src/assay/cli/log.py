"""`assay log`: the versions of the dataset, newest first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from assay.dataset import Version


def log(json: Annotated[bool, typer.Option("--json", help="The versions as JSON.")] = False) -> None:
    """List the versions of the dataset, newest first: when, how many rows, how many decisions of people, what for.

    Example: assay log
    """
    from assay import dataset
    from assay.cli.screen import out, plain, print_json
    from assay.project import find
    from assay.store import Store

    store = Store(find(Path.cwd()).tables)
    versions = dataset.log(store)
    if json:
        print_json([_as_json(version) for version in versions])
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


def _as_json(version: Version) -> dict[str, Any]:
    named = {key: getattr(version, key) for key in ("id", "parent", "created", "message", "human")}
    return {**named, **version.ledger.as_dict()}
