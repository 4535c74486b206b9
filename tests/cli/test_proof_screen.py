"""A proof on the screen: small p-values, what differs, whom nobody asked about; and how long a proof takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import labelled

from assay.cli.prove_steps import tell_proof
from assay.evaluate.stats import Metric
from assay.prove.arms import PEOPLE, Arm, Step
from assay.prove.effects import effects
from assay.prove.scores import Scores
from assay.prove.steps import Plan, Proof
from assay.recipe import TrainSpec
from assay.runs import training_seconds

TEST = [labelled(f"t{i}", f"text {i}", "x") for i in range(200)]
RAW = [labelled(f"r{i}", f"row {i}", "x") for i in range(40)]
RIGHT = {"raw": 100, "curated": 180, "A/A": 101, "without wrong-label": 100, "only wrong-label": 175,
         "without people": 180}  # fmt: skip


def scores(right: int) -> Scores:
    line = np.stack([np.array([float(i < right) for i in range(len(TEST))])] * 3)
    return Scores(line, np.log(np.clip(line, 0.1, 0.9)))


def arms() -> list[Arm]:
    return [
        Arm("raw", "state", "", "", RAW), Arm("curated", "state", "raw", "", RAW[:30]),
        Arm("A/A", "control", "raw", "", RAW),
        Arm("without wrong-label", "leave-one-out", "curated", "wrong-label", RAW[:33]),
        Arm("only wrong-label", "add-one-in", "raw", "wrong-label", RAW[:37]),
        Arm("without people", "leave-one-out", "curated", PEOPLE, RAW[:30]),
    ]  # fmt: skip


def plan(**settings: object) -> Plan:
    made = Plan(
        "v", [Step("wrong-label", frozenset({"A004"}), 7), Step(PEOPLE, frozenset(), 5)], arms(), TEST, ("probe",),
        (0,), TrainSpec(layers=4, epochs=2), "equal", 0, 0, Metric(0.1, 0.1, 0.1, 200),
    )  # fmt: skip
    return replace(made, **settings)  # type: ignore[arg-type]


def test_a_proof_says_small_p_what_rows_differ_and_why_people_are_not_put_in_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    scored = {name: scores(right) for name, right in RIGHT.items()}
    found = effects(arms(), scored, TEST, seed=0)
    levels = {name: Metric(0.5, 0.4, 0.6, 200) for name in RIGHT}
    tell_proof(Proof(plan(), {"probe": found}, None, {"probe": levels}, Path("p.json")))
    told = " ".join(capsys.readouterr().out.split())
    assert "p < 0.001" in told
    assert "0.000" not in told
    assert "curated - raw +40.0%" in told
    assert "10 training rows differ" in told
    assert "people: not alone: they answer what rules bring them" in told
    assert "no measurable effect (the same training rows)" in told


@pytest.mark.parametrize("layers", [2, 4, 10, 0])
def test_a_proof_takes_what_its_runs_take_and_the_asking(layers: int) -> None:
    spec = TrainSpec(layers=layers, epochs=2)
    planned = plan(tiers=("lora",), spec=spec)
    once = training_seconds(len(RAW), spec)
    assert planned.runs == 7, "four sets of rows, and raw again under three seeds"
    asking = planned.seconds - planned.runs * once
    assert asking > 0
    assert planned.seconds - plan(tiers=("lora",), spec=spec, test=TEST[:100]).seconds == pytest.approx(asking / 2)
    assert training_seconds(100, TrainSpec(layers=2, epochs=1)) < training_seconds(100, TrainSpec(layers=0, epochs=1))
