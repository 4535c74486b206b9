"""`assay new`: a project folder to start from."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

TEMPLATES = Path(__file__).parent.parent / "templates"


def new(
    name: Annotated[str, typer.Argument(help="Folder to make; its name is the project's.")],
    template: Annotated[str, typer.Option(help="classify or generate.")] = "classify",
) -> None:
    """Start a project: a folder with an assay.yaml of ten lines, and a place for the data.

    Example: assay new triage
    """
    from assay.cli.screen import out, plain
    from assay.errors import AssayError
    from assay.recipe import FILE, did_you_mean

    known = sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir())
    if template not in known:
        what = f"there is no template '{template}'{did_you_mean(template, known)}"
        raise AssayError(what, hint=f"one of {', '.join(known)}")
    if not name.strip():
        raise AssayError("a project needs a name", hint="assay new triage")
    folder = Path(os.path.normpath(name))  # of "a/../b" only b is made
    if (folder / FILE).exists():
        raise AssayError(f"{folder / FILE} is there already", hint="choose another name, or edit it")
    (folder / "data").mkdir(parents=True, exist_ok=True)
    text = (TEMPLATES / template / FILE).read_text(encoding="utf-8")
    (folder / FILE).write_text(text.format(name=_scalar(folder.resolve().name)), encoding="utf-8")
    out().print(
        f"made {plain(folder / FILE)} and {plain(folder / 'data')}/\n[dim]next: put your files under data/, "
        f"look at assay.yaml, then `cd {plain(shlex.quote(str(folder)))} && assay build`[/]"
    )


def _scalar(name: str) -> str:
    """A name as YAML reads it back: quoted where it could be taken for something else."""
    ordinary = re.fullmatch(r"[A-Za-z][\w-]*", name) and name.lower() not in ("true", "false", "null")
    return name if ordinary else json.dumps(name, ensure_ascii=False)
