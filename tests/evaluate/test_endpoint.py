from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from assay.errors import ModelError
from assay.evaluate.endpoint import TIMED, Endpoint, cost_of_thousand, from_environment
from assay.evaluate.rungs import ask
from assay.records import Message

from .fake_endpoint import endpoint
from .rows import examples

PROMPT = (Message("system", "Be brief."), Message("user", "question 1"))
KEY = "sk-test-1234567890"


def repeat(body: dict[str, Any], _: int) -> tuple[int, str]:
    return 200, body["messages"][-1]["content"].upper()


def test_every_row_gets_its_own_answer_in_order_and_the_first_are_timed_alone() -> None:
    test = examples(30)
    with endpoint(repeat) as seen:
        prompts = [(Message("user", row.prompt),) for row in test]
        answers = ask(Endpoint(seen.url, "big", KEY), test, prompts, max_new_tokens=9)
    assert [answer.written for answer in answers] == [row.prompt.upper() for row in test]
    assert [answer.seconds is not None for answer in answers] == [True] * TIMED + [False] * (30 - TIMED)
    assert {(a.tokens_in, a.tokens_out, a.choice, a.gold) for a in answers} == {(100, 10, None, None)}
    assert set(seen.keys) == {f"Bearer {KEY}"}
    assert set(seen.paths) == {"/v1/chat/completions"}
    assert seen.bodies[0] == {
        "model": "big", "messages": [{"role": "user", "content": "question 0"}], "max_tokens": 9, "temperature": 0,
    }  # fmt: skip


def test_a_busy_endpoint_is_asked_again_and_one_that_stays_busy_leaves_the_row_unanswered() -> None:
    with endpoint(lambda body, n: (429, "busy") if n < 2 else (200, "late")) as seen:
        assert Endpoint(seen.url, "m", wait=0).ask(PROMPT, 5).text == "late"  # type: ignore[union-attr]
    with endpoint(lambda body, n: (503, "busy") if body["messages"][0]["content"] == "b" else (200, "x")) as seen:
        replies = Endpoint(seen.url, "m", wait=0).write([(Message("user", text),) for text in "abc"], 5)
    assert [reply.text if reply else None for reply in replies] == ["x", None, "x"]
    assert len(seen.bodies) == 2 + 4


def test_an_endpoint_that_refuses_ends_the_run_with_its_words_but_not_the_key() -> None:
    with (
        endpoint(lambda body, n: (401, f"wrong key {KEY}")) as seen,
        pytest.raises(ModelError, match="401 wrong key") as told,
    ):
        Endpoint(seen.url, "m", KEY).write([PROMPT], 5)
    assert KEY not in str(told.value)
    assert KEY not in repr(Endpoint(seen.url, "m", KEY))
    assert len(seen.bodies) == 1


def test_an_address_where_nobody_answers_is_told() -> None:
    with pytest.raises(ModelError, match="no answer from 'm' to 1 requests"):
        Endpoint("http://127.0.0.1:9", "m", wait=0, timeout=1).write([PROMPT], 5)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_the_key_does_not_follow_a_redirect(status: int) -> None:
    with endpoint(repeat) as other, endpoint(lambda body, n: (status, f"{other.url}/chat/completions")) as seen:
        with pytest.raises(ModelError, match=str(status)):
            Endpoint(seen.url, "m", KEY).write([PROMPT], 5)
        assert not other.keys


def test_a_model_that_knows_only_the_newer_limit_is_asked_by_it() -> None:
    def newer(body: dict[str, Any], _: int) -> tuple[int, str]:
        return (400, "use 'max_completion_tokens' instead") if "max_tokens" in body else (200, "ok")

    with endpoint(newer) as seen:
        assert Endpoint(seen.url, "m", wait=0).ask(PROMPT, 7).text == "ok"  # type: ignore[union-attr]
    assert seen.bodies[1]["max_completion_tokens"] == 7


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"choices": []}', '{"choices": [{"message": {"content": null}}]}', "<html>"]
)
def test_a_reply_without_text_is_no_answer(body: str) -> None:
    with endpoint(lambda *_: (200, [body])) as seen:
        assert Endpoint(seen.url, "m", wait=0).ask(PROMPT, 5) is None


def test_a_lone_surrogate_in_a_reply_can_be_kept() -> None:
    told = {"choices": [{"message": {"content": "a\ud800b"}}]}
    with endpoint(lambda *_: (200, told)) as seen:
        assert Endpoint(seen.url, "m").ask(PROMPT, 5).text == "a?b"  # type: ignore[union-attr]


def test_address_and_key_come_from_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSAY_ENDPOINT_URL", raising=False)
    with pytest.raises(ModelError, match="needs an address") as told:
        from_environment("m")
    assert "ASSAY_ENDPOINT_URL" in told.value.hint
    monkeypatch.setenv("ASSAY_ENDPOINT_URL", "file:///etc/passwd")
    with pytest.raises(ModelError, match="no http address"):
        from_environment("m")
    monkeypatch.setenv("ASSAY_ENDPOINT_URL", "http://here/v1/")
    monkeypatch.setenv("ASSAY_ENDPOINT_KEY", KEY)
    assert from_environment("m") == Endpoint("http://here/v1", "m", KEY)


def test_probabilities_it_does_not_tell_are_unknown() -> None:
    assert np.isnan(Endpoint("http://here", "m").choose([PROMPT], ["a", "b"])).all()


def test_a_thousand_requests_cost_their_tokens() -> None:
    assert cost_of_thousand(200, 10, 0.15, 0.6) == pytest.approx(0.036)
    assert cost_of_thousand(None, 10, 0.15, 0.6) is None
