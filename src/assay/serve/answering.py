"""One answer, token by token: the prompt read once, then one step a token, for each choice."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from assay.errors import ModelError
from assay.serve.refusals import Refused
from assay.serve.text import Detokeniser, StopAt, decode
from assay.serve.voices import Voice
from assay.serve.wire import MAX_TOKENS, Asked, Piece, TokenScore

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_READ_AT_ONCE = 256  # tokens of a prompt between two chances to stop


def answer(voice: Voice, asked: Asked) -> Iterator[Piece]:
    """The pieces of all choices, in order. Between any two the caller may stop: nothing is left running.

    Raises:
        Refused: 400, the template refuses the messages, or they do not fit the context.
    """
    try:
        ids = voice.read(asked.messages)
    except ModelError as error:
        raise Refused(400, error.what, param="messages") from None
    room = voice.context - len(ids)
    if room < (asked.max_tokens or 1):
        wanted = f", and max_tokens asks for {asked.max_tokens:,} more" if asked.max_tokens and room > 0 else ""
        what = f"the model reads and writes at most {voice.context:,} tokens; the messages have {len(ids):,}{wanted}"
        raise Refused(400, what, param="messages", code="context_length_exceeded")
    yield Piece(prompt_tokens=len(ids))
    limit = asked.max_tokens or min(MAX_TOKENS, room)
    reading = _read(voice.model, ids)
    while (read := next(reading)) is None:
        yield Piece()
    logits, past = read
    for choice in range(asked.n):
        last = choice == asked.n - 1
        yield from _write(voice, asked, choice, limit, logits, past if last else copy.deepcopy(past))


def _read(model: Any, ids: Sequence[int]) -> Iterator[tuple[Tensor, Any] | None]:
    """None after each part of the prompt, then the logits (v,) of its last position and what the model remembers."""
    past: Any = None
    starts = range(0, len(ids), _READ_AT_ONCE)
    for start in starts:
        logits, past = _forward(model, ids[start : start + _READ_AT_ONCE], past)
        yield (logits, past) if start == starts[-1] else None


def _forward(model: Any, ids: Sequence[int], past: Any) -> tuple[Tensor, Any]:
    import torch

    with torch.inference_mode():
        tokens = torch.tensor([list(ids)], device=model.device)
        out = model(input_ids=tokens, past_key_values=past, use_cache=True, logits_to_keep=1)
        return out.logits[0, -1].float(), out.past_key_values


def _write(voice: Voice, asked: Asked, choice: int, limit: int, logits: Tensor, past: Any) -> Iterator[Piece]:
    text, stop = Detokeniser(voice.tokenizer), StopAt(asked.stop)
    draw = _Draw(asked, choice)
    ends = voice.ends
    for step in range(1, limit + 1):
        token = draw(logits)
        scores = None if asked.top_logprobs is None else (_score(voice, logits, token, asked.top_logprobs),)
        if token in ends:
            yield Piece(choice, stop.add(text.rest()) + stop.rest(), finish="stop")
            return
        said = stop.add(text.add(token))
        if stop.stopped or step == limit:
            said += "" if stop.stopped else stop.add(text.rest()) + stop.rest()
            yield Piece(choice, said, tokens=1, scores=scores, finish="stop" if stop.stopped else "length")
            return
        yield Piece(choice, said, tokens=1, scores=scores)
        logits, past = _forward(voice.model, [token], past)


class _Draw:
    """Chooses tokens: the most probable one, or by chance, the same for the same seed."""

    def __init__(self, asked: Asked, choice: int) -> None:
        import torch

        self._temperature, self._top_p = asked.temperature, asked.top_p
        self._chance = torch.Generator()
        if asked.seed is None:
            self._chance.seed()
        else:
            self._chance.manual_seed(asked.seed + choice)

    def __call__(self, logits: Tensor) -> int:
        """The id drawn from logits (v,)."""
        import torch

        if self._temperature < 1e-4:  # dividing by less overflows, and the rest has no chance anyway
            return int(logits.argmax())
        chances, ids = torch.softmax(logits.cpu() / self._temperature, dim=-1).sort(descending=True, stable=True)
        before = chances.cumsum(0) - chances
        chances = chances.masked_fill(before >= self._top_p, 0.0)  # the first is always kept
        return int(ids[torch.multinomial(chances, 1, generator=self._chance)])


def _score(voice: Voice, logits: Tensor, token: int, count: int) -> TokenScore:
    logs: torch.Tensor = logits.log_softmax(-1)
    best = logs.topk(count) if count else None
    others = [] if best is None else list(zip(best.indices.tolist(), best.values.tolist(), strict=True))
    told = tuple(TokenScore(_shown(voice, other), value) for other, value in others)
    return TokenScore(_shown(voice, token), float(logs[token]), told)


def _shown(voice: Voice, token: int) -> str:
    return decode(voice.tokenizer, [token]) or str(voice.tokenizer.convert_ids_to_tokens(token))
