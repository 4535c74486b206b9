"""An adapter on disk: PEFT's own folder, the tokeniser it was trained with, and assay.json, which says what it is.

    adapter_config.json, adapter_model.safetensors   as PEFT writes them: any PEFT program can load the folder;
                                                     of full tuning the weights that were tuned, by their own names
    tokenizer.json, chat_template.jinja, ...         what the trainer rendered with
    assay.json                                       base model, fingerprint, system prompt, data, settings, audit

Nothing here is ever unpickled.
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assay.errors import ModelError
from assay.models import chat
from assay.models.base import BaseModel, Loaded, load, quiet, sha256_of
from assay.models.begun import begun
from assay.models.seq2seq import continuing
from assay.models.stack import Stack, stack_of

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedTokenizerBase

CARD, WEIGHTS, CONFIG = "assay.json", "adapter_model.safetensors", "adapter_config.json"
FULL = "FULL"  # in place of a kind of PEFT's: the file holds whole weights, by the base model's own names
KINDS = ("LORA", "PROMPT_TUNING", "PREFIX_TUNING", FULL)


@dataclass(frozen=True, slots=True)
class Adapter:
    """What an adapter is, and the folder it lies in."""

    folder: Path
    base: str  # name of the base model, as the recipe gave it
    base_digest: str  # sha256 of the base model's weights
    fingerprint: str  # of template, system prompt and tokens: `chat.fingerprint`
    system: str = ""  # system prompt it was trained with
    task: str = "classify"
    labels: tuple[str, ...] = ()  # of a classification, sorted
    version: str = ""  # id of the dataset version it was trained on
    settings: dict[str, Any] = field(default_factory=dict)
    audit: dict[str, Any] = field(default_factory=dict)
    weights_digest: str = ""  # sha256 of adapter_model.safetensors
    lineage: dict[str, Any] = field(default_factory=dict)  # of one that continues another: which, and on what rows
    dtype: Literal["", "float32", "bfloat16"] = ""  # of the base model it was trained on; "": not written down

    @property
    def lowest_layer(self) -> int:
        """The first layer it changes: those below are the base model's own. 0 where the names do not say."""
        layers = [
            int(found[1]) for name in _weight_names(self.folder) if (found := re.search(r"\.layers\.(\d+)\.", name))
        ]
        return min(layers, default=0)


def save_card(adapter: Adapter) -> None:
    """Write assay.json: last, so that a folder that has one is whole."""
    card = {key: value for key, value in asdict(adapter).items() if key != "folder"}
    part = adapter.folder / f"{CARD}.part"
    part.write_text(json.dumps(card, indent=2, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    part.replace(adapter.folder / CARD)


def read(folder: Path) -> Adapter:
    """The adapter in a folder; its weights are not loaded yet.

    Raises:
        ModelError: not an adapter of Assay, unfinished, or weights that would have to be unpickled.
    """
    card = folder / CARD
    if not card.is_file():
        started = (folder.parent / "run.json").is_file()
        hint = "its training was not finished: resume it" if started else "train one with `assay train`"
        raise ModelError(f"{folder}: no {CARD}, so not a finished adapter", hint=hint)
    if not (folder / WEIGHTS).is_file():
        pickled = next((path.name for path in sorted(folder.glob("*.bin")) + sorted(folder.glob("*.pt"))), "")
        if pickled:
            what = f"{folder}: no {WEIGHTS}, only {pickled}; pickled weights are never loaded"
            raise ModelError(what, hint="save the adapter as safetensors")
        raise ModelError(f"{folder}: its weights, {WEIGHTS}, are gone", hint="copy the file back, or train it again: "
                         "`assay train --fresh`")  # fmt: skip
    try:
        fields = json.loads(card.read_text(encoding="utf-8"))
        adapter = Adapter(folder, **fields)
    except (ValueError, TypeError) as error:
        raise ModelError(f"{card}: cannot be read: {error}", hint="train the adapter again") from None
    return replace(adapter, labels=tuple(adapter.labels))


def tokenizer_of(adapter: Adapter) -> PreTrainedTokenizerBase:
    """The tokeniser in the adapter's folder."""
    from transformers import AutoTokenizer

    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
        adapter.folder, local_files_only=True, trust_remote_code=False
    )
    return tokenizer


def verify(adapter: Adapter, tokenizer: PreTrainedTokenizerBase, base: BaseModel | None = None) -> None:
    """Refuse an adapter that would be served otherwise than it was trained: other tokens, or another base model.

    Raises:
        ParityError: the tokens differ.
        ModelError: the base model's weights differ.
    """
    chat.verify(adapter.fingerprint, tokenizer, adapter.system)
    if base is not None and base.digest != adapter.base_digest:
        raise ModelError(
            f"{adapter.folder}: trained on {adapter.base} ({adapter.base_digest[:12]}), "
            f"not on {base.source} ({base.digest[:12]})",
            hint=f"load the base model '{adapter.base}'",
        )


def applied(loaded: Loaded, adapter: Adapter) -> Any:
    """A model with the adapter in it, that continues a text as a decoder does; `loaded` stays as it is.

    The base model is taken in the precision it was trained on, whatever `loaded` is in: loaded anew where they differ.
    LoRA and its kin are merged in, whole weights put in place: what they do not change is shared with `loaded`. Learnt
    positions (prompt and prefix tuning) come before every text.

    Raises:
        ParityError, ModelError: it does not belong to this base model, or cannot be read.
    """
    from safetensors import SafetensorError

    verify(adapter, loaded.tokenizer, loaded.base)
    _whole(adapter)
    loaded = _as_trained(loaded, adapter.dtype)
    try:
        kind = json.loads((adapter.folder / CONFIG).read_text(encoding="utf-8")).get("peft_type")
        if kind not in KINDS:
            known = ", ".join(KINDS)
            raise ModelError(f"{adapter.folder}: a {kind} adapter; only {known} can be applied")
        made = _in_place(loaded, adapter) if kind == FULL else _with_peft(loaded, adapter, merge=kind == "LORA")
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError, UserWarning) as error:
        raise ModelError(f"{adapter.folder}: cannot be loaded: {error}", hint="train the adapter again") from error
    return continuing(made)


