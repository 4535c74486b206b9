"""Which test notices that traffic changed: queries outside all intents mixed into those of CLINC150.

After Rabanser, Günnemann, Lipton 2019, who found tests on what a trained classifier answers the best. Every test is set
so that it would cry in one of twenty batches without a change: the bar is the 95th percentile over batches of the
same size drawn from the reference itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.result import value
from benchmarks.shared import wilson
from benchmarks.tables.intents import OUTSIDE, Vectors, clinc, probe

Metrics = dict[str, dict[str, Any]]
Score = Callable[[np.ndarray, np.ndarray, np.random.Generator], float]  # reference rows, batch rows: more is stranger
SIZES, SHARES = (100, 300), (0.0, 0.1, 0.3)  # of a batch; of it outside all intents
TRIALS, CALIBRATION = 40, 100
MAIN = 32  # directions of the vectors that are tested one by one


def noticed(vectors: Vectors) -> Metrics:
    """In how many of 40 batches each test notices, by size of the batch and share from outside."""
    train, test = clinc("full")
    inside = np.array([label != OUTSIDE for label in train.labels])
    learnt = vectors.of(train.texts)[inside]
    model = probe(learnt, np.array(train.labels)[inside].tolist())
    seen, outside = vectors.of(test.texts), np.array(test.labels) == OUTSIDE
    turn = np.linalg.eigh(np.cov(learnt.T))[1][:, ::-1][:, :MAIN]
    sure = model.predict_proba(seen).max(1)[:, None]
    views = {"confidence": (sure, _confidence), "mmd": (seen, _mmd), "directions": (seen @ turn, _directions),
             "domain_classifier": (seen, _domain_classifier)}  # fmt: skip
    rng = np.random.default_rng(0)
    usual, strange = np.flatnonzero(~outside), np.flatnonzero(outside)
    rng.shuffle(usual)
    reference, stream = usual[: len(usual) // 2], usual[len(usual) // 2 :]
    metrics: Metrics = {}
    for size in SIZES:
        for name, (view, score) in views.items():
            bar = _bar(view[reference], size, score, np.random.default_rng(1))
            for share in SHARES:
                hits = 0
                for trial in range(TRIALS):
                    own = np.random.default_rng(100 + trial)
                    new = round(share * size)
                    batch = np.concatenate([own.choice(stream, size - new, False), own.choice(strange, new, False)])
                    hits += score(view[own.choice(reference, size, False)], view[batch], own) > bar
                key = f"c9.{name}.{size}_rows.{share:.0%}_outside"
                metrics[key] = value(hits / TRIALS, f"noticed of {TRIALS} batches", *wilson(hits, TRIALS))
    return metrics


def _bar(reference: np.ndarray, size: int, score: Score, rng: np.random.Generator) -> float:
    """The 95th percentile of the score between two batches of the reference."""
    scores = []
    for _ in range(CALIBRATION):
        rows = rng.permutation(len(reference))[: 2 * size]
        scores.append(score(reference[rows[:size]], reference[rows[size:]], rng))
    return float(np.quantile(scores, 0.95))


def _confidence(reference: np.ndarray, batch: np.ndarray, _rng: np.random.Generator) -> float:
    """The Kolmogorov-Smirnov distance of how sure the classifier is."""
    return _distance(reference[:, 0], batch[:, 0])


def _directions(reference: np.ndarray, batch: np.ndarray, _rng: np.random.Generator) -> float:
    """The largest Kolmogorov-Smirnov distance over the main directions."""
    return max(_distance(reference[:, i], batch[:, i]) for i in range(reference.shape[1]))


def _mmd(reference: np.ndarray, batch: np.ndarray, _rng: np.random.Generator) -> float:
    """Squared maximum mean discrepancy, Gaussian kernel, of width the median distance (Gretton et al. 2012)."""
    both = np.vstack([reference, batch])
    squares = np.maximum(2 - 2 * both @ both.T, 0)
    kernel = np.exp(-squares / np.median(squares))
    n = len(reference)
    return float(kernel[:n, :n].mean() + kernel[n:, n:].mean() - 2 * kernel[:n, n:].mean())


def _domain_classifier(reference: np.ndarray, batch: np.ndarray, rng: np.random.Generator) -> float:
    """How well a ridge classifier, trained on one half, tells the other half's rows apart: share right."""
    both = np.vstack([reference, batch])
    side = np.repeat([-1.0, 1.0], [len(reference), len(batch)])
    order = rng.permutation(len(both))
    half, rest = order[: len(order) // 2], order[len(order) // 2 :]
    gram = both[half] @ both[half].T
    weights = np.linalg.solve(gram + np.eye(len(half)), side[half])
    return float(((both[rest] @ both[half].T @ weights > 0) == (side[rest] > 0)).mean())


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    grid = np.sort(np.concatenate([a, b]))
    below = [np.searchsorted(np.sort(one), grid, side="right") / len(one) for one in (a, b)]
    return float(np.abs(below[0] - below[1]).max())
