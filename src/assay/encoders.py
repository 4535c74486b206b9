"""Text -> vectors, behind one protocol. The default encoder lies in its package: no network, no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np

WINDOW = 24_000  # characters of a text that are read: meaning averaged over 5,000 words changes little with more
ROWS, TOKENS = 512, 8192  # texts tokenised at once; tokens averaged at once, 8 MB of weights


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
            part = [_readable(text) for text in texts[low : low + ROWS]]
            ids = [found.ids for found in _tokenizer().encode_batch_fast(part, add_special_tokens=False)]
            _average(ids, _weights(), out[low : low + ROWS])
        lengths = np.linalg.norm(out, axis=1, keepdims=True)
        return np.asarray(np.divide(out, lengths, out=out, where=lengths > 0))


def _readable(text: str) -> str:
    """What is read of a text: no lone surrogates, and of a long one three windows."""
    if len(text) > WINDOW:
        part, middle = WINDOW // 3, len(text) // 2
        text = f"{text[:part]} {text[middle - part // 2 : middle + part // 2]} {text[-part:]}"
    return text.encode("utf-8", "replace").decode("utf-8")


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


def _weights() -> np.ndarray:
    """Shape (tokens, 256), float32."""
    weights: np.ndarray = _wordllama().embedding
    return weights


def _tokenizer() -> Any:
    return _wordllama().tokenizer


@lru_cache(maxsize=1)
def _wordllama() -> Any:
    """The model, read once a process from its own package folder."""
    import logging
    from pathlib import Path

    root = logging.getLogger()
    before = root.level, root.handlers[:]
    import wordllama  # sets up logging for the whole process as it is imported: undone below

    root.setLevel(before[0])
    root.handlers[:] = before[1]
    model = wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
    model.tokenizer.no_padding()  # rows of one length each: a long text makes no work of the short ones beside it
    return model


def default_encoder() -> Encoder:
    """The encoder used where none is named."""
    return WordLlama()
