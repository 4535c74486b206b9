"""What OpenAI's clients send, checked with all mistakes at once; and what they read, as JSON and as chunks.

Fields that would change the answer and are not supported are refused. Fields that change nothing here are ignored.
Fields nobody knows are refused, with the nearest known name: a misspelt `temperature` must not be ignored quietly.

The default temperature is 0, not OpenAI's 1: what answers by default is what was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from assay.recipe import did_you_mean
from assay.records import Message
from assay.serve.refusals import Refused

MAX_TOKENS = 512  # of an answer, where the request gives no limit
HARMLESS = frozenset({
    "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
    "parallel_tool_calls", "reasoning_effort", "verbosity", "tool_choice", "function_call",
})  # fmt: skip  # they route, bill or label a request, or steer what is not there
_NEUTRAL: dict[str, tuple[Any, ...]] = {  # accepted with these values, which ask for nothing
    "tools": ([],), "functions": ([],), "response_format": ({"type": "text"},), "modalities": (["text"],),
    "logit_bias": ({},), "frequency_penalty": (0,), "presence_penalty": (0,), "audio": (), "prediction": (),
    "web_search_options": (),
}  # fmt: skip
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


class _Sent(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False, extra="allow")


class Turn(_Sent):
    """One message: its content is a text, or parts that are all texts."""

    role: str
    content: str

    @field_validator("role")
    @classmethod
    def _known(cls, role: str) -> str:
        if role not in _ROLES:
            raise ValueError(f"the role is one of {', '.join(_ROLES)}{did_you_mean(role, list(_ROLES))}")
        return role

    @field_validator("content", mode="before")
    @classmethod
    def _joined(cls, content: Any) -> Any:
        if isinstance(content, list):
            if not all(
                isinstance(p, dict) and p.get("type") == "text" and isinstance(p.get("text"), str) for p in content
            ):
                raise ValueError('only parts {"type": "text", "text": ...} can be read')
            content = "".join(part["text"] for part in content)
        if isinstance(content, str) and not _is_unicode(content):
            raise ValueError("a lone surrogate is no character")
        return content


class StreamOptions(_Sent):
    """What a stream says at its end."""

    include_usage: bool = False


class ChatRequest(_Sent):
    """The body of POST /v1/chat/completions."""

    model: str
    messages: Annotated[list[Turn], Field(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    n: Annotated[int, Field(ge=1, le=4)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    stop: str | list[str] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None

    @field_validator("messages")
    @classmethod
    def _system_first(cls, turns: list[Turn]) -> list[Turn]:
        late = [i for i, turn in enumerate(turns) if i and _ROLES[turn.role] == "system"]
        if late:
            raise ValueError(f"one system message, and it comes first; there is one at {', '.join(map(str, late))}")
        return turns

    @field_validator("stop")
    @classmethod
    def _few_stops(cls, stop: str | list[str] | None) -> str | list[str] | None:
        texts = [stop] if isinstance(stop, str) else stop or []
        if len(texts) > 4 or not all(text and _is_unicode(text) for text in texts):
            raise ValueError("at most 4 texts, none of them empty")
        return stop

    @model_validator(mode="after")
    def _scored(self) -> ChatRequest:
        if self.top_logprobs is not None and not self.logprobs:
            raise ValueError("top_logprobs needs logprobs: true")
        return self


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that can be answered."""

    model: str
    messages: tuple[Message, ...]
    stream: bool = False
    usage_in_stream: bool = False
    max_tokens: int | None = None  # None: `MAX_TOKENS`, or less where the context ends
    temperature: float = 0.0  # 0: always the most probable token
    top_p: float = 1.0
    n: int = 1
    seed: int | None = None
    stop: tuple[str, ...] = ()
    top_logprobs: int | None = None  # None: no scores; 0: those of the tokens written


def parse(raw: Any) -> Asked:
    """A request from its JSON body.

    Raises:
        Refused: 400, with every mistake in it.
    """
    if not isinstance(raw, dict):
        raise Refused(400, f"the body is a JSON object, not {type(raw).__name__}")
    mistakes = _unsupported(raw)
    try:
        body = ChatRequest.model_validate(raw)
    except ValidationError as error:
        mistakes += [(_path(e["loc"]), _sentence(e)) for e in error.errors(include_url=False)]
    if mistakes:
        told = "; ".join(f"{path}: {what}" if path else what for path, what in mistakes[:20])
        raise Refused(400, told, param=mistakes[0][0] or None, code="invalid_request")
    limits = [limit for limit in (body.max_completion_tokens, body.max_tokens) if limit is not None]
    return Asked(
        model=body.model, messages=tuple(Message(_ROLES[turn.role], turn.content) for turn in body.messages),
        stream=bool(body.stream), usage_in_stream=bool(body.stream_options and body.stream_options.include_usage),
        max_tokens=min(limits) if limits else None, temperature=body.temperature or 0.0,
        top_p=1.0 if body.top_p is None else body.top_p, n=body.n or 1, seed=body.seed,
        stop=(body.stop,) if isinstance(body.stop, str) else tuple(body.stop or ()),
        top_logprobs=(body.top_logprobs or 0) if body.logprobs else None,
    )  # fmt: skip


