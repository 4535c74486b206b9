from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from models import tiny

from assay.errors import TrainingError
from assay.recipe import TrainSpec

if TYPE_CHECKING:
    from assay.models.base import Loaded
    from assay.train.lora import Run

pytestmark = pytest.mark.slow
SYSTEM = "Answer with the intent."
SPEC = TrainSpec(rank=8, layers=2, batch_size=4, epochs=3, learning_rate=1e-2, max_tokens=200)
CHILD = """
import os, signal, sys
sys.path.insert(0, sys.argv[4])
from pathlib import Path
from models import tiny
from train.test_lora import SPEC, SYSTEM
from assay.models.base import load
from assay.train.lora import fit

def report(progress):
    if progress.stage == sys.argv[3].split(":")[0] and progress.done >= int(sys.argv[3].split(":")[1]):
        os.kill(os.getpid(), signal.SIGKILL)

fit(tiny.rows(24), base=load(sys.argv[1], "float32"), spec=SPEC, out=Path(sys.argv[2]), system=SYSTEM, report=report,
    resume=True, checkpoint_seconds=0)
"""


def tune(loaded: Loaded, out: Path, rows: int = 24, spec: TrainSpec = SPEC, **more: Any) -> Run:
    from assay.train.lora import fit

    return fit(tiny.rows(rows), base=loaded, spec=spec, out=out, system=SYSTEM, **more)


def weights(folder: Path) -> bytes:
    return (folder / "adapter" / "adapter_model.safetensors").read_bytes()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, loaded: Loaded) -> Run:
    return tune(loaded, tmp_path_factory.mktemp("finished") / "run")


def test_a_tuned_model_writes_the_labels_and_stops(tmp_path: Path, loaded: Loaded) -> None:
    from assay.models import adapter
    from assay.models.speaker import Speaker

    run = tune(loaded, tmp_path / "run", rows=32, spec=SPEC.model_copy(update={"epochs": 40, "rank": 16, "layers": 4}))
    speaker = Speaker(loaded, adapter.read(run.adapter))
    rows = tiny.rows(32)
    written = speaker.write([row.messages[:-1] for row in rows], 20)
    assert sum(w.text == row.label for w, row in zip(written, rows, strict=True)) >= 24
    assert run.epoch_losses[-1] < 0.2 * run.epoch_losses[0]


def test_the_run_says_what_it_did(finished: Run, loaded: Loaded) -> None:
    import pyarrow.parquet as pq

    from assay.models import adapter, chat

    assert (finished.steps, finished.rows, finished.path) == (18, 24, "cached lower layers")
    assert finished.answer_tokens == 3 * finished.audit["answer_tokens"]
    card = adapter.read(finished.adapter)
    assert card.labels == tuple(sorted(tiny.LABELS))
    assert card.fingerprint == chat.fingerprint(adapter.tokenizer_of(card), SYSTEM)
    assert card.lowest_layer == 2
    assert len(card.weights_digest) == 64
    table = pq.read_table(finished.losses).to_pylist()
    assert {(r["id"], r["epoch"]) for r in table} == {(f"r{i}", e) for i in range(24) for e in (1, 2, 3)}
    means = [np.mean([r["loss"] for r in table if r["epoch"] == e]) for e in (1, 2, 3)]
    assert means == pytest.approx(finished.epoch_losses)


