"""Trackers that are told how a run goes: TensorBoard, Trackio, MLflow, Weights & Biases, each from its own package.

A tracker is told numbers and never asked anything; one that fails to start stops the run before it has cost anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from assay.errors import TrainingError
from assay.train.loop import Progress, Report

Log = Callable[[dict[str, float], int], object]  # values by name, and the step they belong to


@contextmanager
def told(
    names: Sequence[str], report: Report, *, project: str, run: str, folder: Path, settings: Mapping[str, Any]
) -> Iterator[Report]:
    """`report`, and after it every tracker: loss and learning rate of each step, validation loss of each pass.

    Raises:
        TrainingError: the package of a tracker is not installed, or it refuses to start.
    """
    with ExitStack() as opened:
        logs = []
        for name in names:
            try:
                logs.append(opened.enter_context(TRACKERS[name](project, run, folder, settings)))
            except ModuleNotFoundError as missing:
                what = f"train.report_to: {name} needs {missing.name}, which is not installed"
                raise TrainingError(what, hint=f"pip install {name}, or take it out of train.report_to") from None

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


TRACKERS = {"tensorboard": _tensorboard, "trackio": _trackio, "mlflow": _mlflow, "wandb": _wandb}
