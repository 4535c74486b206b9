"""Which rows to keep: selection under a budget, and thinning what says nearly the same; beside them, chance."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np

from assay.evaluate.stats import paired_difference
from assay.signals.selection import at_random, select
from benchmarks.result import value
from benchmarks.tables.intents import Parts, Vectors, accuracy, banking, clinc, draws, probe, right, within

Metrics = dict[str, dict[str, Any]]
SEEDS = tuple(range(5))
SAME = (0.95, 0.9, 0.85, 0.8)  # cosines from which one of two rows is left out
BANDS = (0.8, 0.9, 0.95)  # of the cosine of a test row to the nearest training row


class _Trial:
    """Rows of a training split, tried on the test rows by the probe."""

    def __init__(self, parts: Parts, vectors: Vectors) -> None:
        self.labels = np.array(parts.train.labels)
        self.rows, self.asked = vectors.of(parts.train.texts), vectors.of(parts.test.texts)
        self._answers = parts.test.labels

    def right(self, chosen: Sequence[int]) -> np.ndarray:
        """Whether a probe that learnt of the chosen rows is right on each test row."""
        at = list(chosen)
        return right(probe(self.rows[at], self.labels[at].tolist()), self.asked, self._answers)


def budgets(vectors: Vectors) -> Metrics:
    """BANKING77 at 770 of 10,003 rows and CLINC150 at 750 of 15,000: the selection of `assay select` beside chance."""
    full = clinc("full")
    metrics: Metrics = {}
    in_scope = Parts(within(full.train), within(full.test))
    for name, parts, budget in (("banking77", banking(), 770), ("clinc150", in_scope, 750)):
        trial, labels = _Trial(parts, vectors), parts.train.labels
        best = trial.right(select(trial.rows, labels, budget))
        balanced = [trial.right(at_random(labels, budget, temperature=0.0, seed=seed)) for seed in SEEDS]
        found = {
            "facility_location_by_class": accuracy(best),
            "facility_location_without_labels": accuracy(trial.right(select(trial.rows, [None] * len(labels), budget))),
            "balanced_random": draws(balanced),
            "random": draws([trial.right(at_random(labels, budget, seed=seed)) for seed in SEEDS]),
            "by_class_over_balanced_random": _gain(best, np.mean(balanced, axis=0)),
        }
        metrics |= {f"select.{name}.{key}": number for key, number in found.items()}
    return metrics


def difficulty(vectors: Vectors) -> Metrics:
    """770 rows of BANKING77 by how sure an out-of-fold probe is of them: the easiest, and the hardest."""
    trial = _Trial(banking(), vectors)
    sure = np.zeros(len(trial.labels))
    folds = np.random.default_rng(0).integers(0, 2, len(sure))
    for fold in (0, 1):
        model = probe(trial.rows[folds != fold], trial.labels[folds != fold].tolist())
        left = np.flatnonzero(folds == fold)
        place = np.searchsorted(model.classes_, trial.labels[left])
        sure[left] = model.predict_proba(trial.rows[left])[np.arange(len(left)), place]
    order = np.argsort(sure, kind="stable")
    return {
        f"select.banking77.{name}": accuracy(trial.right(_with_all_classes(trial.labels, rows)))
        for name, rows in (("hardest", order[:770]), ("easiest", order[::-1][:770]))
    }


def thinning(vectors: Vectors) -> Metrics:
    """BANKING77 without rows nearer than a cosine to one kept before, and as many by chance; on new test rows too."""
    parts = banking()
    trial = _Trial(parts, vectors)
    everything = trial.right(range(len(trial.labels)))
    nearest = (trial.asked @ trial.rows.T).max(1)
    new = nearest < BANDS[0]
    metrics: Metrics = {"thin.all_rows": accuracy(everything)}
    for low, high in zip((0.0, *BANDS), (*BANDS, 1.01), strict=True):
        band = (nearest >= low) & (nearest < high)
        if band.any():
            metrics[f"nearest_cosine.{low:g}_to_{min(high, 1):g}"] = accuracy(everything[band])
    for cosine in SAME:
        kept = _spread(trial.rows, cosine)
        chance = [trial.right(Random(seed).sample(range(len(trial.labels)), len(kept))) for seed in SEEDS[:3]]
        thinned = trial.right(kept)
        name = f"thin.{cosine:g}"
        metrics[f"{name}.rows"] = value(len(kept), f"rows of {len(trial.labels)}")
        metrics[f"{name}.thinned"], metrics[f"{name}.random"] = accuracy(thinned), draws(chance)
        metrics[f"{name}.over_random"] = _gain(thinned, np.mean(chance, axis=0))
        metrics[f"{name}.over_random_on_new_rows"] = _gain(thinned[new], np.mean(chance, axis=0)[new])
    return metrics


def _spread(rows: np.ndarray, cosine: float) -> list[int]:
    """Rows in their order, each left out that is as near as `cosine` to one kept before."""
    open_ = np.ones(len(rows), dtype=bool)
    kept = []
    for row in range(len(rows)):
        if open_[row]:
            kept.append(row)
            open_[row + 1 :] &= rows[row + 1 :] @ rows[row] < cosine
    return kept


def _with_all_classes(labels: np.ndarray, chosen: np.ndarray) -> list[int]:
    """The rows, and the first of each class that has none: a probe cannot name what it never saw."""
    present = set(labels[chosen])
    return [*chosen.tolist(), *(int(np.flatnonzero(labels == c)[0]) for c in sorted(set(labels)) if c not in present)]


def _gain(a: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    found = paired_difference(a, b)
    return value(found.value, f"accuracy over it, n = {found.n}", found.low, found.high)
