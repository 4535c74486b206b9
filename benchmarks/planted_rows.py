"""Whether `assay prove rows` finds planted wrong rows, and whether its influence is what retraining shows.

Wrong labels: the demo's twelve intents, 15% of the labels wrong, half of them ones people confuse. Wrong answers: 80
questions about house rules, written for this, 15% answered wrongly, half of them with the answer to another question.
Beside the ranking: what its parts alone give. The truth for influence: the same small run again and again, a random
half of its rows or single ones left out (LDS, Park et al. 2023); beside influence, plain similarity.

`ASSAY_BENCH_SEEDS` limits the seeds; a seed takes about five minutes on two cores.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np

from assay.demo.mess import read_rows
from assay.encoders import WordLlama
from assay.evaluate.stats import Metric
from assay.models.base import Loaded, load
from assay.prove.influence import Influence, influence
from assay.prove.rows import RUNS, spec_for
from assay.prove.suspects import harm, surprise, unsupported
from assay.prove.trace import Tracer
from assay.records import Example, Message
from assay.signals import Measured
from assay.signals.suspicion import suspicion
from benchmarks import planting
from benchmarks.result import Result, value

SEEDS = tuple(range(int(os.environ.get("ASSAY_BENCH_SEEDS", "3"))))
PER_CLASS, SHARE = 20, 0.15
SMALL, SHORT, TESTED = 8, 4, 4  # of the runs that tell the truth: rows a class, passes, test rows a class
HALVES, SINGLE = 24, 12  # retrainings without a half of the rows, without one
SYSTEM = "Answer with the intent of the message."
FACTS = Path(__file__).with_name("house_facts.jsonl")


class Planted(NamedTuple):
    """Training rows, and which of them are wrong."""

    rows: list[Example]
    wrong: np.ndarray  # (rows,), bool


def run() -> Result:
    """AUROC of the rankings, seed by seed and over all; rank agreement with retraining."""
    base = load("smollm2-135m-instruct")
    metrics: dict[str, dict[str, Any]] = {}
    counted = 0
    for kind, make in (("labels", wrong_labels), ("answers", wrong_answers)):
        found: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
        for seed in SEEDS:
            planted = make(seed)
            counted += len(planted.rows)
            for name, score in rankings(base, planted, seed).items():
                found.setdefault(name, []).append((score, planted.wrong))
        for name, parts in found.items():
            told = auroc(parts)
            metrics[f"{kind}.{name}_auroc"] = value(told.value, f"n = {told.n} rows", told.low, told.high)
            print(f"{kind}.{name}", *(round(auroc([part]).value, 3) for part in parts), flush=True)
    for name, told in truth(base, 0).items():
        metrics[f"truth.{name}"] = value(told.value, f"Spearman, n = {told.n}", told.low, told.high)
    return Result(counted, list(SEEDS), metrics)


def wrong_labels(seed: int) -> Planted:
    """The demo's intents, so many rows of each."""
    rows, wrong = planting.wrong_labels(planting.clean(PER_CLASS, seed), SHARE, seed)
    return Planted([_labelled(f"r{i}", row.text, row.label) for i, row in enumerate(rows)], _mask(wrong, len(rows)))


def wrong_answers(seed: int) -> Planted:
    """Questions about house rules; a wrong answer says another thing, or is the answer to another question."""
    draw = Random(f"answers {seed}")
    facts = [json.loads(line) for line in FACTS.read_text(encoding="utf-8").splitlines()]
    rows = [(ask, draw.choice(fact["say"]), k) for k, fact in enumerate(facts) for ask in fact["ask"]]
    wrong = set(draw.sample(range(len(rows)), round(SHARE * len(rows))))
    made = []
    for i, (ask, say, k) in enumerate(rows):
        other = draw.choice([fact for fact in facts if fact is not facts[k]])
        said = (facts[k]["wrong"] if draw.random() < 0.5 else draw.choice(other["say"])) if i in wrong else say
        made.append(Example(f"a{i}", "generate", (Message("user", ask), Message("assistant", said))))
    return Planted(made, _mask(wrong, len(rows)))


def rankings(base: Loaded, planted: Planted, seed: int) -> dict[str, np.ndarray]:
    """What each way of ranking says of each row, the more wrong the higher."""
    rows = planted.rows
    found = influence(_tracer(base, rows, seed), len(rows), runs=RUNS, seed=seed)
    towards = np.nan_to_num(found.among)
    ranked = {
        "rows": harm(found, rows),
        "held_out_loss": surprise(found, rows),
        "training_loss": np.mean(found.taught[1:], axis=0),
        "influence": -towards.sum(axis=1),
        "self_influence": found.own,
    }
    measured = Measured(rows)
    if measured.classifications:
        ranked["vectors"] = suspicion(measured.classifications[0]).score
    ranked["neighbours"] = unsupported(rows)
    return ranked


