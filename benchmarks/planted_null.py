"""Whether `assay prove` finds nothing where there is nothing: the same rows under other seeds, and a placebo edit.

Twenty draws of rows (a tenth of the labels wrong) and of test rows. Reported: the share of draws in which a difference
is called real before correction for several questions (p < .05), which should be about one in twenty.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from assay.demo.mess import read_rows
from assay.encoders import WordLlama
from assay.prove.arms import Arm, placebo
from assay.prove.effects import effects
from assay.prove.probe import probe
from assay.prove.scores import Scores
from assay.prove.steps import AA_SEEDS, PROBE_SEEDS
from assay.prove.tuned import Tuner
from assay.recipe import TrainSpec
from assay.records import Example
from benchmarks import planting
from benchmarks.result import Result, value
from benchmarks.shared import wilson

SEEDS = tuple(range(int(os.environ.get("ASSAY_BENCH_SEEDS", "20"))))
TUNED = int(os.environ.get("ASSAY_BENCH_TUNED", "20"))  # draws that LoRA judges, too
PER_CLASS, TEST_ROWS, WRONG = 20, 240, 0.1
EDITED = 0.4  # of the rows, by the placebo
TRAINING_SEEDS = (0, 1, 2)
SPEC = TrainSpec(layers=2, epochs=4)
Ask = Callable[[Sequence[Example], Sequence[Example], Sequence[int]], Scores]


def run() -> Result:
    """The share of false alarms of each control in each tier."""
    encoder = WordLlama()
    said: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in SEEDS:
            train, test = _rows(seed)

            def probed(rows: Sequence[Example], asked: Sequence[Example], seeds: Sequence[int]) -> Scores:
                return probe(rows, asked, encoder, seeds=seeds, budget=len(rows))

            _judge(said, "probe", train, test, probed, range(PROBE_SEEDS), seed)
            if seed < TUNED:
                tuner = Tuner("smollm2-135m-instruct", SPEC, test, system=planting.SYSTEM, folder=Path(folder))

                def tuned(
                    rows: Sequence[Example], asked: Sequence[Example], seeds: Sequence[int], by: Tuner = tuner
                ) -> Scores:
                    return by.scores(rows, seeds=seeds, budget=None, told=lambda what, share: None)

                _judge(said, "lora", train, test, tuned, TRAINING_SEEDS, seed)
    metrics = {}
    for name, ps in said.items():
        alarms = sum(p < 0.05 for p in ps)
        low, high = wilson(alarms, len(ps))
        metrics[f"{name}.false_alarms"] = value(alarms / len(ps), f"share of {len(ps)} draws, p < .05", low, high)
    return Result(TEST_ROWS, list(SEEDS), metrics)


def _rows(seed: int) -> tuple[list[Example], list[Example]]:
    rows, _ = planting.wrong_labels(planting.clean(PER_CLASS, seed), WRONG, seed)
    test = Random(f"null {seed}").sample(read_rows("banking_test.csv"), TEST_ROWS)
    return [planting.example(f"r{i}", row) for i, row in enumerate(rows)], [
        planting.example(f"t{i}", r) for i, r in enumerate(test)
    ]


def _judge(
    said: dict[str, list[float]], tier: str, train: list[Example], test: list[Example], ask: Ask,
    seeds: Sequence[int], seed: int,
) -> None:  # fmt: skip
    edited = placebo(train, round(EDITED * len(train)), seed)
    arms = [
        Arm("raw", "state", "", "", train), Arm("curated", "state", "", "", train),
        Arm("placebo", "control", "raw", "", edited), Arm("A/A", "control", "raw", "", train),
    ]  # fmt: skip
    raw = ask(train, test, seeds)
    scored = {
        "raw": raw, "curated": raw, "placebo": ask(edited, test, seeds),
        "A/A": ask(train, test, [one + AA_SEEDS for one in seeds]),
    }  # fmt: skip
    for effect in effects(arms, scored, test, seed=seed):
        said.setdefault(f"{tier}.{effect.name.replace('/', '')}", []).append(effect.p)
