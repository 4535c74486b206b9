"""Vectors of large sets: half as wide where they are kept, as wide as ever where they are used, a block at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

LARGE = (
    200_000  # rows beyond which vectors are kept as float16: a million of 256 dimensions take 0.5 GB instead of 1 GB
)
BLOCK = 65_536  # rows widened at once: 67 MB of float32 at 256 dimensions


def room(n: int, dim: int) -> np.ndarray:
    """An empty array for `n` vectors. Shape (n, dim), float32; float16 beyond `LARGE` rows.

    A component of a unit vector is then off by at most 1/2,048 of itself, and a cosine by some 0.0002.
    """
    import numpy as np

    return np.empty((n, dim), dtype=np.float16 if n > LARGE else np.float32)


def blocks(n: int) -> Iterator[slice]:
    """All of `n` rows, `BLOCK` at a time."""
    return (slice(low, min(low + BLOCK, n)) for low in range(0, n, BLOCK))


def wide(vectors: np.ndarray) -> np.ndarray:
    """The vectors as float32; themselves when they are."""
    import numpy as np

    return np.asarray(vectors, dtype=np.float32)


class Picked:
    """Some rows of an array, copied only where they are asked for."""

    def __init__(self, vectors: np.ndarray, rows: np.ndarray) -> None:
        self.vectors, self.rows = vectors, rows
        self.shape = (len(rows), vectors.shape[1])

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, part: slice) -> np.ndarray:
        """Those rows, float32."""
        return wide(self.vectors[self.rows[part]])
