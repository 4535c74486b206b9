"""`assay diff`: what changed between two versions, row by row, with reasons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from assay.dataset import Change
    from assay.records import Example


def diff(
    before: Annotated[str, typer.Argument(help="Version id or prefix; `raw` for the rows as they were read.")],
    after: Annotated[str, typer.Argument(help="Version id or prefix; the newest when left out.")] = "",
    limit: Annotated[int, typer.Option(help="Rows to show of each kind.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="Every changed row as JSON.")] = False,
) -> None:
    """Show the rows added (+), dropped (-), edited (~) and held for a person (?) between two versions, and the reasons.

    Example: assay diff raw 3f2a
    """
    from assay import dataset
    from assay.cli.screen import out, plain, print_json
    from assay.project import find
    from assay.store import Store

    store = Store(find(Path.cwd()).tables)
    newest = dataset.load_version(store, after or None)
    rows = dataset.load_rows(store, newest)
    old = dataset.as_read(rows) if before == "raw" else dataset.load_rows(store, dataset.load_version(store, before))
    changes = dataset.diff(old, rows)
    if json:
        print_json({kind: [_as_json(change) for change in found] for kind, found in changes._asdict().items()})
        return
    console = out()
    signs = (
        ("+", "green", changes.added), ("-", "red", changes.dropped), ("~", "yellow", changes.edited),
        ("?", "cyan", changes.held),
    )  # fmt: skip
    for sign, colour, found in signs:
        for change in found[:limit]:
            reasons = plain("; ".join(change.reasons))
            console.print(f"[{colour}]{sign}[/] {plain(_shown(change))}  [dim]{reasons}[/]")
        if len(found) > limit:
            console.print(f"  [dim]and {len(found) - limit:,} more[/]")
    sums = ", ".join(f"{len(found):,} {kind}" for kind, found in changes._asdict().items())
    console.print(f"{before} .. {newest.id}: {sums}")


def _as_json(change: Change) -> dict[str, Any]:
    def told(example: Example | None) -> dict[str, str] | None:
        return {"prompt": example.prompt, "answer": example.answer} if example else None

    return {
        "id": change.id, "before": told(change.before), "after": told(change.after), "reasons": list(change.reasons),
    }  # fmt: skip


def _shown(change: Change) -> str:
    """One line: the row, or for an edit the row before and after."""
    from assay.cli.screen import short

    if change.before and change.after:
        old, new = (f"{example.prompt} -> {example.answer}" for example in (change.before, change.after))
        return f"{short(old, 80)}  =>  {short(new, 80)}"
    example = change.after or change.before
    return f"{short(example.prompt, 70)} -> {short(example.answer, 30)}" if example else ""
