"""Whether `assay prove` names what did the harm: a fault planted in a quarter of the rows, lesser ones beside it.

Ten seeds, in turn wrong labels (the rule that should be named: wrong-label) and labels spelt in several ways
(inconsistent-answer). The probe tier judges all seeds, LoRA the first `TUNED` ones.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from assay.demo.mess import read_rows
from assay.project import Project
from assay.prove import steps
from assay.prove.effects import Effect
from assay.recipe import TrainSpec
from benchmarks import planting
from benchmarks.result import Result, value
from benchmarks.shared import wilson

SEEDS = tuple(range(int(os.environ.get("ASSAY_BENCH_SEEDS", "10"))))
TUNED = int(os.environ.get("ASSAY_BENCH_TUNED", "3"))
PER_CLASS, SHARE = 40, 0.25
HARMS = (("wrong-label", planting.wrong_labels), ("inconsistent-answer", planting.other_spellings))


def run() -> Result:
    """How often the step that mends the planted harm is named the most valuable, and said to be worth keeping."""
    named: dict[str, list[bool]] = {"probe": [], "lora": []}
    kept: dict[str, list[bool]] = {"probe": [], "lora": []}
    for seed in SEEDS:
        rule, harm = HARMS[seed % len(HARMS)]
        rows, _ = harm(planting.clean(PER_CLASS, seed), SHARE, seed)
        with tempfile.TemporaryDirectory() as folder:
            project = planting.project(Path(folder), planting.lesser(rows, seed), read_rows("banking_test.csv"))
            for tier in ("probe", "lora") if seed < TUNED else ("probe",):
                found = _effects(project, tier)
                named[tier].append(most_valuable(found) == rule)
                kept[tier].append(any(e.name == rule and e.verdict == "keep" for e in found))
    metrics = {}
    for tier in named:
        for what, seen in (("named_most_valuable", named[tier]), ("said_to_keep", kept[tier])):
            if seen:
                low, high = wilson(sum(seen), len(seen))
                metrics[f"{tier}.{what}"] = value(sum(seen) / len(seen), f"share of {len(seen)} seeds", low, high)
    return Result(len(SEEDS), list(SEEDS), metrics)


def _effects(project: Project, tier: steps.Tier) -> list[Effect]:
    spec = TrainSpec(layers=2, epochs=3)
    planned = steps.plan(project, tiers=(tier,), spec=spec)
    return steps.prove(project, planned).effects[tier]


def most_valuable(found: Sequence[Effect]) -> str:
    """The step whose effect is largest, left out and alone taken together."""
    worth: dict[str, float] = {}
    for effect in found:
        if effect.direction in ("leave-one-out", "add-one-in"):
            worth[effect.name] = worth.get(effect.name, 0.0) + effect.difference.value
    return max(worth, key=lambda name: worth[name])
