"""LoRA weights on the top layers of a model: put there, stored, restored, taken away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from assay.errors import ModelError
from assay.models.base import Loaded, quiet
from assay.recipe import TrainSpec

if TYPE_CHECKING:
    from peft import PeftModel
    from torch import Tensor, nn


@contextmanager
def lora_on(base: Loaded, spec: TrainSpec) -> Iterator[PeftModel]:
    """The base model with seeded LoRA weights on its top layers; afterwards it is as it was."""
    import torch
    from peft import LoraConfig, get_peft_model

    prefix, layers = _layers(base.model)
    names = sorted(
        {name.rsplit(".", 1)[-1] for name, part in layers.named_modules() if isinstance(part, torch.nn.Linear)}
    )
    config = LoraConfig(
        r=spec.rank, lora_alpha=2 * spec.rank, target_modules=names, task_type="CAUSAL_LM",
        layers_pattern=prefix.rsplit(".", 1)[-1],
        layers_to_transform=list(range(max(0, len(layers) - spec.layers), len(layers))),
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]), quiet():
        torch.manual_seed(spec.seed)
        tuned = get_peft_model(base.model, config)
    tuned.train()
    try:
        yield tuned
    finally:
        tuned.unload()
        base.model.eval().requires_grad_(False)


def _layers(model: nn.Module) -> tuple[str, nn.ModuleList]:
    import torch

    found = [(name, part) for name, part in model.named_modules() if isinstance(part, torch.nn.ModuleList)]
    if not found:
        raise ModelError(
            f"{type(model).__name__}: no list of layers to tune", hint="use a decoder such as SmolLM2, Llama or Qwen"
        )
    return max(found, key=lambda item: len(item[1]))


def state_of(
    names: Sequence[str], weights: Sequence[nn.Parameter], optimizer: Any, losses: Tensor
) -> dict[str, Tensor]:
    """What must be kept to go on: LoRA weights, both moments and step count of AdamW, losses (epochs, rows) so far."""
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
