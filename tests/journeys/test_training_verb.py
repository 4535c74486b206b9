"""`assay train` at a terminal, with a tiny model: the dial, going on with new rows, two processes, trackers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from models import tiny

from journeys.conftest import Assay

RECIPE = """\
name: desk
task: classify
system: Name it.
model: {model}
rules: {{near-duplicate: off, off-domain: off, wrong-label: off}}
sources:
  - path: train.csv
  - {{path: more.csv, split: validation}}
train: {{layers: 2, epochs: 1{more}}}
"""
OPENERS = ("Hello,", "Please,", "Today", "I ask myself:", "Once more,", "In the shop:", "Quick,", "Sorry,")
THINGS = {"pin": "which pin opens this", "card_lost": "my card is gone", "top_up": "how do I add money"}


def write(folder: Path, rows: int, **more: object) -> None:
    """So many training rows, and the recipe with these keys of `train` besides."""
    lines = [
        f'"{OPENERS[i % 8]} {text} number {i}?",{label}'
        for i, (label, text) in zip(range(rows), list(THINGS.items()) * rows, strict=False)
    ]
    (folder / "train.csv").write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    said = "".join(f", {key}: {value}" for key, value in {"rank": 4, **more}.items())
    (folder / "assay.yaml").write_text(RECIPE.format(model=folder / "base", more=said), encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path, env: dict[str, str]) -> Assay:
    desk = Assay(tmp_path / "desk", {**env, "OMP_NUM_THREADS": "1"})
    tiny.save(desk.folder / "base")
    more = [f"{opener} {text} in May?,{label}" for opener in OPENERS[:3] for label, text in THINGS.items()]
    quoted = ['"' + line.rsplit(",", 1)[0] + '",' + line.rsplit(",", 1)[1] for line in more]
    (desk.folder / "more.csv").write_text("text,label\n" + "\n".join(quoted) + "\n", encoding="utf-8")
    write(desk.folder, 24)
    desk.ok("build")
    return desk


def card(run: Path) -> dict[str, object]:
    made: dict[str, object] = json.loads((run / "adapter" / "assay.json").read_text())
    return made


def test_every_setting_is_told_with_its_reason_before_and_after(desk: Assay) -> None:
    told = desk.ok("train", "--dry-run", "--processes", "2").out
    assert "train.rank           4        set in assay.yaml; effort normal would take 16" in told
    assert "train.learning_rate  0.001    effort normal" in told
    assert "torch.distributed.run" in told
    assert "accelerate launch" in told
    assert not (desk.folder / ".assay" / "runs").exists()
    desk.ok("train")
    (run,) = (desk.folder / ".assay" / "runs").iterdir()
    kept = json.loads((run / "run.json").read_text())["derived"]
    assert {"key": "rank", "value": "4", "reason": "set in assay.yaml; effort normal would take 16"} in kept


def test_going_on_learns_the_new_rows_and_some_it_knows_and_says_so(desk: Assay) -> None:
    desk.ok("train")
    (first,) = (desk.folder / ".assay" / "runs").iterdir()
    assert "there is nothing to go on with" in desk.refused("train", "--continue", "curated")
    write(desk.folder, 30)
    desk.ok("build")
    told = desk.ok("train", "--continue", first.name, "--replay", "0.5").out
    assert "6 new rows and 12 of those it knows" in told
    (second,) = set((desk.folder / ".assay" / "runs").iterdir()) - {first}
    lineage = card(second)["lineage"]
    assert isinstance(lineage, dict)
    assert (lineage["run"], lineage["new_rows"], lineage["replayed_rows"]) == (first.name, 6, 12)
    assert lineage["weights_digest"] == card(first)["weights_digest"]
    assert desk.ok("train", "--continue", first.name, "--replay", "0.5", "--json").json[0]["rows"] == 18
    assert "cannot be resumed" in desk.refused("train")
    write(desk.folder, 32)
    desk.ok("build")
    assert "2 new rows and 0 of those it knows" in desk.ok("train", "--continue", second.name, "--replay", "0").out
    shutil.rmtree(first)
    write(desk.folder, 33)
    desk.ok("build")
    assert f"{first.name}/rows.json: no such file" in desk.refused("train", "--continue", second.name)


def test_two_processes_leave_one_run_with_the_weights_of_one(desk: Assay) -> None:
    desk.ok("train")
    (run,) = (desk.folder / ".assay" / "runs").iterdir()
    alone = card(run)["weights_digest"]
    done = desk.ok("train", "--fresh", "--processes", "2", limit_s=200)
    assert "torch.distributed.run --standalone --nproc-per-node=2 -m assay train --fresh" in done.err
    assert done.out.count("curated ") == 1
    assert card(run)["weights_digest"] == alone
    assert json.loads((run / "run.json").read_text())["machine"]["processes"] == 2


def test_validation_rows_stop_it_and_a_tracker_that_is_not_there_is_told(desk: Assay) -> None:
    write(desk.folder, 24, patience=1)
    assert "the best is kept" in desk.ok("train").out
    write(desk.folder, 24, report_to="[wandb]")
    said = desk.refused("train", "--fresh")
    assert "pip install wandb" in said
    assert list((desk.folder / ".assay" / "runs").glob("*/adapter/assay.json"))  # nothing was thrown away for that


def test_what_stops_one_of_two_processes_is_told_once(desk: Assay) -> None:
    desk.ok("train")
    write(desk.folder, 24, rank=5)
    assert desk.refused("train", "--processes=2", limit_s=200).count("cannot be resumed") == 1
    said = desk.refused("train", "--processes", "2", "--budget", "1", "--fresh", limit_s=200)
    assert said.count("is less than one row") == 1
