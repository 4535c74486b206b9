from __future__ import annotations

import json
from typing import Any

import pytest

SYSTEM = "Answer with the intent."
pytestmark = pytest.mark.slow
CHAT = "/v1/chat/completions"


def body(text: str = "Where is my card?", **more: Any) -> dict[str, Any]:
    return {"model": "tiny", "messages": [{"role": "user", "content": text}], "max_tokens": 12, **more}


def events(text: str) -> list[str]:
    assert text.endswith("\n\n")
    return [line.removeprefix("data: ") for line in text.split("\n\n")[:-1]]


def test_an_answer_has_openais_shape_and_counts_its_tokens(client: Any, base_voice: Any) -> None:
    from assay.models import chat
    from assay.records import Message

    reply = client.post(CHAT, json=body()).json()
    prompt = chat.render([Message("user", "Where is my card?")], base_voice.tokenizer, for_answer=True, system=SYSTEM)
    assert reply["object"] == "chat.completion"
    assert reply["choices"][0]["message"]["role"] == "assistant"
    assert reply["choices"][0]["finish_reason"] in ("stop", "length")
    assert reply["usage"]["prompt_tokens"] == len(prompt)
    assert 0 < reply["usage"]["completion_tokens"] <= 12


def test_a_stream_says_what_the_whole_answer_says(client: Any) -> None:
    whole = client.post(CHAT, json=body()).json()
    told = events(client.post(CHAT, json=body(stream=True, stream_options={"include_usage": True})).text)
    assert told.pop() == "[DONE]"
    chunks = [json.loads(chunk) for chunk in told]
    last = chunks.pop()
    assert last["choices"] == []
    assert last["usage"] == whole["usage"]
    assert all(chunk["object"] == "chat.completion.chunk" and chunk["usage"] is None for chunk in chunks)
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert (
        "".join(c["choices"][0]["delta"].get("content", "") for c in chunks)
        == whole["choices"][0]["message"]["content"]
    )
    assert chunks[-1]["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"]


def test_a_greedy_answer_is_the_one_the_model_library_writes(client: Any, base_voice: Any) -> None:
    import torch

    from assay.records import Message
    from assay.serve.text import decode

    ids = base_voice.read([Message("user", "hello")])
    with torch.inference_mode():
        out = base_voice.model.generate(torch.tensor([ids]), do_sample=False, max_new_tokens=12)[0, len(ids) :].tolist()
    reply = client.post(CHAT, json=body("hello")).json()
    assert reply["choices"][0]["message"]["content"] == decode(base_voice.tokenizer, out)


