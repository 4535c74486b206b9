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
    judge: Annotated[
        str, typer.Option(help="A model behind $ASSAY_JUDGE_URL (key: $ASSAY_JUDGE_KEY) that compares two rungs.")
    ] = "",
    judge_pair: Annotated[str, typer.Option(help="The two rungs the judge compares.")] = "curated,raw",
    judge_rows: Annotated[int, typer.Option(help="Test rows the judge sees, each in both orders.")] = 100,
    judge_people: Annotated[
        Path | None,
        typer.Option(help='People\'s judgements, lines of {"id", "winner"}: the judge is held against them.'),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The ladder as JSON.")] = False,
) -> None:
    """Ask every finished run, and what it must beat, the same frozen test rows.

    To beat: majority class, nearest neighbour, prompting without and with examples. Labels are scored by what the model
    writes and by constrained choice. Answers are kept: an interrupted evaluation goes on. The smallest effect this test
    set can show comes first. The primary metric is that of `eval.metric`; every look at the test rows is counted. A
    judge is beside the point: it is never the primary metric.

    Example: assay eval
    """
    from assay.cli.laddering import show
    from assay.cli.screen import print_json, progress
    from assay.errors import InputError
    from assay.project import find
    from assay.scoring import Judge, score

    project = find(Path.cwd())
    pair = tuple(name.strip() for name in judge_pair.split(","))
    if len(pair) != 2:
        raise InputError(f"--judge-pair: expected two rungs, got '{judge_pair}'", hint="--judge-pair curated,raw")
    asked = Judge(judge, pair, judge_rows, str(judge_people or "")) if judge else None
    with progress("eval", quiet=json) as tell:
        scored = score(project, version=version, few_shot_rows=few_shot_rows, judge=asked, progress=tell)
    if json:
        print_json(scored.as_dict())
    else:
        show(scored)
