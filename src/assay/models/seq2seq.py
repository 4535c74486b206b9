"""Encoder-decoders (BART, T5) as models that continue a text, as a decoder does.

A row is `source ids, end` and then the answer's ids, as of a decoder. So the trainer, the speaker, the server and the
audit need not know the difference: the position of the source's end predicts the first token of the answer.

The source is plain text: the system prompt, an empty line, the user's words. That is a chat template like any other; it
is saved with the tokeniser and covered by the fingerprint.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.errors import ModelError
from assay.models.greedy import going_on
from assay.models.stack import padded

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_TEMPLATE = (
    "{%- set answered = messages[-1].role == 'assistant' and not add_generation_prompt -%}"
    "{%- set turns = messages[:-1] if answered else messages -%}"
    "{{ BEGIN }}{{ turns | map(attribute='content') | select | join('\\n\\n') }}"
    "{% if answered or add_generation_prompt %}{{ END }}{% endif %}"
    "{% if answered %}{{ messages[-1].content }}{{ END }}{% endif %}"
)


class Continued(NamedTuple):
    """What a forward pass gives, named as transformers names it."""

    logits: Tensor  # (b, t, v); zeros inside a source, where nothing is predicted
    past_key_values: Heard | None


@dataclass
class Heard:
    """One row so far: its source until the end has come, then the encoder's states and the decoder's cache."""

    source: list[int] = field(default_factory=list)
    states: Any = None  # (1, source, d)
    cache: Any = None


class Continuing:
    """An encoder-decoder that is called as a decoder is: rows of a source, its end, and the answer so far."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.config, self.generation_config = inner.config, getattr(inner, "generation_config", None)
        self.end, self.start = _end(self.config), _start(self.config, self.generation_config)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        device: torch.device = self.inner.device
        return device

    def parameters(self) -> Iterator[Tensor]:
        """Its weights."""
        yield from self.inner.parameters()

    def __call__(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, past_key_values: Heard | None = None,
        use_cache: bool = False, logits_to_keep: int = 0,
    ) -> Continued:  # fmt: skip
        """Ids (b, t), padding last and masked -> logits (b, t, v). With `use_cache`, one row, bit by bit."""
        if use_cache:
            past = past_key_values or Heard()
            logits = self._go_on(input_ids[0].tolist(), past)
        else:
            lengths = input_ids.ne(-1).sum(1) if attention_mask is None else attention_mask.sum(1)
            rows = [row[:length] for row, length in zip(input_ids.tolist(), lengths.tolist(), strict=True)]
            past, logits = None, self._at_once(rows)
        return Continued(logits[:, -logits_to_keep:] if logits_to_keep else logits, past)

    def greedy(self, rows: Sequence[list[int]], limits: Sequence[int], ends: frozenset[int]) -> list[list[int]]:
        """The ids written after each row of a source (and, it may be, the beginning of its answer), in one batch."""
        import torch
        from transformers.modeling_outputs import BaseModelOutput

        sources, answers = zip(*(_split(row, self.end) for row in rows), strict=True)
        if len({len(answer) for answer in answers}) > 1:  # begun unlike each other: they cannot share a decoder's batch
            return [self.greedy([row], [limit], ends)[0] for row, limit in zip(rows, limits, strict=True)]
        read = padded(sources, self.device)
        lengths = torch.tensor([len(source) for source in sources], device=self.device)
        heard = (torch.arange(read.shape[1], device=self.device)[None] < lengths[:, None]).long()
        fed = torch.tensor([[*self.start, *answer] for answer in answers], device=self.device)
        written: list[list[int]] = [[] for _ in rows]
        live, cache = list(range(len(rows))), None
        with torch.inference_mode():
            states = self.inner.get_encoder()(input_ids=read, attention_mask=heard).last_hidden_state
            while True:
                out = self.inner(
                    encoder_outputs=BaseModelOutput(last_hidden_state=states), attention_mask=heard,
                    past_key_values=cache, decoder_input_ids=fed, use_cache=True,
                )  # fmt: skip
                cache, tokens = out.past_key_values, out.logits[:, -1].argmax(-1)
                going = going_on(written, live, tokens.tolist(), limits, ends)
                if not going:
                    return written
                if len(going) < len(live):
                    kept = torch.tensor(going, device=self.device)
                    live, tokens, states, heard = [live[j] for j in going], tokens[kept], states[kept], heard[kept]
                    cache.batch_select_indices(kept)
                fed = tokens[:, None]

    def _at_once(self, rows: Sequence[list[int]]) -> Tensor:
        import torch
        from torch.nn.utils.rnn import pad_sequence

        sources, answers = zip(*(_split(row, self.end) for row in rows), strict=True)
        read, written = padded(sources, self.device), padded([[*self.start, *a] for a in answers], self.device)
        heard = torch.tensor([[t < len(source) for t in range(read.shape[1])] for source in sources])
        out = self.inner(
            input_ids=read, attention_mask=heard.long().to(self.device), decoder_input_ids=written, use_cache=False
        ).logits[:, len(self.start) - 1 :]
        parts = [
            torch.cat([row.new_zeros(len(source) - 1, row.shape[-1]), row[: len(answer) + 1]])
            for row, source, answer in zip(out, sources, answers, strict=True)
        ]
        return pad_sequence(parts, batch_first=True)

    def _go_on(self, ids: list[int], heard: Heard) -> Tensor:
        import torch

        if heard.states is not None:
            return self._decode(ids, heard)
        source, answer = _split(ids, self.end)
        heard.source += source
        silent = torch.zeros(1, len(source) - 1, self.config.vocab_size, device=self.device)
        if heard.source[-1] != self.end:
            return torch.cat([silent, silent.new_zeros(1, 1, self.config.vocab_size)], dim=1)
        read = torch.tensor([heard.source], device=self.device)
        heard.states = self.inner.get_encoder()(input_ids=read).last_hidden_state
        logits = self._decode([*self.start, *answer], heard)[:, len(self.start) - 1 :]
        return torch.cat([silent.to(logits.dtype), logits], dim=1)

    def _decode(self, ids: list[int], heard: Heard) -> Tensor:
        import torch
        from transformers.modeling_outputs import BaseModelOutput

        out = self.inner(
            encoder_outputs=BaseModelOutput(last_hidden_state=heard.states), past_key_values=heard.cache,
            decoder_input_ids=torch.tensor([ids], device=self.device), use_cache=True,
        )  # fmt: skip
        heard.cache = out.past_key_values
        logits: Tensor = out.logits
        return logits


