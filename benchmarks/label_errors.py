"""Label errors: real ones that people judged, and planted ones, found by A004, by cleanlab and by plain neighbours.

All three see the same vectors of the same rows, set after set. cleanlab gets out-of-fold probabilities of logistic
regression, five folds; neighbours give the share of the ten nearest rows that disagree, and hold a row when eight do.
Means have intervals by a bootstrap over the rows of every set. Needs the shared data, and the extra `bench`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np

from assay.encoders import Encoder, MiniLM, WordLlama, installed
from assay.records import Example, Message
from assay.rules.wrong_label import WrongLabel
from assay.signals import Measured
from benchmarks.label_sets import (
    LabelSet,
    clean_sets,
    harder_sets,
    hint_sets,
    judged_scores,
    planted_sets,
    real_sets,
    written_sets,
)
from benchmarks.result import Result, value
from benchmarks.shared import wilson
from benchmarks.tables.intents import INVERSE_PENALTY

SEEDS = (0, 1)
DRAWS = 300  # of the bootstrap
GROUPS = ("real", "planted", "harder", "written", "clean", "minilm")  # sets by the first word of their name
Metrics = dict[str, dict[str, Any]]


class Found(NamedTuple):
    """What a method says of each row that is judged."""

    score: np.ndarray  # the more suspect the higher
    held: np.ndarray  # bool: what it would take out on its own


class Judged(NamedTuple):
    """What every method said of one set."""

    one: LabelSet
    found: dict[str, Found]


def run() -> Result:
    """Average precision, precision at the true count, precision and recall of what is held, set by set."""
    methods: dict[str, Callable[[Measured], Found]] = {
        "assay": _assay,
        "cleanlab": _cleanlab,
        "neighbours": _neighbours,
    }
    metrics: dict[str, Metrics] = {name: {} for name in methods}
    every: list[Judged] = []
    for one, encoder in _sets():
        measured, n = _measured(one, encoder), len(one.wrong)
        found = {name: Found(*(array[:n] for array in method(measured))) for name, method in methods.items()}
        every.append(Judged(one, found))
        for name, said in found.items():
            metrics[name] |= _judged(one, said)
    probabilities, labels, confirmed = judged_scores()
    for name, score in _by_probabilities(probabilities, labels).items():
        ranked = _ranking(score[list(confirmed)], np.array(list(confirmed.values())))
        metrics[name]["judged.20news.average_precision"] = value(ranked, f"among the {len(confirmed)} people judged")
    for name, means in _means(every).items():
        metrics[name] |= means
    peers: dict[str, dict[str, Any]] = {
        "cleanlab": {"version": version("cleanlab"), **metrics["cleanlab"]},
        "neighbours": metrics["neighbours"],
    }
    return Result(sum(len(judged.one.wrong) for judged in every), list(SEEDS), metrics["assay"], peers)


def _sets() -> Iterator[tuple[LabelSet, Encoder]]:
    """Every set and its encoder; MiniLM, where installed, reads the bots' queries and the sets written for this."""
    for one in (
        *real_sets(), *planted_sets(SEEDS), *harder_sets(SEEDS), *written_sets(SEEDS), *clean_sets(SEEDS)
    ):  # fmt: skip
        yield one, WordLlama()
    if installed():
        for one in (*hint_sets(), *written_sets(SEEDS)):
            yield one._replace(name=f"minilm.{one.name}"), MiniLM()


