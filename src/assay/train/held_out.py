"""The validation rows of a run: their loss after each pass, the weights of the best one, and when to give up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.train.descent import Rows
from assay.train.world import World

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_READ = 32  # rows read at once


@dataclass(eq=False)
class HeldOut:
    """What the validation rows said so far; without rows it says nothing, and the last weights are the best."""

    rows: Rows | None
    world: World
    losses: Tensor  # shape (passes,): mean loss of an answer token after each; not a number until then
    best: list[Tensor] = field(default_factory=list)  # the weights of the best pass

    def after(self, epoch: int, weights: Sequence[Tensor]) -> float:
        """Measure the loss after a pass, and keep the weights where none was lower."""
        told = _loss_of(self.rows, self.world, weights[0].device) if self.rows else math.nan
        self.losses[epoch] = told
        if is_best(self.losses.tolist()):
            self.best = [weight.detach().clone() for weight in weights]
        return told

    def given_up(self, patience: int) -> bool:
        """Whether the best pass is `patience` passes old; never for a patience of 0."""
        return given_up(self.losses.tolist(), patience)

    def put_best(self, weights: Sequence[Tensor]) -> None:
        """Put the weights of the best pass back."""
        for weight, best in zip(weights, self.best, strict=False):
            weight.data.copy_(best)

    def state(self, names: Sequence[str]) -> dict[str, Tensor]:
        """As a checkpoint keeps it."""
        kept = {f"best:{name}": weight for name, weight in zip(names, self.best, strict=False)}
        return kept | ({"validation": self.losses} if self.rows else {})

    def restore(self, state: dict[str, Tensor], names: Sequence[str]) -> None:
        """The inverse of `state`."""
        self.losses = state.get("validation", self.losses)
        self.best = [state[f"best:{name}"] for name in names if f"best:{name}" in state]


def _loss_of(rows: Rows, world: World, device: torch.device) -> float:
    """Mean loss of an answer token of the rows, each process reading its share."""
    import torch

    total, count = torch.zeros(1, device=device), torch.zeros(1, device=device)
    order = sorted(range(len(rows.rendered)), key=lambda i: len(rows.rendered[i].ids))
    mine = order[world.rank :: world.size]
    with torch.no_grad():
        for batch in (mine[start : start + _READ] for start in range(0, len(mine), _READ)):
            answers = [rows.rendered[i].ids[rows.rendered[i].answer_start :] for i in batch]
            wanted = torch.tensor([token for answer in answers for token in answer], device=device)
            total += torch.nn.functional.cross_entropy(rows.forward(batch), wanted, reduction="sum")
            count += len(wanted)
    summed, tokens = world.add_up([total, count])
    return float(summed / tokens)


def _so_far(losses: Sequence[float]) -> list[float]:
    return [loss for loss in losses if not math.isnan(loss)]


def is_best(losses: Sequence[float]) -> bool:
    """Whether the last loss measured is the lowest. is_best([2, 1, nan]) -> True"""
    return bool(_so_far(losses)) and _so_far(losses)[-1] <= min(_so_far(losses))


def given_up(losses: Sequence[float], patience: int) -> bool:
    """Whether the lowest of the losses is `patience` passes old. given_up([2, 1, 1.5, 1.2], 2) -> True"""
    seen = _so_far(losses)
    return 0 < patience < len(seen) - seen.index(min(seen)) if seen else False
