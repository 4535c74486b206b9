"""Every tuning method: trained, saved, loaded again to the same logits, and the base model left as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pytest
from models import tiny

from assay.errors import TrainingError
from assay.recipe import Method, TrainSpec

if TYPE_CHECKING:
    from assay.models.base import Loaded
    from assay.train.lora import Run

pytestmark = pytest.mark.slow
SYSTEM = "Answer with the intent."
RATES = {"full": 3e-3, "prompt": 0.3, "prefix": 0.1}
METHODS = ("lora", "dora", "rslora", "full", "prompt", "prefix")
KINDS = {"full": "FULL", "prompt": "PROMPT_TUNING", "prefix": "PREFIX_TUNING"}


def spec(method: str, **more: Any) -> TrainSpec:
    rate = RATES.get(method, 1e-2)
    given = {"rank": 8, "layers": 2, "batch_size": 8, "epochs": 3, "learning_rate": rate, "virtual_tokens": 6}
    return TrainSpec(method=method, max_tokens=200, **{**given, **more})  # type: ignore[arg-type]


def tune(loaded: Loaded, out: Path, method: str, **more: Any) -> Run:
    from assay.train.lora import fit

    given = {key: more.pop(key) for key in ("resume", "checkpoint_seconds", "report") if key in more}
    return fit(tiny.rows(16), base=loaded, spec=spec(method, **more), out=out, system=SYSTEM, **given)


def test_every_method_of_the_recipe_is_tested_here() -> None:
    assert set(METHODS) | {"qlora"} == set(get_args(Method))


@pytest.mark.parametrize(("method", "layers"), [*[(method, 2) for method in METHODS], ("full", 0), ("lora", 0)])
def test_what_was_trained_is_what_is_loaded_and_the_base_is_left_as_it_was(
    tmp_path: Path, loaded: Loaded, method: str, layers: int
) -> None:
    import torch

    from assay.models import adapter, whole
    from assay.models.seq2seq import continuing
    from assay.models.speaker import Speaker
    from assay.train import lora

    before = {name: value.clone() for name, value in loaded.model.state_dict().items()}
    rows, options = [[1, 40, 50, 60], [1, 70, 80]], [[90, 91, 2], [92, 2]]
    kept: list[Any] = []
    run_loop = lora.run_loop

    def spied(tuned: Any, *args: Any) -> Any:
        told = run_loop(tuned, *args)
        for row in rows:
            for option in options:
                with torch.inference_mode():
                    ids = torch.tensor([[*row, *option[:-1]]])
                    mask = torch.ones_like(ids)
                    logits = continuing(tuned.model)(input_ids=ids, attention_mask=mask, use_cache=False).logits
                    logs = logits[0, -len(option) :].log_softmax(-1)
                    kept.append(float(logs[torch.arange(len(option)), torch.tensor(option)].sum()))
        return told

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lora, "run_loop", spied)
        run = tune(loaded, tmp_path / "run", method, layers=layers)
    assert run.epoch_losses[-1] < run.epoch_losses[0]

    card = adapter.read(run.adapter)
    speaker = Speaker(loaded, card)
    served = whole.choose(speaker.model, rows, options)
    assert np.abs(served.ravel() - kept).max() < 2e-3
    assert np.abs(served - whole.choose(loaded.model, rows, options)).max() > 0.1
    assert card.settings["method"] == method
    assert json.loads((run.adapter / adapter.CONFIG).read_text())["peft_type"] == KINDS.get(method, "LORA")
    after = loaded.model.state_dict()
    assert list(after) == list(before)
    assert all(bool((after[name] == before[name]).all()) for name in before)
    assert not any(parameter.requires_grad for parameter in loaded.model.parameters())


@pytest.mark.parametrize("method", METHODS)
def test_speakers_of_every_method_write_as_one_whole_pass_a_token(tmp_path: Path, loaded: Loaded, method: str) -> None:
    import torch

    from assay.models import adapter
    from assay.models.speaker import Speaker

    speaker = Speaker(loaded, adapter.read(tune(loaded, tmp_path / "run", method).adapter))
    prompt = tiny.rows(1)[0].messages[:-1]
    ids = speaker.render(prompt)
    said: list[int] = []
    with torch.inference_mode():
        while len(said) < 6 and not (said and said[-1] in speaker.ends):
            said.append(int(speaker.model(input_ids=torch.tensor([ids + said])).logits[0, -1].argmax()))
    assert speaker.write([prompt], 6)[0].text == speaker.tokenizer.decode(
        [token for token in said if token not in speaker.ends], skip_special_tokens=True
    )


@pytest.mark.parametrize("method", ["full", "prompt", "prefix"])
def test_the_server_answers_as_the_speaker_does(tmp_path: Path, loaded: Loaded, method: str) -> None:
    from assay.models import adapter
    from assay.models.speaker import Speaker
    from assay.serve import answering, voices
    from assay.serve.wire import Asked

    card = adapter.read(tune(loaded, tmp_path / "run", method).adapter)
    prompt = tiny.rows(1)[0].messages[:-1]
    written = Speaker(loaded, card).write([prompt], 6)[0].text
    voice = voices.load_served(card.folder, "tuned", dtype="float32").find("tuned")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answering, "_READ_AT_ONCE", 7)
        pieces = list(answering.answer(voice, Asked("tuned", messages=tuple(prompt), max_tokens=6, n=2)))
    for choice in (0, 1):
        assert "".join(piece.text for piece in pieces if piece.choice == choice) == written


@pytest.mark.parametrize("method", ["dora", "full", "prefix"])
def test_interrupted_and_resumed_gives_the_same_weights_bit_for_bit(
    tmp_path: Path, loaded: Loaded, method: str
) -> None:
    def stop(progress: Any) -> None:
        if progress.stage == "train" and progress.done == 4:
            raise KeyboardInterrupt

    whole = tune(loaded, tmp_path / "whole", method)
    with pytest.raises(KeyboardInterrupt):
        tune(loaded, tmp_path / "run", method, checkpoint_seconds=0, report=stop)
    assert (tmp_path / "run" / "checkpoint.safetensors").is_file()
    again = tune(loaded, tmp_path / "run", method, resume=True)
    name = "adapter_model.safetensors"
    assert (again.adapter / name).read_bytes() == (whole.adapter / name).read_bytes()
    assert again.epoch_losses == whole.epoch_losses


def test_full_tuning_of_the_top_layers_over_cached_states_is_that_of_the_whole_model(
    tmp_path: Path, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assay.train import lora

    cached = tune(loaded, tmp_path / "cached", "full")
    monkeypatch.setattr(lora, "stack_of", lambda model: None)
    plain = tune(loaded, tmp_path / "plain", "full")
    assert (cached.path, plain.path) == ("cached lower layers", "whole model")
    assert plain.epoch_losses == pytest.approx(cached.epoch_losses, rel=1e-3)


def test_checkpointing_changes_no_loss_and_reads_every_layer_twice(tmp_path: Path, loaded: Loaded) -> None:
    import torch

    read: list[int] = []

    def count(*_: object) -> None:
        read.extend([1] * torch.is_grad_enabled())  # what is read before and after training has no gradient

    hook = loaded.model.model.layers[0].input_layernorm.register_forward_hook(count)
    counts, losses = [], []
    for name, twice in (("plain", False), ("twice", True)):
        run = tune(loaded, tmp_path / name, "prompt", checkpointing=twice)
        assert run.path == "whole model"
        counts.append(len(read) - sum(counts))
        losses.append(run.epoch_losses)
    hook.remove()
    assert counts[1] == 2 * counts[0] > 0
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)
    assert not loaded.model.is_activation_checkpointing


def test_checkpointing_runs_the_whole_model(tmp_path: Path, loaded: Loaded) -> None:
    assert tune(loaded, tmp_path / "run", "lora", layers=4, checkpointing=True).path == "whole model"


@pytest.mark.parametrize(
    ("method", "more", "why"),
    [("prefix", {"checkpointing": True}, "nothing would be learnt"), ("full", {"precision": "bf16"}, "rounded away")],
)
def test_settings_that_would_learn_nothing_are_refused(
    tmp_path: Path, loaded: Loaded, method: str, more: dict[str, Any], why: str
) -> None:
    with pytest.raises(TrainingError, match=why) as told:
        tune(loaded, tmp_path / "run", method, **more)
    assert told.value.hint


def test_qlora_without_a_gpu_says_what_it_needs(tmp_path: Path, loaded: Loaded) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(TrainingError, match="needs a CUDA GPU") as told:
        tune(loaded, tmp_path / "run", "qlora")
    assert "pip install bitsandbytes" in str(told.value)
    assert not (tmp_path / "run").exists()


def test_weights_that_do_not_move_stop_the_run(tmp_path: Path, loaded: Loaded) -> None:
    with pytest.raises(TrainingError, match="the weights did not move") as told:
        tune(loaded, tmp_path / "run", "full", learning_rate=1e-30)
    assert "learning_rate" in str(told.value)
    assert not (tmp_path / "run" / "adapter" / "assay.json").exists()


def test_a_full_adapter_of_a_model_with_other_names_is_refused(tmp_path: Path, loaded: Loaded) -> None:
    import torch
    from safetensors.torch import save_file

    from assay.errors import ModelError
    from assay.models import adapter

    run = tune(loaded, tmp_path / "run", "full", epochs=1)
    save_file({"model.layers.9.mlp.weight": torch.zeros(2)}, run.adapter / adapter.WEIGHTS)
    with pytest.raises(ModelError, match=r"has no model\.layers\.9"):
        adapter.applied(loaded, replace(adapter.read(run.adapter), weights_digest=""))


def test_full_weights_are_served_as_they_were_trained_beside_a_base_in_bf16(tmp_path: Path, base_folder: Path) -> None:
    import torch

    from assay.models import adapter, base
    from assay.models.speaker import Speaker
    from assay.train.lora import fit, trunk_for

    full = base.load(str(base_folder), "float32")
    run = fit(tiny.rows(16), base=full, spec=spec("full"), out=tmp_path / "run", system=SYSTEM)
    half = base.load(str(base_folder), "bfloat16")
    card, prompts = adapter.read(run.adapter), [row.messages[:-1] for row in tiny.rows(3)]
    served = Speaker(half, card, trunk=trunk_for(half, spec("full")))
    assert served.trunk is None
    told = served.model.state_dict()["model.layers.3.mlp.up_proj.weight"]
    assert told.dtype == torch.float32
    assert torch.equal(told, Speaker(full, card).model.state_dict()["model.layers.3.mlp.up_proj.weight"])
    assert np.isfinite(served.choose(prompts, tiny.LABELS)).all()
    assert half.model.dtype == torch.bfloat16