def _tracer(base: Loaded, rows: Sequence[Example], seed: int) -> Tracer:
    return Tracer(base, spec_for(len(rows), seed), rows, system=SYSTEM)


def auroc(parts: Sequence[tuple[np.ndarray, np.ndarray]], resamples: int = 2000) -> Metric:
    """The chance that a wrong row ranks above a right one, mean over seeds; rows are resampled within each."""
    from scipy.stats import rankdata

    def one(score: np.ndarray, wrong: np.ndarray) -> float:
        bad, good = int(wrong.sum()), int((~wrong).sum())
        return float((rankdata(score)[wrong].sum() - bad * (bad + 1) / 2) / (bad * good))

    def drawn(score: np.ndarray, wrong: np.ndarray) -> float:
        bad, good = np.flatnonzero(wrong), np.flatnonzero(~wrong)
        at = np.concatenate([random.choice(bad, len(bad)), random.choice(good, len(good))])
        return one(score[at], wrong[at])

    random = np.random.default_rng(0)
    means = [float(np.mean([drawn(*part) for part in parts])) for _ in range(resamples)]
    low, high = np.quantile(means, [0.025, 0.975])
    return Metric(
        float(np.mean([one(*part) for part in parts])), float(low), float(high), sum(len(part[0]) for part in parts)
    )


def truth(base: Loaded, seed: int) -> dict[str, Metric]:
    """Spearman's rho of what each measure foretells with what retraining shows, mean over test rows."""
    rows, _ = planting.wrong_labels(planting.clean(SMALL, seed), SHARE, seed)
    taught = [_labelled(f"r{i}", row.text, row.label) for i, row in enumerate(rows)]
    draw, labels = Random(f"tested {seed}"), sorted({row.label for row in rows})
    asked = [
        row
        for label in labels
        for row in draw.sample([r for r in read_rows("banking_test.csv") if r.label == label], TESTED)
    ]
    test = [_labelled(f"t{i}", row.text, row.label) for i, row in enumerate(asked)]
    n = len(taught)
    spec = spec_for(n, seed).model_copy(update={"epochs": SHORT})
    tracer = Tracer(base, spec, [*taught, *test], system=SYSTEM)
    foretold = _foretold(influence(tracer, n, runs=RUNS, seed=seed), taught, test, seed)
    random = np.random.default_rng(seed)
    halves = [random.permutation(n)[: n // 2].tolist() for _ in range(HALVES)]
    single = random.permutation(n)[:SINGLE].tolist()
    whole = _retrained(tracer, n, [], seed)
    gone = {"halves": halves, "single": [[i] for i in single]}
    metrics = {}
    for kind, parts in gone.items():
        shown = np.array([_retrained(tracer, n, part, seed) - whole for part in parts])  # what is lost without them
        for name, table in foretold.items():
            metrics[f"{kind}.{name}"] = _agreement(np.array([table[part].sum(axis=0) for part in parts]), shown)
            print(f"truth.{kind}.{name}", metrics[f"{kind}.{name}"], flush=True)
    return metrics


def _foretold(found: Influence, taught: Sequence[Example], test: Sequence[Example], seed: int) -> dict[str, np.ndarray]:
    """Of each training row on each test row, (taught, test): what leaving it out should cost."""
    mine, others = (WordLlama().encode([row.prompt for row in part]) for part in (taught, test))
    alike = mine @ others.T
    same = np.array([[1.0 if row.answer == other.answer else -1.0 for other in test] for row in taught])
    shuffled = np.random.default_rng(seed).normal(size=alike.shape)
    return {
        "influence": found.asked,
        "similarity": alike,
        "similarity_signed": alike * same,
        "same_label": same,
        "random": shuffled,
    }


def _retrained(tracer: Tracer, n: int, without: Sequence[int], seed: int) -> np.ndarray:
    """Loss of each test row after the same run with some rows left out, nats: (test rows,)."""
    *_, last = tracer.run(range(n), {1.0: False}, seed=seed + 100, without=frozenset(without))
    return np.asarray(last.losses[n:], dtype=np.float64)


def _agreement(foretold: np.ndarray, shown: np.ndarray) -> Metric:
    """Spearman's rho over retrainings, (retrainings, test rows) each, mean over test rows; rows are resampled."""
    from scipy.stats import rankdata

    a, b = (rankdata(table, axis=0) - (len(table) + 1) / 2 for table in (foretold, shown))
    spread = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    each = (a * b).sum(axis=0) / np.maximum(spread, 1e-9)  # 0 where all retrainings are foretold alike
    random = np.random.default_rng(0)
    means = [each[random.integers(0, len(each), len(each))].mean() for _ in range(2000)]
    return Metric(float(each.mean()), float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975)), len(foretold))


def _labelled(name: str, text: str, label: str) -> Example:
    return Example(name, "classify", (Message("user", text), Message("assistant", label)), label=label)


def _mask(chosen: set[int], n: int) -> np.ndarray:
    return np.isin(np.arange(n), sorted(chosen))
