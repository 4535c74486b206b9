"""Early stopping on validation rows, going on from a finished adapter, and several processes that train one model."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from models import tiny

from assay.errors import ModelError, ParityError, TrainingError
from assay.recipe import TrainSpec

if TYPE_CHECKING:
    from assay.models.base import Loaded
    from assay.train.lora import Run

pytestmark = pytest.mark.slow
SYSTEM = "Answer with the intent."
SPEC = TrainSpec(rank=4, layers=2, batch_size=8, epochs=6, learning_rate=1e-2, max_tokens=200)
WEIGHTS = "adapter_model.safetensors"
CHILD = """
import sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from models import tiny
from train.test_going_on import SPEC, SYSTEM
from assay.models.base import load
from assay.train.lora import fit
from assay.train.world import world

base = load(sys.argv[1], "float32")
spec = SPEC.model_copy(update={"patience": 9, "epochs": 2, "batch_size": 5})
out = Path(sys.argv[2])
run = fit(tiny.rows(17), base=base, spec=spec, out=out, system=SYSTEM, validation=tiny.rows(23)[17:])
(out.parent / f"told-{world().rank}").write_text(f"{world().size} {run.epoch_losses} {run.validation_losses}")
"""


def tune(loaded: Loaded, out: Path, spec: TrainSpec = SPEC, rows: Any = None, **more: Any) -> Run:
    from assay.train.lora import fit

    return fit(rows or tiny.rows(16), base=loaded, spec=spec, out=out, system=SYSTEM, **more)


def loss_of(loaded: Loaded, run: Run, rows: Any) -> float:
    """Mean loss of an answer token, read with whole passes."""
    from assay.models import adapter, whole
    from assay.models.speaker import Speaker

    speaker = Speaker(loaded, adapter.read(run.adapter))
    total = count = 0.0
    for row in rows:
        option = speaker._option(row.answer)
        total -= whole.choose(speaker.model, [speaker.render(row.messages[:-1])], [option])[0, 0]
        count += len(option)
    return total / count


def wrong(count: int) -> list[Any]:
    """Rows that say something else than what the training rows teach: their loss falls a little, then it rises."""
    return [row.with_answer("zzzz" if i % 2 else "card_lost") for i, row in enumerate(tiny.rows(count))]


def test_a_run_stops_when_validation_gets_worse_and_keeps_the_best_pass(tmp_path: Path, loaded: Loaded) -> None:
    spec = SPEC.model_copy(update={"epochs": 20, "patience": 2, "learning_rate": 3e-2})
    run = tune(loaded, tmp_path / "run", spec, validation=wrong(8))
    losses = run.validation_losses
    best = int(np.argmin(losses))
    assert len(losses) == len(run.epoch_losses) == best + 3 < 20
    assert run.steps == 2 * len(losses)
    assert loss_of(loaded, run, wrong(8)) == pytest.approx(losses[best], rel=1e-3)
    assert losses[best] < min(losses[-2:])


def test_without_patience_validation_rows_change_nothing(tmp_path: Path, loaded: Loaded) -> None:
    plain, told = tune(loaded, tmp_path / "a"), tune(loaded, tmp_path / "b", validation=wrong(4))
    assert told.validation_losses == ()
    assert (plain.adapter / WEIGHTS).read_bytes() == (told.adapter / WEIGHTS).read_bytes()


def test_a_run_with_validation_is_resumed_bit_for_bit_with_its_best_pass(tmp_path: Path, loaded: Loaded) -> None:
    def stop(progress: Any) -> None:
        if progress.stage == "train" and progress.done == 9:
            raise KeyboardInterrupt

    spec = SPEC.model_copy(update={"epochs": 20, "patience": 3, "learning_rate": 3e-2})
    whole = tune(loaded, tmp_path / "whole", spec, validation=wrong(8))
    with pytest.raises(KeyboardInterrupt):
        tune(loaded, tmp_path / "run", spec, validation=wrong(8), report=stop, checkpoint_seconds=0)
    again = tune(loaded, tmp_path / "run", spec, validation=wrong(8), resume=True)
    assert again.validation_losses == whole.validation_losses
    assert (again.adapter / WEIGHTS).read_bytes() == (whole.adapter / WEIGHTS).read_bytes()
    with pytest.raises(TrainingError, match="validation"):
        tune(loaded, tmp_path / "run", spec, validation=wrong(7), resume=True)


@pytest.mark.parametrize("method", ["lora", "full", "prompt", "prefix"])
def test_going_on_starts_where_the_adapter_ended(tmp_path: Path, loaded: Loaded, method: str) -> None:
    from assay.models import adapter

    rate = {"full": 3e-3, "prompt": 0.3, "prefix": 0.1}.get(method, 1e-2)
    spec = TrainSpec(**{**SPEC.model_dump(), "method": method, "learning_rate": rate, "virtual_tokens": 6})
    first = tune(loaded, tmp_path / "first", spec)
    start = adapter.read(first.adapter)
    still = spec.model_copy(update={"learning_rate": 1e-7, "epochs": 1})
    second = tune(loaded, tmp_path / "second", still, start=start, lineage={"run": "first"})
    assert second.epoch_losses[0] == pytest.approx(loss_of_rows(loaded, first), rel=2e-2)
    assert second.epoch_losses[0] < first.epoch_losses[0]
    assert adapter.read(second.adapter).lineage == {"run": "first"}
    assert adapter.read(first.adapter).lineage == {}


def loss_of_rows(loaded: Loaded, run: Run) -> float:
    """Mean over rows of their mean loss a token."""
    return float(np.mean([loss_of(loaded, run, [row]) for row in tiny.rows(16)]))


def test_going_on_with_another_shape_base_or_prompt_is_refused(tmp_path: Path, loaded: Loaded) -> None:
    from assay.models import adapter, base

    start = adapter.read(tune(loaded, tmp_path / "first", SPEC.model_copy(update={"epochs": 1})).adapter)
    with pytest.raises(TrainingError, match="another shape") as told:
        tune(loaded, tmp_path / "a", SPEC.model_copy(update={"rank": 5, "method": "dora"}), start=start)
    assert [str(problem) for problem in told.value.problems] == [
        "train.method: lora there, dora here", "train.rank: 4 there, 5 here",
    ]  # fmt: skip
    with pytest.raises(ParityError):
        tune(loaded, tmp_path / "b", start=replace(start, system="Other."))
    other = base.load(str(tiny.save(tmp_path / "base", seed=5)), "float32")
    with pytest.raises(ModelError, match="trained on"):
        tune(other, tmp_path / "c", start=start)
    assert not any((tmp_path / name).exists() for name in "abc"), "what is refused leaves nothing behind"


def test_two_processes_take_the_steps_of_one(tmp_path: Path, loaded: Loaded, base_folder: Path) -> None:
    from safetensors.numpy import load_file

    tests = str(Path(__file__).parents[1])
    made = []
    for processes in (1, 2, 3):
        out = tmp_path / str(processes) / "run"
        out.parent.mkdir()
        script = tmp_path / "child.py"
        script.write_text(CHILD)
        launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
        command = [*launch, str(script), str(base_folder), str(out), tests]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:]
        told = {(out.parent / f"told-{rank}").read_text() for rank in range(processes)}
        assert len(told) == 1
        assert told.pop().startswith(f"{processes} ")
        made.append(load_file(out / "adapter" / WEIGHTS))
    for other in made[1:]:
        assert made[0].keys() == other.keys()
        assert all(np.allclose(made[0][key], other[key], atol=1e-5) for key in made[0])
