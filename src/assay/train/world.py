"""Several processes that train one model: each differentiates a part of every batch, all take the same step."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


class World(NamedTuple):
    """This process among all that were launched together."""

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return self.rank == 0

    def add_up(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The sum of each tensor over all processes, in one message; the tensors themselves where there is one."""
        import torch

        if self.size == 1:
            return list(tensors)
        flat = torch.cat([tensor.reshape(-1).float() for tensor in tensors])
        torch.distributed.all_reduce(flat)
        parts = torch.split(flat, [tensor.numel() for tensor in tensors])
        return [part.view_as(tensor).to(tensor.dtype) for part, tensor in zip(parts, tensors, strict=True)]

    def wait(self) -> None:
        """Until all have come as far."""
        import torch

        if self.size > 1:
            torch.distributed.barrier()


def world() -> World:
    """The processes that torchrun or accelerate launched together; started by loading a model."""
    import torch

    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return World()
    return World(torch.distributed.get_rank(), torch.distributed.get_world_size())
