"""Two rows that have each other's answers, told by an encoder that knows which answer goes with which question."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from assay import frames

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.signals.measured import Measured

CANDIDATES = 20  # nearest answers of each prompt looked at
EACH, BOTH = 0.1, 0.5  # cosine by which the other answer must be nearer to a prompt: to each of the two, and in sum
WORDS = 4  # of an answer: shorter ones are no more an answer to one question than to another
SHARED = 2  # rows that may give the same answer
MOST = 20_000  # rows beyond which such an encoder would read for hours


class Exchange(NamedTuple):
    """A row, the row whose answer it has and that has its own, and how much nearer the answers then are."""

    row: int
    other: int
    gain: float  # cosine, sum of both rows


def exchanged(measured: Measured) -> Iterator[Exchange]:
    """Rows in pairs, the clearest pairs first, each row in one of them; none without a sharper encoder.

    Free answers only. On sets of one subject half of the exchanged rows lie so far apart, on general ones most.
    """
    import numpy as np

    given = Counter(measured.answers)
    rows = [
        row for row, (answer, family) in enumerate(zip(measured.answers, measured.families, strict=True))
        if family is None and measured.prompts[row] and given[answer] <= SHARED and len(answer.split()) >= WORDS
    ]  # fmt: skip
    if measured.subject.sharper is None or not 2 <= len(rows) <= MOST:
        return
    prompts, answers = measured.subject.topics[rows], measured.subject.answers(rows)
    own = np.einsum("ij,ij->i", prompts, answers)
    near = frames.neighbours(answers, min(CANDIDATES, len(rows)), queries=prompts)
    found = []
    for i, candidates in enumerate(near.rows):
        others = candidates[candidates >= 0]
        here = prompts[i] @ answers[others].T - own[i]
        there = prompts[others] @ answers[i] - own[others]
        good = (np.minimum(here, there) > EACH) & (here + there > BOTH) & (others != i)
        found += [(float(gain), i, int(j)) for gain, j in zip((here + there)[good], others[good], strict=True)]
    taken: set[int] = set()
    for gain, i, j in sorted(found, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if i not in taken and j not in taken:
            taken |= {i, j}
            yield Exchange(rows[i], rows[j], gain)
            yield Exchange(rows[j], rows[i], gain)
