"""The learning-rate range test: the rate rises from step to step until the loss does; nothing of it is kept.

After Smith 2017 (Cyclical learning rates, section 3.3), with the method, rows, adapter and cached layers of a real run.
What a step is judged by is how far its rows have come from their loss before training: which rows a batch happens to
hold then matters little, and fewer steps are enough.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assay.models import chat
from assay.models.base import Loaded
from assay.models.parallel import pool
from assay.recipe import RATES, TrainSpec
from assay.records import Example
from assay.train.batches import plan
from assay.train.descent import Descent, Rows
from assay.train.forward import Forward, over_trunk, whole
from assay.train.lora import trunk_for
from assay.train.weights import tuned_on
from assay.train.world import World

LOWEST, HIGHEST = 1e-5, 10.0  # rates tried, of LoRA; of other methods in its proportion
MOST, FEWEST = 100, 30  # steps
WIDTH = 2.5  # steps: the loss is smoothed over this many on either side
LOST = 0.5  # of what was gained: where so much is lost again, the rate diverges
SAFE = 10.0  # the suggested rate stays this many times below the one that diverges
STOP = 2.0  # times the loss before training, above which no higher rate is tried

Report = Callable[[int, int, float], None]  # steps done, of how many, the loss


@dataclass(frozen=True)
class Sweep:
    """The loss at each rate, and what it says."""

    rates: tuple[float, ...]  # rising
    losses: tuple[float, ...]  # nats an answer token, at the mean row: of the step at that rate, before it
    smoothed: tuple[float, ...]
    before: float  # the mean loss of the rows before training

    @property
    def gain(self) -> float:
        """How far the smoothed loss fell, in nats; 0 where no rate taught anything."""
        return max(0.0, self.before - min(self.smoothed, default=self.before))

    @property
    def learns(self) -> bool:
        """Whether a tenth of the loss was gained at any rate."""
        return self.gain > 0.1 * self.before

    @property
    def diverges(self) -> float | None:
        """The lowest rate past the best one at which half of what was gained is lost again; None where none was."""
        best = min(range(len(self.smoothed)), key=self.smoothed.__getitem__)
        limit = self.smoothed[best] + LOST * self.gain
        past = zip(self.rates[best:], self.smoothed[best:], strict=True)
        return next((rate for rate, loss in past if loss > limit), None)

    @property
    def steepest(self) -> float | None:
        """The rate at which the loss falls fastest, by the logarithm of the rate; None where it never falls."""
        best = min(range(len(self.smoothed)), key=self.smoothed.__getitem__)
        falls = [(self.smoothed[i + 1] - self.smoothed[i - 1], self.rates[i]) for i in range(1, best)]
        return min(falls)[1] if falls and self.learns else None

    @property
    def suggested(self) -> float | None:
        """The steepest rate, a tenth of the diverging one at most, to two digits; None where nothing was learnt."""
        if self.steepest is None:
            return None
        bound = self.diverges / SAFE if self.diverges else math.inf
        return float(f"{min(self.steepest, bound):.2g}")


def steps_within(seconds: float, a_step: float) -> int:
    """The steps that fit, between FEWEST and MOST. steps_within(60, 0.5) -> 100"""
    return max(FEWEST, min(MOST, int(seconds / a_step) if a_step > 0 else MOST))


def sweep(
    examples: Sequence[Example], base: Loaded, spec: TrainSpec, *, steps: int, system: str = "",
    report: Report | None = None,
) -> Sweep:  # fmt: skip
    """Train `steps` batches at rates that rise evenly by their logarithm; the model is as it was afterwards.

    Seeded by `spec.seed`. It ends early where the loss has doubled or is no number.

    Raises:
        ModelError, TrainingError: a row that the template cannot render, a method the model has no place for.
    """
    import torch

    rendered = [chat.tokenise(example, base.tokenizer, spec.max_tokens, system) for example in examples]
    batches = _batches([len(row.ids) for row in rendered], spec, steps)
    used = sorted({i for batch in batches for i in batch})
    factor = RATES.get(spec.method, 1.0)
    rise = (HIGHEST / LOWEST) ** (1 / max(1, steps - 1))
    trunk = trunk_for(base, spec)
    rates: list[float] = []
    losses: list[float] = []
    with tuned_on(base, spec) as tuned, pool() as workers:
        weights = list(tuned.weights.values())
        forward: Forward = over_trunk(trunk, rendered, None, used) if trunk else whole(tuned.model, rendered)
        optimizer = torch.optim.AdamW(weights, lr=LOWEST, weight_decay=0.0)
        descent = Descent(Rows(examples, rendered, forward), weights, optimizer, World())
        order = sorted(used, key=lambda i: len(rendered[i].ids))
        chunks = [order[start : start + 32] for start in range(0, len(order), 32)]
        told = [loss for part in workers.map(descent.read, chunks) for loss in part.tolist()]
        before = dict(zip(order, told, strict=True))
        mean = sum(told) / len(told)
        for step, batch in enumerate(batches):
            rate = float(f"{factor * LOWEST * rise**step:.6g}")
            rows, sound = descent.step(batch, rate, workers)
            moved = float(rows.mean()) - sum(before[i] for i in batch) / len(batch)
            rates.append(rate)
            if not sound or mean + moved > STOP * mean + 1:
                losses.append(STOP * mean + 1)
                break
            losses.append(mean + moved)
            if report:
                report(step + 1, len(batches), mean + moved)
    return Sweep(tuple(rates), tuple(losses), tuple(_smooth(losses, mean)), mean)


def _batches(lengths: Sequence[int], spec: TrainSpec, steps: int) -> list[tuple[int, ...]]:
    """The first batches of a run of as many passes as it takes."""
    epochs = math.ceil(steps * spec.batch_size / len(lengths)) + 1
    planned = plan(lengths, [1] * len(lengths), batch_size=spec.batch_size, seed=spec.seed, epochs=epochs)
    return [batch for _, batch in planned.steps][:steps]


def _smooth(losses: Sequence[float], start: float) -> list[float]:
    """A mean of the steps around each, as a bell weighs them; the last value, where it leaps, is kept as it is."""
    leapt = losses[-1:] if losses and losses[-1] > STOP * start else []
    near, smoothed = losses[: len(losses) - len(leapt)], []
    for here in range(len(near)):
        weights = [math.exp(-(((there - here) / WIDTH) ** 2) / 2) for there in range(len(near))]
        smoothed.append(sum(w * loss for w, loss in zip(weights, near, strict=True)) / sum(weights))
    return [*smoothed, *leapt]
