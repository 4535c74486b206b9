"""Defect rate against test accuracy, probe tier: what seven defects cost, and what the rules win back.

Arms, all judged on the same untouched test rows: the rows as they are, what the default rules leave of them, as many
rows drawn by chance, and what the rules leave with the held rows as a perfect reviewer would return them. The probe is
a logistic regression on the default encoder's vectors: no tuned model.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random
from typing import Any, NamedTuple

import numpy as np

from assay.encoders import WordLlama
from assay.evaluate import stats
from assay.passes import curate
from assay.records import Example, Message
from assay.rules.choose import choose
from benchmarks.defects import DEFECTS, Bench, Plant, Row, benches, clean
from benchmarks.result import RESULTS, Result, value
from benchmarks.tables.intents import probe, right

RATES, SEEDS = (0.05, 0.1, 0.2, 0.4), tuple(range(int(os.environ.get("ASSAY_BENCH_SEEDS", "5"))))
ARMS = ("raw", "rules", "random", "reviewed")
Pair = tuple[str, str]  # a text and its label
Metrics = dict[str, dict[str, Any]]


class Arms(NamedTuple):
    """Of each arm, whether the probe is right on each test row: bool, shape (test rows,)."""

    raw: np.ndarray
    rules: np.ndarray
    random: np.ndarray
    reviewed: np.ndarray


def run() -> Result:
    """Accuracy of every arm by set, defect and rate; the mean of the seeds. Each set has a process of its own."""
    made = benches()
    with ProcessPoolExecutor(len(made), mp_context=get_context("spawn")) as pool:
        found = dict(zip((bench.name for bench in made), pool.map(_curves, made), strict=True))
    metrics: Metrics = {}
    points: list[dict[str, Any]] = []
    for name, curves in found.items():
        for (defect, rate), numbers in curves.items():
            metrics |= {f"{name}.{defect}.{rate:.0%}.{key}": number for key, number in numbers.items()}
            points += [{"set": name, "defect": defect.replace("_", " "), "rate": rate, "arm": arm,
                        "accuracy": numbers[arm]["value"]} for arm in ARMS]  # fmt: skip
    _plot(points)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    metrics["cpu_s"] = value(spent.ru_utime + spent.ru_stime, "CPU-seconds")
    return Result(sum(len(bench.test.texts) for bench in made), list(SEEDS), metrics)


def _curves(bench: Bench) -> dict[tuple[str, float], Metrics]:
    """The numbers of one set by defect and rate."""
    asked = WordLlama().encode(bench.test.texts)
    untouched = [_arms(bench, clean, 0.0, seed, asked) for seed in SEEDS]
    out = {}
    for defect, plant in DEFECTS.items():
        for rate in (0.0, *RATES):
            found = [_arms(bench, plant, rate, seed, asked) for seed in SEEDS] if rate else untouched
            out[defect, rate] = _numbers(found)
    return out


def _arms(bench: Bench, plant: Plant, rate: float, seed: int, asked: np.ndarray) -> Arms:
    rows = plant(bench, Random(seed), rate)
    examples = [
        Example(f"r{i:04}", "classify", (Message("user", row.text), Message("assistant", row.label)), label=row.label)
        for i, row in enumerate(rows)
    ]
    done = curate(examples, choose({}), targets=bench.targets)
    kept = [(example.prompt, example.label or "") for example in done.kept]
    drawn = Random(seed).sample([(row.text, row.label) for row in rows], len(kept))
    returned = _returned(rows, [int(example.id[1:]) for example in done.held])
    arms: list[Sequence[Pair]] = [[(row.text, row.label) for row in rows], kept, drawn, [*kept, *returned]]
    return Arms(*(_right(bench, arm, asked) for arm in arms))


def _returned(rows: Sequence[Row], held: Sequence[int]) -> list[Pair]:
    """The held rows that belong in the set, with the labels they should carry."""
    return [(rows[i].text, right) for i in held if (right := rows[i].right) is not None]


def _right(bench: Bench, pairs: Sequence[Pair], asked: np.ndarray) -> np.ndarray:
    texts, labels = zip(*pairs, strict=True)
    return right(probe(WordLlama().encode(texts), labels), asked, bench.test.labels)


def _numbers(found: Sequence[Arms]) -> Metrics:
    """The accuracy of each arm and what the rules gain over the others, over test rows, the mean of the seeds."""
    means = {arm: np.mean([getattr(one, arm) for one in found], axis=0) for arm in ARMS}
    out = {}
    for arm, scores in means.items():
        mean = stats.mean(scores)
        out[arm] = value(mean.value, f"accuracy, n = {mean.n}", mean.low, mean.high)
    for other in ("raw", "random"):
        gain = stats.paired_difference(means["rules"], means[other])
        out[f"rules_over_{other}"] = value(gain.value, f"accuracy, n = {gain.n}", gain.low, gain.high)
    return out


def _plot(points: list[dict[str, Any]]) -> None:
    """results/defect_curves.svg: one panel a set and defect."""
    import altair as alt

    colours = alt.Scale(domain=list(ARMS), range=["#c0392b", "#1f77b4", "#999999", "#2a9d5c"])
    chart = (
        alt.Chart(alt.Data(values=points), width=150, height=110).mark_line(point=alt.OverlayMarkDef(size=18))
        .encode(
            x=alt.X("rate:Q", title="share of rows with the defect", axis=alt.Axis(format="%")),
            y=alt.Y("accuracy:Q", title="test accuracy", scale=alt.Scale(zero=False), axis=alt.Axis(format="%")),
            color=alt.Color("arm:N", scale=colours, title=None, legend=alt.Legend(orient="top")),
            row=alt.Row("set:N", title=None), column=alt.Column("defect:N", title=None, sort=None),
        ).resolve_scale(y="independent")
    )  # fmt: skip
    chart.save(RESULTS / "defect_curves.svg")
