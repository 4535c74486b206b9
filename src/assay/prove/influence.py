"""Influence: what each training row does to the loss of rows that a run did not train on.

Runs are cross-fitted: each leaves a part of the rows out, so every row is taught in some runs and held out in another,
and nothing of the test rows is needed to tell which rows hurt.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.prove.trace import Floats, Tracer
from assay.records import Example

MOMENTS: Mapping[float, bool] = {0.0: False, 1 / 3: False, 2 / 3: True, 1.0: True}  # share done: gradients or not
RIDGE = 1.0  # beside the mean square length of a gradient: of .1, 1, 3 and 10 what retraining agreed with best
TINY = 1e-12  # where every gradient is zero


class Influence(NamedTuple):
    """Of n training rows on each other and on m rows asked about. Positive lowers the other row's loss."""

    taught: Floats  # (moments, n): loss of a token of the answer while the row was taught, nats, mean over runs
    held: Floats  # (moments, n): the same while it was held out; the first moment is the base model's
    among: Floats  # (n, n): of row i, taught, on row j, held out; NaN where never so
    asked: Floats  # (n, m): on the rows asked about
    own: Floats  # (n,): on itself: how little the others do for it
    tokens: Floats  # (n,): of the answer


class _Part(NamedTuple):
    """What one run gives; rows it held out are NaN in `taught`, `own`, and as rows of `among` and `asked`."""

    taught: Floats
    held: Floats
    among: Floats
    asked: Floats
    own: Floats


def folds_of(rows: Sequence[Example], count: int, seed: int) -> NDArray[np.int64]:
    """The run, 0 to `count` - 1, that holds each row out; rows with one prompt are held out together."""
    texts = [" ".join(row.prompt.casefold().split()) for row in rows]
    names = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    drawn = np.random.default_rng(seed).permutation(len(names)) % count
    return np.array([drawn[names[text]] for text in texts], dtype=np.int64)


def influence(
    tracer: Tracer, n: int, *, runs: int, seed: int, keep: Path | None = None,
    moments: Mapping[float, bool] = MOMENTS, tell: Callable[[str, float], None] = lambda what, share: None,
) -> Influence:  # fmt: skip
    """Trace `runs` cross-fitted runs over the first `n` rows of the tracer; its other rows are those asked about.

    The influence of row i on row j is about what the loss of j would rise by without i: g_j (F + r) ** -1 g_i, where g
    are gradients as AdamW scales them (LESS, Xia et al. 2024), F the sum of g g' over the rows taught, and r a ridge
    (influence functions with the empirical Fisher, folded as in TRAK, Park et al. 2023); sum over moments, mean over
    the runs in which i was taught. A run once traced is kept in the folder `keep` and not run again.

    Raises:
        TrainingError: the loss is not a number.
    """
    fold = folds_of(tracer.rows[:n], runs, seed)
    parts = []
    for run in range(runs):
        path = keep / f"run-{run}.npz" if keep else None
        part = _read(path) if path else None
        if part is None:
            part = _traced(tracer, n, fold != run, seed + run, moments, partial(_within, tell, run, runs))
            if path:
                _write(path, part)
        parts.append(part)
    taught, held, among, asked, own = (_mean([part[i] for part in parts]) for i in range(len(_Part._fields)))
    return Influence(taught, held, among, asked, own, tracer.tokens[:n])


def _within(tell: Callable[[str, float], None], run: int, runs: int, what: str, share: float) -> None:
    tell(f"run {run + 1} of {runs}: {what}", (run + share) / runs)


def _traced(
    tracer: Tracer, n: int, taught: NDArray[np.bool_], seed: int, moments: Mapping[float, bool],
    tell: Callable[[str, float], None],
) -> _Part:  # fmt: skip
    losses = []
    among, asked = np.zeros((n, n), dtype=np.float32), np.zeros((n, len(tracer.rows) - n), dtype=np.float32)
    own, held = np.zeros(n, dtype=np.float32), ~taught
    for moment in tracer.run(np.flatnonzero(taught).tolist(), moments, seed=seed):
        losses.append(moment.losses[:n])
        if moment.sketches is not None:
            pulls, towards = _pulls(moment.sketches[:n][taught]), moment.sketches @ moment.sketches[:n][taught].T
            onto = (pulls @ towards.T).astype(np.float32)  # (taught, all rows)
            among[taught] += onto[:, :n]
            asked[taught] += onto[:, n:]
            own[taught] += onto[:, :n][:, taught].diagonal()
        tell("tracing", len(losses) / len(moments))
    table = np.array(losses, dtype=np.float32)
    among[:, taught] = np.nan
    for values in (among, asked, own):
        values[held] = np.nan
    return _Part(np.where(taught, table, np.nan), np.where(held, table, np.nan), among, asked, own)


def _pulls(gradients: Floats) -> NDArray[np.float64]:
    """(G + ridge) ** -1 of the products G of gradients (rows, dims): by its kernel, as rows are fewer than dims."""
    products = (gradients @ gradients.T).astype(np.float64)
    products.flat[:: len(products) + 1] += RIDGE * products.diagonal().mean() + TINY
    return np.asarray(np.linalg.inv(products))


def _mean(parts: Sequence[Floats]) -> Floats:
    """The mean over the runs that have a value; NaN where none has."""
    seen = np.sum([~np.isnan(part) for part in parts], axis=0)
    total = np.sum([np.nan_to_num(part) for part in parts], axis=0)
    return np.asarray(np.where(seen > 0, total / np.maximum(seen, 1), np.nan), dtype=np.float32)


def _read(path: Path) -> _Part | None:
    """A run traced before; None where there is none, or one cut short by a crash."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            return _Part(*(stored[name] for name in _Part._fields))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _write(path: Path, part: _Part) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    with unfinished.open("wb") as stream:
        np.savez(stream, **part._asdict())
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(path)
