from __future__ import annotations

from typing import Any

import pytest

from assay.records import Message
from assay.serve.refusals import Refused
from assay.serve.wire import HARMLESS, Asked, Head, Piece, TokenScore, parse

HI = [{"role": "user", "content": "hi"}]


def test_a_plain_request_is_answered_greedily() -> None:
    assert parse({"model": "m", "messages": HI}) == Asked("m", (Message("user", "hi"),))


def test_every_setting_is_understood() -> None:
    parts = [{"type": "text", "text": "be "}, {"type": "text", "text": "brief"}]
    sampling = {"temperature": 1, "top_p": 0.5, "n": 2, "seed": 7, "stop": "\n", "logprobs": True, "top_logprobs": 3}
    limits = {"max_tokens": 9, "max_completion_tokens": 5, "stream": True, "stream_options": {"include_usage": True}}
    neutral = {
        "tools": [],
        "response_format": {"type": "text"},
        "user": "u",
        "metadata": None,
        "frequency_penalty": 0.0,
    }
    turns = [{"role": "developer", "content": parts}, *HI]
    assert parse({"model": "m", "messages": turns} | sampling | limits | neutral) == Asked(
        "m", (Message("system", "be brief"), Message("user", "hi")), stream=True, usage_in_stream=True, max_tokens=5,
        temperature=1.0, top_p=0.5, n=2, seed=7, stop=("\n",), top_logprobs=3,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"temprature": 1}, "did you mean 'temperature'"),
        ({"tools": [{"type": "function"}]}, "tools: not supported"),
        ({"response_format": {"type": "json_schema"}}, "response_format: not supported"),
        ({"frequency_penalty": 0.5}, "frequency_penalty: not supported"),
        ({"n": 5}, "n: "),
        ({"n": True}, "n: "),
        ({"temperature": "0.5"}, "temperature: "),
        ({"temperature": float("nan")}, "temperature: "),
        ({"top_p": 0}, "top_p: "),
        ({"max_tokens": 0}, "max_tokens: "),
        ({"seed": 2**64}, "seed: "),
        ({"stop": ["a"] * 5}, "stop: at most 4"),
        ({"stop": ""}, "stop: at most 4"),
        ({"top_logprobs": 2}, "top_logprobs needs logprobs"),
        ({"messages": []}, "messages: "),
        ({"messages": [*HI, {"role": "system", "content": "late"}]}, "it comes first"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role: the role is one of"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages.0.content: only parts"),
        ({"messages": [{"role": "user", "content": "\ud800"}]}, "lone surrogate"),
        ({"messages": [{"role": "user"}]}, "messages.0.content: field required"),
        ({"model": None}, "model: "),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(change: dict[str, Any], told: str) -> None:
    with pytest.raises(Refused) as refused:
        parse({"model": "m", "messages": HI} | change)
    assert refused.value.http == 400
    assert told in refused.value.what


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        parse({"messages": HI, "temperature": 9, "n": 0, "tools": [1], "sed": 3})
    assert all(word in refused.value.what for word in ("model", "temperature", "n: ", "tools", "'seed'"))


@pytest.mark.parametrize("raw", [None, [], "x", 3])
def test_a_body_that_is_no_object_is_refused(raw: Any) -> None:
    with pytest.raises(Refused, match="JSON object"):
        parse(raw)


def test_fields_that_change_nothing_are_ignored() -> None:
    assert len(HARMLESS) == 12
    assert parse({"model": "m", "messages": HI, **dict.fromkeys(HARMLESS, "x")}) == parse(
        {"model": "m", "messages": HI}
    )


def test_a_token_that_is_half_a_character_has_no_bytes() -> None:
    assert TokenScore("é", -1.0).as_dict()["bytes"] == [0xC3, 0xA9]
    assert TokenScore("\ufffd", -1.0).as_dict()["bytes"] is None


def test_usage_adds_up_over_all_choices() -> None:
    pieces = [Piece(prompt_tokens=4), Piece(0, "a", 1), Piece(0, finish="stop"), Piece(1, "b", 1, finish="length")]
    body = Head("id", "m", 1, "f").completion(pieces, 2)
    assert body["usage"] == {"prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6}
    assert [(c["message"]["content"], c["finish_reason"]) for c in body["choices"]] == [("a", "stop"), ("b", "length")]
