"""A model that begins every text with learnt keys and values: how prompt and prefix tuning are served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assay.models.stack import KeyValues

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Begun:
    """A decoder called as it always is; what it remembers of the learnt positions is there before the first id.

    The learnt embeddings of prompt tuning are read once, here; those of prefix tuning are keys and values already.
    """

    def __init__(self, inner: Any, layers: list[tuple[Tensor, Tensor]]) -> None:
        self.inner = inner
        self.layers = layers  # of each layer, keys and values (1, heads, virtual tokens, head size)
        self.config, self.generation_config = inner.config, getattr(inner, "generation_config", None)

    def past(self) -> KeyValues:
        """The learnt keys and values as a beginning that all rows share."""
        known = KeyValues()
        known.layers = dict(enumerate(self.layers))
        return known

    @property
    def width(self) -> int:
        """How many positions were learnt."""
        return int(self.layers[0][0].shape[2])

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        device: torch.device = self.inner.device
        return device

    def __call__(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, past_key_values: Any = None,
        use_cache: bool = False, **more: Any,
    ) -> Any:  # fmt: skip
        """Ids (b, t) -> what the model gives: logits (b, t, v) and what it remembers."""
        import torch
        from transformers import DynamicCache

        if past_key_values is None:
            past_key_values = DynamicCache()
            for at, pair in enumerate(self.layers):
                keys, values = (part.expand(len(input_ids), -1, -1, -1) for part in pair)
                past_key_values.update(keys, values, at)
            if attention_mask is not None:
                seen = attention_mask.new_ones(len(input_ids), self.layers[0][0].shape[2])
                attention_mask = torch.cat([seen, attention_mask], dim=1)
        return self.inner(
            input_ids=input_ids, attention_mask=attention_mask, past_key_values=past_key_values, use_cache=True, **more
        )


def begun(model: Any, tuned: Any) -> Begun:
    """`model` with the learnt positions of `tuned`, PEFT's model of it."""
    import torch

    with torch.inference_mode():
        learnt = tuned.get_prompt(batch_size=1)
        if isinstance(learnt, torch.Tensor):
            learnt = model(inputs_embeds=learnt.to(model.dtype), use_cache=True).past_key_values
        layers = [(layer.keys.to(model.dtype), layer.values.to(model.dtype)) for layer in learnt.layers]
    return Begun(model, layers)
