"""Training runs on a terminal: what will be trained, how far it is, what came of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from assay.cli.screen import out, plain, progress, seconds
from assay.project import Project
from assay.recipe import TrainSpec
from assay.runs import MEANING, SECONDS_A_ROW, Rung, raw_budget

if TYPE_CHECKING:
    from assay.train.lora import Progress, Run


def estimate(project: Project, chosen: Sequence[Rung], budget: int | None) -> None:
    """Say what would be trained, without loading the model."""
    console = out()
    spec = project.recipe.train
    for rung in chosen:
        finished = ", finished" if (rung.folder / "adapter" / "assay.json").exists() else ""
        rows = f"{len(rung.examples):,} rows ({MEANING[rung.name]})"
        console.print(f"  {rung.name:<8} seed {rung.seed}: {rows}{finished}")
    most = max(len(rung.examples) for rung in chosen)
    tokens = f"{budget:,} answer tokens" if budget else f"the answer tokens of {spec.epochs:g} passes over the raw rows"
    took = seconds(most * spec.epochs * SECONDS_A_ROW)
    console.print(f"each spends {tokens}; about {took} a run on two cores, {len(chosen)} runs")


def train_rungs(
    project: Project, chosen: Sequence[Rung], budget: int | None, *, fresh: bool, quiet: bool
) -> list[tuple[Rung, Run]]:
    """Train each rung, sharing the base model and what its frozen lower layers make of the rows.

    Raises:
        InputError, TrainingError, ModelError: what stops a run; finished ones are kept.
    """
    recipe, console = project.recipe, out()
    with progress("load", quiet=quiet) as tell:
        tell(f"loading {recipe.model}", 0.05)
        from assay.models.base import load
        from assay.train.lora import fit, trunk_for

        base = load(recipe.model)
    if not quiet:
        console.print(
            f"base model [bold]{plain(recipe.model)}[/]: {plain(base.base.source)}, sha256 {base.base.digest[:12]}"
        )
    tokens = budget or raw_budget(project, chosen[0].version, base.tokenizer)
    trunk = trunk_for(base, recipe.train)
    done = []
    for rung in chosen:
        if fresh:
            shutil.rmtree(rung.folder, ignore_errors=True)
        spec = TrainSpec(**{**recipe.train.model_dump(), "seed": rung.seed})
        with progress(f"train {rung.name}", quiet=quiet) as tell:
            run = fit(
                rung.examples, base=base, spec=spec, out=rung.folder, system=recipe.system, version=rung.version,
                budget=tokens, trunk=trunk, report=partial(_step, tell), resume=rung.folder.exists(),
            )  # fmt: skip
        done.append((rung, run))
        if not quiet:
            _show(rung, run)
    if not quiet:
        console.print("[dim]next: `assay eval`[/]")
    return done


def _step(tell: Callable[[str, float], None], state: Progress) -> None:
    from_share, to_share = (0.0, 0.15) if state.stage == "lower layers" else (0.15, 1.0)
    share = from_share + (to_share - from_share) * state.done / max(1, state.total)
    loss = f", loss {state.loss:.3f}" if state.loss is not None else ""
    left = f", {seconds(state.seconds_left)} left" if state.seconds_left is not None else ""
    tell(f"{state.stage} {state.done}/{state.total}{loss}{left}", share)


def _show(rung: Rung, run: Run) -> None:
    left_out = f", {rung.left_out} without an answer left out" if rung.left_out else ""
    losses = " -> ".join(f"{loss:.3f}" for loss in run.epoch_losses)
    out().print(
        f"  [bold]{rung.name:<8}[/] {len(rung.examples):>5,} rows{left_out}; {run.answer_tokens:,} answer tokens in "
        f"{run.steps:,} steps, {run.audit['trained_share']:.0%} of the tokens trained, "
        f"{run.audit['truncated_rows']} rows cut; loss {losses}; {seconds(sum(run.seconds.values()))}"
    )


def tell_run(rung: Rung, run: Run) -> dict[str, Any]:
    """A run as JSON."""
    return {
        "rung": rung.name, "version": rung.version, "seed": rung.seed, "rows": len(rung.examples),
        "left_out": rung.left_out, "folder": str(run.folder), "steps": run.steps, "answer_tokens": run.answer_tokens,
        "epoch_losses": list(run.epoch_losses), "seconds": run.seconds, "audit": run.audit, "path": run.path,
    }  # fmt: skip
