"""Diversity: how much of a set says something of its own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from assay.signals.folding import fold, words

if TYPE_CHECKING:
    import numpy as np

    from assay.signals.measured import Measured

SAMPLE = 1000  # rows; the Vendi score grows with n, so sets are compared on samples of one size


class Diversity(NamedTuple):
    """How diverse a set is."""

    n: int  # rows
    sample: int  # rows the first two numbers are taken on
    vendi: float  # effective number of distinct prompts in the sample, 1 to `sample`
    distinct_2: float  # distinct word pairs over word pairs in the sample's prompts, 0 to 1
    unrepeated: float  # share of rows that are no near-duplicate (Jaccard of at least 0.8) of an earlier row, 0 to 1


def diversity(measured: Measured, *, sample: int = SAMPLE, seed: int = 0) -> Diversity:
    """The diversity of a set, on a sample of fixed size drawn with `seed`."""
    import numpy as np

    n = len(measured.examples)
    if not n:
        return Diversity(0, 0, 0.0, 0.0, 1.0)
    drawn = variety(measured, sample=sample, seed=seed)
    repeats = np.union1d(
        measured.near_pairs.at_least(0.8).right, np.flatnonzero(measured.prompt_groups != np.arange(n))
    )
    return Diversity(n, drawn.sample, drawn.vendi, drawn.distinct_2, 1 - len(repeats) / n)


class Variety(NamedTuple):
    """How much the prompts of a sample differ from each other. All grow or fall with the size of the sample."""

    sample: int  # rows
    vendi: float  # effective number of distinct prompts, 1 to `sample`
    distinct_2: float  # distinct word pairs over word pairs, 0 to 1
    compressed: float  # bytes of the prompts once compressed, over their bytes: lower is more repetitive


def variety(measured: Measured, *, sample: int, seed: int = 0) -> Variety:
    """The variety of a sample of fixed size drawn with `seed`: sets are compared on samples of one size."""
    import numpy as np

    rows = np.sort(np.random.default_rng(seed).permutation(len(measured.examples))[:sample])
    prompts = [measured.topics[int(i)].text for i in rows]
    return Variety(len(rows), vendi(measured.vectors[rows]), distinct_2(prompts), compressed(prompts))


def compressed(texts: Sequence[str]) -> float:
    """Size after compression over size before (Shaib et al.: Standardizing the measurement of text diversity, 2024, has
    its inverse); 1.0 where there is no text.
    """
    import zlib

    raw = "\n".join(texts).encode("utf-8", "backslashreplace")
    return min(1.0, len(zlib.compress(raw, 9)) / len(raw)) if raw else 1.0


def vendi(vectors: np.ndarray) -> float:
    """exp of the entropy of the eigenvalues of the similarity matrix over n (Friedman, Dieng: The Vendi Score, 2023).

    `vectors`: shape (n, d), unit length. Taken on the d x d matrix, whose eigenvalues are the same.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    present = vectors[np.linalg.norm(vectors, axis=1) > 0].astype(np.float64)
    if not len(present):
        return 0.0
    with threadpool_limits(1):
        values = np.linalg.eigvalsh(present.T @ present / len(present))
    values = values[values > 1e-12]
    return float(np.exp(-(values * np.log(values)).sum()))


def distinct_2(texts: Sequence[str]) -> float:
    """Distinct word pairs over word pairs: distinct_2(["a b a b"]) -> 2/3; 1.0 where there are none."""
    pairs = [pair for text in texts for tokens in [words(fold(text))] for pair in pairwise(tokens)]
    return len(set(pairs)) / len(pairs) if pairs else 1.0