def _as_trained(loaded: Loaded, dtype: Literal["", "float32", "bfloat16"]) -> Loaded:
    """The base model in the precision the adapter was trained on."""
    same = not dtype or str(loaded.model.dtype) == f"torch.{dtype}"
    return loaded if same or getattr(loaded.model, "is_quantized", False) else _in_dtype(loaded.base, dtype)


@lru_cache(maxsize=1)
def _in_dtype(base: BaseModel, dtype: Literal["float32", "bfloat16"]) -> Loaded:
    return load(str(base.folder), dtype)


def _whole(adapter: Adapter) -> None:
    """Refuse weights that are not those the run saved: PEFT would leave what it does not know out, with a warning."""
    if adapter.weights_digest and sha256_of(adapter.folder / WEIGHTS) != adapter.weights_digest:
        what = f"{adapter.folder / WEIGHTS}: not the weights that were trained: another sha256 than {CARD} says"
        raise ModelError(what, hint="copy the whole folder again, or train the adapter again")


def _with_peft(loaded: Loaded, adapter: Adapter, *, merge: bool) -> Any:
    import warnings

    from peft import PeftModel

    with quiet():
        warnings.filterwarnings("error", message="Found missing adapter keys")  # the base model alone would answer
        tuned = PeftModel.from_pretrained(_copy(loaded.model, adapter) if merge else loaded.model, adapter.folder)
    return tuned.merge_and_unload().eval().requires_grad_(False) if merge else begun(loaded.model, tuned)


def _in_place(loaded: Loaded, adapter: Adapter) -> nn.Module:
    import torch
    from safetensors.torch import load_file

    stored = load_file(adapter.folder / WEIGHTS)
    dtype = next(iter(stored.values())).dtype  # kept: to round to bf16 would take small steps back
    same = dtype == loaded.model.dtype
    model: nn.Module = _copy(loaded.model, adapter) if same else copy.deepcopy(loaded.model).to(dtype)
    weights = dict(model.named_parameters())
    if strange := sorted(stored.keys() - weights.keys()):
        raise ModelError(f"{adapter.folder / WEIGHTS}: the base model has no {strange[0]}")
    with torch.no_grad():
        for name, tensor in stored.items():
            weights[name].copy_(tensor)
    return model.eval().requires_grad_(False)


def merged_stack(loaded: Loaded, adapter: Adapter) -> Stack | None:
    """The merged model as a stack, or None where the architecture is unknown."""
    return stack_of(applied(loaded, adapter))


def _copy(model: nn.Module, adapter: Adapter) -> nn.Module:
    """A copy that shares each parameter the adapter leaves alone."""
    named = [re.sub(r"^base_model\.model\.|\.lora_.*$", "", name) for name in _weight_names(adapter.folder)]
    modules = {re.sub(r"\.(weight|bias)$", "", name) for name in named}
    parameters = list(model.named_parameters(remove_duplicate=False))
    changed = {id(p) for name, p in parameters if name.rsplit(".", 1)[0] in modules}
    duplicate: nn.Module = copy.deepcopy(model, memo={id(p): p for _, p in parameters if id(p) not in changed})
    return duplicate


def _weight_names(folder: Path) -> list[str]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / WEIGHTS, framework="pt") as weights:
            return list(weights.keys())
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{folder / WEIGHTS}: cannot be read: {error}", hint="train the adapter again") from None
