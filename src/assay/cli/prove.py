"""`assay prove`: what every data decision did to the model."""

from __future__ import annotations

from collections.abc import Callable

import typer

from assay.cli.prove_model import model
from assay.cli.prove_rows import rows
from assay.cli.prove_size import size
from assay.cli.prove_steps import steps

PROOFS: dict[str, Callable[..., None]] = {"steps": steps, "size": size, "rows": rows, "model": model}

prove = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None,
    help="What every data decision did to the model: which steps help, whether more rows or better rows come next, "
    "which rows hurt, and whether a larger model that is prompted does better.",
)  # fmt: skip
for name, proof in PROOFS.items():
    prove.command(name)(proof)
