"""The verbs, put together."""

from __future__ import annotations

from collections.abc import Callable

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

VERBS: dict[str, Callable[..., None]] = {
    "demo": demo.demo, "check": check.check, "fix": fix.fix, "select": select.select, "explain": explain.explain,
    "new": new.new, "build": build.build, "review": review.review, "log": log.log, "diff": diff.diff,
    "doctor": doctor.doctor, "train": train.train, "eval": evaluate.evaluate, "report": report.report,
    "export": export.export, "serve": serve.serve,
}  # fmt: skip

app = typer.Typer(
    name="assay", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="Fine-tune small language models on data you can trust, and measure what every data decision did.",
    epilog="Start with `assay check train.jsonl` on a file of your own, or `assay demo` to see the whole line.",
)  # fmt: skip

for name, verb in VERBS.items():
    app.command(name)(verb)
app.add_typer(prove.prove, name="prove")
