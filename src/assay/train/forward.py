"""Rows to logits at the answer's positions: through the whole model, or from cached states of its lower layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from assay.models.chat import Rendered
from assay.models.seq2seq import continuing
from assay.models.stack import KeyValues, padded, padded_states, shared_beginning
from assay.models.trunk import Trunk

if TYPE_CHECKING:
    from torch import Tensor

Forward = Callable[
    [Sequence[int]], "Tensor"
]  # indices of rows -> logits (answer tokens of these rows, v), row after row


def inputs_of(rows: Sequence[Rendered]) -> list[list[int]]:
    """What the model reads: each row without its last id, which is only predicted."""
    return [row.ids[:-1] for row in rows]


def answer_positions(rows: Sequence[Rendered], skipped: int = 0) -> tuple[list[int], list[int]]:
    """Of each answer token: its row in the batch, and the position that predicts it, `skipped` ids left out."""
    places = [(i, t - 1 - skipped) for i, row in enumerate(rows) for t in range(row.answer_start, len(row.ids))]
    return [i for i, _ in places], [t for _, t in places]


def whole(model: Any, rows: Sequence[Rendered]) -> Forward:
    """Through the whole model as it is: for any architecture, encoder-decoders and learnt positions included."""
    model = continuing(model)

    def forward(batch: Sequence[int]) -> Tensor:
        import torch

        chosen = [rows[i] for i in batch]
        ids = padded(inputs_of(chosen), model.device)
        mask = torch.tensor(
            [[t < len(row.ids) - 1 for t in range(ids.shape[1])] for row in chosen], device=model.device
        )
        logits: Tensor = model(input_ids=ids, attention_mask=mask.long(), use_cache=False).logits
        return logits[:, -ids.shape[1] :][answer_positions(chosen)].float()  # after learnt positions, if there are any

    return forward


def over_trunk(
    trunk: Trunk, rows: Sequence[Rendered], report: Callable[[int, int], None] | None = None,
    needed: Sequence[int] | None = None,
) -> Forward:  # fmt: skip
    """Only the layers above the trunk; the beginning that all rows share is run once a batch, with its gradient.

    The same logits as `whole`, but for the rounding of the dtype. `needed` are the rows that will be asked for, all
    when left out.
    """
    stack, inputs = trunk.stack, inputs_of(rows)
    shared = min(shared_beginning(inputs), min(row.answer_start for row in rows) - 1)
    wanted = range(len(rows)) if needed is None else needed
    states = dict(zip(wanted, trunk.states([inputs[i] for i in wanted], shared, report=report), strict=True))
    beginning = trunk.beginning(inputs[0][:shared]).clone() if shared else None

    def forward(batch: Sequence[int]) -> Tensor:
        past = KeyValues()
        if beginning is not None:
            stack.run(beginning, trunk.depth, stack.depth, past=past)
        after = padded_states([states[i] for i in batch]).to(stack.device)
        out = stack.run_after(KeyValues(past, keep=False), after, trunk.depth, stack.depth)
        return stack.logits(out[answer_positions([rows[i] for i in batch], shared)])

    return forward
