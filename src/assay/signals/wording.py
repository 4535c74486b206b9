"""What the words of a row say of where it comes from: the domain, general text, or a template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from assay.signals.folding import words

if TYPE_CHECKING:
    import numpy as np

BUCKETS = 10_000  # words and word pairs are hashed into: Xie et al. 2023, Data Selection with Importance Resampling
DAMPING = 4  # words added to the length of a row, so that a row of three words is not the surest of all
REACH = 2000  # characters of a row that are read
TOGETHER = 20_000  # rows whose words are held as numbers of Python at once
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
    general, domain = np.ones(BUCKETS), np.ones(BUCKETS)
    for part in _grams(background):
        general += np.bincount(part.codes % BUCKETS, minlength=BUCKETS)
    parts = [part._replace(codes=(part.codes % BUCKETS).astype(np.uint16)) for part in _grams(texts)]
    for part in parts:
        domain += np.bincount(part.codes, weights=weight[part.rows][part.owners], minlength=BUCKETS)
    total, background_share = domain.sum(), np.log(general / general.sum())
    return np.concatenate([_ratios(part, weight[part.rows], domain, total, background_share) for part in parts])


def _ratios(
    part: _Part, weight: np.ndarray, domain: np.ndarray, total: float, background_share: np.ndarray
) -> np.ndarray:
    """The log-ratios of the texts of a part. Shape (texts,)."""
    import numpy as np

    owners, buckets, lengths = part.owners, part.codes, part.lengths
    own = weight[owners] * _own_counts(owners, buckets.astype(np.int64), BUCKETS)
    others = np.log((domain[buckets] - own) / (total - weight[owners] * lengths[owners]))
    ratios = np.bincount(owners, weights=others - background_share[buckets], minlength=len(lengths))
    return np.asarray(ratios / (lengths + DAMPING))


def templated(rows: Sequence[str]) -> np.ndarray:
    """Which rows a template has made: most of their word pairs stand in several others. Shape (n,), bool."""
    import numpy as np

    parts = [part.only(part.codes >= _PAIRS) for part in _grams(rows)]
    pairs = np.unique(np.concatenate([np.unique(part.codes) for part in parts]))
    holders = np.zeros(len(pairs), dtype=np.int64)
    for part in parts:
        once = np.unique(
            part.owners * len(pairs) + np.searchsorted(pairs, part.codes)
        )  # each pair of a row counts once
        holders += np.bincount(once % max(1, len(pairs)), minlength=len(pairs))
    common = holders > max(COMMON, SHARE * len(rows))
    made = []
    for part in parts:
        known = common[np.searchsorted(pairs, part.codes)]
        shared = np.bincount(part.owners, weights=known, minlength=len(part.lengths))
        made.append((part.lengths > 0) & (shared >= MADE * np.maximum(part.lengths, 1)))
    return np.concatenate(made)


class _Part(NamedTuple):
    """The words and word pairs of some texts as numbers, pairs from 2**32 on."""

    rows: slice  # the texts, among all
    lengths: np.ndarray  # (texts,), int64: numbers of each text
    codes: np.ndarray  # (numbers,)

    @property
    def owners(self) -> np.ndarray:
        """The text of each number, counted within the part. Shape (numbers,), int64."""
        import numpy as np

        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def only(self, wanted: np.ndarray) -> _Part:
        """The part with some of its numbers."""
        import numpy as np

        return self._replace(
            codes=self.codes[wanted], lengths=np.bincount(self.owners[wanted], minlength=len(self.lengths))
        )


def _grams(rows: Sequence[str]) -> Iterator[_Part]:
    """The words and word pairs of the rows, in parts: of all rows at once they would take most of the memory. int64."""
    import numpy as np

    for low in range(0, max(1, len(rows)), TOGETHER):
        lengths, codes = list[int](), list[int]()
        for text in rows[low : low + TOGETHER]:
            own = [crc32(word.encode("utf-8", "replace")) for word in words(text[:REACH])]
            codes += own
            codes += [_PAIRS + (one * 31 + other) % _PAIRS for one, other in pairwise(own)]
            lengths.append(2 * len(own) - bool(own))
        yield _Part(slice(low, low + len(lengths)), np.array(lengths, np.int64), np.array(codes, np.int64))


def _own_counts(owners: np.ndarray, buckets: np.ndarray, size: int) -> np.ndarray:
    """How often the row of each gram has that gram. Shape (grams,)."""
    import numpy as np

    _, at, counts = np.unique(owners * size + buckets, return_inverse=True, return_counts=True)
    return np.asarray(counts[at])
