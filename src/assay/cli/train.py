"""`assay train`: tune the base model on a version of the dataset, and on what it is to be compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def train(
    on: Annotated[
        str, typer.Option(help="curated, rules, random, raw, several by comma, or all: what to learn from.")
    ] = "curated",
    version: Annotated[str, typer.Option(help="Version id or prefix; the newest when left out.")] = "",
    seeds: Annotated[str, typer.Option(help="Seeds by comma: a run each. The recipe's when left out.")] = "",
    budget: Annotated[
        int, typer.Option(min=0, help="Answer tokens to train; `epochs` passes over the raw rows when left out.")
    ] = 0,
    go_on: Annotated[
        str,
        typer.Option(
            "--continue", metavar="RUN", help="Start from the adapter of this run (or rung): learn the rows it lacks."
        ),
    ] = "",
    replay: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="With --continue, this share of the rows it knows is repeated.")
    ] = 0.1,
    processes: Annotated[
        int, typer.Option(min=1, max=512, help="Processes on this machine that share every batch, one a GPU.")
    ] = 1,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Throw finished and interrupted runs away and start again.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be trained, by which settings and why, and how long.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The runs as JSON.")] = False,
) -> None:
    """Tune the model on the answers. An interrupted run goes on where it stopped, to the same weights.

    Every rung spends the same budget of answer tokens, so that what differs between them is the data. Before the first
    step the tokens are audited: a row that would teach nothing stops the run, and is named. What nobody set follows
    from `train.effort` of assay.yaml; every value is told with its reason.

    To resume an interrupted run, type the same again. To `--continue` is another thing: it goes on from a finished run,
    with the rows that are new in this version.

    Example: assay train --on all
    """
    from assay.cli.continuing import continued
    from assay.cli.launching import launch, launched
    from assay.cli.screen import print_json
    from assay.cli.standing import refuse_others, standings
    from assay.cli.training import estimate, seeds_of, tell_run, train_rungs
    from assay.project import find
    from assay.runs import TUNED, rungs

    project = find(Path.cwd())
    names = TUNED if on == "all" else tuple(name.strip() for name in on.split(",") if name.strip())
    numbers = seeds_of(seeds) or (project.recipe.train.seed,)
    chosen = rungs(project, names, numbers, version)
    start = None
    if go_on:
        chosen, start = continued(project, chosen, go_on, replay)
    found = standings(project, chosen, budget or None, start) if launched().first else {}
    if dry_run:
        estimate(project, chosen, budget or None, processes, fresh=fresh, found=found, goes_on=start is not None)
    if not fresh:
        refuse_others(project, chosen, found)
    if dry_run:
        return
    if processes > 1 and not launched():
        launch(processes)
        return
    quiet = json or not launched().first
    done = train_rungs(project, chosen, budget or None, fresh=fresh, quiet=quiet, start=start)
    if json and launched().first:
        print_json([tell_run(rung, run) for rung, run in done])
