"""Trackers that are told how a run goes: TensorBoard, Trackio, MLflow, Weights & Biases, each from its own package.

A tracker is told numbers and never asked anything; one that fails to start stops the run before it has cost anything.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from assay.errors import Problem, TrainingError
from assay.train.loop import Progress, Report

Log = Callable[[dict[str, float], int], object]  # values by name, and the step they belong to


def demand(names: Sequence[str]) -> None:
    """Refuse trackers whose package is not installed, before anything is computed.

    Raises:
        TrainingError: which, and what to type.
    """
    missing = []
    for name in names:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            missing.append(Problem(f"train.report_to: {name}", f"needs {error.name}, which is not installed"))
    if missing:
        lacking = " ".join(problem.where.split()[-1] for problem in missing)
        hint = f"pip install {lacking}, or take it out of train.report_to"
        raise TrainingError("the run could not be reported", problems=missing, hint=hint)


@contextmanager
def told(
    names: Sequence[str], report: Report, *, project: str, run: str, folder: Path, settings: Mapping[str, Any]
) -> Iterator[Report]:
    """`report`, and after it every tracker: loss and learning rate of each step, validation loss of each pass.

    What a tracker needs must be installed: see `demand`.
    """
    with ExitStack() as opened:
        logs = [opened.enter_context(_TRACKERS[name](project, run, folder, settings)) for name in names]

        def tell(state: Progress) -> None:
            report(state)
            for log in logs:
                if state.stage == "train":
                    log({"loss": state.loss or 0.0, "learning_rate": state.learning_rate or 0.0}, state.done)
                elif state.stage == "validation":
                    log({"validation_loss": state.loss or 0.0}, state.done)

        yield tell


@contextmanager
def _tensorboard(project: str, run: str, folder: Path, settings: Mapping[str, Any]) -> Iterator[Log]:
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder / "tensorboard")) as writer:

        def log(values: dict[str, float], step: int) -> None:
            for name, value in values.items():
                writer.add_scalar(name, value, step)

        yield log


@contextmanager
def _trackio(project: str, run: str, folder: Path, settings: Mapping[str, Any]) -> Iterator[Log]:
    import trackio

    trackio.init(project=project, name=run, config=dict(settings))
    try:
        yield lambda values, step: trackio.log(values, step=step)
    finally:
        trackio.finish()


@contextmanager
def _mlflow(project: str, run: str, folder: Path, settings: Mapping[str, Any]) -> Iterator[Log]:
    import mlflow

    mlflow.set_experiment(project)
    with mlflow.start_run(run_name=run):
        mlflow.log_params(dict(settings))
        yield lambda values, step: mlflow.log_metrics(values, step=step)


@contextmanager
def _wandb(project: str, run: str, folder: Path, settings: Mapping[str, Any]) -> Iterator[Log]:
    import wandb

    started = wandb.init(project=project, name=run, config=dict(settings), dir=str(folder))
    try:
        yield lambda values, step: started.log(values, step=step)
    finally:
        started.finish()


_TRACKERS = {"tensorboard": _tensorboard, "trackio": _trackio, "mlflow": _mlflow, "wandb": _wandb}
