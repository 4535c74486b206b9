"""What a whole set of answers shows beside the primary metric: each number with n, interval and the rows unscored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from assay.evaluate import stats
from assay.evaluate.resample import bootstrap, mean_of_reals
from assay.evaluate.rungs import Answer, Rung, written_scores
from assay.evaluate.scorers import Scorer
from assay.evaluate.scorers.exact import bare
from assay.evaluate.stats import Floats, Metric
from assay.records import Example

BINS = 10  # of equal size, by confidence
CHANCES = 400  # models simulated to tell a calibration error from chance
LEAST = 20  # rows a bin of the calibration holds
FEW = 20  # groups below which a part of the test set says little

Unit = Literal["share", "nats"]


class Measure(NamedTuple):
    """One number of one rung."""

    key: str
    title: str
    metric: Metric | None  # None: no row could be scored
    unscored: int  # rows asked that have no score
    unit: Unit = "share"
    better: Literal["higher", "lower"] = "higher"

    def as_dict(self) -> dict[str, Any]:
        """JSON twin; n is 0 where nothing was scored."""
        value = self.metric.as_dict() if self.metric else {"value": None, "low": None, "high": None, "n": 0}
        return {"key": self.key, "title": self.title, **value, "unscored": self.unscored, "unit": self.unit,
                "better": self.better}  # fmt: skip

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Measure:
        """The inverse of `as_dict`."""
        metric = Metric(raw["value"], raw["low"], raw["high"], raw["n"]) if raw["n"] else None
        return cls(raw["key"], raw["title"], metric, raw["unscored"], raw["unit"], raw["better"])


class ClassScore(NamedTuple):
    """Of the test rows of one label, the share that was recognised."""

    label: str
    recall: Metric
    few: bool  # too few rows to say much


class Asked(NamedTuple):
    """What measuring needs to know of the test rows."""

    test: Sequence[Example]
    groups: Sequence[str]  # of each test row
    seed: int


def measures(rung: Rung, asked: Asked, scorers: Sequence[Scorer]) -> tuple[Measure, ...]:
    """All that a rung's answers show: the scorers' means, then what only a whole set has."""
    found = [_of_scorer(rung, asked, scorer) for scorer in scorers]
    if any(row.label for row in asked.test):
        found += [_macro_f1(rung, asked), *_calibration(rung, asked)]
    return (*found, *_gold(rung, asked))


def classes(rung: Rung, asked: Asked, scores: Floats) -> tuple[ClassScore, ...]:
    """Recall of each label, in alphabetical order; `scores` has shape (test rows,), NaN where unscored."""
    made = []
    for label in sorted({row.label for row in asked.test if row.label}):
        rows = [i for i, row in enumerate(asked.test) if row.label == label and not np.isnan(scores[i])]
        if rows:
            groups = [asked.groups[i] for i in rows]
            made.append(ClassScore(label, stats.mean(scores[rows], groups, seed=asked.seed), len(set(groups)) < FEW))
    return tuple(made)


def _of_scorer(rung: Rung, asked: Asked, scorer: Scorer) -> Measure:
    scores = written_scores(rung, asked.test, scorer).mean(axis=0)
    kept = np.flatnonzero(~np.isnan(scores)).tolist()
    metric = stats.mean(scores[kept], [asked.groups[i] for i in kept], seed=asked.seed) if kept else None
    return Measure(scorer.key, scorer.metric, metric, _rows_asked(rung) - len(kept))


def _rows_asked(rung: Rung) -> int:
    return len({answer.id for answers in rung.answers for answer in answers})


def _answered(rung: Rung, asked: Asked) -> tuple[list[int], list[dict[str, Answer]]]:
    """The test rows with a label that every seed answered, and the answers of each seed by id."""
    by_seed = [{answer.id: answer for answer in answers} for answers in rung.answers]
    rows = [
        i for i, row in enumerate(asked.test)
        if row.label and all(row.id in said and said[row.id].written is not None for said in by_seed)
    ]  # fmt: skip
    return rows, by_seed


def _macro_f1(rung: Rung, asked: Asked) -> Measure:
    """The mean over labels of F1 of what is written; labels the test set does not hold are wrong answers to others."""
    rows, by_seed = _answered(rung, asked)
    title, missing = "macro-F1 of what the model writes", _rows_asked(rung) - len(rows)
    if not rows:
        return Measure("macro-f1", title, None, missing)
    gold = [bare(asked.test[i].label or "") for i in rows]
    place = {label: j for j, label in enumerate(sorted(set(gold)))}
    want = _one_hot([place[label] for label in gold], len(place))
    got = [
        _one_hot([place.get(bare(said[asked.test[i].id].written or ""), -1) for i in rows], len(place))
        for said in by_seed
    ]

    def statistic(weights: Floats) -> Floats:
        support = weights @ want
        f1 = [2 * (weights @ (want * one)) / np.maximum(support + weights @ one, 1e-12) for one in got]
        return np.asarray(np.nanmean(np.where(support > 0, np.mean(f1, axis=0), np.nan), axis=1))

    metric = bootstrap(statistic, len(rows), [asked.groups[i] for i in rows], seed=asked.seed)
    return Measure("macro-f1", title, metric, missing)


def _one_hot(places: Sequence[int], width: int) -> Floats:
    """Shape (rows, width): 1 at each row's place, nowhere for -1."""
    out = np.zeros((len(places), width))
    for row, place in zip(out, places, strict=True):
        row[place] = place >= 0
    return out


