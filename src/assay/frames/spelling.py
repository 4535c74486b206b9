"""Vectors of how texts are spelt: for languages whose words the encoder does not know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np

SHORTEST, LONGEST = 3, 5  # characters of a piece of a word
BUCKETS = 1 << 18  # pieces are hashed into
PIECES = 20_000  # of them that count: those in most texts
FITTED = 2000  # texts the directions are fitted on, drawn by seed from more
SPARE, ROUNDS = 10, 2  # directions beyond those wanted, and turns (Halko, Martinsson, Tropp 2011)
READ = 2000  # characters of a text
CHUNK = 4096  # texts projected at once
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Spelling:
    """An encoder fitted on some texts: TF-IDF of pieces of words, three to five characters, on its main directions.

    Words of one stem and words typed wrongly stand near each other; words of one meaning only where the texts use them
    in like company. The same text gives the same vector, whatever stands beside it.
    """

    texts: Sequence[str] = field(repr=False)
    dim: int = 256
    seed: int = 0
    name: str = "spelling"
    languages: tuple[str, ...] = ()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Shape (n, dim), float32, L2-normalised; a text without any piece that two fitted texts have is all zeros."""
        import numpy as np

        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        used, directions = self._directions
        if not len(used):
            return out
        for low in range(0, len(texts), CHUNK):
            projected = np.asarray(self._weights(_counts(texts[low : low + CHUNK]))[:, used] @ directions)
            lengths = np.linalg.norm(projected, axis=1, keepdims=True)
            unit = np.divide(projected, lengths, out=np.zeros_like(projected), where=lengths > 1e-9)
            out[low : low + CHUNK, : unit.shape[1]] = unit
        return out

    @cached_property
    def _fitted(self) -> Any:
        """How often each of at most `FITTED` texts has each piece. Sparse, shape (texts, BUCKETS)."""
        import numpy as np

        if len(self.texts) <= FITTED:
            return _counts(self.texts)
        rows = np.sort(np.random.default_rng(self.seed).choice(len(self.texts), FITTED, replace=False))
        return _counts([self.texts[row] for row in rows.tolist()])

    @cached_property
    def _rarity(self) -> np.ndarray:
        """Smoothed inverse document frequency of each piece; 0 for one that a single text has. Shape (BUCKETS,)."""
        import numpy as np

        used = np.bincount(self._fitted.indices, minlength=BUCKETS)
        return np.where(used >= 2, np.log((1 + self._fitted.shape[0]) / (1 + used)) + 1, 0.0)

    def _weights(self, counts: Any) -> Any:
        """(1 + log count) * rarity, rows of unit length."""
        import numpy as np

        weights = counts.copy()
        weights.data = (1 + np.log(weights.data)) * self._rarity[weights.indices]
        rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
        lengths = np.sqrt(np.bincount(rows, weights=weights.data**2, minlength=weights.shape[0]))
        weights.data /= np.maximum(lengths, 1e-9)[rows]
        return weights

    @cached_property
    def _directions(self) -> tuple[np.ndarray, np.ndarray]:
        """The pieces that count, and the main directions of the fitted texts in them, by random projection.

        Shapes (pieces,), int64, and (pieces, at most dim), float32.
        """
        import numpy as np
        from threadpoolctl import threadpool_limits

        rarity = self._rarity  # the rarer, the larger: of those that two texts have, the commonest come first
        used = np.sort(
            np.argsort(np.where(rarity > 0, rarity, np.inf), kind="stable")[: min(PIECES, (rarity > 0).sum())]
        )
        size = min(self.dim, self._fitted.shape[0], len(used))
        if not size:
            return used[:0], np.zeros((0, 0), dtype=np.float32)
        weights = self._weights(self._fitted)[:, used]
        turned = np.random.default_rng(self.seed).normal(size=(weights.shape[0], min(size + SPARE, *weights.shape)))
        with threadpool_limits(1):
            for _ in range(ROUNDS):
                turned = weights @ (weights.T @ turned)
            basis = np.linalg.qr(weights.T @ turned)[0]
            projected = weights @ basis
            _, rotation = np.linalg.eigh(projected.T @ projected)  # ascending: the main directions are the last
        return used, np.asarray(basis @ rotation[:, ::-1][:, :size], dtype=np.float32)


def _counts(texts: Sequence[str]) -> Any:
    """How often each text has each piece. Sparse, shape (n, BUCKETS)."""
    import numpy as np
    from scipy.sparse import csr_matrix

    columns, ends = list[int](), [0]
    for text in texts:
        columns += [crc32(piece.encode("utf-8", "replace")) % BUCKETS for piece in _pieces(text[:READ].casefold())]
        ends.append(len(columns))
    counts = csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(texts), BUCKETS))
    counts.sum_duplicates()
    return counts


def _pieces(text: str) -> list[str]:
    """The words of a text and their pieces, with where a word begins and ends: "ab" -> ["<ab>", "<ab", "ab>"]."""
    out = []
    for word in _WORD.findall(text):
        whole = f"<{word}>"
        out.append(whole)
        for size in range(SHORTEST, min(LONGEST, len(whole) - 1) + 1):
            out += [whole[i : i + size] for i in range(len(whole) - size + 1)]
    return out