def is_seq2seq(model: Any) -> bool:
    """Whether the model, or the configuration given, reads with an encoder and writes with a decoder."""
    return bool(getattr(getattr(model, "config", model), "is_encoder_decoder", False))


def continuing(model: Any) -> Any:
    """The model as one that continues a text: itself where it is a decoder."""
    return Continuing(model) if is_seq2seq(model) and not isinstance(model, Continuing) else model


def template_of(tokenizer: Any) -> str:
    """The chat template of an encoder-decoder whose tokeniser has none: a source begins and ends as its texts do.

    Raises:
        ModelError: the tokeniser does not say how a text ends.
    """
    if tokenizer.eos_token is None:
        raise ModelError("the tokeniser has no end of text, so no answer could end", hint="use a BART or T5")
    usual = list(tokenizer("x")["input_ids"])
    begin = tokenizer.bos_token if tokenizer.bos_token and usual[:1] == [tokenizer.bos_token_id] else ""
    return _TEMPLATE.replace("BEGIN", json.dumps(begin)).replace("END", json.dumps(tokenizer.eos_token))


def _split(row: list[int], end: int) -> tuple[list[int], list[int]]:
    """_split([5, 6, END, 7], END) -> ([5, 6, END], [7])"""
    at = row.index(end) + 1 if end in row else len(row)
    return row[:at], row[at:]


def _end(config: Any) -> int:
    told = getattr(config, "eos_token_id", None)
    if told is None:
        raise ModelError(f"{config.model_type}: its settings name no end of text", hint="use a BART or T5")
    return int(told[0] if isinstance(told, list) else told)


def _start(config: Any, generation: Any) -> list[int]:
    """What the decoder reads before an answer: BART was taught to write `</s><s>` first."""
    told = [
        next((i for i in (getattr(part, name, None) for part in (generation, config)) if i is not None), None)
        for name in ("decoder_start_token_id", "forced_bos_token_id")
    ]
    if told[0] is None:
        raise ModelError(f"{config.model_type}: its settings do not say how an answer starts", hint="use a BART or T5")
    return [int(i) for i in told if i is not None]
