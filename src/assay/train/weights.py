"""The weights a method trains: put on a model, stored, restored, taken away. Afterwards the model is as it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.errors import ModelError, Problem, TrainingError
from assay.models.adapter import CONFIG, FULL, WEIGHTS, Adapter
from assay.models.base import Loaded, quiet
from assay.models.seq2seq import is_seq2seq
from assay.recipe import TrainSpec

if TYPE_CHECKING:
    from peft import PeftConfig, PeftModel
    from torch import Tensor, nn

LORA_KINDS = ("lora", "dora", "rslora", "qlora")
RS_ALPHA = 8  # of rsLoRA, whose scale is alpha / sqrt(rank): at rank 16 that of LoRA with alpha = 2 rank, which is 2


@dataclass(frozen=True, eq=False)
class Tuned:
    """A model, and those of its weights that are trained."""

    model: Any  # called with input_ids and attention_mask
    weights: dict[str, nn.Parameter]  # by name, in the order of the model
    save: Callable[[Path], object]  # writes adapter_config.json and adapter_model.safetensors into a folder
    load: Callable[[Mapping[str, Tensor]], object]  # the inverse, from the tensors of the file


@contextmanager
def tuned_on(base: Loaded, spec: TrainSpec) -> Iterator[Tuned]:
    """The base model with the seeded weights of `spec.method`; afterwards it is as it was.

    Raises:
        ModelError, TrainingError: the architecture has no such place for them, or this machine cannot train them.
    """
    if spec.method == "full":
        with _whole_weights(base, spec) as tuned:
            yield tuned
        return
    make = lora_on if spec.method in LORA_KINDS else _learnt_positions
    with make(base, spec) as model:
        weights = {name: p for name, p in model.named_parameters() if p.requires_grad}
        yield Tuned(model, weights, lambda folder: _save(model, folder), lambda kept: _put(model, kept))


def demand(spec: TrainSpec, base: Any) -> None:
    """Refuse what cannot work with this base model or on this machine, before anything is computed.

    Raises:
        TrainingError: and what to type.
    """
    demand_machine(spec)
    if spec.method in ("prompt", "prefix") and is_seq2seq(base):
        what = f"train.method: {spec.method} learns positions before a decoder's text; this is an encoder-decoder"
        raise TrainingError(what, hint="set train.method: lora, dora, rslora or full")


def demand_machine(spec: TrainSpec) -> None:
    """Refuse what cannot work with any base model, or on this machine, before one is loaded.

    Raises:
        TrainingError: and what to type.
    """
    import importlib.util

    import torch

    if spec.method == "qlora" and not (torch.cuda.is_available() and importlib.util.find_spec("bitsandbytes")):
        lacks = "a CUDA GPU" if not torch.cuda.is_available() else "the package bitsandbytes"
        what = f"train.method: qlora keeps the base model in four bits, which needs {lacks}"
        hint = "pip install bitsandbytes on a machine with a CUDA GPU; or set train.method: lora"
        raise TrainingError(what, hint=hint)
    if spec.method == "prefix" and spec.checkpointing:
        what = "train.checkpointing leaves the learnt keys and values of prefix tuning out: nothing would be learnt"
        raise TrainingError(what, hint="set train.checkpointing: false, or train.method: prompt")
    if spec.method == "full" and spec.precision == "bf16":
        what = "train.precision: bf16 holds 3 digits: the small steps of full tuning would be rounded away"
        raise TrainingError(what, hint="set train.precision: auto or fp32 for train.method: full")


@contextmanager
def lora_on(base: Loaded, spec: TrainSpec) -> Iterator[PeftModel]:
    """The base model with seeded LoRA weights on its top layers; afterwards it is as it was."""
    from peft import LoraConfig

    seq2seq = is_seq2seq(base.model)
    config = LoraConfig(
        r=spec.rank, lora_alpha=RS_ALPHA if spec.method == "rslora" else 2 * spec.rank,
        use_rslora=spec.method == "rslora", use_dora=spec.method == "dora",
        task_type="SEQ_2_SEQ_LM" if seq2seq else "CAUSAL_LM",
        **(_places(base.model, spec.layers) if seq2seq else _places_in_decoder(base.model, spec.layers)),
    )  # fmt: skip
    tuned = _with(base, config, spec.seed)
    try:
        yield tuned
    finally:
        tuned.unload()
        base.model.eval().requires_grad_(False)


@contextmanager
def _learnt_positions(base: Loaded, spec: TrainSpec) -> Iterator[PeftModel]:
    """The base model that begins with learnt embeddings (prompt tuning) or learnt keys and values (prefix tuning)."""
    from peft import PrefixTuningConfig, PromptTuningConfig

    count = spec.virtual_tokens
    config: PeftConfig = (
        PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=count, prompt_tuning_init="SAMPLE_VOCAB")
        if spec.method == "prompt"
        else PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=count)
    )
    try:
        yield _with(base, config, spec.seed)
    finally:
        base.model.eval().requires_grad_(False)


def _with(base: Loaded, config: PeftConfig, seed: int) -> PeftModel:
    import torch
    from peft import get_peft_model

    with torch.random.fork_rng(devices=[]), quiet():
        torch.manual_seed(seed)
        tuned: PeftModel = get_peft_model(base.model, config)
    tuned.train()
    return tuned


@contextmanager
def _whole_weights(base: Loaded, spec: TrainSpec) -> Iterator[Tuned]:
    """The base model's own weights: of its top layers, or all of them where `layers` reaches that far."""
    import torch
    from safetensors.torch import save_file

    kinds = top_layers(base.model, spec.layers)
    places = tuple(f"{name}." for name in kinds) if kinds else ("",)
    weights = {name: p for name, p in base.model.named_parameters() if name.startswith(places)}
    before = {name: p.detach().clone() for name, p in weights.items()}

    def save(folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        save_file({name: p.detach().cpu().contiguous() for name, p in weights.items()}, folder / WEIGHTS)
        (folder / CONFIG).write_text(json.dumps({"peft_type": FULL, "weights": len(weights)}), encoding="utf-8")

    def load(kept: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            for name, p in weights.items():
                p.copy_(kept[name])

    for p in weights.values():
        p.requires_grad_(True)
    base.model.train()
    try:
        yield Tuned(base.model, weights, save, load)
    finally:
        base.model.eval().requires_grad_(False)
        load(before)


def _save(model: PeftModel, folder: Path) -> None:
    model.save_pretrained(folder, safe_serialization=True)
    (folder / "README.md").unlink(missing_ok=True)  # PEFT's empty form of a model card


def _put(model: PeftModel, kept: Mapping[str, Tensor]) -> None:
    from peft import set_peft_model_state_dict

    set_peft_model_state_dict(model, dict(kept))


def start_from(tuned: Tuned, start: Adapter) -> None:
    """Put the weights of a finished adapter in place, to go on from them; `demand_shape` was asked before."""
    from safetensors.torch import load_file

    tuned.load(load_file(start.folder / WEIGHTS))


def demand_shape(start: Adapter, spec: TrainSpec) -> None:
    """Refuse to go on from an adapter that is of another method or shape, before anything is written.

    Raises:
        TrainingError: and what to type.
    """
    shape = ("rank", "layers") if spec.method in LORA_KINDS else ("layers",) if spec.method == "full" else ()
    differs = [
        Problem(f"train.{key}", f"{start.settings.get(key)} there, {getattr(spec, key)} here")
        for key in ("method", *shape)
        if start.settings.get(key) != getattr(spec, key)
    ]
    if differs:
        what = f"{start.folder.parent.name} has another shape than the recipe asks for, so it cannot be gone on with"
        raise TrainingError(what, problems=differs, hint="set these keys of assay.yaml as they were there")


def top_layers(model: nn.Module, count: int) -> list[str]:
    """Names of the top `count` layers of each part of a model; [] where that is all of them (or `count` is 0)."""
    lists = _layer_lists(model)
    if not count or all(count >= len(layers) for layers in lists.values()):
        return []
    return [f"{name}.{i}" for name, layers in lists.items() for i in range(max(0, len(layers) - count), len(layers))]


def _places_in_decoder(model: nn.Module, count: int) -> dict[str, Any]:
    ((prefix, layers),) = _layer_lists(model).items()
    names = sorted({name.rsplit(".", 1)[-1] for name, part in layers.named_modules() if isinstance(part, _linear())})
    return {
        "target_modules": names, "fan_in_fan_out": any(isinstance(part, _linear()[1]) for part in layers.modules()),
        "layers_pattern": prefix.rsplit(".", 1)[-1],
        "layers_to_transform": list(range(max(0, len(layers) - (count or len(layers))), len(layers))),
    }  # fmt: skip


def _places(model: nn.Module, count: int) -> dict[str, Any]:
    """By full names: an encoder and a decoder may call their layers alike."""
    wanted = tuple(f"{name}." for name in top_layers(model, count) or _layer_lists(model))
    names = [name for name, part in model.named_modules() if isinstance(part, _linear()) and name.startswith(wanted)]
    return {"target_modules": names}


def _linear() -> tuple[type[nn.Module], ...]:
    import torch
    from transformers.pytorch_utils import Conv1D  # what GPT-2 calls a linear layer

    return torch.nn.Linear, Conv1D


def _layer_lists(model: nn.Module) -> dict[str, nn.ModuleList]:
    """The longest list of layers of a decoder; of an encoder-decoder, of each half. Lists in lists do not count."""
    import torch

    lists = {name: part for name, part in model.named_modules() if isinstance(part, torch.nn.ModuleList)}
    outer = {
        n: part for n, part in lists.items() if not any(n != other and n.startswith(f"{other}.") for other in lists)
    }
    halves = ("encoder", "decoder") if is_seq2seq(model) else ("",)
    inside = [[name for name in outer if not half or half in name.split(".")] for half in halves]
    if not all(inside):
        what = f"{type(model).__name__}: no list of layers to tune"
        raise ModelError(what, hint="use a decoder such as SmolLM2, Llama or Qwen, or a BART or T5")
    return {name: outer[name] for names in inside for name in [max(names, key=lambda name: len(outer[name]))]}


def state_of(
    names: Sequence[str], weights: Sequence[nn.Parameter], optimizer: Any, losses: Tensor
) -> dict[str, Tensor]:
    """What must be kept to go on: weights, both moments and step count of AdamW, losses (epochs, rows) so far."""
    kept: dict[str, Tensor] = {"losses": losses}
    for name, weight in zip(names, weights, strict=True):
        kept[f"weight:{name}"] = weight.detach()
        kept |= {f"{key}:{name}": value for key, value in optimizer.state[weight].items()}
    return kept


def restore(
    kept: dict[str, Tensor], names: Sequence[str], weights: Sequence[nn.Parameter], optimizer: Any, losses: Tensor
) -> None:
    """The inverse of `state_of`, in place."""
    import torch

    losses.copy_(kept["losses"])
    for name, weight in zip(names, weights, strict=True):
        with torch.no_grad():
            weight.copy_(kept[f"weight:{name}"])
        optimizer.state[weight] = {
            key: torch.empty_like(weight).copy_(kept[f"{key}:{name}"]) for key in ("exp_avg", "exp_avg_sq")
        } | {"step": kept[f"step:{name}"].clone()}  # in memory of their own: sums depend, in the last bit, on alignment
