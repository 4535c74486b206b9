"""`assay log`: the versions of the dataset, newest first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


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
        print_json([{"id": v.id, "parent": v.parent, "created": v.created, "message": v.message, "human": v.human,
                     **v.ledger.as_dict()} for v in versions])  # fmt: skip
        return
    console = out()
    if not versions:
        console.print("no version yet\n[dim]next: `assay build`[/]")
    for version in versions:
        mark = "*" if version.id == store.head() else " "
        console.print(f"{mark} [bold]{version.id}[/]  {version.created}  {version.ledger.kept:>7,} kept  {version.ledger.dropped:>6,} dropped  "
                      f"{version.ledger.held:>6,} held  {version.human:>5,} by people  {plain(version.message)}")  # fmt: skip
