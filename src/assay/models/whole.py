"""Writing and choosing through the whole model, in batches: for architectures that cannot be run in slices.

Rows that are written to are padded before their first id where the model can be told the positions, else only rows of
one length share a batch; rows that are only read are padded after their last id. Equal, but for the rounding of the
dtype, to one row at a time.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.models.begun import Begun
from assay.models.greedy import going_on
from assay.models.seq2seq import Continuing
from assay.models.stack import padded

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_POSITIONS = 1024  # read in one batch
_NUMBERS = 50_000_000  # logits held at once: 200 MB
_ROWS = 32  # written at once


class Written(NamedTuple):
    """An answer as the model wrote it."""

    text: str
    tokens: int  # written, end of turn included
    seconds: float  # wall seconds from the prompt to the end of the batch it was written in


def write(
    model: Any, tokenizer: PreTrainedTokenizerBase, rows: Sequence[Sequence[int]], limit: int, ends: frozenset[int]
) -> list[Written]:
    """One greedy answer a row of ids, in batches."""
    written: list[Written | None] = [None] * len(rows)
    for batch in _batches_to_write(model, rows):
        begun = time.perf_counter()
        chosen = [list(rows[i]) for i in batch]
        if isinstance(model, Continuing):
            made = model.greedy(chosen, [limit] * len(chosen), ends)
        else:
            made = _greedy(model, chosen, [limit] * len(chosen), ends)
        took = time.perf_counter() - begun
        for i, ids in zip(batch, made, strict=True):
            said = ids[:-1] if ids and ids[-1] in ends else ids
            written[i] = Written(str(tokenizer.decode(said, skip_special_tokens=True)), len(ids), took)
    return [one for one in written if one is not None]


def choose(model: Any, rows: Sequence[Sequence[int]], options: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """Shape (rows, options): natural log-probability of each option's ids after each row's."""
    heads = [list(row) for row in rows for _ in options]
    return score(model, heads, [list(option) for _ in rows for option in options]).reshape(len(rows), len(options))


def score(model: Any, heads: Sequence[Sequence[int]], answers: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """Shape (heads,): natural log-probability of each answer's ids after its head's, in batches of like length."""
    import torch

    rows = [[*head, *answer][:-1] for head, answer in zip(heads, answers, strict=True)]
    most = max(1, min(_POSITIONS, _NUMBERS // int(model.config.get_text_config().vocab_size)))
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]), reverse=True)
    found = np.zeros(len(rows))
    while order:
        count = max(1, most // max(1, len(rows[order[0]])))
        batch, order = order[:count], order[count:]
        ids = padded([rows[i] for i in batch], model.device)
        lengths = torch.tensor([len(rows[i]) for i in batch], device=model.device)
        mask = (torch.arange(ids.shape[1], device=model.device)[None] < lengths[:, None]).long()
        with torch.inference_mode():
            logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits
        for line, i in zip(logits, batch, strict=True):
            start, want = len(heads[i]) - 1, torch.tensor(list(answers[i]), dtype=torch.long, device=model.device)
            logs = line[start : start + len(want)].float().log_softmax(-1)
            found[i] = float(logs.gather(-1, want[:, None]).double().sum())
    return found


def _batches_to_write(model: Any, rows: Sequence[Sequence[int]]) -> list[list[int]]:
    """Places of rows that are written to together."""
    alike = not isinstance(model, Continuing) and not _can_be_padded(model)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]), reverse=True)
    batches: list[list[int]] = []
    for i in order:
        last = batches[-1] if batches else []
        full = not last or len(last) >= max(1, min(_ROWS, _POSITIONS // max(1, len(rows[last[0]]))))
        if full or (alike and len(rows[last[0]]) != len(rows[i])):
            batches.append([])
        batches[-1].append(i)
    return batches


def _can_be_padded(model: Any) -> bool:
    """Whether padding before a row changes nothing: positions can be told, and no layer sees a window alone."""
    inner = model.inner if isinstance(model, Begun) else model
    return "position_ids" in inspect.signature(inner.forward).parameters and not _window(inner)


def _window(inner: Any) -> bool:
    config = inner.config.get_text_config()
    return bool(getattr(config, "sliding_window", None) or getattr(config, "attention_chunk_size", None))


def _greedy(model: Any, rows: Sequence[list[int]], limits: Sequence[int], ends: frozenset[int]) -> list[list[int]]:
    """The ids a decoder writes after each row; rows that are done leave the batch."""
    import torch

    width, device = max(map(len, rows)), model.device
    ids = torch.tensor([[0] * (width - len(row)) + row for row in rows], device=device)
    seen = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], device=device)
    learnt = model.width if isinstance(model, Begun) else 0
    told = _can_be_padded(model)
    at = torch.tensor([learnt + len(row) for row in rows], device=device)  # position of the token to be read next
    places = learnt + (seen.cumsum(1) - 1).clamp(min=0)
    written: list[list[int]] = [[] for _ in rows]
    live, past, fed = list(range(len(rows))), None, ids
    with torch.inference_mode():
        while True:
            more = {"position_ids": places} if told else {}
            out = model(input_ids=fed, attention_mask=seen, past_key_values=past, use_cache=True, **more)
            past, tokens = out.past_key_values, out.logits[:, -1].argmax(-1)
            if learnt and seen.shape[1] == width:
                seen = torch.cat([seen.new_ones(len(seen), learnt), seen], dim=1)
            going = going_on(written, live, tokens.tolist(), limits, ends)
            if not going:
                return written
            if len(going) < len(live):
                kept = torch.tensor(going, device=device)
                live, tokens, seen, at = [live[j] for j in going], tokens[kept], seen[kept], at[kept]
                past.batch_select_indices(kept)
            fed, places = tokens[:, None], at[:, None]
            seen, at = torch.cat([seen, torch.ones_like(seen[:, :1])], dim=1), at + 1
