"""Text -> vectors, behind one protocol. The default encoder lies in its package: no network, no torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

WINDOW = 24_000  # characters of a text that are read: meaning averaged over 5,000 words changes little with more
ROWS, TOKENS = 512, 8192  # texts tokenised at once; tokens averaged at once, 8 MB of weights
PIECES = 200_000  # words whose tokens are kept: some 40 MB
_BLANK = "▁"  # what the vocabulary has for a blank, U+2581
_PIECE = re.compile(f"{_BLANK}*[^{_BLANK}]+|{_BLANK}+")
_MARKS = ("<unk>", "<s>", "</s>")  # each is one token wherever it stands


class Encoder(Protocol):
    """Turns texts into unit vectors: the same text gives the same vector, whatever stands beside it in a batch.

    One that knows the meaning of few languages names their codes as `languages`.
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


def default_encoder() -> Encoder:
    """The encoder used where none is named."""
    return WordLlama()
