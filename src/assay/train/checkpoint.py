"""The folder of a run: readable after a kill at any moment, and resumed bit for bit.

run.json                 settings, data, seeds, machine, timings, losses; `state` is "started", "done" or "stopped"
rows.json                id and digest of each training row, in order
checkpoint.safetensors   weights, optimiser and losses after some step; one file, replaced as a whole
losses.parquet           loss of each example in each epoch
adapter/                 the result: complete once it has an assay.json
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.errors import Problem, TrainingError
from assay.records import Example
from assay.train.identity import changes, row_changes

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

RUN, ROWS, CHECKPOINT, LOSSES, ADAPTER = "run.json", "rows.json", "checkpoint.safetensors", "losses.parquet", "adapter"


class Resumed(NamedTuple):
    """Where an interrupted run goes on."""

    step: int  # steps done
    tensors: dict[str, Tensor]


class Standing(NamedTuple):
    """A run that was begun before."""

    finished: bool
    changes: tuple[str, ...]  # what differs from what is asked now; () for the same run

    @property
    def word(self) -> str:
        """In a word."""
        return "finished" if self.finished else "interrupted"


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file as a whole, flushed to the disk."""
    part = path.with_name(f".{path.name}.part")
    with part.open("w", encoding="utf-8") as stream:
        json.dump(value, stream, indent=2, ensure_ascii=False, sort_keys=True)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def open_run(folder: Path, identity: Mapping[str, Any], examples: Sequence[Example], *, resume: bool) -> dict[str, Any]:
    """The record in run.json: a new one, or that of the run being resumed. One that was ruined is replaced, and one of
    other rows or settings that was stopped before anything of it was saved.

    Raises:
        TrainingError: the folder holds a run and `resume` is off; or it holds another run: the differences are told.
    """
    path = folder / RUN
    rows = [[example.id, example.digest] for example in examples]
    if not path.is_file() or _read(path).get("state") == "stopped" or _hardly_begun(folder, identity, rows):
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / ROWS, rows)
        started = {"state": "started", "identity": dict(identity)}
        write_json(path, started)
        return started
    if not resume:
        raise TrainingError(f"{folder}: holds a run already", hint="resume it, or choose another folder")
    record: dict[str, Any] = _read(path)
    differences = [*changes(record["identity"], identity), *row_changes(_read(folder / ROWS), rows)]
    if differences:
        how = "finished, but made otherwise than asked now" if record["state"] == "done" else "begun otherwise"
        raise TrainingError(
            f"{folder}: the run there is {how}, so it cannot be resumed",
            problems=[Problem(RUN, what) for what in differences],
            hint="undo the changes to go on with it, or throw it away: `assay train --fresh`",
        )
    return record


def standing(folder: Path, identity: Mapping[str, Any], examples: Sequence[Example]) -> Standing | None:
    """How the run in a folder stands to the one that `identity` and the rows would make; None where there is none.

    Raises:
        TrainingError: its record cannot be read.
    """
    if not (folder / RUN).is_file() or (record := _read(folder / RUN)).get("state") == "stopped":
        return None
    rows = [[example.id, example.digest] for example in examples]
    told = [*changes(record["identity"], identity, unknown=("path", "dtype")), *row_changes(_read(folder / ROWS), rows)]
    if told and _unsaved(folder, record):
        return None
    return Standing(record["state"] == "done", tuple(told))


def _hardly_begun(folder: Path, identity: Mapping[str, Any], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the run there is another one, of which nothing was saved: nothing is lost where it is replaced."""
    record = _read(folder / RUN)
    other = [*changes(record["identity"], identity), *row_changes(_read(folder / ROWS), rows)]
    return bool(other) and _unsaved(folder, record)


def _unsaved(folder: Path, record: Mapping[str, Any]) -> bool:
    return record["state"] == "started" and not (folder / CHECKPOINT).exists()


def save_step(folder: Path, step: int, tensors: Mapping[str, Tensor]) -> None:
    """Replace the checkpoint as a whole: a kill while writing leaves the last one."""
    from safetensors.torch import save_file

    part = folder / f".{CHECKPOINT}.part"
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, part, metadata={"step": str(step)})
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
    part.replace(folder / CHECKPOINT)


def last_step(folder: Path) -> Resumed | None:
    """The last checkpoint, or None where none was written yet.

    Raises:
        TrainingError: it is damaged.
    """
    from safetensors import SafetensorError, safe_open

    path = folder / CHECKPOINT
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as stored:
            return Resumed(int(stored.metadata()["step"]), {name: stored.get_tensor(name) for name in stored.keys()})  # noqa: SIM118
    except (SafetensorError, OSError, KeyError, TypeError) as error:
        raise TrainingError(f"{path}: damaged: {error}", hint=f"delete {path} to start this run again") from None


@contextmanager
def disk_errors(out: Path) -> Iterator[None]:
    """Tell a full or unwritable disk as what it is, and how to go on."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, SafetensorError) as error:
        if isinstance(error, SafetensorError) and not re.search(r"space|i/o error", str(error), re.IGNORECASE):
            raise
        raise TrainingError(
            f"{out}: cannot be written: {error}",
            hint="free some disk space and run it again: it goes on where it stopped",
        ) from error


def write_losses(path: Path, examples: Sequence[Example], losses: np.ndarray[Any, Any]) -> None:
    """Table (id, epoch from 1, loss) of the mean loss of an answer token; a row not seen in an epoch has no line."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    epoch, row = np.nonzero(~np.isnan(losses))
    columns = {"id": [examples[int(i)].id for i in row], "epoch": epoch + 1, "loss": losses[epoch, row]}
    part = path.with_name(f".{path.name}.part")
    pq.write_table(pa.table(columns), part)
    part.replace(path)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path}: cannot be read: {error}", hint="throw it away: `assay train --fresh`") from None