def _unsupported(raw: dict[str, Any]) -> list[tuple[str, str]]:
    """Fields that ask for what is not here, and fields nobody knows."""
    mistakes = []
    known = [*ChatRequest.model_fields, *_NEUTRAL, *HARMLESS]
    for key, value in raw.items():
        if value is None or key in ChatRequest.model_fields or key in HARMLESS:
            continue
        if key not in _NEUTRAL:
            mistakes.append((str(key)[:80], f"there is no such field{did_you_mean(str(key)[:80], known)}"))
        elif value not in _NEUTRAL[key]:
            mistakes.append((key, "not supported here; leave it out"))
    return mistakes


def _path(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location if part not in ("str", "list[str]"))


def _sentence(error: Any) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    message = f"{error['msg'][:1].lower()}{error['msg'][1:]}"
    return message if error["type"] == "missing" else f"{message}; got {repr(error['input'])[:80]}"


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


# --- answers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TokenScore:
    """A token and its natural log-probability; `others` are the most probable ones at its place, best first."""

    token: str
    logprob: float
    others: tuple[TokenScore, ...] = ()

    def as_dict(self, *, nested: bool = False) -> dict[str, Any]:
        """As OpenAI writes it. A token that holds a part of a character has no bytes of its own here."""
        own = None if "\ufffd" in self.token else list(self.token.encode("utf-8"))
        body: dict[str, Any] = {"token": self.token, "logprob": self.logprob, "bytes": own}
        return body if nested else {**body, "top_logprobs": [other.as_dict(nested=True) for other in self.others]}


@dataclass(frozen=True, slots=True)
class Piece:
    """What one step of an answer added: perhaps nothing to say yet."""

    choice: int = 0
    text: str = ""
    tokens: int = 0  # written in this step, the end of turn not counted
    prompt_tokens: int = 0
    scores: tuple[TokenScore, ...] | None = None  # None: not asked for
    finish: Literal["stop", "length"] | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What every part of one answer carries."""

    id: str
    model: str
    created: int  # seconds since 1970
    fingerprint: str  # of the weights and the template

    def _body(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model,
                "system_fingerprint": self.fingerprint, "choices": choices}  # fmt: skip

    def completion(self, pieces: Sequence[Piece], n: int) -> dict[str, Any]:
        """The whole answer, from all of its pieces."""
        choices = []
        for index in range(n):
            mine = [piece for piece in pieces if piece.choice == index]
            message = {"role": "assistant", "content": "".join(piece.text for piece in mine), "refusal": None}
            scores = [score for piece in mine if piece.scores is not None for score in piece.scores]
            scored = any(piece.scores is not None for piece in mine)
            choices.append({"index": index, "message": message, "logprobs": _scores(scores) if scored else None,
                            "finish_reason": next((p.finish for p in mine if p.finish), None)})  # fmt: skip
        return {**self._body("chat.completion", choices), "usage": usage(pieces)}

    def chunk(self, piece: Piece, *, first: bool) -> dict[str, Any]:
        """One part of a stream; the first of a choice says who speaks."""
        delta = {"role": "assistant", "content": piece.text} if first else {"content": piece.text} if piece.text else {}
        scores = _scores(piece.scores) if piece.scores is not None else None
        choice = {"index": piece.choice, "delta": delta, "logprobs": scores, "finish_reason": piece.finish}
        return self._body("chat.completion.chunk", [choice])

    def usage_chunk(self, pieces: Sequence[Piece]) -> dict[str, Any]:
        """The last part of a stream whose request asked for it."""
        return {**self._body("chat.completion.chunk", []), "usage": usage(pieces)}


def usage(pieces: Sequence[Piece]) -> dict[str, int]:
    """Tokens read and written."""
    read, written = sum(piece.prompt_tokens for piece in pieces), sum(piece.tokens for piece in pieces)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _scores(scores: Sequence[TokenScore]) -> dict[str, Any]:
    return {"content": [score.as_dict() for score in scores], "refusal": None}
