"""Near-duplicate pairs: MinHash-LSH proposes, the exact Jaccard of the shingles decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from assay.frames.rows import BATCH, HERE, local, map_rows, writable

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

GRAM = (
    4  # characters a shingle: words are too coarse for a query of ten words, three characters too common in long texts
)
BANDS, ROWS = 25, 5  # P(candidate | J) = 1 - (1 - J^5)^25: .87 at J = .6, .99 at .7, .008 at .2
CROWD = 40  # rows under one band key beyond which only neighbours in order are paired, so that n equal rows cost O(n)
WIDE, PAIRS = 20_000, 20  # rows from which crowds are paired less densely, when there would be more pairs a row
SHINGLES = 4_000_000  # characters of the pairs compared at once: some 200 MB
SEED = 42  # of the hash functions; part of what a pair is, not a setting


class Pairs(NamedTuple):
    """Pairs of row indices, `left < right`, sorted; each array of shape (pairs,)."""

    left: np.ndarray  # int64
    right: np.ndarray  # int64
    jaccard: np.ndarray  # float64, exact on shingles
    crowds: np.ndarray  # int64, ascending: rows that shared a key with so many that not all their pairs are listed

    def at_least(self, threshold: float) -> Pairs:
        """Those of at least this similarity."""
        keep = self.jaccard >= threshold
        return Pairs(self.left[keep], self.right[keep], self.jaccard[keep], self.crowds)

    def among(self, rows: np.ndarray, n: int) -> Pairs:
        """The pairs within some of the `n` rows, ascending, numbered by their place among them."""
        import numpy as np

        place = np.full(n, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        left, right, crowds = place[self.left], place[self.right], place[self.crowds]
        keep = (left >= 0) & (right >= 0)
        return Pairs(left[keep], right[keep], self.jaccard[keep], crowds[crowds >= 0])

    def left_over(self, rows: np.ndarray, texts: Sequence[str], keys: np.ndarray, threshold: float) -> Pairs:
        """What `near_pairs` finds on some `rows` of the `texts` these pairs are of.

        Only crowds that lost a member are paired anew, under the keys that brought them together.
        """
        import numpy as np

        old = self.among(rows, len(texts))
        if not len(old.crowds) or len(old.crowds) == len(self.crowds):
            return old
        gone = keys[np.setdiff1d(self.crowds, rows, assume_unique=True)]
        left = keys[rows[old.crowds]]
        lost = np.stack([np.isin(left[:, band], gone[:, band]) for band in range(left.shape[1])], axis=1)
        some = np.flatnonzero(lost.any(1))
        own = np.where(lost[some], left[some], np.arange(len(some), dtype=np.uint64)[:, None])  # else a key of its own
        again = old.crowds[some]
        new = near_pairs([texts[rows[i]] for i in again], threshold, keys=own)
        pairs = np.concatenate([old.left * len(rows) + old.right, again[new.left] * len(rows) + again[new.right]])
        pairs, first = np.unique(pairs, return_index=True)
        jaccard = np.concatenate([old.jaccard, new.jaccard])[first]
        return Pairs(pairs // len(rows), pairs % len(rows), jaccard, old.crowds)


def near_pairs(
    texts: Sequence[str], threshold: float = 0.6, *, split: int | None = None, keys: np.ndarray | None = None
) -> Pairs:
    """Pairs of texts whose sets of character 4-grams have a Jaccard similarity of at least `threshold`.

    With `split`, only pairs of one text before that index and one from it on. Texts are compared as they are: fold them
    first. Empty texts pair with nothing. `keys` are the `band_keys` of the texts, where they are known already.
    """
    if len(texts) < 2:
        return _no_pairs()
    left, right, crowds = _candidates(band_keys(texts) if keys is None else keys, _present(texts), split)
    if not len(left):
        return _no_pairs()
    return Pairs(left, right, _jaccard(texts, left, right), crowds).at_least(threshold)


def _no_pairs() -> Pairs:
    import numpy as np

    return Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))


def _present(texts: Sequence[str]) -> np.ndarray:
    import numpy as np

    return np.fromiter((bool(text) for text in texts), dtype=bool, count=len(texts))


def band_keys(texts: Sequence[str]) -> np.ndarray:
    """The 25 LSH keys of each text: texts that share one may be alike. Shape (n, 25), uint64.

    Raises:
        Interrupted: the engine was stopped.
    """
    import numpy as np

    if not texts:
        return np.zeros((0, BANDS), dtype=np.uint64)
    if local() and len(texts) <= HERE:
        parts = (texts[low : low + BATCH] for low in range(0, len(texts), BATCH))
        return np.concatenate([_keys([writable(text) for text in part]) for part in parts])
    import pyarrow as pa

    table = pa.table({"text": pa.array([writable(t) for t in texts], pa.large_string())})
    bands = map_rows(table, sketch, _schema())["bands"].combine_chunks()
    return np.asarray(bands.flatten()).reshape(len(texts), BANDS)


def _schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema([("bands", pa.list_(pa.uint64(), BANDS))])


def sketch(batch: pa.Table) -> pa.Table:
    """Column `text` -> `bands`, the 25 LSH keys of its character 4-grams."""
    import pyarrow as pa

    keys = pa.array(_keys(batch["text"].to_pylist()).ravel())
    return pa.table({"bands": pa.FixedSizeListArray.from_arrays(keys, BANDS)}, schema=_schema())


def _keys(texts: Sequence[str]) -> np.ndarray:
    """The keys of some texts at once. Shape (n, 25), uint64."""
    import numpy as np
    from rensa import RMinHash

    n = len(texts)
    owners, hashes = shingle_hashes(texts)
    offsets = np.searchsorted(owners, np.arange(n + 1)).astype(np.uint64)
    digests = RMinHash.digest_matrix_from_flat_token_hashes(hashes.astype(np.uint64), offsets, BANDS * ROWS, SEED)
    signatures = np.array(digests.to_rows(), dtype=np.uint64).reshape(n, BANDS, ROWS)
    keys = np.broadcast_to(np.arange(1, BANDS + 1, dtype=np.uint64), (n, BANDS)).copy()
    for i in range(ROWS):
        keys = (keys * np.uint64(0x9E3779B97F4A7C15)) ^ (signatures[:, :, i] + (keys >> np.uint64(29)))
    return keys


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
    packed = _distinct((owner[: len(rolled)][inside] << np.uint64(32)) | rolled[inside])
    return (packed >> np.uint64(32)).astype(np.int64), packed.astype(np.uint32)


def _distinct(values: np.ndarray) -> np.ndarray:
    """The distinct values of an array of integers, sorted: a hundredth of what `np.unique` takes, which hashes them."""
    import numpy as np

    ordered = np.sort(values)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


class _Candidates(NamedTuple):
    """Pairs of rows that share a band key, `left < right`, sorted, each once."""

    left: np.ndarray  # int64
    right: np.ndarray  # int64
    crowds: np.ndarray  # int64, ascending: rows under a key whose pairs are not all among them


def _candidates(bands: np.ndarray, present: np.ndarray, split: int | None) -> _Candidates:
    import numpy as np

    n, found, crowds = len(bands), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    rows = np.flatnonzero(present)
    window = _window(bands[rows]) if len(rows) > WIDE else CROWD
    for band in range(bands.shape[1]):
        order = rows[np.argsort(bands[rows, band], kind="stable")]
        keys = bands[order, band]
        fresh = []
        for step in range(1, window):
            same = np.flatnonzero(keys[step:] == keys[:-step])
            if not len(same):
                break
            fresh.append(_packed(order[same], order[same + step], n, split))
        else:
            first = np.searchsorted(keys, keys, side="left")  # the smallest index under the key: crowds stay connected
            far = np.flatnonzero(np.arange(len(keys)) - first >= window)
            fresh.append(_packed(order[first[far]], order[far], n, split))
            crowds = _distinct(np.concatenate([crowds, order[np.isin(first, first[far])]]))
        if fresh:
            found = _distinct(np.concatenate([found, *fresh]))
    return _Candidates(found // n, found % n, crowds)


def _window(bands: np.ndarray) -> int:
    """How far apart two rows under one key may stand in order to be paired: at most `CROWD`, and so that a fifth of the
    keys promises no more than `PAIRS` pairs a row. A million rows of few templates would else have a billion pairs.
    """
    import numpy as np

    sizes, looked = [], range(0, bands.shape[1], 5)
    for band in looked:
        keys = np.sort(bands[:, band])
        sizes.append(np.diff(np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1], [True]]))))
    size, most = np.concatenate(sizes), PAIRS * len(bands) * len(looked) // bands.shape[1]
    for window in (CROWD, 30, 20, 14, 10, 7, 5, 3):
        steps = np.minimum(window, size) - 1
        if int((steps * size - steps * (steps + 1) // 2).sum()) <= most:
            return window
    return 2


def _packed(left: np.ndarray, right: np.ndarray, n: int, split: int | None) -> np.ndarray:
    """Each pair as one number; only those that cross `split`, when given."""
    import numpy as np

    low, high = np.minimum(left, right), np.maximum(left, right)
    if split is not None:
        crossing = (low < split) & (high >= split)
        low, high = low[crossing], high[crossing]
    return np.asarray(low * n + high, dtype=np.int64)


def _jaccard(texts: Sequence[str], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Exact Jaccard of each pair, in parts of at most `SHINGLES` characters, or of one pair."""
    import numpy as np

    lengths = np.fromiter((len(text) for text in texts), dtype=np.int64, count=len(texts))
    work = np.cumsum(lengths[left] + lengths[right])
    out = np.empty(len(left))
    low = 0
    while low < len(left):
        done = int(work[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(work, done + SHINGLES, side="right")))
        out[low:high] = _jaccard_of(texts, left[low:high], right[low:high])
        low = high
    return out


def _jaccard_of(texts: Sequence[str], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The same at once: the smaller set's shingles are looked up in the other's."""
    import numpy as np

    rows = _distinct(np.concatenate([left, right]))
    owners, hashes = shingle_hashes([writable(texts[row]) for row in rows.tolist()])
    left, right = np.searchsorted(rows, left), np.searchsorted(rows, right)
    sizes = np.bincount(owners, minlength=len(rows))
    starts = np.concatenate([[0], np.cumsum(sizes)])
    packed = (owners.astype(np.uint64) << np.uint64(32)) | hashes
    small = np.where(sizes[left] <= sizes[right], left, right)
    large = left + right - small
    ends = np.cumsum(sizes[small])
    offset = np.arange(ends[-1]) - np.repeat(ends - sizes[small], sizes[small])
    wanted = hashes[np.repeat(starts[small], sizes[small]) + offset]
    wanted = (np.repeat(large.astype(np.uint64), sizes[small]) << np.uint64(32)) | wanted
    place = np.minimum(np.searchsorted(packed, wanted), len(packed) - 1)
    shared = np.add.reduceat((packed[place] == wanted).astype(np.int64), ends - sizes[small])
    return np.asarray(shared / (sizes[small] + sizes[large] - shared))
