"""What one arm scored on the test rows, by seed: kept on disk, so that an interrupted proof goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from assay.evaluate.stats import Floats
from assay.records import Example, digest_of
from assay.store import write_atomically


class Scores(NamedTuple):
    """Of one arm; NaN where a row has no score."""

    primary: Floats  # (seeds, test rows): the metric declared beforehand, higher is better: 0 to 1, or minus a loss
    gold: Floats  # (seeds, test rows): natural log-probability of the expected answer
    written: Floats | None = None  # (seeds, test rows): what the answers written are worth, where that is not primary

    def mean(self) -> Floats:
        """Shape (test rows,): the primary metric, mean over seeds."""
        return np.asarray(self.primary.mean(axis=0), dtype=np.float64)

    def as_dict(self) -> dict[str, Any]:
        """JSON; NaN is null."""
        tables = {name: table for name, table in self._asdict().items() if table is not None}
        return {name: [[None if np.isnan(v) else v for v in row] for row in table.tolist()]
                for name, table in tables.items()}  # fmt: skip

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Scores:
        """The inverse of `as_dict`."""
        return cls(**{name: np.array(raw[name], dtype=np.float64) for name in cls._fields if name in raw})


def together(parts: Sequence[Scores]) -> Scores:
    """The scores of several seeds, or draws, one below the other."""
    written = [p.written for p in parts if p.written is not None]
    return Scores(
        np.concatenate([p.primary for p in parts]), np.concatenate([p.gold for p in parts]),
        np.concatenate(written) if len(written) == len(parts) else None,
    )  # fmt: skip


def rows_digest(examples: Sequence[Example]) -> str:
    """Of rows, in their order."""
    return digest_of([[example.id, example.digest] for example in examples])


def kept(folder: Path, key: object, ask: Callable[[], Scores]) -> Scores:
    """The scores kept under a key, or asked for now and kept."""
    path = folder / f"{digest_of(key)[:24]}.json"
    if path.exists():
        return Scores.from_dict(json.loads(path.read_text(encoding="utf-8")))
    scores = ask()
    write_atomically(path, json.dumps(scores.as_dict()))
    return scores
