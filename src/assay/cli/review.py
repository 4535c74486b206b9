"""`assay review`: what waits for a person, and their answers. Every answer can be taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def review(
    by: Annotated[str, typer.Option(help="Your name, kept with every answer.")] = "",
    show: Annotated[int, typer.Option(min=0, help="Only list the first rows that wait.")] = 0,
    script: Annotated[
        Path | None,
        typer.Option(
            help='Take the answers from a file: a line each of {"id", "action"}, the action keep, drop, take (the '
            'suggestion) or edit, with the new "answer" or "text" (the prompt).'
        ),
    ] = None,
    sample: Annotated[
        int,
        typer.Option(
            min=0, help="Ask about so many random rows of the set, flagged or not: their answers estimate its errors."
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the sample.")] = 0,
    budget: Annotated[int, typer.Option(min=0, help="At most this many answers.")] = 0,
    new_labels: Annotated[
        bool, typer.Option("--new-labels", help="Take labels that no row of the set has yet.")
    ] = False,
    phrases: Annotated[
        bool, typer.Option("--phrases", help="Propose phrases that rows write in several ways, in phrases.yaml.")
    ] = False,
    undo: Annotated[str, typer.Option(help="Take back the newest answer on this example id.")] = "",
    history: Annotated[
        bool, typer.Option("--history", help="Every answer ever given, undone ones too, as JSON.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The queue as JSON.")] = False,
) -> None:
    """Decide on the rows that were held: keep, drop, take the suggestion or type another answer; undo any of it.

    Answers are kept apart from the data, with who, when, before and after; `assay build` replays them. With --sample
    the rows come from the set itself, without what the rules say of them; `assay log` and the report show the estimate.
    Answers of a script to rows that do not wait are named; exit status 1 when none was taken.

    Example: assay review --by ana
    """
    from assay.cli.phrasing import propose_phrases
    from assay.cli.review_script import from_script
    from assay.cli.reviewing import as_json, ask, labels_of, list_rows, sampled, waiting
    from assay.cli.screen import out, plain, print_json
    from assay.db import open_events
    from assay.errors import InputError
    from assay.project import find

    project = find(Path.cwd())
    if phrases:
        propose_phrases(project, as_json_only=json)
        return
    events = open_events(f"sqlite:///{project.people}")
    taken = True
    try:
        if history:
            print_json(events.history())
        elif undo:
            if not events.undo(undo, by or "someone"):
                raise InputError(f"{undo}: there is no answer to take back")
            out().print(f"taken back: the newest answer on {plain(undo)}\n[dim]next: `assay build`[/]")
        elif sample:
            known = None if new_labels or json else labels_of(project)
            taken = sampled(
                project, events, size=sample, seed=seed, by=by, script=script, as_json_only=json, known=known
            )
        elif json or show:
            rows = waiting(project, events)
            if json:
                print_json([as_json(row) for row in rows])
            else:
                list_rows(rows, show)
        elif not by:
            raise InputError("whose answers are these?", hint="assay review --by YOUR-NAME")
        else:
            known, rows = None if new_labels else labels_of(project), waiting(project, events)
            if script:
                taken = from_script(project, rows, script, by, events, budget=budget, known=known)
            else:
                ask(rows, by, events, budget, known=known)
    finally:
        events.close()
    if not taken:
        raise typer.Exit(1)
