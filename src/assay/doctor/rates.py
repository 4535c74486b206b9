"""Is the learning rate one that learns? A short sweep of rates on the real rows, and a verdict on the recipe's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from assay.doctor.signs import Sign
from assay.models import chat
from assay.models.base import load, load_tokenizer, locate
from assay.project import Project
from assay.records import Example
from assay.runs import SECONDS_A_ROW
from assay.train.derived import dtype_of
from assay.train.rates import Sweep, steps_within, sweep

BUDGET = 60.0  # seconds a sweep may take on two cores, where FEWEST steps take no longer
LOADING = 8.0  # seconds until a small model is in memory
USUAL_TOKENS, USUAL_LAYERS = 34, 10  # of the rows and runs at which SECONDS_A_ROW was measured
FORWARD = 0.35  # of the time of a pass with gradients, a pass without
FAR, FARTHER = 10.0, 100.0  # times below or above the suggested rate: amber, red
HIGH = 3.0  # times below the rate that diverges, from which on it is amber
BAR = 30  # characters of the longest bar of the chart
LINES = 18  # of the chart at most


class Foreseen(NamedTuple):
    """What a sweep would take."""

    steps: int
    seconds: float  # on two quiet cores


def foresee(project: Project, examples: Sequence[Example]) -> Foreseen:
    """How many steps fit into a minute, and how long they take: from the lengths of the rows alone.

    Raises:
        ModelError: the model or its template cannot be used.
    """
    spec, system = project.recipe.train, project.recipe.system
    tokenizer = load_tokenizer(locate(project.recipe.model))
    some = examples[:: max(1, len(examples) // 64)]
    lengths = [len(chat.tokenise(example, tokenizer, spec.max_tokens, system).ids) for example in some]
    long = max(1.0, sum(lengths) / len(lengths) / USUAL_TOKENS)
    layers = (spec.layers or 3 * USUAL_LAYERS) / USUAL_LAYERS
    a_row = SECONDS_A_ROW * long * layers
    steps = steps_within(BUDGET, spec.batch_size * a_row)
    once = min(len(examples), steps * spec.batch_size) * SECONDS_A_ROW * long * FORWARD * (layers + 1)
    return Foreseen(steps, LOADING + once + steps * spec.batch_size * a_row)


def find_rates(
    project: Project, examples: Sequence[Example], steps: int, report: Callable[[int, int, float], None] | None = None
) -> Sweep:
    """The sweep on the rows of the set; no run is written, and the model is as it was.

    Raises:
        ModelError, TrainingError: the model cannot be loaded, or tuned by this method.
    """
    recipe = project.recipe
    base = load(recipe.model, dtype_of(recipe.train), four_bit=recipe.train.method == "qlora")
    return sweep(examples, base, recipe.train, steps=steps, system=recipe.system, report=report)


def rate_sign(project: Project, found: Sweep) -> Sign:
    """The verdict on the recipe's learning rate."""
    rate, suggested, diverges = project.recipe.train.learning_rate, found.suggested, found.diverges
    if suggested is None:
        what = f"no rate from {found.rates[0]:.2g} to {found.rates[-1]:.2g} lowered the loss by a tenth"
        why = "the adapter cannot learn these rows, or they know no more than chance"
        fix = "look at the rows (`assay doctor train --mask 2`); raise train.rank or train.layers"
        return Sign("red", "learning rate", what, why, fix=fix)
    falls = f"the loss falls fastest near {found.steepest:.2g}"
    rises = f"and is lost again from {diverges:.2g}" if diverges else f"and not lost again up to {found.rates[-1]:.2g}"
    what = f"{rate:g}; {falls} {rises}"
    fix, setting = f"set train.learning_rate to {suggested:g}", {"train.learning_rate": suggested}
    if rate >= (diverges or suggested * FARTHER):
        return Sign("red", "learning rate", what, "at this rate a run unlearns what it learnt", (), fix, setting)
    if rate < suggested / FARTHER:
        return Sign("red", "learning rate", what, "at this rate a run would teach next to nothing", (), fix, setting)
    if rate > (diverges / HIGH if diverges else suggested * FAR):
        return Sign("amber", "learning rate", what, "close to where training breaks down", (), fix, setting)
    if rate < suggested / FAR:
        return Sign("amber", "learning rate", what, "it learns, but slowly: a run ends too early", (), fix, setting)
    return Sign("green", "learning rate", what)


def as_dict(found: Sweep, foreseen: Foreseen) -> dict[str, Any]:
    """The curve, for other programs."""
    return {
        "steps": foreseen.steps, "before": round(found.before, 5), "steepest": found.steepest,
        "diverges": found.diverges, "suggested": found.suggested,
        "points": [
            {"rate": rate, "loss": round(loss, 5), "smoothed": round(smooth, 5)}
            for rate, loss, smooth in zip(found.rates, found.losses, found.smoothed, strict=True)
        ],
    }  # fmt: skip


def chart(found: Sweep, rate: float) -> list[str]:
    """The curve as lines of text: a rate, its smoothed loss as a bar, and where the recipe and the suggestion lie."""
    every = -(-len(found.rates) // LINES)
    shown = list(range(0, len(found.rates), every))
    top = max(found.before, *(found.smoothed[i] for i in shown))
    marks: dict[int, str] = {}
    for value, word in ((rate, "the recipe"), (found.suggested, "suggested"), (found.diverges, "lost again")):
        if value is not None:
            near = min(shown, key=partial(_apart, found.rates, value))
            marks[near] = f"{marks[near]}, {word}" if near in marks else word
    return [
        f"{found.rates[i]:8.1e}  {'█' * max(1, round(BAR * found.smoothed[i] / top)):<{BAR}}  "
        f"{found.smoothed[i]:6.3f}" + (f"  <- {marks[i]}" if i in marks else "")
        for i in shown
    ]


def _apart(rates: Sequence[float], value: float, place: int) -> float:
    return abs(math.log(rates[place] / value))
