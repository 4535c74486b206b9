"""What lies in the folders of the runs asked for: nothing, a run to go on with, a finished one, or another one."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assay import dataset
from assay.errors import Problem, TrainingError
from assay.project import Project
from assay.records import Example, by_split
from assay.runs import TUNED, Rung, raw_budget
from assay.store import Store

if TYPE_CHECKING:
    from assay.cli.continuing import Start
    from assay.train.checkpoint import Standing

LEAKS = "L001"  # the rule that tells rows which give the test away


def standings(
    project: Project, chosen: Sequence[Rung], budget: int | None, start: Start | None = None
) -> dict[str, Standing]:
    """Of each run that was begun before, by the name of its folder: how far it is, and what has changed since.

    The tokeniser is loaded where there is such a run; no weight is.

    Raises:
        ModelError: the base model cannot be found.
        TrainingError: a record that cannot be read.
    """
    from assay.train import checkpoint

    begun = [rung for rung in chosen if (rung.folder / checkpoint.RUN).is_file()]
    if not begun:
        return {}
    from assay.models import chat
    from assay.models.base import load_tokenizer, locate
    from assay.train.derived import dtype_of
    from assay.train.identity import identity_of

    recipe = project.recipe
    base = locate(recipe.model)
    tokenizer = load_tokenizer(base)
    tokens = budget or (None if start else raw_budget(project, begun[0].version, tokenizer))
    held = validation_rows(project, begun[0].version) if recipe.train.patience else []
    found = {}
    for rung in begun:
        now = identity_of(
            rung.examples, base=base, dtype=f"torch.{dtype_of(recipe.train)}", system=recipe.system,
            fingerprint=chat.fingerprint(tokenizer, recipe.system), budget=tokens, version=rung.version,
            spec=recipe.train.model_copy(update={"seed": rung.seed}), validation=held,
            start=start.adapter if start else None,
        )  # fmt: skip
        if recipe.train.method == "qlora":
            now.pop("dtype")  # that of the parts which are not in four bits: known once it is loaded
        if standing := checkpoint.standing(rung.folder, now, rung.examples):
            found[rung.folder.name] = standing
    return found


def refuse_others(project: Project, chosen: Sequence[Rung], found: Mapping[str, Standing]) -> None:
    """Tell all runs that were trained otherwise at once, before anything is loaded.

    Raises:
        TrainingError: there are such; what differs, and the ways out.
    """
    others = [rung for rung in chosen if (one := found.get(rung.folder.name)) and one.changes]
    if not others:
        return
    problems = [Problem(f"{_short(project, rung.folder)} ({found[rung.folder.name].word})", _changes(found, rung))
                for rung in others]  # fmt: skip
    names = [name for name in TUNED if any(rung.name == name for rung in others)]
    seeds = sorted({rung.seed for rung in others})
    more = f" --seeds {','.join(map(str, seeds))}" if seeds != [project.recipe.train.seed] else ""
    keep = next((_keeping(project, rung) for rung in others if found[rung.folder.name].finished), "")
    raise TrainingError(
        f"{_runs(len(others))} made otherwise than asked now: what is there cannot be resumed, and is not written over",
        problems=problems,
        hint=f"undo the change; or `assay train --on {','.join(names)}{more} --fresh` throws the old away and trains "
        f"anew{keep}",
    )


def _keeping(project: Project, rung: Rung) -> str:
    """How to keep a finished run, and to serve it, beside the new one."""
    old = rung.folder.with_name(f"old-{rung.folder.name}")
    move = shlex.join(["mv", _short(project, rung.folder), _short(project, old)])
    return f"; to keep an old one, move it first: `{move}` (then `assay serve --rung old-{rung.name}`)"


def _runs(count: int) -> str:
    return "1 run that is there was" if count == 1 else f"{count} runs that are there were"


def _changes(found: Mapping[str, Standing], rung: Rung) -> str:
    return "; ".join(found[rung.folder.name].changes)


def _short(project: Project, folder: Path) -> str:
    return str(folder.relative_to(project.root)) if folder.is_relative_to(project.root) else str(folder)


def told(rung: Rung, found: Mapping[str, Standing], *, fresh: bool) -> str:
    """What the dry run says of what lies there: ", finished"; "" where nothing does."""
    standing = found.get(rung.folder.name)
    if standing is None:
        return ""
    if fresh:
        return f", {standing.word}: thrown away, and trained anew"
    if standing.changes:
        return f", {standing.word}, but made otherwise: {_changes(found, rung)}"
    return ", finished" if standing.finished else ", interrupted: goes on where it stopped"


def leaked(project: Project, chosen: Sequence[Rung]) -> dict[str, int]:
    """Of each rung, how many of its rows the rules found to give test rows away."""
    store = Store(project.tables)
    findings = dataset.load_rows(store, dataset.load_version(store, chosen[0].version)).findings
    known = {finding.id for finding in findings if finding.code == LEAKS}
    return {rung.folder.name: sum(example.id in known for example in rung.examples) for rung in chosen}


def validation_rows(project: Project, version: str) -> list[Example]:
    """The validation rows of a version that have an answer."""
    store = Store(project.tables)
    rows = dataset.load_rows(store, dataset.load_version(store, version)).kept
    return [row for row in by_split(rows, "validation") if row.answer.strip()]
