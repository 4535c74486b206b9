"""`assay export`: a version for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.", show_default=False)],
    to: Annotated[str, typer.Option(help="jsonl, openai, parquet, or lm-eval for the test rows as a task.")] = "jsonl",
    version: Annotated[str, typer.Option(help="Version id or prefix; the newest when left out.")] = "",
    json: Annotated[bool, typer.Option("--json", help="What was written, as JSON.")] = False,
) -> None:
    """Write a version for other trainers, or its test rows as a task of lm-evaluation-harness.

    With `--to lm-eval`, run the harness with `--apply_chat_template`: the prompts are then those the model was tuned
    with.

    With `--to openai`, calls of tools and weights of turns are written as they were read; rows that cannot be are left
    out, and named.

    Example: assay export task --to lm-eval
    """
    from assay.cli.screen import out, plain, print_json
    from assay.errors import InputError
    from assay.export import FORMATS
    from assay.export import export as write
    from assay.project import find
    from assay.recipe import did_you_mean

    if to not in FORMATS:
        raise InputError(
            f"--to: '{to}' is no format{did_you_mean(to, list(FORMATS))}", hint=f"one of {', '.join(FORMATS)}"
        )
    done = write(find(Path.cwd()), folder, to, version=version)  # type: ignore[arg-type]
    if json:
        print_json({**done._asdict(), "folder": str(done.folder)})
        return
    rows = ", ".join(f"{count:,} {split}" for split, count in done.rows.items() if count)
    for note in done.notes:
        out().print(f"[yellow]{plain(note)}[/]")
    out().print(
        f"wrote version [bold]{done.version}[/] ({rows} rows) to {plain(folder)}: {plain(', '.join(done.files))}\n"
        f"[dim]next: {plain(done.next)}[/]"
    )