def test_cached_lower_layers_train_the_same_losses_as_the_whole_model(
    tmp_path: Path, loaded: Loaded, finished: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assay.train import lora

    monkeypatch.setattr(lora, "stack_of", lambda model: None)
    plain = tune(loaded, tmp_path / "run")
    assert plain.path == "whole model"
    assert plain.epoch_losses == pytest.approx(finished.epoch_losses, rel=1e-3)
    assert plain.epoch_losses[-1] < plain.epoch_losses[0]


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_seed_gives_the_same_weights_on_any_number_of_threads(
    tmp_path: Path, loaded: Loaded, finished: Run, threads: int
) -> None:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        assert weights(tune(loaded, tmp_path / "run").folder) == weights(finished.folder)
    finally:
        torch.set_num_threads(before)


def test_another_seed_gives_other_weights(tmp_path: Path, loaded: Loaded, finished: Run) -> None:
    other = tune(loaded, tmp_path / "run", spec=SPEC.model_copy(update={"seed": 1}))
    assert weights(other.folder) != weights(finished.folder)


@pytest.mark.parametrize("kills", [["lower layers:1", "train:1"], ["train:7", "train:12"], ["train:18"]])
def test_killed_and_resumed_gives_the_same_weights_bit_for_bit(
    tmp_path: Path, base_folder: Path, finished: Run, kills: list[str]
) -> None:
    import pyarrow.parquet as pq

    out = tmp_path / "run"
    for kill in [*kills, "never:0"]:
        command = [sys.executable, "-c", CHILD, str(base_folder), str(out), kill, str(Path(__file__).parents[1])]
        child = subprocess.run(command, capture_output=True, text=True, check=False)
        assert child.returncode == (0 if kill == "never:0" else -signal.SIGKILL), child.stderr
    assert weights(out) == weights(finished.folder)
    assert pq.read_table(out / "losses.parquet").equals(pq.read_table(finished.losses))
    assert not (out / "checkpoint.safetensors").exists()


def test_a_finished_run_is_returned_as_it_is(finished: Run, loaded: Loaded) -> None:
    def never(progress: object) -> None:
        raise AssertionError(progress)

    assert tune(loaded, finished.folder, resume=True, report=never) == finished


def test_resuming_with_other_data_or_settings_is_refused(finished: Run, loaded: Loaded) -> None:
    with pytest.raises(TrainingError, match="cannot be resumed") as told:
        tune(loaded, finished.folder, rows=23, resume=True)
    assert "1 rows are gone, the first: r23" in str(told.value)
    with pytest.raises(TrainingError, match="rank 8 -> 2"):
        tune(loaded, finished.folder, spec=SPEC.model_copy(update={"rank": 2}), resume=True)


def test_a_shared_trunk_gives_the_same_weights(tmp_path: Path, loaded: Loaded, finished: Run) -> None:
    from assay.train.lora import trunk_for

    trunk = trunk_for(loaded, SPEC)
    assert trunk is not None
    tune(loaded, tmp_path / "first", rows=40, trunk=trunk)  # an arm with more rows fills it
    assert weights(tune(loaded, tmp_path / "second", trunk=trunk).folder) == weights(finished.folder)


def test_a_trunk_of_another_depth_is_refused(tmp_path: Path, loaded: Loaded) -> None:
    from assay.train.lora import trunk_for

    trunk = trunk_for(loaded, SPEC.model_copy(update={"layers": 1}))
    with pytest.raises(TrainingError, match="another model or depth"):
        tune(loaded, tmp_path / "run", trunk=trunk)


def test_the_base_model_is_left_as_it_was(tmp_path: Path, loaded: Loaded) -> None:
    before = {name: value.clone() for name, value in loaded.model.state_dict().items()}

    def stop(progress: Any) -> None:
        if progress.stage == "train" and progress.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(loaded, tmp_path / "run", report=stop)
    after = loaded.model.state_dict()
    assert list(after) == list(before)
    assert all(bool((after[name] == before[name]).all()) for name in before)
    assert not any(parameter.requires_grad for parameter in loaded.model.parameters())


def test_a_loss_that_is_not_a_number_stops_the_run_and_names_the_rows(tmp_path: Path, base_folder: Path) -> None:
    import torch

    from assay.models.base import load
    from assay.train.lora import fit

    broken = load(str(base_folder), "float32")
    with torch.no_grad():
        broken.model.model.embed_tokens.weight[broken.tokenizer("!")["input_ids"][0]] = float("inf")
    rows = tiny.rows(8)
    rows[5] = rows[5].with_text({0: "stop!"})
    with pytest.raises(TrainingError, match="not a number at step") as told:
        fit(rows, base=broken, spec=SPEC, out=tmp_path / "run", system=SYSTEM)
    assert "rows.jsonl[5] (id r5)" in str(told.value)


def test_a_row_of_weight_two_counts_like_the_row_twice(tmp_path: Path, loaded: Loaded) -> None:
    from assay.train.lora import fit

    one_step = SPEC.model_copy(update={"epochs": 1, "batch_size": 8, "learning_rate": 1e-2})
    rows = tiny.rows(3)
    heavy = [replace(rows[0], weight=2.0), rows[1], rows[2]]
    twice = [rows[0], replace(rows[0], id="again"), rows[1], rows[2]]
    made = []
    for name, data in (("heavy", heavy), ("twice", twice), ("plain", rows)):
        fit(data, base=loaded, spec=one_step, out=tmp_path / name, system=SYSTEM)
        from safetensors.numpy import load_file

        made.append(load_file(tmp_path / name / "adapter" / "adapter_model.safetensors"))
    assert all(np.allclose(made[0][key], made[1][key], atol=1e-4) for key in made[0])
    assert not all(np.allclose(made[0][key], made[2][key], atol=1e-4) for key in made[0])


def test_time_left_falls_and_the_last_step_says_none_is_left(tmp_path: Path, loaded: Loaded) -> None:
    told: list[Any] = []
    tune(loaded, tmp_path / "run", report=told.append)
    steps = [p for p in told if p.stage == "train"]
    assert [p.done for p in steps] == list(range(1, 19))
    assert steps[0].seconds_left is None
    assert steps[4].seconds_left is not None
    assert steps[4].seconds_left > 0
    assert steps[-1].seconds_left == 0
    assert all(p.loss is not None for p in steps)


def test_a_budget_below_one_row_is_refused(tmp_path: Path, loaded: Loaded) -> None:
    with pytest.raises(TrainingError, match="less than one row"):
        tune(loaded, tmp_path / "run", budget=1)


def test_a_full_disk_is_told_and_the_run_goes_on_afterwards(tmp_path: Path, base_folder: Path, finished: Run) -> None:
    out = tmp_path / "run"
    command = [sys.executable, "-c", CHILD, str(base_folder), str(out), "never:0", str(Path(__file__).parents[1])]

    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))  # bytes a file: run.json fits, a checkpoint does not

    full = subprocess.run(
        command, capture_output=True, text=True, check=False, preexec_fn=no_room, env={**os.environ, "TMPDIR": "/tmp"}
    )
    assert full.returncode == 1
    assert "TrainingError" in full.stderr
    assert "cannot be written" in full.stderr
    assert "free some disk space" in full.stderr
    assert subprocess.run(command, capture_output=True, text=True, check=False).returncode == 0
    assert weights(out) == weights(finished.folder)
