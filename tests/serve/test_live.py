"""The official client, over a real socket."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from assay.serve import listening

if TYPE_CHECKING:
    from openai import OpenAI

    from assay.serve.voices import Served

pytestmark = pytest.mark.slow
ASK: Any = [{"role": "user", "content": "Where is my card?"}]


@contextmanager
def listening_to(served: Served, **settings: Any) -> Iterator[OpenAI]:
    """A client of a server on a free port; the server has ended when the block has."""
    from openai import OpenAI

    from assay.serve.app import app_for

    with listening.bind("127.0.0.1", 0, ()) as bound:
        server = listening.server_for(app_for(served, **settings))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            with OpenAI(base_url=f"{listening.url_of(bound)}/v1", api_key="none", max_retries=0, timeout=60) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(30)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def openai_client(served: Served) -> Iterator[OpenAI]:
    with listening_to(served) as client:
        yield client


def test_the_official_client_gets_answers_whole_and_streamed(openai_client: OpenAI) -> None:
    chat = openai_client.chat.completions
    whole = chat.create(model="tiny", messages=ASK, max_tokens=12)
    parts = list(
        chat.create(model="tiny", messages=ASK, max_tokens=12, stream=True, stream_options={"include_usage": True})
    )
    assert "".join(p.choices[0].delta.content or "" for p in parts if p.choices) == whole.choices[0].message.content
    assert parts[-1].usage == whole.usage
    assert parts[-2].choices[0].finish_reason == whole.choices[0].finish_reason
    assert [model.id for model in openai_client.models.list()] == ["tiny"]
    assert openai_client.models.retrieve("tiny").owned_by == "assay"


def test_the_official_client_knows_the_errors(openai_client: OpenAI) -> None:
    import openai

    chat = openai_client.chat.completions
    with pytest.raises(openai.NotFoundError, match="did you mean 'tiny'") as unknown:
        chat.create(model="tinny", messages=ASK)
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError, match="temperature") as bad:
        chat.create(model="tiny", messages=ASK, temperature=3, n=9)
    assert "n: " in bad.value.message
    assert bad.value.request_id
    with pytest.raises(openai.BadRequestError, match="640 tokens") as long:
        chat.create(model="tiny", messages=[{"role": "user", "content": "x" * 700}], stream=True)
    assert long.value.code == "context_length_exceeded"
    tool: Any = {"type": "function", "function": {"name": "f"}}
    with pytest.raises(openai.BadRequestError, match="tools: not supported"):
        chat.create(model="tiny", messages=ASK, tools=[tool])


def test_eight_at_a_time_all_get_their_own_answer(openai_client: OpenAI) -> None:
    def ask(text: str) -> str | None:
        reply = openai_client.chat.completions.create(
            model="tiny", messages=[{"role": "user", "content": text}], max_tokens=9
        )
        return reply.choices[0].message.content

    questions = [f"question {number}" for number in range(8)] * 2
    alone = {question: ask(question) for question in questions[:8]}
    assert len(set(alone.values())) > 1
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, questions)) == [alone[question] for question in questions]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When each token was made; each takes 20 ms, and no answer ends by itself."""
    from assay.serve import answering
    from assay.serve.voices import Voice

    made: list[float] = []
    forward = answering._forward

    def slowly(model: Any, ids: Any, past: Any) -> Any:
        time.sleep(0.02)
        made.append(time.monotonic())
        return forward(model, ids, past)

    monkeypatch.setattr(answering, "_forward", slowly)
    monkeypatch.setattr(Voice, "ends", frozenset())
    return made


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_hangs_up_stops_the_model(openai_client: OpenAI, steps: list[float], stream: bool) -> None:
    import openai

    chat = openai_client.with_options(timeout=0.4).chat.completions
    if stream:
        answer = chat.create(model="tiny", messages=ASK, max_tokens=400, stream=True)
        assert next(iter(answer)).choices
        answer.close()
    else:
        with pytest.raises(openai.APITimeoutError):
            chat.create(model="tiny", messages=ASK, max_tokens=400)
    time.sleep(0.5)
    made = len(steps)
    time.sleep(0.3)
    assert 0 < made == len(steps) < 60


def test_tokens_arrive_as_they_are_made(openai_client: OpenAI, steps: list[float]) -> None:
    begun = time.monotonic()
    answer = openai_client.chat.completions.create(model="tiny", messages=ASK, max_tokens=50, stream=True)
    arrived = [time.monotonic() - begun for _ in answer]
    assert arrived[0] < 0.5
    assert arrived[-1] - arrived[0] > 0.5


def test_an_answer_that_takes_too_long_is_given_up(served: Served, steps: list[float]) -> None:
    import openai

    from assay.serve.app import Limits

    with listening_to(served, limits=Limits(seconds=0.4)) as client:
        with pytest.raises(openai.InternalServerError, match=r"within 0\.4 seconds") as late:
            client.chat.completions.create(model="tiny", messages=ASK, max_tokens=400)
        assert late.value.status_code == 504
        with pytest.raises(openai.APIError, match=r"within 0\.4 seconds"):
            list(client.chat.completions.create(model="tiny", messages=ASK, max_tokens=400, stream=True))


def test_a_full_queue_is_said_and_the_next_request_is_answered(served: Served, steps: list[float]) -> None:
    import openai

    from assay.serve.app import Limits

    with listening_to(served, limits=Limits(waiting=1)) as client, ThreadPoolExecutor(5) as pool:

        def ask(_: int) -> str:
            try:
                client.chat.completions.create(model="tiny", messages=ASK, max_tokens=20)
            except openai.InternalServerError as error:
                return f"{error.status_code} {error.code}"
            return "answered"

        outcomes = list(pool.map(ask, range(5)))
        assert set(outcomes) == {"answered", "503 queue_full"}
        assert ask(0) == "answered"


def test_a_stream_under_way_may_end_when_the_server_stops(served: Served, steps: list[float]) -> None:
    from openai import OpenAI

    from assay.serve.app import app_for

    with listening.bind("127.0.0.1", 0, ()) as bound:
        server = listening.server_for(app_for(served))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        with OpenAI(base_url=f"{listening.url_of(bound)}/v1", api_key="none", max_retries=0) as client:
            answer = client.chat.completions.create(model="tiny", messages=ASK, max_tokens=30, stream=True)
            first = next(iter(answer))
            server.should_exit = True
            rest = list(answer)
        thread.join(30)
    assert first.choices
    assert rest[-1].choices[0].finish_reason == "length"
    assert not thread.is_alive()


def test_smollm2_answers_and_counts_as_its_tokeniser_does() -> None:
    from assay.errors import ModelError
    from assay.records import Message
    from assay.serve.voices import load_base

    try:
        served = load_base("smollm2-135m-instruct")
    except ModelError as error:
        pytest.skip(f"needs the packaged weights: {error.hint}")
    voice = served.voices[0]
    with listening_to(served) as client:
        reply = client.chat.completions.create(model=voice.id, messages=ASK, max_tokens=16)
    assert reply.usage is not None
    assert reply.usage.prompt_tokens == len(voice.read([Message("user", ASK[0]["content"])]))
    text = reply.choices[0].message.content or ""
    assert reply.usage.completion_tokens == len(voice.tokenizer(text, add_special_tokens=False)["input_ids"])
    assert len(text.split()) > 5
