"""The loop: from planned batches to trained weights, one flat function that reads from top to bottom."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.errors import Problem, TrainingError
from assay.models.chat import Rendered
from assay.models.parallel import pool
from assay.recipe import TrainSpec
from assay.records import Example
from assay.train import checkpoint
from assay.train.audit import place
from assay.train.batches import Plan
from assay.train.forward import Forward
from assay.train.weights import Tuned, restore, state_of
from assay.train.world import World
from assay.train.worth import General, Probe, Ruined, Watch, probe_of

if TYPE_CHECKING:
    from torch import Tensor

WARMUP_SHARE = 0.05  # of the steps, the learning rate rises from 0 to its peak; then it falls in a line to 0
MAX_NORM = 1.0  # gradients are scaled down to this norm
PARTS = 2  # of a batch, each on a core of its own: fixed, so that any machine adds the same sums in the same order
_SETTLED = 3  # steps before the time left is estimated: the first are slower
_READ = 32  # validation rows read at once


class Progress(NamedTuple):
    """What a run says of itself while it runs."""

    stage: str  # "lower layers", "train" or "validation"
    done: int  # rows, or steps
    total: int
    seconds_left: float | None  # None until it can be estimated
    loss: float | None = None  # mean over the rows of the last step, or an answer token of the validation rows
    learning_rate: float | None = None  # of the last step


Report = Callable[[Progress], None]


class Rows(NamedTuple):
    """Rows as the loop needs them."""

    examples: Sequence[Example]
    rendered: Sequence[Rendered]
    forward: Forward


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
    import numpy as np
    import torch

    examples, rendered, forward = rows
    out, checkpoint_seconds, world, mine, goes_on, general = pace
    names, weights = list(tuned.weights), list(tuned.weights.values())
    device = weights[0].device
    optimizer = torch.optim.AdamW(weights, lr=spec.learning_rate, weight_decay=0.0)
    losses = torch.full((len(planned.epochs), len(examples)), torch.nan)
    held = torch.full((len(planned.epochs),), torch.nan)  # loss of the validation rows after each epoch
    best: list[Tensor] = []
    targets = [torch.tensor(row.ids[row.answer_start :], device=device) for row in rendered]
    steps, tokens = planned.steps, [sum(len(rendered[i].ids) for i in batch) for _, batch in planned.steps]
    probe = Probe(probe_of(steps, mine, world), rendered, forward, world)
    watch = Watch(probe, general, spec, len(steps), _warmup(len(steps)), goes_on)
    watch.begin()
    resumed = checkpoint.last_step(out)
    first = resumed.step if resumed else 0
    if resumed:
        restore(resumed.tensors, names, weights, optimizer, losses)
        held = resumed.tensors.get("validation", held)
        best = [resumed.tensors[f"best:{name}"] for name in names if f"best:{name}" in resumed.tensors]
    begun_at = _mark(weights)

    def differentiate(part: Sequence[int], total: float) -> tuple[Tensor, Sequence[Tensor]]:
        """Mean loss of each row of a part of a batch, and the part's gradients of the batch's loss."""
        token_losses = torch.nn.functional.cross_entropy(
            forward(part), torch.cat([targets[i] for i in part]), reduction="none"
        )
        row_losses = torch.split(token_losses, [len(targets[i]) for i in part])
        loss = (
            torch.stack([row.sum() * examples[i].weight for i, row in zip(part, row_losses, strict=True)]).sum() / total
        )
        return torch.stack([row.detach().mean() for row in row_losses]).cpu(), torch.autograd.grad(loss, weights)

    last = len(steps)
    with pool() as workers:
        begun = saved = time.perf_counter()
        for step, (epoch, batch) in enumerate(steps[first:], start=first):
            total = sum(examples[i].weight * len(targets[i]) for i in batch)
            parts = parts_of(batch, max(PARTS, world.size))[world.rank :: world.size]
            made = list(workers.map(partial(differentiate, total=total), parts))
            told = torch.zeros(len(batch))
            for part, (row_losses, _) in zip(parts, made, strict=True):
                told[[batch.index(i) for i in part]] = row_losses
            shares = [sum(more, start=one) for one, *more in zip(*[gradients for _, gradients in made], strict=True)]
            told, *summed = world.add_up([told.to(device), *(shares or [torch.zeros_like(w) for w in weights])])
            losses[epoch, list(batch)] = told.cpu()
            for weight, gradient in zip(weights, summed, strict=True):
                weight.grad = gradient
            norm = torch.nn.utils.clip_grad_norm_(weights, MAX_NORM)
            if not bool(torch.isfinite(torch.cat([told.cpu(), norm.detach().cpu()[None]])).all()):
                raise _not_a_number(step, spec, [examples[i] for i in batch], losses[epoch, list(batch)].tolist())
            rate = spec.learning_rate * _schedule(step, len(steps))
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()

            now = time.perf_counter()
            settled = step + 1 - first >= _SETTLED
            left = (now - begun) * sum(tokens[step + 1 :]) / sum(tokens[first : step + 1]) if settled else None
            loss = float(losses[epoch, list(batch)].mean())
            say(Progress("train", step + 1, len(steps), left, loss, rate))
            watch.step(step + 1, loss)
            if validation and (step + 1 == len(steps) or steps[step + 1][0] > epoch):
                held[epoch] = _loss_of(validation, world, device)
                say(Progress("validation", epoch + 1, len(planned.epochs), None, float(held[epoch])))
                if _is_best(held.tolist()):
                    best = [weight.detach().clone() for weight in weights]
                if _given_up(held.tolist(), spec.patience):
                    last = step + 1
                    break
            if now - saved >= checkpoint_seconds and step + 1 < len(steps) and world.first:
                kept = {f"best:{name}": weight for name, weight in zip(names, best, strict=False)}
                kept |= {"validation": held} if validation else {}
                checkpoint.save_step(out, step + 1, state_of(names, weights, optimizer, losses) | kept)
                saved = now

    for weight, kept_best in zip(weights, best, strict=False):
        weight.data.copy_(kept_best)
    if _mark(weights) == begun_at:
        raise TrainingError(
            "the weights did not move: nothing was learnt",
            hint="raise train.learning_rate, or set train.precision: fp32",
        )
    judged = watch.end()
    seen = losses[: steps[last - 1][0] + 1].numpy()
    if world.first:
        checkpoint.write_losses(out / checkpoint.LOSSES, examples, seen)
    return {
        "steps": last, "rows": len(examples),
        "answer_tokens": sum(rendered[i].answer_tokens for _, batch in steps[:last] for i in batch),
        "epoch_losses": [float(value) for value in np.nanmean(seen, axis=1)],
        **judged, "vocabulary": watch.vocabulary,
        "validation_losses": [float(value) for value in held[: len(seen)]] if validation else [],
        "seconds": {"train": time.perf_counter() - begun},
    }  # fmt: skip


def _loss_of(validation: Rows, world: World, device: Any) -> float:
    """Mean loss of an answer token of the validation rows, each process reading its share."""
    import torch

    total, count = torch.zeros(1, device=device), torch.zeros(1, device=device)
    order = sorted(range(len(validation.rendered)), key=lambda i: len(validation.rendered[i].ids))
    mine = order[world.rank :: world.size]
    with torch.no_grad():
        for batch in (mine[start : start + _READ] for start in range(0, len(mine), _READ)):
            answers = [validation.rendered[i].ids[validation.rendered[i].answer_start :] for i in batch]
            wanted = torch.tensor([token for answer in answers for token in answer], device=device)
            total += torch.nn.functional.cross_entropy(validation.forward(batch), wanted, reduction="sum")
            count += len(wanted)
    summed, tokens = world.add_up([total, count])
    return float(summed / tokens)


def _so_far(held: Sequence[float]) -> list[float]:
    return [loss for loss in held if not math.isnan(loss)]


def _is_best(held: Sequence[float]) -> bool:
    """Whether the last loss measured is the lowest. _is_best([2, 1, nan]) -> True"""
    return bool(_so_far(held)) and _so_far(held)[-1] <= min(_so_far(held))


def _given_up(held: Sequence[float], patience: int) -> bool:
    """Whether the lowest of the losses is `patience` passes old. _given_up([2, 1, 1.5, 1.2], 2) -> True"""
    losses = _so_far(held)
    return 0 < patience < len(losses) - losses.index(min(losses)) if losses else False


def parts_of(batch: Sequence[int], count: int) -> list[Sequence[int]]:
    """parts_of([1, 2, 3], 2) -> [[1], [2, 3]]: alike in size, none empty."""
    bounds = [len(batch) * i // count for i in range(count + 1)]
    return [batch[low:high] for low, high in itertools.pairwise(bounds) if low < high]


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
