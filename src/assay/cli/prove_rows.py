"""`assay prove rows`: which training rows hurt, and which are behind a wrong answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from assay.prove.rows import Plan


def rows(
    version: Annotated[str, typer.Option(help="Version id or prefix; the newest when left out.")] = "",
    rung: Annotated[str, typer.Option(help="Whose rows: curated, raw, rules or random.")] = "curated",
    answer: Annotated[str, typer.Option(help="The id of a test row answered wrongly: the rows that taught it.")] = "",
    wrong: Annotated[bool, typer.Option("--wrong", help="The rows behind every wrong answer of `assay eval`.")] = False,
    top: Annotated[int, typer.Option(min=1, help="Rows that hurt to show, or to put into review.")] = 20,
    to_review: Annotated[
        bool, typer.Option("--to-review", help="Ask people about the rows shown: `assay review`.")
    ] = False,
    limit: Annotated[int, typer.Option(min=20, help="Rows traced at most; of more, a shortlist by similarity.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the runs.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="What would be traced, and how long.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The proof as JSON.")] = False,
) -> None:
    """Rank the training rows by the harm they do, and name the rows that taught the model its wrong answers.

    Three short runs each leave a third of the rows out, so no test row is needed to find the rows that hurt; test rows
    are only asked about. An interrupted proof goes on; a finished one is kept and shown at once.

    Example: assay prove rows --wrong
    """
    from assay.cli.screen import out, plain, print_json, progress, seconds
    from assay.project import find
    from assay.prove import rows as proving
    from assay.prove.told import to_review as ask_people

    project = find(Path.cwd())
    planned = proving.plan(project, version=version, rung=rung, answer=answer, limit=limit, seed=seed)
    if not json:
        whole = f" of {planned.of:,}" if planned.of > len(planned.rows) else ""
        asked = f", {len(planned.wrong)} wrong answers" if planned.evaluated else ""
        out().print(f"{len(planned.rows):,}{whole} rows{asked}: about {seconds(planned.seconds)} on two cores")
    if dry_run:
        if json:
            print_json(_plan_as_dict(planned))
        return
    with progress("prove", quiet=json) as tell:
        proof = proving.prove(project, planned, progress=tell)
    asked_about = ask_people(project, proof, answer=answer, wrong=wrong, top=top) if to_review else None
    if json:
        print_json(proof)
        return
    if answer or wrong:
        tell_answers(proof, answer, evaluated=planned.evaluated, rung=rung)
    else:
        tell_harm(proof, top)
    if asked_about is not None:
        out().print(f"{asked_about:,} rows of the set wait for a person now\n[dim]next: `assay review --by YOU`[/]")
    else:
        out().print(f"[dim]kept in {plain(planned.path)}; next: the same with --to-review[/]")


def _plan_as_dict(planned: Plan) -> dict[str, Any]:
    return {
        "version": planned.version, "rung": planned.rung, "n": len(planned.rows), "of": planned.of,
        "wrong_answers": len(planned.wrong), "evaluated": planned.evaluated, "seconds": round(planned.seconds),
    }  # fmt: skip


def tell_harm(proof: dict[str, Any], top: int) -> None:
    """The rows that hurt, the worst first, each with a row it hurts."""
    from assay.cli.screen import out, plain, short

    console = out()
    console.print("[bold]rows that look most harmful[/]  [dim]loss of the answer in runs that did not train on it[/]")
    for one in proof["rows"][:top]:
        console.print(
            f"  {_place(one)}  {plain(short(one['prompt'], 70))} -> [bold]{plain(short(one['answer'], 40))}[/]"
        )
        told = (
            f"loss {one['held_out_loss']:.2f}, confidence {one['confidence']:.2f}, forgotten {one['forgotten']} times"
        )
        hurt = f"; hurts {_said(one['why'][0])}" if one["why"] else ""
        console.print(f"    [dim]{told}{hurt}[/]")


def tell_answers(proof: dict[str, Any], answer: str, *, evaluated: bool, rung: str) -> None:
    """Wrong answers, each with the rows that taught it."""
    from assay.cli.screen import out, plain, short

    console = out()
    if not evaluated:
        console.print(f"no wrong answers are known: [bold]assay train --on {plain(rung)}[/], then [bold]assay eval[/]")
    for one in proof["answers"]:
        if answer in ("", one["test_id"]):
            console.print(
                f"[bold]{plain(one['test_id'])}[/]  {plain(short(one['prompt'], 70))}: wrote "
                f"[red]{plain(short(one['written'], 40))}[/], expected [green]{plain(short(one['expected'], 40))}[/]"
            )
            for row in one["by"]:
                console.print(f"    taught by {_said(row)}")


def _said(row: dict[str, Any]) -> str:
    from assay.cli.screen import plain, short

    return f"{_place(row)} {plain(short(row['prompt'], 60))} -> {plain(short(row['answer'], 40))}"


def _place(row: dict[str, Any]) -> str:
    from assay.cli.screen import plain

    return plain(row["place"])
