"""`assay prove size`: more rows or better rows? Curves of raw and curated rows, and what they foretell."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from assay import dataset
from assay.encoders import WordLlama
from assay.errors import InputError
from assay.evaluate.stats import Floats, Metric
from assay.passes import Progress, quiet
from assay.project import Project
from assay.prove import curve
from assay.prove.arms import LEAKAGE
from assay.prove.curve import Foretold, Gain
from assay.prove.effects import groups_of
from assay.prove.metric import Measure, Tier, measure_of
from assay.prove.probe import probe
from assay.prove.scores import Scores, kept, rows_digest, together
from assay.prove.steps import PROBE_SEEDS, SECONDS_PROBE
from assay.prove.tuned import Tuner
from assay.recipe import TrainSpec
from assay.records import Example, by_split
from assay.runs import SECONDS_A_QUESTION, length_of, training_seconds
from assay.scoring import kept_test_rows, take_look
from assay.store import Store, write_atomically

SHARES = (0.1, 0.25, 0.5, 1.0)
STATES = ("raw", "curated")
LEAST = 10  # rows that the smallest share must be
MORE = 1000  # rows whose worth is foretold


@dataclass(frozen=True)
class Plan:
    """What will be trained, before anything is."""

    version: str
    rows: dict[str, list[Example]]  # state -> its training rows
    test: list[Example]
    shares: tuple[float, ...]
    tier: Tier
    seeds: tuple[int, ...]
    spec: TrainSpec

    @property
    def measure(self) -> Measure:
        """What is measured."""
        return measure_of(self.test[0].task, self.tier)

    @property
    def runs(self) -> int:
        """Trainings, or probes."""
        return len(self.rows) * len(self.shares) * len(self.seeds)

    @property
    def seconds(self) -> float:
        """About how long it takes on two quiet cores."""
        rows = len(self.rows["raw"])
        if self.tier == "probe":
            return self.runs * SECONDS_PROBE * rows / 1000
        once = training_seconds(rows, self.spec, length_of(self.rows["raw"]))
        return self.runs * (once + len(self.test) * SECONDS_A_QUESTION * length_of(self.test))


class Point(NamedTuple):
    """One size of one state."""

    rows: int
    metric: Metric


class Sizes(NamedTuple):
    """What came of it."""

    plan: Plan
    curves: dict[str, list[Point]]
    equal: Foretold  # raw rows that would be worth what the curated set is
    more: dict[str, Gain]  # state -> what the next thousand rows would bring
    path: Path


def plan(
    project: Project, *, version: str = "", tier: Tier = "probe", seeds: Sequence[int] = (),
    shares: Sequence[float] = SHARES, spec: TrainSpec | None = None,
) -> Plan:  # fmt: skip
    """Which rows each point learns from.

    Raises:
        InputError: no test rows, or a state with too few rows for a curve.
        StoreError: no such version.
    """
    store = Store(project.tables)
    chosen = dataset.load_version(store, version or None)
    loaded = dataset.load_rows(store, chosen)
    every = {"raw": loaded.read, "curated": loaded.kept}
    leaked = {d.id for d in loaded.decisions if d.action == "drop" and d.reason.startswith(LEAKAGE)}
    rows = {
        name: [e for e in by_split(of, "train") if e.answer.strip() and e.id not in leaked]
        for name, of in every.items()
    }
    least = math.ceil(LEAST / min(shares) - 1e-9)
    few = [f"{name}: {len(of)}" for name, of in rows.items() if len(of) < least]
    if few:
        raise InputError(f"too few training rows for a curve ({', '.join(few)})", hint=_instead(rows, least, tier))
    drawn = tuple(seeds) or (tuple(range(PROBE_SEEDS)) if tier == "probe" else (project.recipe.train.seed,))
    test = kept_test_rows(project, loaded.kept)
    return Plan(chosen.id, rows, test, tuple(sorted(shares)), tier, drawn, spec or project.recipe.train)


def _instead(rows: Mapping[str, Sequence[Example]], least: int, tier: Tier) -> str:
    """What to type where the smallest share is of too few rows: shares that ten rows of each state are."""
    fewest = min(len(of) for of in rows.values())
    smallest = math.ceil(1000 / max(1, fewest)) / 100
    if smallest > 0.5:
        return f"it needs {least} of each; {LEAST / 0.5:.0f} do for two points: --shares 0.5,1"
    shares = [smallest, *(share for share in (0.5, 1.0) if share > smallest)]
    kind = f" --tier {tier}" if tier != "probe" else ""
    return f"assay prove size{kind} --shares {','.join(f'{share:g}' for share in shares)}"


def part_of(rows: Sequence[Example], share: float, seed: int) -> list[Example]:
    """A share of the rows, drawn by a hash of their ids: a smaller share lies within a larger one of the same seed."""

    def place(example: Example) -> bytes:
        return hashlib.blake2b(f"part {seed}:{example.id}".encode(), digest_size=8).digest()

    chosen = {example.id for example in sorted(rows, key=place)[: max(2, round(share * len(rows)))]}
    return [example for example in rows if example.id in chosen]


def prove(project: Project, planned: Plan, *, progress: Progress = quiet) -> Sizes:
    """Train and test every point, at one budget of answer tokens; what was scored before is not scored again.

    Raises:
        InputError, TrainingError, ModelError: what stops a point; finished ones are kept.
    """
    take_look(project, planned.test, planned.version, f"prove size ({planned.tier})", planned.measure.title)
    ask = _probing(project, planned) if planned.tier == "probe" else _tuning(project, planned)
    points = [(state, share) for state in planned.rows for share in planned.shares]
    scored: dict[tuple[str, float], Scores] = {}
    for place, (state, share) in enumerate(points):
        parts = []
        for seed in planned.seeds:
            name = f"{share:.0%} of {state}"

            def told(what: str, done: float, place: int = place, name: str = name) -> None:
                progress(f"{name}: {what}", (place + done) / len(points))

            progress(name, place / len(points))
            parts.append(ask(part_of(planned.rows[state], share, seed), seed, told))
        scored[state, share] = together(parts)
    found = _read(planned, scored, project.recipe.train.seed)
    path = project.state / "prove" / f"size-{planned.tier}-{planned.version}.json"
    write_atomically(path, json.dumps(as_dict(found), ensure_ascii=False, indent=1))
    return found._replace(path=path)


Ask = Callable[[list[Example], int, Callable[[str, float], None]], Scores]


def _probing(project: Project, planned: Plan) -> Ask:
    encoder, folder = WordLlama(), project.state / "prove" / "scores"
    budget = float(len(planned.rows["raw"]))

    def ask(rows: list[Example], seed: int, _told: object) -> Scores:
        key = ["probe", encoder.name, rows_digest(rows), rows_digest(planned.test), [seed], budget]
        return kept(folder, key, partial(probe, rows, planned.test, encoder, seeds=[seed], budget=budget))

    return ask


def _tuning(project: Project, planned: Plan) -> Ask:
    folder = project.state / "prove"
    tuner = Tuner(project.recipe.model, planned.spec, planned.test, system=project.recipe.system, folder=folder)
    budget = round(planned.spec.epochs * tuner.tokens(planned.rows["raw"]))

    def ask(rows: list[Example], seed: int, told: Callable[[str, float], None]) -> Scores:
        return tuner.scores(rows, seeds=[seed], budget=budget, told=told)

    return ask


def _read(planned: Plan, scored: dict[tuple[str, float], Scores], seed: int) -> Sizes:
    """The curves, and what they foretell."""
    groups = groups_of(planned.test)
    means: dict[str, list[Floats]] = {s: [scored[s, share].mean() for share in planned.shares] for s in planned.rows}
    sizes = {s: [max(2, round(share * len(of))) for share in planned.shares] for s, of in planned.rows.items()}
    curves = {
        state: [
            Point(n, planned.measure.mean(one, groups, seed)) for n, one in zip(sizes[state], means[state], strict=True)
        ]
        for state in planned.rows
    }
    errors = {state: _errors(means[state], groups, seed, planned.measure) for state in planned.rows}
    equal = curve.rows_to_reach(sizes["raw"], errors["raw"], errors["curated"][:, -1])
    most = planned.measure.most
    more = {state: curve.gain_of_more(sizes[state], errors[state], MORE, most=most) for state in planned.rows}
    return Sizes(planned, curves, equal, more, Path())


def _errors(means: Sequence[Floats], groups: Sequence[str], seed: int, measure: Measure) -> Floats:
    errors = [measure.errors(one) for one in means]
    measured = np.array([[float(np.nanmean(one)) for one in errors]])
    return np.concatenate([measured, curve.resampled_errors([1 - one for one in errors], groups, seed)])


def as_dict(found: Sizes) -> dict[str, Any]:
    """JSON, as the report reads it."""
    planned = found.plan
    return {
        "kind": "size", "version": planned.version, "tier": planned.tier, "seeds": list(planned.seeds),
        "n": len(planned.test), "metric": planned.measure.title, "unit": planned.measure.unit,
        "spec": planned.spec.model_dump(mode="json"),
        "curves": [
            {"arm": state, "points": [{"rows": p.rows, **p.metric.as_dict()} for p in points]}
            for state, points in found.curves.items()
        ],
        "raw_rows_worth_the_curated_set": found.equal.as_dict(), "more_rows": MORE,
        "next_rows": {
            state: {
                **told.gain.as_dict(), "from_level": planned.measure.level(told.start),
                "from_rows": found.curves[state][-1].rows,
            }
            for state, told in found.more.items()
        },
    }  # fmt: skip
