"""`assay doctor`: what stands in the way of a good model, before it costs hours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def doctor(
    what: Annotated[
        list[str] | None, typer.Argument(help="data, train, serve, or several; data and train when left out.")
    ] = None,
    mask: Annotated[
        int, typer.Option(min=0, help="Show the first rows token by token as well, the trained ones green or in [[ ]].")
    ] = 0,
    row: Annotated[str, typer.Option(help="Show this row (its id) token by token.")] = "",
    rung: Annotated[str, typer.Option(help="The rung whose newest run `serve` looks at.")] = "curated",
    rates: Annotated[
        bool,
        typer.Option("--rates", help="Try learning rates on the real rows: is the recipe's sound?"),
    ] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Set in assay.yaml what needs no person.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The signs as JSON.")] = False,
) -> None:
    """Look at a project and say what is red, amber or green, why, where, and what to type.

    `data` looks at sources, splits, labels and what waits; `train` at tokens, template, lengths, labels, memory, disk
    and minutes, without loading a weight; with `--rates` it loads the model, lets the learning rate rise from step to
    step until training breaks down, and judges that of the recipe: about a minute, no run is written. `serve` looks at
    the adapter, what it learnt and what it forgot. Exit status 1 when anything is red.

    Example: assay doctor train --mask 2
    """
    from assay.cli import healing
    from assay.cli.screen import print_json
    from assay.errors import AssayError
    from assay.project import find
    from assay.recipe import did_you_mean

    parts = tuple(dict.fromkeys(what or (("train",) if rates or mask or row else ("data", "train"))))
    if unknown := [part for part in parts if part not in healing.PARTS]:
        known = ", ".join(healing.PARTS)
        told = f"there is no doctor for '{unknown[0]}'{did_you_mean(unknown[0], healing.PARTS)}"
        raise AssayError(told, hint=f"one of {known}")
    project = find(Path.cwd())
    if rates and "train" not in parts:
        raise AssayError(f"--rates: nothing is trained in '{' '.join(parts)}'", hint="assay doctor train --rates")
    shown = healing.masks(project, mask, row) if mask or row else []
    looked = {part: healing.look(project, part, rung) for part in parts}
    curve = healing.try_rates(project, looked["train"], quiet=json) if rates else None
    signs = [sign for found in looked.values() for sign in found]
    done = healing.apply(project, signs) if fix else {}
    if json:
        found = [{"part": part, **sign.as_dict()} for part, signs_of in looked.items() for sign in signs_of]
        more = {"rates": curve} if rates else {}
        print_json({"signs": found, "set": done, **more, **healing.masks_as_json(shown)})
    else:
        healing.show(looked, done)
        healing.show_masks(shown)
    if any(sign.level == "red" for sign in signs):
        raise typer.Exit(1)
