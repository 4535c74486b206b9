"""How a row was learnt: its losses from pass to pass, as confidence, variability and forgetting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assay.records import Example

Floats = NDArray[np.float64]
KNOWN = 0.5  # mean probability of an answer's tokens from which the row counts as learnt


class Dynamics(NamedTuple):
    """Of each row; NaN where a row was never seen. Arrays of shape (rows,)."""

    confidence: Floats  # mean over the passes of the (geometric) mean probability of the answer's tokens, 0 to 1
    variability: Floats  # its standard deviation
    forgotten: NDArray[np.int64]  # passes after which a row that had been learnt was so no more


def dynamics(losses: ArrayLike) -> Dynamics:
    """From losses of shape (passes, rows): mean over an answer's tokens, nats; NaN where a pass left a row out.

    Confidence and variability are those of Swayamdipta et al. (2020), forgetting that of Toneva et al. (2019) with a
    probability in place of a right answer.
    """
    table = np.atleast_2d(np.asarray(losses, dtype=np.float64))
    seen = ~np.isnan(table)
    count = seen.sum(axis=0)
    chance = np.where(seen, np.exp(-np.where(seen, table, 0.0)), 0.0)
    mean = np.where(count > 0, chance.sum(axis=0) / np.maximum(count, 1), np.nan)
    spread = np.where(seen, (chance - np.where(count > 0, mean, 0.0)) ** 2, 0.0).sum(axis=0) / np.maximum(count, 1)
    known, lost = np.zeros(table.shape[1], dtype=bool), np.zeros(table.shape[1], dtype=np.int64)
    for here, now in zip(seen, chance >= KNOWN, strict=True):
        lost += here & known & ~now
        known = np.where(here, now, known)
    return Dynamics(mean, np.where(count > 0, np.sqrt(spread), np.nan), lost)


def losses_of(path: Path, rows: Sequence[Example]) -> Floats | None:
    """Losses (passes, rows) of a finished run, from the table it left; None where there is none, or of other rows.

    Rows are matched by id; one the run did not see is NaN.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        return None
    try:
        table = pq.read_table(path).to_pydict()
    except (OSError, pa.ArrowException):
        return None
    place = {row.id: i for i, row in enumerate(rows)}
    found = np.full((max(table["epoch"], default=0), len(rows)), np.nan)
    for name, epoch, loss in zip(table["id"], table["epoch"], table["loss"], strict=True):
        if name in place:
            found[epoch - 1, place[name]] = loss
    return found if found.size and not np.isnan(found).all() else None
