"""One step down: the gradients of a batch, added up over its parts and processes, and the weights moved by them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.models.chat import Rendered
from assay.models.parallel import Pool
from assay.records import Example
from assay.train.forward import Forward
from assay.train.world import World

if TYPE_CHECKING:
    from torch import Tensor, nn

MAX_NORM = 1.0  # gradients are scaled down to this norm
PARTS = 2  # of a batch, each on a core of its own: fixed, so that any machine adds the same sums in the same order


class Rows(NamedTuple):
    """Rows as training needs them."""

    examples: Sequence[Example]
    rendered: Sequence[Rendered]
    forward: Forward


@dataclass(frozen=True, eq=False)
class Descent:
    """Moves `weights` in place, a batch of `rows` at a time."""

    rows: Rows
    weights: list[nn.Parameter]
    optimizer: Any  # torch.optim.Optimizer over the same weights
    world: World

    @cached_property
    def targets(self) -> list[Tensor]:
        """The tokens of each row's answer."""
        import torch

        device = self.weights[0].device
        return [torch.tensor(row.ids[row.answer_start :], device=device) for row in self.rows.rendered]

    def step(self, batch: Sequence[int], rate: float, workers: Pool) -> tuple[Tensor, bool]:
        """Move the weights by the batch's gradients. Returns the mean loss of each row before it, shape (rows,), and
        whether losses and gradients were numbers; where they were not, the weights stay as they are."""
        import torch

        weights, world = self.weights, self.world
        total = sum(self.rows.examples[i].weight * len(self.targets[i]) for i in batch)
        parts = parts_of(batch, max(PARTS, world.size))[world.rank :: world.size]
        made = list(workers.map(partial(self._differentiate, total=total), parts))
        told = torch.zeros(len(batch))
        for part, (losses, _) in zip(parts, made, strict=True):
            told[[batch.index(i) for i in part]] = losses
        shares = [sum(more, start=one) for one, *more in zip(*[gradients for _, gradients in made], strict=True)]
        device = weights[0].device
        told, *summed = world.add_up([told.to(device), *(shares or [torch.zeros_like(w) for w in weights])])
        for weight, gradient in zip(weights, summed, strict=True):
            weight.grad = gradient
        norm = torch.nn.utils.clip_grad_norm_(weights, MAX_NORM)
        told = told.cpu()
        sound = bool(torch.isfinite(torch.cat([told, norm.detach().cpu()[None]])).all())
        if sound:
            for group in self.optimizer.param_groups:
                group["lr"] = rate
            self.optimizer.step()
        return told, sound

    def read(self, part: Sequence[int]) -> Tensor:
        """Mean loss of each row, shape (rows,), without a step."""
        import torch

        with torch.no_grad():
            return torch.stack([row.mean() for row in self._losses(part)]).cpu()

    def _differentiate(self, part: Sequence[int], total: float) -> tuple[Tensor, Sequence[Tensor]]:
        """Mean loss of each row of a part of a batch, and the part's gradients of the batch's loss."""
        import torch

        rows = self._losses(part)
        weighed = [row.sum() * self.rows.examples[i].weight for i, row in zip(part, rows, strict=True)]
        gradients = torch.autograd.grad(torch.stack(weighed).sum() / total, self.weights)
        return torch.stack([row.detach().mean() for row in rows]).cpu(), gradients

    def _losses(self, part: Sequence[int]) -> tuple[Tensor, ...]:
        """The loss of every answer token, a tensor a row."""
        import torch

        wanted = [self.targets[i] for i in part]
        losses = torch.nn.functional.cross_entropy(self.rows.forward(part), torch.cat(wanted), reduction="none")
        return torch.split(losses, [len(answer) for answer in wanted])


def parts_of(batch: Sequence[int], count: int) -> list[Sequence[int]]:
    """parts_of([1, 2, 3], 2) -> [[1], [2, 3]]: alike in size, none empty."""
    bounds = [len(batch) * i // count for i in range(count + 1)]
    return [batch[low:high] for low, high in itertools.pairwise(bounds) if low < high]
