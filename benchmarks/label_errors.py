"""Label errors: real ones that people judged, and planted ones, found by A004, by cleanlab and by plain neighbours.

All three see the same vectors of the same rows, set after set. cleanlab gets out-of-fold probabilities of logistic
regression, five folds; neighbours give the share of the ten nearest rows that disagree, and hold a row when eight do.
Needs the shared data, and cleanlab, which the project itself does not: `uv pip install cleanlab`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np

from assay.records import Example, Message
from assay.rules.wrong_label import WrongLabel
from assay.signals import Measured
from benchmarks.label_sets import LabelSet, clean_sets, judged_scores, planted_sets, real_sets
from benchmarks.result import Result, value

SEEDS = (0, 1)
Metrics = dict[str, dict[str, Any]]


class Found(NamedTuple):
    """What a method says of each row."""

    score: np.ndarray  # the more suspect the higher
    held: np.ndarray  # bool: what it would take out on its own


def run() -> Result:
    """Average precision, precision at the true count, precision and recall of what is held, set by set."""
    methods: dict[str, Callable[[Measured], Found]] = {
        "assay": _assay,
        "cleanlab": _cleanlab,
        "neighbours": _neighbours,
    }
    metrics: dict[str, Metrics] = {name: {} for name in methods}
    rows = 0
    for one in [*real_sets(), *planted_sets(SEEDS), *clean_sets(SEEDS)]:
        measured, rows = _measured(one), rows + len(one.texts)
        for name, method in methods.items():
            metrics[name] |= _judged(one, method(measured))
    probabilities, labels, confirmed = judged_scores()
    for name, score in _by_probabilities(probabilities, labels).items():
        ranked = _ranking(score[list(confirmed)], np.array(list(confirmed.values())))
        metrics[name]["judged.20news.average_precision"] = value(ranked, f"among the {len(confirmed)} people judged")
    for name, found in metrics.items():
        found |= _means(found)
        print(name, *(f"{key} {number['value']:.3f}" for key, number in found.items() if key.startswith("mean")))
    peers: dict[str, dict[str, Any]] = {
        "cleanlab": {"version": version("cleanlab"), **metrics["cleanlab"]},
        "neighbours": metrics["neighbours"],
    }
    return Result(rows, list(SEEDS), metrics["assay"], peers)


def _measured(one: LabelSet) -> Measured:
    examples = [
        Example(f"r{i:05}", "classify", (Message("user", text), Message("assistant", label)), label=label)
        for i, (text, label) in enumerate(zip(one.texts, one.labels, strict=True))
    ]
    return Measured(examples)


def _assay(measured: Measured) -> Found:
    (part,) = measured.classifications
    judged = WrongLabel().judge(part)
    assert judged is not None
    return Found(judged.suspicion.score, judged.wrong)


def _cleanlab(measured: Measured) -> Found:
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    codes = measured.classifications[0].codes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # classes of fewer rows than folds
        believed = cross_val_predict(
            LogisticRegression(max_iter=300), measured.vectors, codes, method="predict_proba",
            cv=StratifiedKFold(5, shuffle=True, random_state=0),
        )  # fmt: skip
        return Found(-get_label_quality_scores(codes, believed), find_label_issues(codes, believed, n_jobs=1))


def _neighbours(measured: Measured) -> Found:
    codes, near = measured.classifications[0].codes, measured.neighbours.rows[:, :10]
    disagree = (codes[near] != codes[:, None]).mean(1)
    return Found(disagree, disagree >= 0.8)


def _by_probabilities(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """The scores where only probabilities were published: what the other label has against the own, and cleanlab's."""
    from cleanlab.rank import get_label_quality_scores

    own = probabilities[np.arange(len(labels)), labels]
    rest = probabilities.copy()
    rest[np.arange(len(labels)), labels] = 0
    return {"assay": rest.max(1) / (rest.max(1) + own), "cleanlab": -get_label_quality_scores(labels, probabilities)}


def _judged(one: LabelSet, found: Found) -> Metrics:
    wrong, unit = one.wrong, f"share, n = {len(one.texts)}, {int(one.wrong.sum())} wrong"
    if not wrong.any():
        return {f"{one.name}.held_clean": value(float(found.held.mean()), f"share of {len(one.texts)} clean rows")}
    top = np.argsort(-found.score, kind="stable")[: int(wrong.sum())]
    out = {
        "average_precision": value(_ranking(found.score, wrong), unit),
        "precision_at_count": value(float(wrong[top].mean()), unit),
        "held_recall": value(float(found.held[wrong].mean()), unit),
    }
    if found.held.any():
        out["held_precision"] = value(float(wrong[found.held].mean()), f"share, n = {int(found.held.sum())}")
    return {f"{one.name}.{key}": number for key, number in out.items()}


def _ranking(score: np.ndarray, wrong: np.ndarray) -> float:
    """Average precision: the mean, over the wrong rows, of the precision down to each."""
    ranked = wrong[np.argsort(-score, kind="stable")]
    return float((np.cumsum(ranked) / np.arange(1, len(ranked) + 1))[ranked].mean())


def _means(found: Metrics) -> Metrics:
    """The mean of each kind of number over real and over planted sets, with the smallest and the largest."""
    out: Metrics = {}
    kinds = ("average_precision", "precision_at_count", "held_precision", "held_recall", "held_clean")
    for group in ("real", "planted", "clean"):
        for kind in kinds:
            some = [n["value"] for key, n in found.items() if key.startswith(f"{group}.") and key.endswith(kind)]
            if some:
                out[f"mean.{group}.{kind}"] = value(float(np.mean(some)), f"{len(some)} sets", min(some), max(some))
    return out
