"""What ten ablations cost through the cached lower layers, against one plain run: LoRA on all layers, nothing cached.

Same rows, passes, rank and batch size. The plain run reads every row whole, as most trainers do, logits at the answer's
positions aside. Both are asked the test rows, and the verdicts of the two paths are compared on one planted harm.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from assay.demo.mess import read_rows
from assay.prove.arms import Arm
from assay.prove.effects import effects
from assay.prove.scores import Scores
from assay.prove.tuned import Tuner
from assay.recipe import TrainSpec
from assay.records import Example
from benchmarks import planting
from benchmarks.result import Result, value

PER_CLASS = int(os.environ.get("ASSAY_BENCH_PER_CLASS", "25"))
TEST_ROWS, SHARE, ARMS = 120, 0.3, 10
CACHED = TrainSpec(layers=4, epochs=3)
PLAIN = TrainSpec(layers=30, epochs=3)


def run() -> Result:
    """CPU-seconds and wall seconds of both paths, and their ratio."""
    rows, planted = planting.wrong_labels(planting.clean(PER_CLASS, 0), SHARE, 0)
    every = [planting.example(f"r{i}", row) for i, row in enumerate(rows)]
    test = [planting.example(f"t{i}", row) for i, row in enumerate(read_rows("banking_test.csv")[:: 480 // TEST_ROWS])]
    mended = [row for i, row in enumerate(every) if i not in planted]
    parts = [every, mended, *[[r for i, r in enumerate(every) if i % (ARMS - 2) != k] for k in range(ARMS - 2)]]
    with tempfile.TemporaryDirectory() as folder:
        cached = Tuner("smollm2-135m-instruct", CACHED, test, system=planting.SYSTEM, folder=Path(folder) / "cached")
        plain = Tuner("smollm2-135m-instruct", PLAIN, test, system=planting.SYSTEM, folder=Path(folder) / "plain")
        budget = round(CACHED.epochs * cached.tokens(every))
        plain.tokens(every)  # both models are loaded before the clock starts
        one, plain_wall, plain_cpu = _timed(plain, [every], budget)
        ten, wall, cpu = _timed(cached, parts, budget)
        other, _, _ = _timed(plain, [mended], budget)
    verdicts = [_effect(every, mended, pair, test) for pair in ((ten[0], ten[1]), (one[0], other[0]))]
    unit = f"ten runs of {len(every)} rows through the cached path over one plain run"
    metrics = {
        "ten_ablations_over_one_run": value(wall / plain_wall, f"{unit}, wall seconds"),
        "ten_ablations_over_one_run_cpu": value(cpu / plain_cpu, f"{unit}, CPU-seconds"),
        "ten_ablations": value(wall, "s"),
        "plain_run": value(plain_wall, "s"),
        "effect_cached": value(verdicts[0][0], "accuracy gained by dropping the wrong labels", *verdicts[0][1:]),
        "effect_plain": value(verdicts[1][0], "accuracy gained by dropping the wrong labels", *verdicts[1][1:]),
    }
    return Result(len(test), [0], metrics)


def _timed(tuner: Tuner, parts: list[list[Example]], budget: int) -> tuple[list[Scores], float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    scores = [tuner.scores(rows, seeds=[0], budget=budget, told=lambda what, share: None) for rows in parts]
    return scores, time.perf_counter() - wall, time.process_time() - cpu


def _effect(
    every: list[Example], mended: list[Example], pair: tuple[Scores, Scores], test: list[Example]
) -> tuple[float, float, float]:
    arms = [Arm("raw", "state", "", "", every), Arm("curated", "state", "raw", "", mended)]
    (found,) = effects(arms, {"raw": pair[0], "curated": pair[1]}, test, seed=0)
    return found.difference.value, found.difference.low, found.difference.high
