"""`assay check`: findings on bare files or on the project, like a linter. Changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def check(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files to check; the project when none is given.")] = None,
    format: Annotated[
        str, typer.Option(help="text, json, jsonl (`row` counts from 0, `line` from 1), sarif, junit or github.")
    ] = "text",
    select: Annotated[
        str, typer.Option(help="Only these codes, by comma: D001,S (a letter means all of its codes).")
    ] = "",
    ignore: Annotated[str, typer.Option(help="All but these codes.")] = "",
    test: Annotated[
        Path | None, typer.Option(help="The file you evaluate on: rows that leak from it are found.")
    ] = None,
    shape: Annotated[str, typer.Option(help="Shape of the rows, or a mapping like prompt=question,answer=reply.")] = "",
    gate: Annotated[
        list[str] | None,
        typer.Option(
            help='A limit: a rule, a code or a measure of the score card, such as "duplicates=0", "A004 < 1%".'
        ),
    ] = None,
    encoder: Annotated[
        str,
        typer.Option(
            help="What tells what a row is about: static or minilm, which is sharper, slow and installed apart. "
            "The recipe's choice when empty; static for bare files."
        ),
    ] = "",
    all: Annotated[bool, typer.Option("--all", help="Every finding, not the first five of a code.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json: one object.")] = False,
) -> None:
    """Find what is wrong with a dataset, and say why it is bad and what to do. Changes nothing.

    Reads JSONL, JSON, CSV, TSV and Parquet in the usual shapes: OpenAI messages, ShareGPT, Alpaca, prompt/completion,
    text+label. Ends with a score card, unless --select or --ignore leaves rules out. Exit status 1 when there is a
    finding of severity error or a gate fails, 2 when a file cannot be read.

    Example: assay check train.jsonl --test eval.jsonl --gate "duplicates=0" --format github
    """
    from assay.cli.bare import chosen_rules, few_collections, look, look_at_project
    from assay.cli.findings import known_format, print_findings
    from assay.cli.screen import progress
    from assay.gates import typed

    format = "json" if json else format
    known_format(format)
    rules = chosen_rules(select, ignore, project=not paths)
    gates, scored = typed(gate or []), not (select or ignore)
    with progress("check", quiet=format != "text") as tell, few_collections():
        if paths:
            looked = look(
                paths, rules, test=test, shape=shape, progress=tell, gates=gates, scored=scored, encoder=encoder
            )  # fmt: skip
        else:
            looked = look_at_project(rules, tell, gates=gates, scored=scored, encoder=encoder)
    print_findings(looked, format=format, limit=None if all else 5, project=not paths)
    if looked.failed or any(finding.severity == "error" for finding in looked.findings):
        raise typer.Exit(1)
