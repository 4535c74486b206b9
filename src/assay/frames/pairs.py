"""Near-duplicate pairs: MinHash-LSH proposes, the exact Jaccard of the shingles decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from assay.frames.rows import map_rows

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

GRAM = (
    4  # characters a shingle: words are too coarse for a query of ten words, three characters too common in long texts
)
BANDS, ROWS = 25, 5  # P(candidate | J) = 1 - (1 - J^5)^25: .87 at J = .6, .99 at .7, .008 at .2
CROWD = 40  # rows under one band key beyond which only neighbours in order are paired, so that n equal rows cost O(n)
SEED = 42  # of the hash functions; part of what a pair is, not a setting


class Pairs(NamedTuple):
    """Pairs of row indices, `left < right`, sorted; each array of shape (pairs,)."""

    left: np.ndarray  # int64
    right: np.ndarray  # int64
    jaccard: np.ndarray  # float64, exact on shingles

    def at_least(self, threshold: float) -> Pairs:
        """Those of at least this similarity."""
        keep = self.jaccard >= threshold
        return Pairs(self.left[keep], self.right[keep], self.jaccard[keep])


def near_pairs(texts: Sequence[str], threshold: float = 0.6, *, split: int | None = None) -> Pairs:
    """Pairs of texts whose sets of character 4-grams have a Jaccard similarity of at least `threshold`.

    With `split`, only pairs of one text before that index and one from it on. Texts are compared as they are: fold them
    first. Empty texts pair with nothing.
    """
    import numpy as np
    import pyarrow as pa

    if len(texts) < 2:
        return _no_pairs()
    table = pa.table({"text": pa.array([t.encode("utf-8", "replace").decode() for t in texts], pa.large_string())})
    sketches = map_rows(table, sketch, _schema())
    bands = np.asarray(sketches["bands"].combine_chunks().flatten()).reshape(len(texts), BANDS)
    lists = sketches["shingles"].combine_chunks()
    sizes = np.asarray(lists.value_lengths(), dtype=np.int64)
    left, right = _candidates(bands, sizes > 0, split)
    if not len(left):
        return _no_pairs()
    jaccard = _jaccard(np.asarray(lists.flatten(), dtype=np.uint64), sizes, left, right)
    return Pairs(left, right, jaccard).at_least(threshold)


def _no_pairs() -> Pairs:
    import numpy as np

    return Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def _schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema([("shingles", pa.large_list(pa.uint32())), ("bands", pa.large_list(pa.uint64()))])


def sketch(batch: pa.Table) -> pa.Table:
    """Column `text` -> `shingles` (hashes of its character 4-grams, sorted, unique) and `bands` (25 LSH keys)."""
    import numpy as np
    import pyarrow as pa
    from rensa import RMinHash

    owners, hashes = shingle_hashes(batch["text"].to_pylist())
    offsets = np.searchsorted(owners, np.arange(batch.num_rows + 1)).astype(np.uint64)
    digests = RMinHash.digest_matrix_from_flat_token_hashes(hashes.astype(np.uint64), offsets, BANDS * ROWS, SEED)
    signatures = np.array(digests.to_rows(), dtype=np.uint64).reshape(batch.num_rows, BANDS, ROWS)
    keys = np.broadcast_to(np.arange(1, BANDS + 1, dtype=np.uint64), (batch.num_rows, BANDS)).copy()
    for i in range(ROWS):
        keys = (keys * np.uint64(0x9E3779B97F4A7C15)) ^ (signatures[:, :, i] + (keys >> np.uint64(29)))
    every = np.arange(0, keys.size + 1, BANDS, dtype=np.int64)
    return pa.table(
        {
            "shingles": pa.LargeListArray.from_arrays(pa.array(offsets.astype(np.int64)), pa.array(hashes)),
            "bands": pa.LargeListArray.from_arrays(pa.array(every), pa.array(keys.ravel())),
        },
        schema=_schema(),
    )


def shingle_hashes(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Owner index and 32-bit hash of each distinct character 4-gram, sorted by both; a shorter text is one shingle."""
    import numpy as np

    padded = [t if len(t) >= GRAM or not t else t.ljust(GRAM) for t in texts]
    points = np.frombuffer("".join(padded).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    lengths = np.array([len(t) for t in padded], dtype=np.int64)
    if len(points) < GRAM:
        return np.zeros(0, np.int64), np.zeros(0, np.uint32)
    rolled = np.zeros(len(points) - GRAM + 1, dtype=np.uint64)
    for i in range(GRAM):
        rolled = rolled * np.uint64(0x100000001B3) + points[i : len(rolled) + i]
    rolled ^= rolled >> np.uint64(31)
    rolled *= np.uint64(0xBF58476D1CE4E5B9)
    rolled >>= np.uint64(32)
    owner = np.repeat(np.arange(len(texts), dtype=np.uint64), lengths)
    inside = owner[: len(rolled)] == owner[GRAM - 1 :]  # a shingle never spans two texts
    packed = np.unique((owner[: len(rolled)][inside] << np.uint64(32)) | rolled[inside])
    return (packed >> np.uint64(32)).astype(np.int64), packed.astype(np.uint32)


def _candidates(bands: np.ndarray, present: np.ndarray, split: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rows that share a band key, `left < right`, sorted, each once."""
    import numpy as np

    n, found = len(bands), np.zeros(0, dtype=np.int64)
    rows = np.flatnonzero(present)
    for band in range(bands.shape[1]):
        order = rows[np.argsort(bands[rows, band], kind="stable")]
        keys = bands[order, band]
        fresh = []
        for step in range(1, CROWD):
            same = np.flatnonzero(keys[step:] == keys[:-step])
            if not len(same):
                break
            fresh.append(_packed(order[same], order[same + step], n, split))
        if fresh:
            first = np.searchsorted(keys, keys, side="left")  # the smallest index under the key: crowds stay connected
            far = np.flatnonzero(np.arange(len(keys)) - first >= CROWD)
            fresh.append(_packed(order[first[far]], order[far], n, split))
            found = np.unique(np.concatenate([found, *fresh]))
    return found // n, found % n


def _packed(left: np.ndarray, right: np.ndarray, n: int, split: int | None) -> np.ndarray:
    """Each pair as one number; only those that cross `split`, when given."""
    import numpy as np

    low, high = np.minimum(left, right), np.maximum(left, right)
    if split is not None:
        crossing = (low < split) & (high >= split)
        low, high = low[crossing], high[crossing]
    return np.asarray(low * n + high, dtype=np.int64)


def _jaccard(
    hashes: np.ndarray, sizes: np.ndarray, left: np.ndarray, right: np.ndarray, chunk: int = 200_000
) -> np.ndarray:
    """Exact Jaccard of each pair: the smaller set's shingles are looked up in the other's."""
    import numpy as np

    starts = np.concatenate([[0], np.cumsum(sizes)])
    packed = (np.repeat(np.arange(len(sizes), dtype=np.uint64), sizes) << np.uint64(32)) | hashes
    small = np.where(sizes[left] <= sizes[right], left, right)
    large = left + right - small
    out = np.empty(len(left))
    for low in range(0, len(left), chunk):
        a, b = small[low : low + chunk], large[low : low + chunk]
        ends = np.cumsum(sizes[a])
        offset = np.arange(ends[-1]) - np.repeat(ends - sizes[a], sizes[a])
        wanted = (np.repeat(b.astype(np.uint64), sizes[a]) << np.uint64(32)) | hashes[
            np.repeat(starts[a], sizes[a]) + offset
        ]
        place = np.minimum(np.searchsorted(packed, wanted), len(packed) - 1)
        shared = np.add.reduceat((packed[place] == wanted).astype(np.int64), ends - sizes[a])
        out[low : low + chunk] = shared / (sizes[a] + sizes[b] - shared)
    return out
