"""`assay diff`: what changed between two versions, row by row, with reasons."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def diff(
    before: Annotated[str, typer.Argument(help="Version id or prefix; `raw` for the rows as they were read.")],
    after: Annotated[str, typer.Argument(help="Version id or prefix; the newest when left out.")] = "",
    limit: Annotated[int, typer.Option(help="Rows to show of each kind.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="Every changed row as JSON.")] = False,
) -> None:
    """Show the rows added, dropped and edited between two versions, and the reasons.

    Example: assay diff raw 3f2a
    """
    from assay import dataset
    from assay.cli.screen import out, plain, print_json, short
    from assay.project import find
    from assay.store import Store

    store = Store(find(Path.cwd()).tables)
    newest = dataset.load_version(store, after or None)
    rows = dataset.load_rows(store, newest)
    old = dataset.as_read(rows) if before == "raw" else dataset.load_rows(store, dataset.load_version(store, before))
    changes = dataset.diff(old, rows)
    if json:
        kinds = {"added": changes.added, "dropped": changes.dropped, "edited": changes.edited}
        print_json({kind: [
            {"id": c.id, "before": c.before and {"prompt": c.before.prompt, "answer": c.before.answer},
             "after": c.after and {"prompt": c.after.prompt, "answer": c.after.answer}, "reasons": list(c.reasons)}
            for c in found] for kind, found in kinds.items()})  # fmt: skip
        return
    console = out()
    for sign, colour, found in (
        ("+", "green", changes.added),
        ("-", "red", changes.dropped),
        ("~", "yellow", changes.edited),
    ):
        for change in found[:limit]:
            example = change.after or change.before
            assert example is not None
            shown = short(example.prompt, 70) + " -> " + short(example.answer, 30)
            if change.before and change.after:
                shown = (
                    short(f"{change.before.prompt} -> {change.before.answer}", 80)
                    + "  =>  "
                    + short(f"{change.after.prompt} -> {change.after.answer}", 80)
                )
            console.print(f"[{colour}]{sign}[/] {plain(shown)}  [dim]{plain('; '.join(change.reasons))}[/]")
        if len(found) > limit:
            console.print(f"  [dim]and {len(found) - limit:,} more[/]")
    console.print(
        f"{before} .. {newest.id}: {len(changes.added):,} added, {len(changes.dropped):,} dropped, {len(changes.edited):,} edited"
    )
