"""`assay prove steps`: every data decision left out and put in alone, trained and tested, beside the controls."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from assay import dataset, pipeline
from assay.encoders import WordLlama
from assay.errors import InputError
from assay.evaluate import stats
from assay.evaluate.stats import Metric
from assay.passes import Progress, quiet
from assay.project import Project
from assay.prove.arms import Arm, Step, arms_of, past_of, steps_of
from assay.prove.effects import Effect, effects, groups_of, ranks_agree
from assay.prove.metric import SPREAD, Measure, Tier, measure_of
from assay.prove.probe import probe
from assay.prove.scores import Scores, kept, rows_digest
from assay.prove.tuned import Tuner
from assay.recipe import TrainSpec
from assay.records import Example, by_split, digest_of
from assay.runs import JUDGING, SECONDS_A_QUESTION, length_of, training_seconds
from assay.scoring import kept_test_rows, take_look
from assay.store import Store, write_atomically

Budget = Literal["equal", "natural"]
PROBE_SEEDS = 10
AA_SEEDS = 1000  # the A/A arm trains under the seeds of the others plus this
ALONE = 3  # runs of the A/A arm where all others have one
SECONDS_PROBE = 0.35  # one probe of about a thousand rows


@dataclass(frozen=True)
class Plan:
    """What will be trained, before anything is."""

    version: str
    steps: list[Step]
    arms: list[Arm]
    test: list[Example]
    tiers: tuple[Tier, ...]
    seeds: tuple[int, ...]  # of the real tier
    spec: TrainSpec
    budget: Budget
    leaked: int  # training rows the test rows know: in no arm
    top: int  # steps the real tier looks at, those with the largest effects in the probe; 0: all
    smallest: Metric  # the smallest effect the test rows can show, at the usual spread of differences; n: rows
    spread: float | None = None  # of texts: the standard deviation this rests on, nats; None: of right answers
    measured: bool = False  # whether it was seen in an earlier proof of the version, or is assumed
    written: bool = False  # whether the real tier also writes answers to texts

    @property
    def aa_seeds(self) -> tuple[int, ...]:
        """Of the A/A arm: with one seed three more runs, for the luck of training must be told from somewhere."""
        return tuple(seed + AA_SEEDS for seed in (self.seeds if len(self.seeds) > 1 else range(ALONE)))

    @property
    def runs(self) -> int:
        """Trainings of the real tier; arms with the same rows and seeds share one."""
        if "lora" not in self.tiers:
            return 0
        return (len(self._distinct(self.chosen())) - 1) * len(self.seeds) + len(self.aa_seeds)

    def chosen(self, probed: Sequence[Effect] = ()) -> list[Arm]:
        """The arms of the real tier: states, controls, and the steps the probe finds largest (else the first ones)."""
        if not self.top or "probe" not in self.tiers:
            return self.arms
        largest: dict[str, float] = {step.name: 0.0 for step in self.steps}
        for effect in probed:
            if effect.name in largest:
                largest[effect.name] = max(largest[effect.name], abs(effect.difference.value))
        names = sorted(largest, key=lambda name: -largest[name])[: self.top]
        return [arm for arm in self.arms if not arm.step or arm.step in names]

    @property
    def seconds(self) -> float:
        """About how long it takes on two quiet cores."""
        raw = self.arms[0].examples
        rows = sum(
            (len(raw) if self.budget == "equal" else n) * len(self.aa_seeds if again else self.seeds)
            for (_, again), n in self._distinct(self.chosen()).items()
        )
        tuned = training_seconds(rows, self.spec, length_of(raw)) + (self.runs - 1) * JUDGING
        tuned += self.runs * len(self.test) * SECONDS_A_QUESTION * length_of(self.test)
        probes = SECONDS_PROBE * len(self.arms) * PROBE_SEEDS * len(self.arms[0].examples) / 1000
        return ("lora" in self.tiers) * tuned + ("probe" in self.tiers) * probes

    def _distinct(self, arms: Sequence[Arm]) -> dict[tuple[str, bool], int]:
        return {(rows_digest(arm.examples), arm.name == "A/A"): len(arm.examples) for arm in arms}


class Proof(NamedTuple):
    """What came of it."""

    plan: Plan
    effects: dict[Tier, list[Effect]]
    agreement: Metric | None  # Kendall's tau of the two tiers' step effects
    levels: dict[Tier, dict[str, Metric]]  # tier -> arm -> the primary metric
    path: Path


def plan(
    project: Project, *, version: str = "", by: str = "rule", least: int = 0, tiers: Sequence[Tier] = ("probe", "lora"),
    seeds: Sequence[int] = (0,), budget: Budget = "equal", top: int = 0, spec: TrainSpec | None = None,
    written: bool = False, progress: Progress = quiet,
) -> Plan:  # fmt: skip
    """Work out the rows of every arm; nothing is trained.

    `least` is the number of training rows a rule must have decided on to be a step of its own: 0 means one in a
    hundred. `top` limits the real tier to the steps that the probe finds largest; all still count in the correction.

    Raises:
        InputError: no test rows, or nothing was decided.
        StoreError: no such version.
    """
    store = Store(project.tables)
    chosen = dataset.load_version(store, version or None)
    rows = dataset.load_rows(store, chosen)
    test = kept_test_rows(project, rows.kept)
    rules = pipeline.rules_of(project)
    raw = by_split(rows.read, "train")
    progress("what the rules say alone", 0.0)
    past = past_of(rows, rules, **pipeline.domain_of(project))
    steps = steps_of(past, by=by, least=least or max(1, len(raw) // 100))
    if not steps:
        raise InputError(f"version {chosen.id}: no rule and no person decided anything", hint="assay build")
    total = 8 + 2 * len(steps)
    made: list[Arm] = []

    def told(what: str) -> None:
        progress(what, len(made) / total)

    for arm in arms_of(past, steps, project.recipe.train.seed, told):
        made.append(arm)
    empty = [arm.name for arm in made if not arm.examples]
    if empty:
        raise InputError(f"no row is left to learn from: {', '.join(empty)}", hint="assay diff raw")
    independent = len(set(groups_of(test)))
    loss = measure_of(test[0].task, tiers[-1]).loss
    seen = _seen_spread(project, chosen.id) if loss else None
    spread = (seen or SPREAD) if loss else None
    varied = stats.DISCORDANT if spread is None else spread**2
    smallest = stats.smallest_effect(independent, varied, alpha=0.05 / max(1, 2 * len(steps)))
    return Plan(
        chosen.id, steps, made, test, tuple(tiers), tuple(seeds), spec or project.recipe.train, budget,
        len(past.leaked), top, Metric(smallest, smallest, smallest, independent), spread, seen is not None,
        written and loss,
    )  # fmt: skip


def _seen_spread(project: Project, version: str) -> float | None:
    """How far the rows of a test differed between arms in the last proof of a version, nats; None without one."""
    path = project.state / "prove" / f"steps-{version}.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return float(told["spread"]) if told["unit"] == "nats" and told["spread"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def prove(project: Project, planned: Plan, *, progress: Progress = quiet) -> Proof:
    """Train and test every arm, tier by tier; what was scored before is not scored again.

    Raises:
        InputError, TrainingError, ModelError: what stops an arm; finished ones are kept.
    """
    folder, task = project.state / "prove", planned.test[0].task
    metric = " and ".join(measure_of(task, tier).title for tier in planned.tiers)
    metric = measure_of(task, planned.tiers[-1]).title if task == "classify" else metric
    take_look(project, planned.test, planned.version, f"prove steps ({', '.join(planned.tiers)})", metric)
    found: dict[Tier, list[Effect]] = {}
    levels: dict[Tier, dict[str, Metric]] = {}
    for place, tier in enumerate(planned.tiers):
        ask = _probes(planned, folder) if tier == "probe" else _tunings(project, planned, folder)
        share = _shares(planned.tiers)[place]
        arms = planned.arms if tier == "probe" else planned.chosen(found.get("probe", ()))
        scored = _scored(arms, ask, partial(_within, progress, share))
        found[tier] = effects(
            arms,
            scored,
            planned.test,
            seed=project.recipe.train.seed,
            safety=_safety(planned.steps),
            asked=sum(arm.step != "" for arm in planned.arms),
            measure=measure_of(task, tier),
        )
        levels[tier] = _levels(scored, groups_of(planned.test), project.recipe.train.seed, measure_of(task, tier))
    both = "probe" in found and "lora" in found
    proof = Proof(planned, found, ranks_agree(found["probe"], found["lora"]) if both else None, levels, Path())
    path = folder / f"steps-{planned.version}.json"
    write_atomically(path, json.dumps(as_dict(proof), ensure_ascii=False, indent=1))
    return proof._replace(path=path)


Ask = Callable[[Arm, Callable[[str, float], None]], Scores]


def _scored(arms: Sequence[Arm], ask: Ask, progress: Progress) -> dict[str, Scores]:
    scored: dict[str, Scores] = {}
    for place, arm in enumerate(arms):

        def told(what: str, share: float, place: int = place, name: str = arm.name) -> None:
            progress(f"{name}: {what}" if what else name, (place + share) / len(arms))

        told("", 0.0)
        scored[arm.name] = ask(arm, told)
    return scored


def _safety(steps: Sequence[Step]) -> set[str]:
    """The steps that are there for something else than the metric."""
    return {step.name for step in steps if any(code.startswith("S") for code in step.codes)}


def _within(progress: Progress, part: tuple[float, float], what: str, done: float) -> None:
    progress(what, part[0] + (part[1] - part[0]) * done)


def _shares(tiers: Sequence[Tier]) -> list[tuple[float, float]]:
    """Of the whole time, the part of each tier: _shares(("probe", "lora")) -> [(0.0, 0.05), (0.05, 1.0)]."""
    return [(0.0, 1.0)] if len(tiers) == 1 else [(0.0, 0.05), (0.05, 1.0)]


def _probes(planned: Plan, folder: Path) -> Ask:
    encoder, raw = WordLlama(), planned.arms[0].examples

    def ask(arm: Arm, _told: object) -> Scores:
        seeds = [seed + (AA_SEEDS if arm.name == "A/A" else 0) for seed in range(PROBE_SEEDS)]
        budget = float(len(raw) if planned.budget == "equal" else len(arm.examples))
        key = ["probe", encoder.name, rows_digest(arm.examples), rows_digest(planned.test), seeds, budget]
        return kept(
            folder / "scores", key, partial(probe, arm.examples, planned.test, encoder, seeds=seeds, budget=budget)
        )

    return ask


def _tunings(project: Project, planned: Plan, folder: Path) -> Ask:
    known = planned.arms[0].examples if planned.written else ()
    tuner = Tuner(
        project.recipe.model, planned.spec, planned.test, system=project.recipe.system, folder=folder, known=known
    )
    equal = planned.budget == "equal"
    budget = round(planned.spec.epochs * tuner.tokens(planned.arms[0].examples)) if equal else None

    def ask(arm: Arm, told: Callable[[str, float], None]) -> Scores:
        seeds = planned.seeds if arm.name != "A/A" else planned.aa_seeds
        return tuner.scores(arm.examples, seeds=seeds, budget=budget, told=told)

    return ask


def _levels(scored: dict[str, Scores], groups: Sequence[str], seed: int, measure: Measure) -> dict[str, Metric]:
    import numpy as np

    levels = {}
    for name, scores in scored.items():
        mean = scores.mean()
        there = [int(i) for i in np.flatnonzero(~np.isnan(mean))]
        levels[name] = measure.mean(mean[there], [groups[i] for i in there], seed)
    return levels


def _spread(proof: Proof, tier: Tier) -> float | None:
    """Median over the step effects of the standard deviation of a row's difference; None of right answers."""
    import numpy as np

    found = [e.by_row for e in proof.effects[tier] if e.direction in ("leave-one-out", "add-one-in") and e.by_row]
    loss = measure_of(proof.plan.test[0].task, tier).loss
    return float(np.median(found)) if found and loss else None