def _calibration(rung: Rung, asked: Asked) -> list[Measure]:
    """Expected calibration error of the choice among labels (Naeini et al. 2015; bins of equal size); Brier's error.

    The confidence is the probability of the label chosen among those allowed. Chance alone raises the error of a small
    set: the interval is moved for it, and begins at 0 where a model that is as sure as it is right would show as much.
    """
    rows, by_seed = _answered(rung, asked)
    rows = [i for i in rows if all(said[asked.test[i].id].confidence is not None for said in by_seed)]
    titles = ("calibration error of the choice", "squared error of the choice's confidence")
    missing = _rows_asked(rung) - len(rows)
    if not rows:
        return []
    groups = [asked.groups[i] for i in rows]
    answers = [[said[asked.test[i].id] for i in rows] for said in by_seed]
    sure = np.array([[answer.confidence or 0.0 for answer in seed] for seed in answers])
    want = [asked.test[i].label for i in rows]
    right = np.array([[a.choice == label for a, label in zip(seed, want, strict=True)] for seed in answers], float)
    bins = [_bins(seed) for seed in sure]

    def statistic(weights: Floats) -> Floats:
        errors = [
            np.abs(weights @ (inside * gap[:, None])).sum(axis=1) / weights.sum(axis=1)
            for inside, gap in zip(bins, sure - right, strict=True)
        ]
        return np.asarray(np.mean(errors, axis=0))

    off = bootstrap(statistic, len(rows), groups, seed=asked.seed, centred=True)
    if off.value <= _by_chance(sure, bins, asked.seed):
        off = off._replace(low=0.0)
    brier = stats.mean(((sure - right) ** 2).mean(axis=0), groups, seed=asked.seed)
    return [
        Measure("calibration-error", titles[0], off, missing, better="lower"),
        Measure("confidence-brier", titles[1], brier, missing, better="lower"),
    ]


def _by_chance(sure: Floats, bins: Sequence[Floats], seed: int) -> float:
    """The error that one in forty perfectly calibrated models exceeds on these rows, by simulation."""
    rng = np.random.default_rng(seed)
    n = sure.shape[1]
    shown = [
        np.mean(
            [np.abs((one - (rng.random(n) < one)) @ inside).sum() / n for one, inside in zip(sure, bins, strict=True)]
        )
        for _ in range(CHANCES)
    ]
    return float(np.quantile(shown, (1 + stats.CONFIDENCE) / 2))


def _bins(sure: Floats) -> Floats:
    """Shape (rows, bins): which bin a row lies in, of equal size and at least `LEAST` rows."""
    count = max(1, min(BINS, len(sure) // LEAST))
    rank = np.argsort(np.argsort(sure, kind="stable"), kind="stable")
    return _one_hot((rank * count // len(sure)).tolist(), count)


def _gold(rung: Rung, asked: Asked) -> list[Measure]:
    """What the expected answer surprises the model by, in nats a token: the continuous metric; lower is better."""
    known = {row.id: i for i, row in enumerate(asked.test)}
    losses = np.full((len(rung.answers), len(asked.test)), np.nan)
    for line, answers in zip(losses, rung.answers, strict=True):
        for answer in answers:
            if answer.gold is not None and answer.gold_tokens:
                line[known[answer.id]] = -answer.gold / answer.gold_tokens
    mean = losses.mean(axis=0)
    kept = np.flatnonzero(~np.isnan(mean)).tolist()
    if not kept:
        return []
    metric = mean_of_reals(mean[kept], [asked.groups[i] for i in kept], seed=asked.seed)
    title = "loss of the expected answer, nats a token"
    return [Measure("gold-loss", title, metric, _rows_asked(rung) - len(kept), "nats", "lower")]