def _measured(one: LabelSet, encoder: Encoder) -> Measured:
    examples = [
        Example(f"r{i:05}", "classify", (Message("user", text), Message("assistant", label)), label=label)
        for i, (text, label) in enumerate(zip(one.texts, one.labels, strict=True))
    ]
    measured = Measured(examples, encoder=encoder)
    measured.__dict__ |= {"encoder": encoder, "vectors": encoder.encode([topic.text for topic in measured.topics])}
    return measured


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
    from threadpoolctl import threadpool_limits

    codes = measured.classifications[0].codes
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # classes of fewer rows than folds
        believed = cross_val_predict(
            LogisticRegression(C=INVERSE_PENALTY, max_iter=300), measured.vectors, codes, method="predict_proba",
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
    wrong, unit = one.wrong, f"share, n = {len(one.wrong)}, {int(one.wrong.sum())} wrong"
    if not wrong.any():
        return {f"{one.name}.held_clean": value(float(found.held.mean()), f"share of {len(wrong)} rows as published")}
    out = {
        "average_precision": value(_ranking(found.score, wrong), unit),
        "precision_at_count": value(_at_count(found.score, wrong), unit),
        "held_recall": value(float(found.held[wrong].mean()), unit),
    }
    if found.held.any():
        out["held_precision"] = value(float(wrong[found.held].mean()), f"share, n = {int(found.held.sum())}")
    return {f"{one.name}.{key}": number for key, number in out.items()}


def _ranking(score: np.ndarray, wrong: np.ndarray) -> float:
    """Average precision: the mean, over the wrong rows, of the precision down to each."""
    ranked = wrong[np.argsort(-score, kind="stable")]
    return float((np.cumsum(ranked) / np.arange(1, len(ranked) + 1))[ranked].mean())


def _at_count(score: np.ndarray, wrong: np.ndarray) -> float:
    """How many of the most suspect rows are wrong, looking at as many rows as are wrong."""
    return float(wrong[np.argsort(-score, kind="stable")[: int(wrong.sum())]].mean())


def _means(every: list[Judged]) -> dict[str, Metrics]:
    """For each method the mean over the sets of a group, and ours less that of each peer."""
    out: dict[str, Metrics] = {name: {} for name in every[0].found}
    for group in GROUPS:
        some = [judged for judged in every if judged.one.name.startswith(f"{group}.")]
        wrong = [judged for judged in some if judged.one.wrong.any()]
        for kind, rank in (("average_precision", _ranking), ("precision_at_count", _at_count)):
            if wrong:
                drawn = _drawn(wrong, rank)
                for name, (mean, means) in drawn.items():
                    out[name][f"mean.{group}.{kind}"] = _interval(mean, means, f"mean of {len(wrong)} sets")
                for peer in ("cleanlab", "neighbours"):
                    lead = drawn["assay"][0] - drawn[peer][0], drawn["assay"][1] - drawn[peer][1]
                    out["assay"][f"mean.{group}.{kind}.over_{peer}"] = _interval(*lead, f"mean of {len(wrong)} sets")
        for name in out:
            held = [(judged.found[name].held, judged.one.wrong) for judged in some]
            n, right = sum(int(rows.sum()) for rows, _ in held), sum(int(bad[rows].sum()) for rows, bad in held)
            if wrong:
                count = sum(int(bad.sum()) for _, bad in held)
                out[name][f"all.{group}.held_recall"] = _share(right, count)
                out[name] |= {f"all.{group}.held_precision": _share(right, n)} if n else {}
            elif some:
                out[name][f"all.{group}.held"] = _share(n, sum(len(bad) for _, bad in held))
    return out


def _drawn(sets: list[Judged], rank: Callable[[np.ndarray, np.ndarray], float]) -> dict[str, tuple[float, np.ndarray]]:
    """Each method's mean over the sets, and the means of draws with replacement, the same rows for all."""
    names = list(sets[0].found)
    rng = np.random.default_rng(0)
    draws = np.zeros((len(names), DRAWS))
    for judged in sets:
        wrong = judged.one.wrong
        for draw in range(DRAWS):
            rows = rng.integers(0, len(wrong), len(wrong))
            if not wrong[rows].any():
                rows[0] = int(np.flatnonzero(wrong)[0])
            for at, name in enumerate(names):
                draws[at, draw] += rank(judged.found[name].score[rows], wrong[rows]) / len(sets)
    plain = [float(np.mean([rank(j.found[name].score, j.one.wrong) for j in sets])) for name in names]
    return {name: (plain[at], draws[at]) for at, name in enumerate(names)}


def _interval(mean: float, draws: np.ndarray, unit: str) -> dict[str, Any]:
    """The mean with the interval of its draws, moved so that it lies about the mean: repeated rows rank too well."""
    low, high = np.quantile(draws - draws.mean(), [0.025, 0.975])
    return value(mean, unit, mean + float(low), mean + float(high))


def _share(hits: int, n: int) -> dict[str, Any]:
    return value(hits / n, f"share, {hits} of {n}", *wilson(hits, n))