def as_dict(proof: Proof) -> dict[str, Any]:
    """JSON, as the report reads it: the effects of the dearest tier first, those of the other beside them."""
    planned, tier = proof.plan, proof.plan.tiers[-1]
    measure = measure_of(planned.test[0].task, tier)
    return {
        "kind": "steps", "version": planned.version, "n": planned.smallest.n, "rows": len(planned.test),
        "tier": tier, "seeds": list(planned.seeds) if tier == "lora" else list(range(PROBE_SEEDS)),
        "metric": measure.title, "unit": measure.unit, "spread": _spread(proof, tier), "budget": planned.budget,
        "leaked_rows_in_no_arm": planned.leaked,
        "spec": planned.spec.model_dump(mode="json"), "smallest_effect": planned.smallest.value,
        "effects": [effect.as_dict() for effect in proof.effects[tier]],
        "tiers": {name: [effect.as_dict() for effect in found] for name, found in proof.effects.items()},
        "levels": {name: {arm: m.as_dict() for arm, m in found.items()} for name, found in proof.levels.items()},
        "agreement": proof.agreement.as_dict() if proof.agreement else None,
        "arms": [{"name": a.name, "rows": len(a.examples), "digest": digest_of(rows_digest(a.examples))[:12]}
                 for a in planned.arms],
    }  # fmt: skip
