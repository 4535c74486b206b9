"""What the one dial set, and why: every value a run will use, told before it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assay.models.base import Dtype, best_dtype
from assay.recipe import EFFORTS, RATES, TrainSpec, derived

if TYPE_CHECKING:
    from collections.abc import Iterator

WHY = {  # of a value that effort sets, by effort
    "rank": {"quick": "few directions, for a first look", "normal": "the rank that LOG.md measures with",
             "thorough": "room for long answers and many topics"},
    "layers": {"quick": "the fewer, the more of the model is computed once and cached",
               "normal": "a third of a model of 30 layers; the lower ones are computed once and cached",
               "thorough": "nothing is frozen, so nothing is cached: the slowest"},
    "epochs": {"quick": "every row once", "normal": "every row twice",
               "thorough": "at most: validation rows, where there are any, stop it earlier"},
    "learning_rate": {"quick": "high, for few steps", "normal": "the rate that LOG.md measures with",
                      "thorough": "low, for many steps"},
    "batch_size": dict.fromkeys(EFFORTS, "small: many steps from a few hundred rows"),
    "patience": {"quick": "one pass: nothing to stop", "thorough": "passes without a better validation loss",
                 "normal": "never stopped early: what is compared spends the same budget of answer tokens"},
}  # fmt: skip
WHAT = {  # of a method, what it trains
    "lora": "low-rank additions to the linear maps", "dora": "low-rank additions, and the length of every column apart",
    "rslora": "low-rank additions, scaled by the root of the rank", "full": "the weights themselves",
    "prompt": "embeddings before every text", "prefix": "keys and values before every text, in every layer",
    "qlora": "low-rank additions, on a base model kept in four bits",
}  # fmt: skip
_UNUSED = {"prompt": ("rank", "layers"), "prefix": ("rank", "layers"), "full": ("rank",)}


class Derived(NamedTuple):
    """One setting of a run."""

    key: str  # of `train` in assay.yaml
    value: str
    reason: str


def settings_of(spec: TrainSpec) -> list[Derived]:
    """Every setting of a run that effort, method or machine decide, each with its reason."""
    learnt = Derived("virtual_tokens", str(spec.virtual_tokens), "learnt positions before every text")
    return [
        Derived("effort", spec.effort, "the dial: quick, normal or thorough"),
        Derived("method", spec.method, WHAT[spec.method]),
        *_by_effort(spec),
        *([learnt] if spec.method in ("prompt", "prefix") else []),
        _precision(spec),
    ]


def dtype_of(spec: TrainSpec) -> Dtype:
    """The dtype to load the base model with."""
    if spec.precision == "auto":
        return "float32" if spec.method == "full" else best_dtype()
    return "float32" if spec.precision == "fp32" else "bfloat16"


def _by_effort(spec: TrainSpec) -> Iterator[Derived]:
    usual = derived({"effort": spec.effort, "method": spec.method})
    for key, why in WHY.items():
        if key in _UNUSED.get(spec.method, ()):
            continue
        value = getattr(spec, key)
        reason = f"effort {spec.effort}: {why[spec.effort]}"
        if key == "learning_rate" and spec.method in RATES:
            reason += f"; {RATES[spec.method]:g} times that of LoRA for method {spec.method}"
        if value != usual[key]:
            reason = f"set in assay.yaml; effort {spec.effort} would take {usual[key]:g}"
        yield Derived(key, "all" if key == "layers" and not value else f"{value:g}", reason)


def _precision(spec: TrainSpec) -> Derived:
    value = {"float32": "fp32", "bfloat16": "bf16"}[dtype_of(spec)]
    if spec.precision != "auto":
        return Derived("precision", value, "set in assay.yaml")
    if spec.method == "full":
        return Derived("precision", value, "bf16 holds 3 digits: the small steps of full tuning would be rounded away")
    native = "this machine multiplies bf16 natively: 1.3 to 1.5 times as fast as fp32"
    slow = "this machine has no native bf16 (avx512_bf16, amx or a GPU): it would be slower than fp32"
    return Derived("precision", value, native if value == "bf16" else slow)
