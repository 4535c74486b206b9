"""Selection under a budget on BANKING77: 770 of 10,003 training rows, chosen six ways, judged by a linear probe.

Reads kb_banking77 of the shared data (ASSAY_SHARED, or ../shared). The probe is a ridge classifier on the vectors the
selection saw: a proxy, not a tuned model.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assay.encoders import WordLlama
from assay.evaluate.stats import wilson
from assay.signals.selection import at_random, select
from benchmarks.result import Result, value
from benchmarks.shared import shared_data

BUDGET, SEEDS = 770, tuple(range(10))


def run() -> Result:
    """Test accuracy of the probe on each choice; draws by chance: mean, smallest and largest of ten."""
    folder = shared_data() / "kb_banking77"
    (texts, labels), (asked, right) = _read(folder / "train.csv"), _read(folder / "test.csv")
    vectors, probes = WordLlama().encode(texts), WordLlama().encode(asked)

    def accuracy(rows: Sequence[int]) -> float:
        from sklearn.linear_model import RidgeClassifier

        model = RidgeClassifier(alpha=0.3)
        model.fit(vectors[list(rows)], [labels[i] for i in rows])
        return float((model.predict(probes) == np.array(right)).mean())

    metrics = {}
    one = {
        "facility_location_by_class": select(vectors, labels, BUDGET),
        "facility_location_natural_shares": select(vectors, labels, BUDGET, temperature=1.0),
        "facility_location_without_labels": select(vectors, [None] * len(labels), BUDGET),
    }
    for name, rows in one.items():
        found = accuracy(rows)
        interval = wilson(round(found * len(right)), len(right))
        metrics[name] = value(found, f"accuracy, n = {len(right)}", interval.low, interval.high)
    for name, temperature in (("random", None), ("balanced_random", 0.0)):
        drawn = [accuracy(at_random(labels, BUDGET, temperature=temperature, seed=seed)) for seed in SEEDS]
        metrics[name] = value(float(np.mean(drawn)), "mean accuracy of ten draws", min(drawn), max(drawn))
    full = accuracy(range(len(labels)))
    metrics["all_rows"] = value(full, f"accuracy of all {len(labels)} rows")
    return Result(BUDGET, list(SEEDS), metrics)


def _read(path: Path) -> tuple[list[str], list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [row["text"] for row in rows], [row["category"] for row in rows]
