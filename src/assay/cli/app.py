"""The verbs, put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from assay.cli import (
    build,
    check,
    demo,
    diff,
    doctor,
    evaluate,
    explain,
    export,
    fix,
    log,
    new,
    prove,
    report,
    review,
    select,
    serve,
    train,
)

VERBS: dict[str, tuple[Callable[..., None], str]] = {  # with the line the list of verbs has, 60 characters at most
    "demo": (demo.demo, "See what cleaning does to a model, on messy tickets."),
    "check": (check.check, "Find what is wrong with a dataset, and say why."),
    "fix": (fix.fix, "Repair what is safe, hold what is doubtful."),
    "select": (select.select, "Keep the rows that stand for most of the others."),
    "explain": (explain.explain, "Tell what a rule does and why its finds are bad."),
    "new": (new.new, "Start a project: a folder with an assay.yaml."),
    "build": (build.build, "Build a version of the dataset from the sources."),
    "review": (review.review, "Decide on the rows that were held."),
    "log": (log.log, "List the versions of the dataset."),
    "diff": (diff.diff, "Show what changed between two versions."),
    "doctor": (doctor.doctor, "Say what is red, amber or green in a project."),
    "train": (train.train, "Tune the model on the answers."),
    "eval": (evaluate.evaluate, "Ask every run, and its baselines, the test rows."),
    "report": (report.report, "Write one self-contained HTML page."),
    "export": (export.export, "Write a version for other trainers or harnesses."),
    "serve": (serve.serve, "Serve a tuned model to any OpenAI client."),
}

app = typer.Typer(
    name="assay", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    epilog="Start with `assay check train.jsonl` on a file of your own, or `assay demo` to see the whole line.",
)  # fmt: skip


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"assay {version('assay')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Fine-tune small language models on data you can trust, and measure what every data decision did."""


for name, (verb, line) in VERBS.items():
    app.command(name, short_help=line)(verb)
app.add_typer(prove.prove, name="prove", short_help="Measure what every data decision did.")
