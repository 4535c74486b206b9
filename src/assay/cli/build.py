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
    from assay.cli.building import as_json, show
    from assay.cli.screen import print_json, progress, tell_own_rules
    from assay.gates import limits, on_card, passed
    from assay.passes import Said
    from assay.project import find

    project = find(Path.cwd())
    tell_own_rules(project.recipe.own_rules)
    gates, registry = project.recipe.gates, pipeline.registry_of(project)
    limits(gates, registry)
    frames.use(engine)  # type: ignore[arg-type]
    with progress("build", quiet=json) as tell:
        said = Said() if on_card(gates) else None
        built = pipeline.build(project, message=message, progress=tell, said=said)
    rules = pipeline.rules_of(project)
    made = built.curated
    card = pipeline.card_of(project, made.kept, made.decisions, rules, said=said) if on_card(gates) else None
    ran = {rule.name for rule in rules}
    failed = passed(gates, made.findings, made.kept, card, rules=registry, ran=ran)
    if json:
        print_json(as_json(built, failed))
    else:
        show(built, failed)
    if failed:
        raise typer.Exit(1)
