"""Writing and choosing with whole forward passes: for architectures that cannot be run in slices. Slow, and plain."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class Written(NamedTuple):
    """An answer as the model wrote it."""

    text: str
    tokens: int  # written, end of turn included
    seconds: float  # wall seconds from the prompt to the end of the batch it was written in


def write(
    model: Any, tokenizer: PreTrainedTokenizerBase, rows: Sequence[Sequence[int]], limit: int, ends: frozenset[int]
) -> list[Written]:
    """One greedy answer a row of ids, one row at a time."""
    import torch

    written = []
    for row in rows:
        begun = time.perf_counter()
        ids: list[int] = []
        fed, past = list(row), None
        with torch.inference_mode():
            while len(ids) < limit and not (ids and ids[-1] in ends):
                out = model(input_ids=torch.tensor([fed], device=model.device), past_key_values=past, use_cache=True)
                past = out.past_key_values
                fed = [int(out.logits[0, -1].argmax())]
                ids += fed
        said = ids[:-1] if ids and ids[-1] in ends else ids
        text = str(tokenizer.decode(said, skip_special_tokens=True))
        written.append(Written(text, len(ids), time.perf_counter() - begun))
    return written


def choose(model: Any, rows: Sequence[Sequence[int]], options: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """Shape (rows, options): natural log-probability of each option's ids after each row's, one pass a pair."""
    import torch

    chances = np.zeros((len(rows), len(options)))
    with torch.inference_mode():
        for i, row in enumerate(rows):
            for j, option in enumerate(options):
                logits = model(
                    input_ids=torch.tensor([[*row, *option[:-1]]], device=model.device), use_cache=False
                ).logits
                logs = logits[0, len(row) - 1 :].float().log_softmax(-1)
                chances[i, j] = logs[torch.arange(len(option)), torch.tensor(option)].sum().item()
    return chances
