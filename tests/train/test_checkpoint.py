from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from models import tiny

from assay.errors import TrainingError
from assay.records import Example, digest_of
from assay.train import checkpoint


def identity(rows: list[Example], **settings: object) -> dict[str, object]:
    return {"data": digest_of([[e.id, e.digest] for e in rows]), "settings": {"rank": 4, **settings}}


def saved(folder: Path) -> None:
    """As after the first half minute."""
    checkpoint.save_step(folder, 1, {"weight": torch.zeros(1)})


def opened(folder: Path, rows: list[Example], *, resume: bool, **settings: object) -> dict[str, object]:
    return checkpoint.open_run(folder, identity(rows, **settings), rows, resume=resume)


def test_a_folder_that_holds_a_run_is_not_written_over(tmp_path: Path) -> None:
    opened(tmp_path, tiny.rows(4), resume=False)
    with pytest.raises(TrainingError, match="holds a run already"):
        opened(tmp_path, tiny.rows(4), resume=False)
    assert opened(tmp_path, tiny.rows(4), resume=True)["state"] == "started"


def test_a_run_killed_before_its_record_starts_anew(tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text("[[")
    assert opened(tmp_path, tiny.rows(4), resume=True)["state"] == "started"
    assert len(json.loads((tmp_path / "rows.json").read_text())) == 4


def test_other_settings_are_refused_with_the_difference(tmp_path: Path) -> None:
    opened(tmp_path, tiny.rows(4), resume=False)
    saved(tmp_path)
    with pytest.raises(TrainingError, match="cannot be resumed") as told:
        opened(tmp_path, tiny.rows(4), resume=True, rank=8)
    assert "rank 4 -> 8" in str(told.value)
    assert "begun otherwise" in str(told.value)


def test_a_run_that_was_begun_says_what_has_changed_since(tmp_path: Path) -> None:
    rows = tiny.rows(3)
    assert checkpoint.standing(tmp_path, identity(rows), rows) is None
    was = identity(rows) | {"path": "whole model", "system": "one", "fingerprint": "a", "budget": 1082, "start": "x"}
    checkpoint.open_run(tmp_path, was, rows, resume=False)
    saved(tmp_path)
    same = {key: value for key, value in was.items() if key != "path"}
    assert checkpoint.standing(tmp_path, same, rows) == checkpoint.Standing(finished=False, changes=())
    now = identity(rows[:2], rank=2, epochs=0.5) | {"system": "two", "fingerprint": "b", "budget": 541}
    told = checkpoint.standing(tmp_path, now, rows[:2])
    assert told is not None
    assert told.changes == (
        "epochs not set -> 0.5", "rank 4 -> 2", "budget of answer tokens 1,082 -> 541", "the adapter it goes on from",
        "system prompt 'one' -> 'two'", "data: 1 rows are gone, the first: r2",
    )  # fmt: skip


def test_a_run_of_which_nothing_was_saved_stands_in_nobodys_way(tmp_path: Path) -> None:
    rows = tiny.rows(4)
    opened(tmp_path, rows, resume=False)
    assert checkpoint.standing(tmp_path, identity(rows), rows) == checkpoint.Standing(finished=False, changes=())
    assert checkpoint.standing(tmp_path, identity(rows, rank=8), rows) is None
    opened(tmp_path, rows[:2], resume=True, rank=8)
    assert len(json.loads((tmp_path / "rows.json").read_text())) == 2


def test_what_was_ruined_is_no_run_to_go_on_with(tmp_path: Path) -> None:
    rows = tiny.rows(3)
    record = opened(tmp_path, rows, resume=False)
    checkpoint.write_json(tmp_path / checkpoint.RUN, record | {"state": "stopped", "why": "ruined"})
    assert checkpoint.standing(tmp_path, identity(rows), rows) is None
    assert opened(tmp_path, rows, resume=True, rank=8)["state"] == "started"


def test_other_rows_are_refused_with_the_difference(tmp_path: Path) -> None:
    rows = tiny.rows(6)
    opened(tmp_path, rows, resume=False)
    saved(tmp_path)
    changed = [rows[0], rows[1].with_answer("pin"), *rows[3:], replace(rows[2], id="new")]
    with pytest.raises(TrainingError) as told:
        opened(tmp_path, changed, resume=True)
    said = str(told.value)
    assert "1 rows are gone, the first: r2" in said
    assert "1 rows are new, the first: new" in said
    assert "1 rows were edited, the first: r1" in said
    with pytest.raises(TrainingError, match="another order"):
        opened(tmp_path, rows[::-1], resume=True)


def test_losses_read_back_with_their_rows(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    losses = np.array([[1.0, 2.0, 3.0], [np.nan, 0.5, np.nan]], dtype=np.float32)  # a second epoch of one row
    checkpoint.write_losses(tmp_path / "l.parquet", tiny.rows(3), losses)
    table = pq.read_table(tmp_path / "l.parquet").to_pylist()
    assert [(r["id"], r["epoch"], r["loss"]) for r in table] == [
        ("r0", 1, 1.0), ("r1", 1, 2.0), ("r2", 1, 3.0), ("r1", 2, 0.5),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_checkpoint_half_written_is_not_the_last_one(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    assert checkpoint.last_step(tmp_path) is None
    checkpoint.save_step(tmp_path, 3, {"w": torch.arange(4.0)})
    whole = (tmp_path / checkpoint.CHECKPOINT).read_bytes()
    (tmp_path / f".{checkpoint.CHECKPOINT}.part").write_bytes(whole[:20])
    last = checkpoint.last_step(tmp_path)
    assert last is not None
    assert last.step == 3
    assert last.tensors["w"].tolist() == [0, 1, 2, 3]
    (tmp_path / checkpoint.CHECKPOINT).write_bytes(whole[:20])
    with pytest.raises(TrainingError, match="damaged"):
        checkpoint.last_step(tmp_path)
