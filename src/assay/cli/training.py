"""Training runs on a terminal: what will be trained, how far it is, what came of it."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from assay.cli import standing
from assay.cli.launching import elsewhere, launch_line, launched
from assay.cli.screen import err, out, plain, progress, seconds
from assay.errors import AssayError
from assay.project import Project
from assay.recipe import TrainSpec
from assay.runs import MEANING, Rung, length_of, raw_budget, training_seconds

if TYPE_CHECKING:
    from assay.cli.continuing import Start
    from assay.train.checkpoint import Standing
    from assay.train.lora import Progress, Run

FEW_KNOWN = 0.5  # of the labels it was taught, below which a model has hardly learnt them
LITTLE = 0.95  # of the loss before training: a run that ends above has learnt little


def seeds_of(text: str) -> tuple[int, ...]:
    """seeds_of("0,1, 2") -> (0, 1, 2); "" -> ().

    Raises:
        AssayError: not numbers by comma.
    """
    try:
        return tuple(int(seed) for seed in text.split(",") if seed.strip())
    except ValueError:
        raise AssayError(f"--seeds: expected numbers by comma, got '{text}'", hint="--seeds 0,1,2") from None


def estimate(
    project: Project, chosen: Sequence[Rung], budget: int | None, processes: int = 1, *, fresh: bool = False,
    found: Mapping[str, Standing] | None = None, goes_on: bool = False,
) -> None:  # fmt: skip
    """Say what would be trained, by which settings and why, without loading the model; `found`: what lies there."""
    console = out()
    spec = project.recipe.train
    tell_settings(spec)
    known = standing.leaked(project, chosen)
    for rung in chosen:
        rows = f"{len(rung.examples):,} rows ({MEANING[rung.name]})"
        console.print(
            f"  {rung.name:<8} seed {rung.seed}: {rows}{plain(standing.told(rung, found or {}, fresh=fresh))}"
        )
        if count := known[rung.folder.name]:
            what = f"{count:,} of them give test rows away (L001): part of its score will be memory"
            console.print(f"           {what}", style="yellow")
    passes = f"{spec.epochs:g} pass{'es' * (spec.epochs != 1)} over {'these' if goes_on else 'the raw'} rows"
    tokens = f"{budget:,} answer tokens" if budget else f"the answer tokens of {passes}"
    longest = max((rung.examples for rung in chosen), key=len)
    took = seconds(training_seconds(len(longest), spec, length_of(longest)))
    console.print(
        f"each spends {tokens}; about {took} a run on two quiet cores, {len(chosen)} run{'s' * (len(chosen) != 1)}"
    )
    if processes > 1:
        console.print(f"launched by: {plain(shlex.join(launch_line(processes, sys.argv[1:])))}")
        console.print(f"on several machines, each process with the whole model: {plain(elsewhere(sys.argv[1:]))}")


def tell_settings(spec: TrainSpec) -> None:
    """Every setting that effort, method or machine decide, with its reason."""
    from assay.train.derived import settings_of

    for key, value, reason in settings_of(spec):
        out().print(f"  train.{key:<14} {value:<8} [dim]{plain(reason)}[/]")


def train_rungs(
    project: Project, chosen: Sequence[Rung], budget: int | None, *, fresh: bool, quiet: bool,
    start: Start | None = None,
) -> list[tuple[Rung, Run]]:  # fmt: skip
    """Train each rung, sharing the base model and what its frozen lower layers make of the rows.

    With `start`, one that goes on from a finished adapter.

    Raises:
        InputError, TrainingError, ModelError: what stops a run; finished ones are kept.
    """
    recipe, console = project.recipe, out()
    if not quiet and not err().is_terminal:
        err().print(f"loading the model {plain(recipe.model)}")
    with progress("load", quiet=quiet) as tell:
        tell(f"loading {recipe.model}", 0.05)
        from assay.models.base import load
        from assay.train.derived import dtype_of
        from assay.train.lora import fit, trunk_for
        from assay.train.tracking import demand, told
        from assay.train.weights import demand_machine

        demand_machine(recipe.train)
        demand(recipe.train.report_to)
        base = load(recipe.model, dtype_of(recipe.train), four_bit=recipe.train.method == "qlora")
    if not quiet:
        console.print(
            f"base model [bold]{plain(recipe.model)}[/]: {plain(base.base.source)}, sha256 {base.base.digest[:12]}"
        )
        tell_settings(recipe.train)
        _tell_start(chosen, start)
    tokens = budget or (None if start else raw_budget(project, chosen[0].version, base.tokenizer))
    held = standing.validation_rows(project, chosen[0].version) if recipe.train.patience else []
    if recipe.train.patience and not held and not quiet:
        console.print("  no validation rows: no pass is better than another, and the last one is kept", style="yellow")
    trunk = trunk_for(base, recipe.train)
    done = []
    for rung in chosen:
        if fresh and launched().first:
            shutil.rmtree(rung.folder, ignore_errors=True)
        spec = TrainSpec(**{**recipe.train.model_dump(), "seed": rung.seed})
        trackers = spec.report_to if launched().first else ()
        name = f"{recipe.name} {rung.folder.name}"
        with (
            progress(f"train {rung.name}", quiet=quiet) as tell,
            told(
                trackers, partial(_step, tell), project=recipe.name, run=name, folder=rung.folder,
                settings=spec.model_dump(mode="json"),
            ) as report,
        ):  # fmt: skip
            run = fit(
                rung.examples, base=base, spec=spec, out=rung.folder, system=recipe.system, version=rung.version,
                budget=tokens, trunk=trunk, report=report, resume=rung.folder.exists(), validation=held,
                start=start.adapter if start else None, lineage=start.lineage if start else None,
            )  # fmt: skip
        done.append((rung, run))
        if not quiet:
            _show(rung, run)
    if not quiet:
        console.print("[dim]next: `assay eval`[/]")
    return done


def _tell_start(chosen: Sequence[Rung], start: Start | None) -> None:
    for rung in chosen if start else ():
        assert start is not None
        line = start.lineage
        out().print(
            f"  goes on from [bold]{plain(line['run'])}[/] with {line['new_rows']:,} new rows and "
            f"{line['replayed_rows']:,} of those it knows; resuming an interrupted run needs no option ({rung.name})"
        )


def _step(tell: Callable[[str, float], None], state: Progress) -> None:
    from_share, to_share = (0.0, 0.15) if state.stage == "lower layers" else (0.15, 1.0)
    share = from_share + (to_share - from_share) * state.done / max(1, state.total)
    loss = f", loss {state.loss:.3f}" if state.loss is not None else ""
    left = f", {seconds(state.seconds_left)} left" if state.seconds_left is not None else ""
    tell(f"{state.stage} {state.done}/{state.total}{loss}{left}", share)


def _show_known(rung: Rung, run: Run) -> None:
    """How many of the labels it was taught it would write; of free answers few are ever repeated word for word."""
    of = run.answers_known
    if not of or any(row.label is None for row in rung.examples):
        return
    told = f"           writes {of['known']} of {of['rows']} labels it was trained on"
    if of["known"] < FEW_KNOWN * of["rows"]:
        more = "hardly learnt: raise train.effort or train.epochs, or look at `assay doctor train --rates`"
        out().print(f"{told}: {more}", style="yellow" if of["known"] else "red")
    else:
        out().print(f"[dim]{told}[/]")


def _show(rung: Rung, run: Run) -> None:
    left_out = f", {rung.left_out} without an answer left out" if rung.left_out else ""
    from assay.train.worth import forgotten

    losses = " -> ".join(f"{loss:.3f}" for loss in run.epoch_losses)
    if run.validation_losses:
        losses += ", validation " + " -> ".join(f"{loss:.3f}" for loss in run.validation_losses) + ", the best is kept"
    out().print(
        f"  [bold]{rung.name:<8}[/] {len(rung.examples):>5,} rows{left_out}; {run.answer_tokens:,} answer tokens in "
        f"{run.steps:,} steps, {run.audit['trained_share']:.0%} of the tokens trained, "
        f"{run.audit['truncated_rows']} rows cut; loss {losses}; {seconds(sum(run.seconds.values()))}"
    )
    _show_known(rung, run)
    if (of := run.answer_loss) and of["after"] > LITTLE * of["before"] and not run.goes_on:
        what = f"{of['before']:.3f} before training, {of['after']:.3f} after"
        out().print(f"  little was learnt: loss {what}. [dim]assay doctor train --rates, or raise train.epochs[/]")
    if run.general_loss and forgotten(**run.general_loss, vocabulary=run.vocabulary):
        before, after = run.general_loss["before"], run.general_loss["after"]
        out().print(
            f"  general sentences: loss {before:.3f} before, {after:.3f} after: outside these rows little is left of "
            "the base model. If that matters: lower train.learning_rate, `assay doctor train --rates`", style="red",
        )  # fmt: skip


def tell_run(rung: Rung, run: Run) -> dict[str, Any]:
    """A run as JSON."""
    return {
        "rung": rung.name, "version": rung.version, "seed": rung.seed, "rows": len(rung.examples),
        "left_out": rung.left_out, "folder": str(run.folder), "steps": run.steps, "answer_tokens": run.answer_tokens,
        "epoch_losses": list(run.epoch_losses), "validation_losses": list(run.validation_losses),
        "seconds": run.seconds, "audit": run.audit, "path": run.path,
    }  # fmt: skip
