"""Outputs of the frozen lower layers: computed once a row, kept, and shared by epochs, arms and rungs."""

from __future__ import annotations

import hashlib
import mmap
import os
import tempfile
import weakref
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from assay.models.parallel import pool
from assay.models.stack import KeyValues, Stack
from assay.models.tree import EMPTY, Tree

if TYPE_CHECKING:
    from torch import Tensor

_BUCKET = 8  # lengths are rounded up to this: a row's states then do not depend on which rows it shares a batch with


class _Spilled(NamedTuple):
    offset: int  # bytes from the start of the file
    shape: tuple[int, ...]


class Trunk:
    """States of rows after the lower `depth` layers of a frozen stack.

    In memory up to `memory_bytes`; beyond that in an unnamed memory-mapped file, which the system removes by itself,
    even after a kill. A row is known by its ids and by how much of it is the shared beginning.
    """

    def __init__(self, stack: Stack, depth: int, *, memory_bytes: int = 1 << 30, spill: Path | None = None) -> None:
        self.stack = stack
        self.depth = depth
        self.memory_bytes = memory_bytes
        self.tokens = 0  # computed so far, padding left out
        self._spill = spill  # folder of the file; None: the system's temporary folder
        self._file = -1  # descriptor, once something was spilled
        self._written = 0
        self._held = 0
        self._kept: dict[bytes, Tensor | _Spilled] = {}
        self._begun: dict[bytes, tuple[Tensor, KeyValues]] = {}

    def beginning(self, ids: Sequence[int]) -> Tensor:
        """States (1, p, d) of a shared beginning."""
        return self._beginning(ids)[0]

    def states(
        self, rows: Sequence[Sequence[int]], shared: int = 0, *, tree: Tree = EMPTY, batch_size: int = 32,
        report: Callable[[int, int], None] | None = None,
    ) -> list[Tensor]:  # fmt: skip
        """States (t_i - shared + n, d) of each row after its first `shared` ids, which must be the same in all rows.

        The last n are those of the tree's nodes, read after the row. `report(done, total)` is told of rows computed.
        """
        keys = [_key(row, shared, *tree.tokens, *tree.parents) for row in rows]
        missing = {key: row for key, row in zip(keys, rows, strict=True) if key not in self._kept}
        order = sorted(missing, key=lambda key: (len(missing[key]), key))
        if order:
            past = self._beginning(rows[0][:shared])[1] if shared else KeyValues()
            batches = _buckets(order, [len(missing[key]) - shared for key in order], batch_size)
            done = 0
            with pool() as workers:
                made = workers.map(
                    lambda batch: self._run([missing[key][shared:] for key in batch], past, tree), batches
                )
                for batch, states in zip(batches, made, strict=True):
                    for key, part in zip(batch, states, strict=True):
                        self.tokens += part.shape[0]
                        self._kept[key] = self._store(part)
                    done += len(batch)
                    if report:
                        report(done, len(order))
        return self._fetch(keys)

    def _beginning(self, ids: Sequence[int]) -> tuple[Tensor, KeyValues]:
        import torch

        key = _key(ids, 0)
        if key not in self._begun:
            with torch.inference_mode():
                past = KeyValues()
                states = self.stack.embed(torch.tensor([list(ids)], device=self.stack.device))
                self._begun[key] = (self.stack.run(states, 0, self.depth, past=past), past)
        return self._begun[key]

    def _run(self, rows: Sequence[Sequence[int]], past: KeyValues, tree: Tree) -> list[Tensor]:
        """States (t_i + n, d) of each row of ids after a shared beginning, and of the tree after it."""
        import torch

        lengths = [len(row) for row in rows]
        width = -(-max(lengths) // _BUCKET) * _BUCKET
        ids = [[*row, *[0] * (width - len(row)), *tree.tokens] for row in rows]
        with torch.inference_mode():
            states = self.stack.embed(torch.tensor(ids, device=self.stack.device))
            out = self.stack.run_after(
                KeyValues(past, keep=False), states, 0, self.depth, lengths=lengths, tree=tree
            ).cpu()
            return [torch.cat([row[:length], row[width:]]) for row, length in zip(out, lengths, strict=True)]

    def _store(self, states: Tensor) -> Tensor | _Spilled:
        import torch

        size = states.numel() * states.element_size()
        if self._held + size <= self.memory_bytes:
            self._held += size
            return states
        if self._file < 0:
            self._file, path = tempfile.mkstemp(dir=self._spill)
            os.unlink(path)
            weakref.finalize(self, os.close, self._file)
        place = _Spilled(self._written, tuple(states.shape))
        self._written += os.write(self._file, states.contiguous().view(torch.uint8).numpy().tobytes())
        return place

    def _fetch(self, keys: Sequence[bytes]) -> list[Tensor]:
        import torch

        dtype = self.stack.dtype
        mapped = (
            torch.frombuffer(mmap.mmap(self._file, 0, access=mmap.ACCESS_COPY), dtype=dtype) if self._written else None
        )
        fetched: list[Tensor] = []
        for key in keys:
            kept = self._kept[key]
            if isinstance(kept, _Spilled):
                assert mapped is not None
                start, count = kept.offset // dtype.itemsize, kept.shape[0] * kept.shape[1]
                fetched.append(mapped[start : start + count].view(kept.shape))
            else:
                fetched.append(kept)
        return fetched


def _key(ids: Sequence[int], shared: int, *tree: int) -> bytes:
    return hashlib.blake2b(array("q", [shared, len(ids), *ids, *tree]).tobytes(), digest_size=16).digest()


def _buckets(order: Sequence[bytes], lengths: Sequence[int], batch_size: int) -> list[list[bytes]]:
    """Batches of rows whose lengths round up to the same multiple of `_BUCKET`; `lengths` ascend."""
    batches: list[list[bytes]] = []
    width = -1
    for key, length in zip(order, lengths, strict=True):
        rounded = -(-length // _BUCKET)
        if rounded != width or len(batches[-1]) == batch_size:
            batches.append([])
            width = rounded
        batches[-1].append(key)
    return batches
