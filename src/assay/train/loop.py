"""The loop: from planned batches to trained weights."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.errors import Problem, TrainingError
from assay.models.parallel import pool
from assay.recipe import TrainSpec
from assay.records import Example
from assay.train import checkpoint
from assay.train.audit import place
from assay.train.batches import Plan
from assay.train.descent import Descent, Rows
from assay.train.held_out import HeldOut
from assay.train.weights import Tuned, restore, state_of
from assay.train.world import World
from assay.train.worth import General, Probe, Ruined, Watch, probe_of

if TYPE_CHECKING:
    from torch import Tensor

WARMUP_SHARE = 0.05  # of the steps, the learning rate rises from 0 to its peak; then it falls in a line to 0
_SETTLED = 3  # steps before the time left is estimated: the first are slower


class Progress(NamedTuple):
    """What a run says of itself while it runs."""

    stage: str  # "lower layers", "train" or "validation"
    done: int  # rows, or steps
    total: int
    seconds_left: float | None  # None until it can be estimated
    loss: float | None = None  # mean over the rows of the last step, or an answer token of the validation rows
    learning_rate: float | None = None  # of the last step


Report = Callable[[Progress], None]


class Pace(NamedTuple):
    """When a run saves, and when it stops."""

    out: Path
    checkpoint_seconds: float
    world: World
    mine: Sequence[int] | None = None  # the rows this process can read; None for all
    goes_on: bool = False  # from an adapter
    general: General = lambda: None


def run_loop(
    tuned: Tuned, rows: Rows, validation: Rows | None, planned: Plan, spec: TrainSpec, pace: Pace, say: Report
) -> dict[str, Any]:
    """Train the weights of `tuned` in place, as planned. Returns what run.json keeps of it.

    With `validation` rows, their loss is measured after every pass; the weights of the best pass are kept, and after
    `spec.patience` passes without a better one the run stops.

    Raises:
        TrainingError: a loss that is not a number (rows named), or weights that did not move.
        Ruined: the loss of the answers is no better than before training.
    """
    import torch

    names, weights, steps = list(tuned.weights), list(tuned.weights.values()), planned.steps
    optimizer = torch.optim.AdamW(weights, lr=spec.learning_rate, weight_decay=0.0)
    descent = Descent(rows, weights, optimizer, pace.world)
    losses = torch.full((len(planned.epochs), len(rows.examples)), torch.nan)
    held = HeldOut(validation, pace.world, torch.full((len(planned.epochs),), torch.nan))
    watch = _watch(rows, planned, spec, pace)
    watch.begin()
    resumed = checkpoint.last_step(pace.out)
    first = resumed.step if resumed else 0
    if resumed:
        restore(resumed.tensors, names, weights, optimizer, losses)
        held.restore(resumed.tensors, names)
    begun_at, last = _mark(weights), len(steps)
    with pool() as workers:
        clock = _Clock(first, [sum(len(rows.rendered[i].ids) for i in batch) for _, batch in steps])
        saved = clock.begun
        for step, (epoch, batch) in enumerate(steps[first:], start=first):
            rate = spec.learning_rate * _schedule(step, len(steps))
            told, sound = descent.step(batch, rate, workers)
            losses[epoch, list(batch)] = told
            if not sound:
                raise _not_a_number(step, spec, [rows.examples[i] for i in batch], told.tolist())
            loss = float(told.mean())
            say(Progress("train", step + 1, len(steps), clock.left(step + 1), loss, rate))
            watch.step(step + 1, loss)
            if validation and (step + 1 == len(steps) or steps[step + 1][0] > epoch):
                say(Progress("validation", epoch + 1, len(planned.epochs), None, held.after(epoch, weights)))
                if held.given_up(spec.patience):
                    last = step + 1
                    break
            now = time.perf_counter()
            if now - saved >= pace.checkpoint_seconds and step + 1 < len(steps) and pace.world.first:
                kept = state_of(names, weights, optimizer, losses) | held.state(names)
                checkpoint.save_step(pace.out, step + 1, kept)
                saved = now
    held.put_best(weights)
    if _mark(weights) == begun_at:
        raise TrainingError(
            "the weights did not move: nothing was learnt",
            hint="raise train.learning_rate, or set train.precision: fp32",
        )
    return _kept(rows, steps[:last], losses, held, watch, pace) | {"seconds": {"train": clock.spent}}


def _watch(rows: Rows, planned: Plan, spec: TrainSpec, pace: Pace) -> Watch:
    """Who stops the run once the model is lost."""
    steps = len(planned.steps)
    probe = Probe(probe_of(planned.steps, pace.mine, pace.world), rows.rendered, rows.forward, pace.world)
    return Watch(probe, pace.general, spec, steps, _warmup(steps), pace.goes_on)


def _kept(
    rows: Rows, done: Sequence[tuple[int, tuple[int, ...]]], losses: Tensor, held: HeldOut, watch: Watch, pace: Pace
) -> dict[str, Any]:
    """What run.json keeps of a run that came to its end; the losses of every row go into a file of their own."""
    import numpy as np

    judged = watch.end()
    seen = losses[: done[-1][0] + 1].numpy()
    if pace.world.first:
        checkpoint.write_losses(pace.out / checkpoint.LOSSES, rows.examples, seen)
    return {
        "steps": len(done), "rows": len(rows.examples),
        "answer_tokens": sum(rows.rendered[i].answer_tokens for _, batch in done for i in batch),
        "epoch_losses": [float(value) for value in np.nanmean(seen, axis=1)],
        **judged, "vocabulary": watch.vocabulary,
        "validation_losses": [float(value) for value in held.losses[: len(seen)]] if held.rows else [],
    }  # fmt: skip


class _Clock:
    """The time a run takes, and what is left of it by the tokens of its steps."""

    def __init__(self, first: int, tokens: Sequence[int]) -> None:
        self.begun, self._first, self._tokens = time.perf_counter(), first, tokens

    @property
    def spent(self) -> float:
        """Seconds since the beginning."""
        return time.perf_counter() - self.begun

    def left(self, done: int) -> float | None:
        """Seconds left after so many steps; None until that can be told."""
        if done - self._first < _SETTLED:
            return None
        return self.spent * sum(self._tokens[done:]) / sum(self._tokens[self._first : done])


def _mark(weights: Sequence[Tensor]) -> list[tuple[float, float]]:
    """Two sums a tensor: a step of any size changes one of them."""
    return [(float(w.detach().double().sum()), float(w.detach().double().square().sum())) for w in weights]


def _warmup(steps: int) -> int:
    return max(1, round(WARMUP_SHARE * steps))


def _schedule(step: int, steps: int) -> float:
    """Share of the peak learning rate: up in a line, then down to 0 after the last step."""
    warmup = _warmup(steps)
    return min((step + 1) / warmup, (steps - step) / max(1, steps - warmup + 1))


def _not_a_number(step: int, spec: TrainSpec, batch: Sequence[Example], losses: Sequence[float]) -> Ruined:
    rows = [
        Problem(place(e), f"loss {value}")
        for e, value in zip(batch, losses, strict=True)
        if not abs(value) < float("inf")
    ]
    rate = f"lower train.learning_rate, {spec.learning_rate:g} now: `assay doctor train --rates` finds one"
    hint = f"look at these rows; if they are sound, {rate}"
    return Ruined(
        f"the loss is not a number at step {step + 1}",
        problems=rows or [Problem(place(e), "in the batch") for e in batch],
        hint=hint,
    )
