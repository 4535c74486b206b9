"""What `assay train` says of runs that lie there already, before anything is loaded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from models import tiny

from assay.cli.train import train
from assay.errors import InputError, TrainingError
from assay.pipeline import build
from assay.project import find
from assay.serve.runs import newest

pytestmark = pytest.mark.slow
WORDS = ("green", "broken", "late", "lost", "loud", "new", "old", "small", "open", "warm")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "desk").mkdir()
    monkeypatch.chdir(tmp_path / "desk")
    recipe(tmp_path / "desk", epochs=2)
    things = ("card", "bottle", "spoon")
    lines = [f"My {thing} is {word} again and I do not like it,{thing}\n" for word in WORDS for thing in things]
    Path("train.csv").write_text("text,label\n" + "".join(lines) + "Where is my shiny card today?,card\n", "utf-8")
    Path("test.csv").write_text("text,label\nwhere is my shiny card today,card\n", "utf-8")
    build(find(Path.cwd()))
    return tmp_path / "desk"


def recipe(folder: Path, epochs: int, system: str = "Name it.") -> None:
    model = folder.parent / "tiny"
    if not model.exists():
        tiny.save(model)
    (folder / "assay.yaml").write_text(
        f"name: desk\ntask: classify\nsystem: {system}\nmodel: {model}\n"
        "sources:\n  - path: train.csv\n  - path: test.csv\n    split: test\n"
        f"train: {{epochs: {epochs}, layers: 2, rank: 4, learning_rate: 0.01, max_tokens: 200}}\n", "utf-8",
    )  # fmt: skip


def refused(**options: object) -> TrainingError:
    with pytest.raises(TrainingError) as told:
        train(**{"on": "raw,curated", "dry_run": True, **options})  # type: ignore[arg-type]
    return told.value


def test_a_dry_run_refuses_what_the_run_refuses_and_names_every_run(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    train(on="raw,curated", dry_run=True)
    assert "1 of them give test rows away" in capsys.readouterr().out
    train(on="raw,curated")
    assert "loading the model" in capsys.readouterr().err
    train(on="raw,curated", dry_run=True)
    assert capsys.readouterr().out.count(", finished\n") == 2
    recipe(desk, epochs=1, system="Say what it is.")
    monkeypatch.setattr("assay.models.base.load", lambda *_, **__: pytest.fail("the model was loaded"))
    for dry in (True, False):
        error = refused(dry_run=dry)
        assert [problem.where for problem in error.problems] == [
            f".assay/runs/{path.name} (finished)" for path in sorted((desk / ".assay" / "runs").iterdir())[::-1]
        ]
        assert all("epochs 2 -> 1" in problem.what for problem in error.problems)
        assert all("system prompt 'Name it.' -> 'Say what it is.'" in problem.what for problem in error.problems)
        assert "--on raw,curated --fresh" in error.hint
    train(on="raw,curated", dry_run=True, fresh=True)
    assert capsys.readouterr().out.count("thrown away, and trained anew") == 2
    move = error.hint.split("`mv ")[1].split("`")[0].split()
    shutil.move(*move)
    assert newest(desk / ".assay" / "runs", "old-raw").parent.name == Path(move[1]).name
    assert len(refused().problems) == 1


def test_a_run_to_continue_that_is_not_there_is_told_with_those_that_are(desk: Path) -> None:
    with pytest.raises(InputError, match="--continue nope") as told:
        train(go_on="nope")
    assert "no run is finished here" in told.value.hint
    for name in ("raw-abc1-s0", "old-raw-abc1-s0"):
        (desk / ".assay" / "runs" / name / "adapter").mkdir(parents=True)
        (desk / ".assay" / "runs" / name / "adapter" / "assay.json").write_text("{}")
    with pytest.raises(InputError) as told:
        train(go_on="nope")
    assert "finished runs: old-raw-abc1-s0, raw-abc1-s0" in told.value.hint
    assert "--on nope" not in str(told.value)
