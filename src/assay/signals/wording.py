"""What the words of a row say of where it comes from: the domain, general text, or a template."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING
from zlib import crc32

from assay.signals.folding import words

if TYPE_CHECKING:
    import numpy as np

BUCKETS = 10_000  # words and word pairs are hashed into: Xie et al. 2023, Data Selection with Importance Resampling
DAMPING = 4  # words added to the length of a row, so that a row of three words is not the surest of all
REACH = 2000  # characters of a row that are read
COMMON, SHARE = 3, 0.01  # other rows, and share of the rows, that use a word pair a template may have made
MADE = 0.6  # share of a row's word pairs that are common, from which a template has made the row
_PAIRS = 1 << 32


@lru_cache(maxsize=1)
def general_text() -> tuple[str, ...]:
    """Lines of general text that are about no domain: the background where the recipe names none."""
    text = resources.files(__package__).joinpath("words", "general.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def log_ratios(texts: Sequence[str], background: Sequence[str], *, weights: np.ndarray | None = None) -> np.ndarray:
    """How much more probable the words of each text are among the others than in general text, per word. Shape (n,).

    Hashed words and word pairs, counted with one added to each bucket (Xie et al. 2023, arXiv:2302.03169). What a text
    itself says never speaks for it.

    Args:
        texts: folded; together they are the domain.
        background: folded; about no domain, or known to be about another.
        weights: shape (n,), how often each text counts; once where not given.
    """
    import numpy as np

    weight = np.ones(len(texts)) if weights is None else weights
    owners, grams = _grams(texts)
    buckets = grams % BUCKETS
    general = np.bincount(_grams(background)[1] % BUCKETS, minlength=BUCKETS) + 1.0
    domain = np.bincount(buckets, weights=weight[owners], minlength=BUCKETS) + 1.0
    lengths = np.bincount(owners, minlength=len(texts))
    own = weight[owners] * _own_counts(owners, buckets, BUCKETS)
    others = np.log((domain[buckets] - own) / (domain.sum() - weight[owners] * lengths[owners]))
    ratios = others - np.log(general / general.sum())[buckets]
    return np.asarray(np.bincount(owners, weights=ratios, minlength=len(texts)) / (lengths + DAMPING))


def templated(rows: Sequence[str]) -> np.ndarray:
    """Which rows a template has made: most of their word pairs stand in several others. Shape (n,), bool."""
    import numpy as np

    owners, grams = _grams(rows)
    owners, grams = owners[grams >= _PAIRS], grams[grams >= _PAIRS]
    pairs, at = np.unique(grams, return_inverse=True)
    once = np.unique(owners * len(pairs) + at)  # each pair of a row counts once
    holders = np.bincount(once % max(1, len(pairs)), minlength=len(pairs))
    shared = np.bincount(owners, weights=holders[at] > max(COMMON, SHARE * len(rows)), minlength=len(rows))
    size = np.bincount(owners, minlength=len(rows))
    return np.asarray((size > 0) & (shared >= MADE * np.maximum(size, 1)))


def _grams(rows: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The words and word pairs of each row as numbers, pairs from 2**32 on, with the row of each. int64."""
    import numpy as np

    owners, grams = list[int](), list[int]()
    for row, text in enumerate(rows):
        codes = [crc32(word.encode("utf-8", "replace")) for word in words(text[:REACH])]
        grams += codes
        grams += [_PAIRS + (one * 31 + other) % _PAIRS for one, other in pairwise(codes)]
        owners += [row] * (2 * len(codes) - bool(codes))
    return np.array(owners, dtype=np.int64), np.array(grams, dtype=np.int64)


def _own_counts(owners: np.ndarray, buckets: np.ndarray, size: int) -> np.ndarray:
    """How often the row of each gram has that gram. Shape (grams,)."""
    import numpy as np

    _, at, counts = np.unique(owners * size + buckets, return_inverse=True, return_counts=True)
    return np.asarray(counts[at])
