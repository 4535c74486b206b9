"""`assay eval`: the ladder, on the frozen test rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    version: Annotated[str, typer.Option(help="Version id or prefix; the newest when left out.")] = "",
    few_shot_rows: Annotated[
        int, typer.Option(help="Test rows the few-shot rung is asked; 0 for all. Its prompts are long.")
    ] = 80,
    json: Annotated[bool, typer.Option("--json", help="The ladder as JSON.")] = False,
) -> None:
    """Ask every finished run, and what it must beat, the same frozen test rows.

    To beat: majority class, nearest neighbour, prompting without and with examples. Labels are scored by what the model
    writes and by constrained choice. Answers are kept: an interrupted evaluation goes on. The smallest effect this test
    set can show comes first.

    Example: assay eval
    """
    from assay.cli.laddering import show
    from assay.cli.screen import print_json, progress
    from assay.project import find
    from assay.scoring import score

    project = find(Path.cwd())
    with progress("eval", quiet=json) as tell:
        scored = score(project, version=version, few_shot_rows=few_shot_rows, progress=tell)
    if json:
        print_json({"version": scored.version, "missing": scored.missing, **scored.ladder.as_dict()})
    else:
        show(scored)
