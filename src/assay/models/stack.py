"""A Llama-like decoder run a slice of layers at a time.

The frozen lower layers are then run once a row and never again, and a beginning that all rows share (the system prompt,
the few-shot examples) is run once for all of them. Exact: the same arithmetic as the model's own forward pass.

Shapes: b rows, t positions, d hidden size, p positions of the shared beginning, v tokens of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assay.models.tree import EMPTY, Tree, layout

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

KNOWN = ("llama", "mistral", "qwen2", "qwen3")  # embeddings, then layers, then norm, then head; one kind of attention
_TOLERANCE = 0.02  # of the largest logit: beyond it the slices are not the model


class KeyValues:
    """Keys and values of the positions already run, layer by layer; what a layer calls `past_key_values`."""

    def __init__(self, past: KeyValues | None = None, *, keep: bool = True) -> None:
        self.layers: dict[int, tuple[Tensor, Tensor]] = dict(past.layers) if past else {}
        self.keep = keep  # False: later positions see the past, and are not added to it

    def update(self, keys: Tensor, values: Tensor, layer: int, *_: object) -> tuple[Tensor, Tensor]:
        """Past and new keys and values, (b, heads, t, head size); a past of one row is shared by all."""
        import torch

        if layer in self.layers:
            old = [part.expand(keys.shape[0], -1, -1, -1) for part in self.layers[layer]]
            keys, values = torch.cat([old[0], keys], dim=2), torch.cat([old[1], values], dim=2)
        if self.keep:
            self.layers[layer] = (keys, values)
        return keys, values

    def select(self, rows: Tensor) -> KeyValues:
        """Those of some rows: `rows` holds indices, repeats allowed."""
        chosen = KeyValues()
        chosen.layers = {i: (k[rows], v[rows]) for i, (k, v) in self.layers.items()}
        return chosen


@dataclass(frozen=True, eq=False)
class Stack:
    """The parts of a decoder, so that any slice of its layers can be run."""

    embedding: nn.Module
    layers: Sequence[nn.Module]
    rotary: nn.Module
    norm: nn.Module
    head: nn.Module

    @property
    def depth(self) -> int:
        """How many layers."""
        return len(self.layers)

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights and the states."""
        weight: Tensor = next(self.norm.parameters())
        return weight.dtype

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        weight: Tensor = next(self.norm.parameters())
        return weight.device

    def embed(self, ids: Tensor) -> Tensor:
        """Token ids (b, t) -> states (b, t, d)."""
        states: Tensor = self.embedding(ids)
        return states

    def run(
        self, states: Tensor, low: int, high: int, *,
        positions: Tensor | None = None, mask: Tensor | None = None, past: KeyValues | None = None,
    ) -> Tensor:  # fmt: skip
        """States (b, t, d) through layers `low` to `high` (excluded).

        `positions` (1 or b, t) default to 0..t-1; `mask` (1 or b, 1, t, past + t) is True where a position may look,
        and defaults to causal, which needs an empty `past`.
        """
        import torch

        if positions is None:
            positions = torch.arange(states.shape[1], device=states.device)[None]
        rotation = self.rotary(states, positions)
        for layer in self.layers[low:high]:
            states = layer(
                states, attention_mask=mask, position_ids=positions, position_embeddings=rotation,
                past_key_values=past, use_cache=past is not None,
            )  # fmt: skip
        return states

    def run_after(
        self, past: KeyValues, states: Tensor, low: int, high: int, *, lengths: Sequence[int] = (), tree: Tree = EMPTY
    ) -> Tensor:
        """States (b, t, d) of rows after a shared beginning, whose keys and values of these layers are in `past`.

        With a `tree`, its nodes are the last positions of every row; `lengths` says how much of a row is not padding.
        """
        begun = past.layers[low][0].shape[2] if low in past.layers else 0
        if not begun and not tree.size:
            return self.run(states, low, high, past=past)
        width = states.shape[1] - tree.size
        rows = lengths if tree.size else [width]
        positions, mask = layout(begun, rows, width, tree, states.device)
        return self.run(states, low, high, positions=positions, mask=mask, past=past)

    def logits(self, states: Tensor) -> Tensor:
        """States (..., d) of the last layer -> float32 logits (..., v)."""
        out: Tensor = self.head(self.norm(states))
        return out.float()


def stack_of(model: Any) -> Stack | None:
    """The model as a stack, or None where its architecture is unknown or its slices do not add up to it.

    The sum is checked on a probe of a few tokens, so an architecture with a hidden step in between is refused.
    """
    import torch
    from transformers import PreTrainedModel

    if not isinstance(model, PreTrainedModel):  # one that reads and writes otherwise than its architecture does
        return None
    config: Any = model.config
    sliding = getattr(config, "use_sliding_window", True) and getattr(config, "sliding_window", None)
    if config.model_type not in KNOWN or sliding:
        return None
    inner: Any = model.model
    stack = Stack(inner.embed_tokens, list(inner.layers), inner.rotary_emb, inner.norm, model.get_submodule("lm_head"))
    with torch.inference_mode():
        ids = torch.arange(1, 9, device=stack.device)[None] % config.vocab_size
        whole = model(input_ids=ids, use_cache=False).logits.float()
        parts = stack.logits(stack.run(stack.run(stack.embed(ids), 0, 1), 1, stack.depth))
    fits = (whole - parts).abs().max() <= _TOLERANCE * whole.abs().max()
    return stack if bool(fits) else None


def padded(rows: Sequence[Sequence[int]], device: torch.device) -> Tensor:
    """padded([[5, 6], [7]]) -> tensor [[5, 6], [7, 0]]: padding comes last, where nothing that counts can see it."""
    import torch

    width = max(len(row) for row in rows)
    return torch.tensor([[*row, *[0] * (width - len(row))] for row in rows], device=device)


def padded_states(rows: Sequence[Tensor]) -> Tensor:
    """States of rows, (t_i, d) each -> (b, max t, d), zeros last."""
    from torch.nn.utils.rnn import pad_sequence

    return pad_sequence(list(rows), batch_first=True)


def shared_beginning(rows: Sequence[Sequence[int]]) -> int:
    """How many ids all rows begin with, leaving each at least one of its own: [[1, 2, 3], [1, 2, 4]] -> 2."""
    if not rows:
        return 0
    first, last = min(map(list, rows)), max(map(list, rows))
    limit = min(len(row) for row in rows) - 1
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), limit)
    return max(0, min(same, limit))
