"""Where each row stands between the domain and what is known to have nothing to do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assay import frames
from assay.signals.domain import judge

if TYPE_CHECKING:
    import numpy as np

    from assay.signals.measured import Measured

CLOSEST, NEAREST = 3, 5  # targets or lines of the control, and rows of the set, averaged: one alone may be an odd one
FEWEST = 5  # targets, or lines of a control, below which nothing can be said


class Between(NamedTuple):
    """The place of each row on the way from the usual row to the usual line of the control."""

    place: np.ndarray  # shape (n,): 0 is the median row, -1 the median line of the control
    deviations: np.ndarray  # shape (n,): the same in robust standard deviations of the rows, 0 the median


def between(measured: Measured) -> Between | None:
    """By five likenesses, each scaled so that the median row is at 0 and the median line of the control at -1: to the
    nearest rows and targets, the same less that to the control, to the centre, by a classifier of rows and targets
    against the control, and to the nearest targets. A row, or line, never speaks for itself.

    How far right rows spread differs from set to set by a factor of three, but strangers are where the control is.
    None without rows, or with fewer than five targets or lines of a control.
    """
    import numpy as np

    if not measured.examples or min(len(measured.targets), len(measured.control)) < FEWEST:
        return None
    rows, targets, control = measured.subject.told, measured.subject.targets, measured.subject.control
    aimed = [_nearest(targets, NEAREST, side) for side in (rows, control)]
    alike = [measured.subject.told_neighbours.similarity[:, :NEAREST], _nearest(rows, NEAREST, control)]
    near = [_highest(np.concatenate(pair, axis=1), NEAREST) for pair in zip(aimed, alike, strict=True)]
    strange = [_nearest(control, CLOSEST, rows).mean(1), frames.neighbours(control, CLOSEST).similarity.mean(1)]
    centre = sum(frames.wide(rows[part]).sum(0) for part in frames.blocks(len(rows))) + targets.sum(0)
    centre = centre / max(float(np.linalg.norm(centre)), 1e-9)
    central = [
        np.concatenate([frames.wide(rows[part]) @ centre for part in frames.blocks(len(rows))]),
        control @ centre,
    ]
    said = judge(rows[:0], np.concatenate([rows, targets]), control, seed=measured.seed)
    likenesses = (
        near, [one - other for one, other in zip(near, strange, strict=True)], central,
        [said.inside[: len(rows)], said.outside], [_highest(side, CLOSEST) for side in aimed],
    )  # fmt: skip
    place = np.mean([_scaled(*likeness) for likeness in likenesses], axis=0)
    spread = 1.4826 * float(np.median(np.abs(place - np.median(place))))
    return Between(place, np.asarray((place - np.median(place)) / max(spread, 1e-3)))


def _nearest(known: np.ndarray, count: int, queries: np.ndarray) -> np.ndarray:
    """The cosines of each query to the nearest of the known, highest first. Shape (queries, count)."""
    return frames.neighbours(known, count, queries=queries).similarity


def _highest(cosines: np.ndarray, count: int) -> np.ndarray:
    """The mean of the highest of each row. Shape (rows,)."""
    import numpy as np

    return np.asarray(np.sort(cosines, axis=1)[:, -count:].mean(1))


def _scaled(rows: np.ndarray, control: np.ndarray) -> np.ndarray:
    """0 for the median row, -1 for the median line of the control. Shape (rows,)."""
    import numpy as np

    middle = float(np.median(rows))
    return np.asarray((rows - middle) / max(middle - float(np.median(control)), 1e-3))