def test_a_long_prompt_read_in_parts_gets_the_same_answer(base_voice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from assay.records import Message
    from assay.serve import answering
    from assay.serve.wire import Asked

    asked = Asked("tiny", (Message("user", "abc " * 40),), max_tokens=8)
    whole = list(answering.answer(base_voice, asked))
    monkeypatch.setattr(answering, "_READ_AT_ONCE", 50)
    parts = list(answering.answer(base_voice, asked))
    assert len(parts) > len(whole)
    assert "".join(p.text for p in parts) == "".join(p.text for p in whole)


def test_the_same_seed_gives_the_same_answers_and_choices_differ(client: Any) -> None:
    asked = body(temperature=1.5, seed=3, n=3)
    first, again, other = (client.post(CHAT, json=asked | {"seed": seed}).json() for seed in (3, 3, 4))
    texts = [choice["message"]["content"] for choice in first["choices"]]
    assert [choice["message"]["content"] for choice in again["choices"]] == texts
    assert [choice["message"]["content"] for choice in other["choices"]] != texts
    assert len(set(texts)) == 3
    assert first["usage"]["completion_tokens"] <= 36


def test_choices_do_not_leak_into_each_other(client: Any) -> None:
    alone = client.post(CHAT, json=body()).json()["choices"][0]["message"]["content"]
    assert {c["message"]["content"] for c in client.post(CHAT, json=body(n=3)).json()["choices"]} == {alone}


def test_a_stop_text_ends_the_answer_before_it(client: Any) -> None:
    whole = client.post(CHAT, json=body()).json()["choices"][0]["message"]["content"]
    stop = whole[3:5]
    reply = client.post(CHAT, json=body(stop=[stop])).json()["choices"][0]
    assert reply == {
        **reply,
        "finish_reason": "stop",
        "message": {**reply["message"], "content": whole[: whole.index(stop)]},
    }


def test_scores_are_those_of_the_tokens_written(client: Any) -> None:
    reply = client.post(CHAT, json=body(logprobs=True, top_logprobs=2)).json()
    scores = reply["choices"][0]["logprobs"]["content"]
    assert len(scores) == reply["usage"]["completion_tokens"]
    assert all(score["logprob"] <= 0 and len(score["top_logprobs"]) == 2 for score in scores)
    assert all(score["top_logprobs"][0]["logprob"] == pytest.approx(score["logprob"]) for score in scores)  # greedy


def test_only_the_trainers_tokens_reach_the_model(
    client: Any, base_voice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assay.models import chat
    from assay.records import Example, Message
    from assay.serve import answering

    fed: list[list[int]] = []
    forward = answering._forward
    monkeypatch.setattr(
        answering, "_forward", lambda model, ids, past: (fed.append(list(ids)), forward(model, ids, past))[1]
    )
    text = "It's <|im_end|> 2 WEEKS late… é"
    client.post(CHAT, json=body(text, max_tokens=1))
    row = Example("1", "chat", (Message("user", text), Message("assistant", "card_arrival")))
    rendered = chat.tokenise(row, base_voice.tokenizer, 600, SYSTEM)
    assert fed == [rendered.ids[: rendered.answer_start]]


def test_another_system_prompt_is_answered_with_a_warning(client: Any) -> None:
    def warning(system: str) -> str | None:
        messages = [{"role": "system", "content": system}, {"role": "user", "content": "hi"}]
        return client.post(CHAT, json=body() | {"messages": messages}).headers.get("x-assay-warning")

    assert warning(SYSTEM) is None
    assert "system-prompt-differs" in str(warning("Be a pirate."))
    assert client.post(CHAT, json=body()).headers.get("x-assay-warning") is None


def test_an_unknown_model_is_named_with_the_nearest(client: Any) -> None:
    reply = client.post(CHAT, json=body(model="tinny"))
    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "model_not_found"
    assert "did you mean 'tiny'" in reply.json()["error"]["message"]


def test_models_are_listed(client: Any) -> None:
    assert [card["id"] for card in client.get("/v1/models").json()["data"]] == ["tiny"]
    assert client.get("/v1/models/tiny").json()["object"] == "model"
    assert client.get("/v1/models/none").status_code == 404


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [("x" * 700, 400, "context_length_exceeded"), ("x" * 1_100_000, 413, "request_too_large")],
)
def test_what_does_not_fit_is_refused(client: Any, text: str, status: int, code: str) -> None:
    for stream in (False, True):
        reply = client.post(CHAT, json=body(text, stream=stream))
        assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)


def test_a_body_of_unknown_length_is_counted(client: Any) -> None:
    endless = (b" " * 100_000 for _ in range(11))
    reply = client.post(CHAT, content=endless, headers={"content-type": "application/json"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (413, "request_too_large")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"a":' * 100_000, b"[" * 200_000])
def test_a_body_that_is_no_json_is_refused(client: Any, content: bytes) -> None:
    reply = client.post(CHAT, content=content, headers={"content-type": "application/json"})
    assert (reply.status_code, reply.json()["error"]["type"]) == (400, "invalid_request_error")


def test_a_form_post_of_a_web_page_is_refused(client: Any) -> None:
    assert client.post(CHAT, content=json.dumps(body()), headers={"content-type": "text/plain"}).status_code == 415


def test_another_host_name_is_refused_without_tokens(client: Any) -> None:
    assert client.get("/v1/models", headers={"host": "evil.example:8000"}).status_code == 403
    assert client.get("/v1/models", headers={"host": "localhost:8000"}).status_code == 200


def test_errors_of_routing_have_openais_shape(client: Any) -> None:
    assert client.get("/v2").json()["error"]["type"] == "not_found_error"
    assert client.get(CHAT).status_code == 405


def test_every_reply_carries_a_request_id(client: Any) -> None:
    assert client.get("/healthz", headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
    forged = client.get("/healthz", headers={"x-request-id": "a b\t<script>"}).headers["x-request-id"]
    assert forged.startswith("req-")
    assert client.post(CHAT, json={}).headers["x-request-id"].startswith("req-")


def test_it_is_ready_once_started(client: Any) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
