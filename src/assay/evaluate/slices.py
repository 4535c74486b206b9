"""Parts of the test set that may fare otherwise: kinds of prompts, lengths, sources, rare classes, languages, novelty.

A part is known from the rows and the training rows alone, never from what a model said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from assay.evaluate import stats
from assay.evaluate.measures import FEW, Asked
from assay.evaluate.scorers.words import words
from assay.evaluate.stats import Floats, Metric
from assay.records import Example
from assay.signals.edges import kinds_of
from assay.signals.language import language

BANDS = (("<.80", -2.0, 0.80), (".80-.90", 0.80, 0.90), (".90-.95", 0.90, 0.95), (">=.95", 0.95, 2.0))  # of cosines
LENGTHS = (("1 to 5 words", 0, 5), ("6 to 15 words", 6, 15), ("16 to 50 words", 16, 50), ("over 50 words", 51, 10**9))
RARE = 0.5  # of the rows of the median class, up to which a class is rare


class Part(NamedTuple):
    """Some of the test rows: `rows` are their places."""

    kind: str  # "length"
    name: str  # "6 to 15 words"
    rows: tuple[int, ...]


class Slice(NamedTuple):
    """How a rung fared on a part; no metric where none of its rows was scored."""

    kind: str
    name: str
    metric: Metric | None
    few: bool  # fewer than twenty independent rows: too few to say much

    def as_dict(self) -> dict[str, Any]:
        """JSON twin."""
        value = self.metric.as_dict() if self.metric else {"value": None, "low": None, "high": None, "n": 0}
        return {"kind": self.kind, "name": self.name, **value, "few": self.few}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Slice:
        """The inverse of `as_dict`."""
        metric = Metric(raw["value"], raw["low"], raw["high"], raw["n"]) if raw["n"] else None
        return cls(raw["kind"], raw["name"], metric, raw["few"])


def parts(test: Sequence[Example], train: Sequence[Example], near: Floats | None = None) -> tuple[Part, ...]:
    """The parts of a test set, none empty and none the whole; `near` is the cosine to the nearest training prompt.

    A source or language of its own is a part only where there are two of them; classes are rare against those of the
    training rows.
    """
    prompts = [row.prompt for row in test]
    found = [("kind of prompt", name, rows) for name, rows in kinds_of([row.query for row in test]).items()]
    lengths = [len(words(prompt)) for prompt in prompts]
    found += [("length", name, _where(low <= n <= high for n in lengths)) for name, low, high in LENGTHS]
    found += [("source", name, rows) for name, rows in _by([row.uri for row in test])]
    found += [("language", name, rows) for name, rows in _by([language(prompt) for prompt in prompts])]
    found += [("class", name, rows) for name, rows in _by(_rarity(test, train))]
    if near is not None:
        found += [("similarity", name, _where((near >= low) & (near < high))) for name, low, high in BANDS]
    return tuple(Part(kind, name, tuple(rows)) for kind, name, rows in found if 0 < len(rows) < len(test))


def sliced(scores: Floats, found: Sequence[Part], asked: Asked) -> tuple[Slice, ...]:
    """How scores of shape (test rows,) fare on each part; NaN is unscored."""
    made = []
    for part in found:
        rows = [i for i in part.rows if not np.isnan(scores[i])]
        groups = [asked.groups[i] for i in rows]
        metric = stats.mean(scores[rows], groups, seed=asked.seed) if rows else None
        made.append(Slice(part.kind, part.name, metric, len(set(groups)) < FEW))
    return tuple(made)


def _where(flags: Any) -> list[int]:
    return [i for i, flag in enumerate(flags) if flag]


def _by(names: Sequence[str]) -> list[tuple[str, list[int]]]:
    """The places of each name but ""."""
    return [(name, _where(one == name for one in names)) for name in sorted(set(names) - {""})]


def _rarity(test: Sequence[Example], train: Sequence[Example]) -> list[str]:
    """ "rare" or "frequent" of the class of each test row; "" without labels, or where no class is rare."""
    counts = Counter(row.label for row in train if row.label)
    if not counts:
        return [""] * len(test)
    limit = RARE * median(counts.values())
    return ["" if not row.label else "rare" if counts[row.label] <= limit else "frequent" for row in test]
