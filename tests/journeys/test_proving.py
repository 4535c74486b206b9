"""`assay prove` on a small messy project: what it will train is said first, what it found is kept and told."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from models import tiny

from journeys.conftest import Assay

RECIPE = """\
name: desk
task: classify
system: Answer with the intent of the message.
sources:
  - path: data/tickets.csv
  - {path: data/test.csv, split: test}
model: MODEL
train: {epochs: 0.2, layers: 1}
eval: {max_rows: 60}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, env: dict[str, str], messy: Path) -> Assay:
    made = Assay(tmp_path_factory.mktemp("prove") / "desk", env)
    shutil.copytree(messy, made.folder / "data")
    pytest.importorskip("torch")
    model = tiny.save(made.folder.parent / "model")
    (made.folder / "assay.yaml").write_text(RECIPE.replace("MODEL", str(model)), encoding="utf-8")
    made.ok("build")
    return made


def test_steps_are_planned_proved_by_the_probe_and_kept(desk: Assay) -> None:
    planned = desk.ok("prove", "steps", "--dry-run", "--json").json
    names = {step["name"] for step in planned["steps"]}
    assert {"exact-duplicate", "wrong-label", "inconsistent-answer"} <= names
    assert not any("leak" in name for name in names)
    assert planned["leaked_rows_in_no_arm"] > 0
    assert planned["runs"] > 10
    assert 0 < planned["smallest_effect"] < 1
    assert not (desk.folder / ".assay" / "prove").exists()
    proof = desk.ok("prove", "steps", "--tier", "probe", "--json", limit_s=400).json
    effects = {(e["name"], e["direction"]): e for e in proof["effects"]}
    for name in names:
        assert {(name, "leave-one-out"), (name, "add-one-in")} <= effects.keys()
    assert {("random", "control"), ("length-matched", "control"), ("placebo", "control"), ("A/A", "control")} <= (
        effects.keys()
    )
    assert all(e["low"] <= e["value"] <= e["high"] for e in proof["effects"])
    assert effects["placebo", "control"]["verdict"].startswith("no measurable effect")
    kept = json.loads(next((desk.folder / ".assay" / "prove").glob("steps-*.json")).read_text(encoding="utf-8"))
    assert kept == proof
    again = desk.ok("prove", "steps", "--tier", "probe")  # everything is known: nothing is trained again
    assert "curated - raw" in again.out
    assert "inconsistent-answer" in again.out
    assert "training rows differ" in again.out
    assert "p 0.000" not in again.out
    assert "p = 0.000" not in again.out


def test_the_real_tier_trains_the_steps_largest_in_the_probe(desk: Assay) -> None:
    told = desk.ok("prove", "steps", "--top", "1", "--layers", "1", "--json", limit_s=900).json
    assert told["tier"] == "lora"
    steps = [e["name"] for e in told["effects"] if e["direction"] == "leave-one-out"]
    assert len(steps) == 1
    assert len({e["name"] for e in told["tiers"]["probe"] if e["direction"] == "leave-one-out"}) > 3


def test_size_says_what_the_curated_rows_are_worth(desk: Assay) -> None:
    told = desk.ok("prove", "size", "--seeds", "0,1", "--json", limit_s=300).json
    curves = {curve["arm"]: [point["rows"] for point in curve["points"]] for curve in told["curves"]}
    assert set(curves) == {"raw", "curated"}
    assert all(rows == sorted(rows) and len(rows) == 4 for rows in curves.values())
    shown = desk.ok("prove", "size", "--seeds", "0,1").out
    assert re.search(r"the next 1,000 curated rows would bring .*, from the \d+\.\d% that the curve has at", shown)
    for state, more in told["next_rows"].items():
        assert 0 <= more["from_level"] + more["high"] <= 1
        assert more["from_rows"] == max(curves[state])


def test_too_few_rows_for_a_curve_are_told_with_what_to_type(desk: Assay) -> None:
    done = desk("prove", "size", "--shares", "0.001,1")
    assert done.status == 2
    offered = re.search(r"assay prove size --shares (\S+)", done.err)
    assert offered, done.err
    assert desk.ok("prove", "size", "--shares", offered[1], "--dry-run", "--json").json["runs"] > 0


def test_mistakes_are_told_before_anything_is_trained(desk: Assay) -> None:
    for words, hint in (
        (("steps", "--tier", "gpu"), "probe, lora or both"), (("steps", "--by", "colour"), "rule or dimension"),
        (("steps", "--seeds", "a"), "numbers"), (("size", "--shares", "2"), "between 0 and 1"),
    ):  # fmt: skip
        done = desk("prove", *words)
        assert done.status == 2
        assert hint in done.err
