"""`assay build`: sources, rules and decisions to a version."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def build(
    message: Annotated[
        str, typer.Option("--message", "-m", help="What this version is for; shown by `assay log`.")
    ] = "",
    engine: Annotated[str, typer.Option(help="native, or ray for a cluster: the version id is the same.")] = "native",
    json: Annotated[bool, typer.Option("--json", help="The version as JSON.")] = False,
) -> None:
    """Build a version of the dataset: read the sources, run the rules, replay what people decided, commit.

    The same sources, recipe and decisions give the same version id on every machine. Exit status 1 when a gate of the
    recipe fails; the version is committed all the same, and named.

    Example: assay build -m "first pass"
    """
    from assay import frames, pipeline
    from assay.cli.screen import out, plain, print_json, progress, seconds
    from assay.gates import passed
    from assay.project import find

    project = find(Path.cwd())
    frames.use(engine)  # type: ignore[arg-type]
    with progress("build", quiet=json) as tell:
        built = pipeline.build(project, message=message, progress=tell)
    version, ledger = built.version, built.version.ledger
    failed = passed(project.recipe.gates, built.curated.findings, built.curated.kept)
    if json:
        print_json({"id": version.id, "parent": version.parent, **ledger.as_dict(), "human": version.human, "stale": version.stale,
                    "unreadable": sum(len(read.problems) for read in built.material.reads), "gates_failed": [str(p) for p in failed]})  # fmt: skip
    else:
        console = out()
        for read in built.material.reads:
            for problem in read.problems:
                console.print(f"  [yellow]not read:[/] {plain(problem)}")
        for count in ledger.by_code:
            console.print(f"  {count.code}  {plain(count.name):<22} {count.action:<5} {count.count:>7,}")
        console.print(f"version [bold]{version.id}[/]: {ledger.rows_in:,} rows in = {ledger.kept:,} kept ({ledger.edited:,} repaired) + "
                      f"{ledger.dropped:,} dropped + {ledger.held:,} held; {ledger.frozen:,} test rows untouched; "
                      f"{version.human:,} decisions of people, {version.stale:,} stale")  # fmt: skip
        estimate = (
            ledger.kept * project.recipe.train.epochs * 0.045
        )  # seconds a row and epoch, measured on two cores: LOG.md
        console.print(
            f"[dim]next: `assay review` ({ledger.held:,} rows wait) or `assay train` (about {seconds(estimate)})[/]"
        )
        for problem in failed:
            console.print(f"[red]gate failed[/] {plain(problem)}")
    if failed:
        raise typer.Exit(1)
