"""`assay demo`: the whole line on messy support-desk data, each verb printed so that you could type it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    folder: Annotated[
        Path, typer.Argument(help="Where to make it. Run again in the same folder to go on where it stopped.")
    ] = Path("assay-demo"),
    seed: Annotated[int, typer.Option(help="Seed of the mess that is made of the data.")] = 7,
    seeds: Annotated[str, typer.Option(help="Training seeds by comma: more of them, narrower intervals.")] = "0",
) -> None:
    """See what cleaning does to a model: messy tickets in, four tuned models and a report out.

    Makes FOLDER with real support queries that a seeded script made messy, then runs check, build, review, build, diff,
    train, eval and report there. A scripted reviewer stands in for the person. About ten minutes on two cores, no
    network, at most 6 GB of memory.

    Example: assay demo
    """
    from assay.cli.story import tell

    tell(folder, seed, seeds)
