"""`assay train --continue RUN`: what an adapter does not know yet, and a share of what it does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.errors import InputError, ModelError
from assay.project import Project
from assay.recipe import did_you_mean
from assay.runs import Rung

if TYPE_CHECKING:
    from assay.models.adapter import Adapter


class Start(NamedTuple):
    """An adapter to go on from, and what the card of the next one says of that."""

    adapter: Adapter
    lineage: dict[str, Any]


def continued(project: Project, chosen: Sequence[Rung], run: str, replay: float) -> tuple[list[Rung], Start]:
    """The rung with the rows that `run` has not learnt, a share of those it has, and the adapter to start from.

    Raises:
        InputError: several rungs, no such run, or no row is new.
        ModelError: the run is not finished.
    """
    from assay.models import adapter as adapters

    if len(chosen) != 1:
        raise InputError("--continue goes on from one run with one rung and seed", hint="--on curated --seeds 0")
    (rung,) = chosen
    folder = next((path for path in (project.runs / run, Path(run)) if path.is_dir()), None)
    adapter = adapters.read(folder / "adapter" if folder else _newest(project, run))
    before = adapter.folder.parent
    if before.resolve() == rung.folder.resolve():
        what = f"{before.name} is the run of this version itself: there is nothing to go on with"
        raise InputError(what, hint="add rows and `assay build` first")
    known = _learnt(project, before, adapter)
    new = [row for row in rung.examples if (row.id, row.digest) not in known]
    old = [row for row in rung.examples if (row.id, row.digest) in known]
    if not new:
        raise InputError(
            f"{before.name} has learnt every row of version {rung.version}", hint="add rows, `assay build`"
        )
    again = {row.id for row in Random(f"replay {rung.seed}").sample(old, round(replay * len(old)))}
    fresh = {row.id for row in new}
    rows = [row for row in rung.examples if row.id in fresh or row.id in again]
    lineage = {
        "run": before.name, "weights_digest": adapter.weights_digest, "version": adapter.version,
        "new_rows": len(new), "replayed_rows": len(again), "replay": replay, "before": adapter.lineage,
    }  # fmt: skip
    return [rung._replace(examples=rows)], Start(adapter, lineage)


def _newest(project: Project, run: str) -> Path:
    """The adapter of the newest finished run of a rung.

    Raises:
        InputError: there is none: says which runs there are to go on from.
    """
    from assay.serve.runs import adapter_in, newest

    there = [path.name for path in sorted(project.runs.glob("*")) if adapter_in(path)]
    try:
        return newest(project.runs, run)
    except ModelError:
        what = f"--continue {run}: there is no finished run or rung of this name"
        if not there:
            raise InputError(what, hint="no run is finished here: `assay train` makes the first") from None
        rungs = {name.split("-")[0] for name in there}
        meant = did_you_mean(run, [*sorted(rungs), *there])
        raise InputError(what + meant, hint=f"finished runs: {', '.join(there)}; or a rung of theirs") from None


def _learnt(project: Project, run: Path, adapter: Adapter) -> set[tuple[str, str]]:
    """Id and digest of the rows that a run, and those it went on from, were trained on.

    Raises:
        InputError: one of them is gone.
    """
    from assay.train.checkpoint import ROWS

    known: set[tuple[str, str]] = set()
    lineage: dict[str, Any] = {"run": run.name, "before": adapter.lineage}
    while lineage:
        rows = (run if lineage["run"] == run.name else project.runs / lineage["run"]) / ROWS
        if not rows.is_file():
            what = f"{rows}: no such file, so it is not known which rows {run.name} has learnt"
            raise InputError(what, hint="train from the base model: `assay train` without --continue")
        known |= {(name, digest) for name, digest in json.loads(rows.read_text(encoding="utf-8"))}
        lineage = lineage["before"]
    return known
