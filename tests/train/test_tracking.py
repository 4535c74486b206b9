"""Trackers: told every step by their own names, and one that is not installed says what to install."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from assay.errors import TrainingError

pytestmark = pytest.mark.slow
STEPS = [
    ("train", 1, 2.5, 0.1), ("train", 2, 1.5, 0.05), ("validation", 1, 1.75, None), ("lower layers", 9, None, None),
]  # fmt: skip
SEEN = [
    ({"loss": 2.5, "learning_rate": 0.1}, 1), ({"loss": 1.5, "learning_rate": 0.05}, 2), ({"validation_loss": 1.75}, 1),
]  # fmt: skip


class Product(ModuleType):
    """Plays each of the four packages, as far as they are called; keeps what it was told."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.kept: list[tuple[dict[str, float], int]] = []
        self.opened: dict[str, Any] = {}
        self.closed = 0

    def init(self, **told: Any) -> Product:
        self.opened = told
        return self

    def log(self, values: dict[str, float], step: int) -> None:
        self.kept.append((values, step))

    def finish(self) -> None:
        self.closed += 1

    def set_experiment(self, name: str) -> None:
        self.opened["project"] = name

    def start_run(self, run_name: str) -> Product:
        self.opened["name"] = run_name
        return self

    def log_params(self, params: dict[str, Any]) -> None:
        self.opened["config"] = params

    def log_metrics(self, values: dict[str, float], step: int) -> None:
        self.kept.append((values, step))

    def SummaryWriter(self, folder: str) -> Product:
        self.opened = {"project": "desk", "name": "run", "config": {"rank": 4}, "folder": folder}
        return self

    def add_scalar(self, name: str, value: float, step: int) -> None:
        if self.kept and self.kept[-1][1] == step and name == "learning_rate":
            self.kept[-1][0][name] = value
        else:
            self.kept.append(({name: value}, step))

    def __enter__(self) -> Product:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed += 1


def run(names: tuple[str, ...], folder: Path) -> list[str]:
    from assay.train.loop import Progress
    from assay.train.tracking import told

    stages: list[str] = []
    with told(
        names, lambda state: stages.append(state.stage), project="desk", run="run", folder=folder, settings={"rank": 4}
    ) as report:
        for stage, done, loss, rate in STEPS:
            report(Progress(stage, done, 9, None, loss, rate))
    return stages


@pytest.mark.parametrize(
    ("name", "module"),
    [("trackio", "trackio"), ("mlflow", "mlflow"), ("wandb", "wandb"), ("tensorboard", "torch.utils.tensorboard")],
)
def test_a_tracker_is_told_every_step_and_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str
) -> None:
    product = Product(module)
    monkeypatch.setitem(sys.modules, module, product)
    assert run((name,), tmp_path) == ["train", "train", "validation", "lower layers"]
    assert product.kept == SEEN
    assert (product.opened["project"], product.opened["name"], product.opened["config"]) == ("desk", "run", {"rank": 4})
    assert product.closed == 1


def test_trackers_that_are_not_installed_are_named_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from assay.train.tracking import demand

    monkeypatch.setitem(sys.modules, "trackio", Product("trackio"))
    for name in ("wandb", "mlflow"):
        monkeypatch.setitem(sys.modules, name, None)
    demand(("trackio",))
    with pytest.raises(TrainingError, match="could not be reported") as told:
        demand(("trackio", "wandb", "mlflow"))
    assert [problem.where for problem in told.value.problems] == ["train.report_to: wandb", "train.report_to: mlflow"]
    assert told.value.hint == "pip install wandb mlflow, or take it out of train.report_to"


def test_a_tracker_is_closed_when_the_run_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assay.train.tracking import told

    product = Product("trackio")
    monkeypatch.setitem(sys.modules, "trackio", product)
    report: Any = print
    with (
        pytest.raises(TrainingError),
        told(("trackio",), report, project="desk", run="run", folder=tmp_path, settings={}),
    ):
        raise TrainingError("the loss is not a number")
    assert product.closed == 1


def test_no_tracker_is_the_report_alone(tmp_path: Path) -> None:
    assert len(run((), tmp_path)) == 4
    assert list(tmp_path.iterdir()) == []
