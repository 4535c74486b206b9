"""`assay select`: the best rows under a budget, beside as many drawn at random."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def select(
    budget: Annotated[int, typer.Argument(min=1, help="How many rows to keep.")],
    file: Annotated[Path, typer.Argument(help="The file to select from. It is never changed.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the rows go, in the same format and shape.")],
    temperature: Annotated[
        float, typer.Option(min=0, max=1, help="0 takes as many rows of each label, 1 keeps the labels' shares.")
    ] = 0.0,
    most: Annotated[int | None, typer.Option(min=1, help="At most so many rows of each label; unset: no cap.")] = None,
    beside: Annotated[
        bool,
        typer.Option("--beside", help="Also write OUTPUT's name with .random and .balanced: as many rows by chance."),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn at random.")] = 0,
    shape: Annotated[str, typer.Option(help="Shape of the rows, or a mapping like prompt=question,answer=reply.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be selected, write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The numbers as JSON.")] = False,
) -> None:
    """Keep the rows that stand for most of the others, label by label (facility location); nothing else is judged.

    Clean the file first (`assay fix`): a wrong label that stands for many is taught well. Train on the selection and on
    the rows drawn at random: only their difference shows that the selection is worth it.

    Example: assay select 500 clean.jsonl -o small.jsonl --beside
    """
    from assay.cli.fixing import refuse_overwriting
    from assay.cli.screen import print_json, progress
    from assay.cli.selecting import beside_path, choose, tell, write_all

    outputs = [output, *([beside_path(output, name) for name in ("random", "balanced")] if beside else [])]
    for path in outputs:
        refuse_overwriting(read=[file], output=path, ledger=None)
    with progress("select", quiet=json) as told:
        selection = choose(file, budget, temperature=temperature, most=most, seed=seed, shape=shape, progress=told)
    if not dry_run:
        write_all(selection, outputs)
    if json:
        print_json({**selection.as_dict(), "output": [str(path) for path in outputs], "dry_run": dry_run})
    else:
        tell(selection, [] if dry_run else outputs)
