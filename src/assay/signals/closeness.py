"""How near the test rows stand to the training rows: what a model can answer by heart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assay import frames
from assay.signals.overlap import overlaps
from assay.signals.sameness import says_the_same

if TYPE_CHECKING:
    import numpy as np

    from assay.signals.measured import Measured

BANDS = (0.95, 0.9, 0.8)  # lower ends of the bands of cosine
WORDED = 0.7  # shingle Jaccard from which two prompts that say the same are nearly identical
QUOTED = 0.5  # share of a test prompt's runs of 13 words that a row holds, from which it is quoted


class Closeness(NamedTuple):
    """How near each test row stands to the training rows. Arrays of shape (test rows,)."""

    row: np.ndarray  # position of the row nearest in meaning, -1 without rows
    cosine: np.ndarray  # to it
    equal: np.ndarray  # bool: a row asks the same, looks aside
    quoted: np.ndarray  # bool: a row holds half of its runs of 13 words
    alike: (
        np.ndarray
    )  # bool: any row is nearly identical: equal, quoting, or of like words or meaning and saying the same

    @property
    def bands(self) -> dict[str, int]:
        """Test rows by cosine to the nearest row: {"0.95 and more": 12, "0.9 to 0.95": 30, ...}."""
        edges = (2.0, *BANDS)
        return {
            f"{low:g} and more" if high > 1 else f"{low:g} to {high:g}": int(
                ((self.cosine >= low) & (self.cosine < high)).sum()
            )
            for high, low in zip(edges, BANDS, strict=False)
        }

    @property
    def told(self) -> str:
        """The bands in words: "12 at 0.95 and more, 30 at 0.9 to 0.95, ..."."""
        return ", ".join(f"{count:,} at {band}" for band, count in self.bands.items())


def closeness(measured: Measured) -> Closeness | None:
    """How near the test rows stand to the training rows; None where there are none of either."""
    import numpy as np

    n = len(measured.test)
    if not n or not measured.examples:
        return None
    near = frames.neighbours(measured.vectors, 1, queries=measured.test_vectors)
    row, cosine = near.rows[:, 0], near.similarity[:, 0]
    asked = {prompt for prompt in measured.prompts if prompt}
    equal = np.array([prompt in asked for prompt in measured.test_prompts], dtype=bool)
    quoted = np.zeros(n, dtype=bool)
    quoted[[found.test for found in overlaps(measured.prompts, measured.test_prompts, QUOTED)]] = True
    alike = equal | quoted
    pairs = measured.test_pairs.at_least(WORDED)
    candidates = [*zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)]
    candidates += [(int(row[test]), test) for test in np.flatnonzero(cosine >= BANDS[0]).tolist()]
    for left, test in candidates:
        if not alike[test]:
            alike[test] = says_the_same(measured.topics[left].text, measured.test_topics[test].text)
    return Closeness(row, cosine, equal, quoted, alike)
