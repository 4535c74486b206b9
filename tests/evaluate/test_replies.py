"""Replies are kept as they come: a kill costs what was being asked, and nothing is asked twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assay.errors import ModelError
from assay.evaluate.endpoint import Endpoint
from assay.evaluate.replies import AT_ONCE, Kept, Replies
from assay.evaluate.speakers import LookupSpeaker, Prompt
from assay.records import Message

from .fake_endpoint import endpoint

PROMPTS: list[Prompt] = [(Message("user", f"q{i}"),) for i in range(2 * AT_ONCE + 3)]


class Dies(LookupSpeaker):
    """Stops after so many prompts."""

    def __init__(self, after: int) -> None:
        super().__init__({f"q{i}": f"a{i}" for i in range(len(PROMPTS))})
        self.after = after

    def reply(self, prompt: Prompt) -> str:
        if len({turn.content for asked in self.asked for turn in asked}) > self.after:
            raise KeyboardInterrupt
        return super().reply(prompt)


def test_a_speaker_that_was_interrupted_is_asked_only_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "kept.replies"
    with pytest.raises(KeyboardInterrupt):
        Kept(Dies(AT_ONCE), Replies(path), ("a1", "a2")).write(PROMPTS, 4)
    path.write_text(path.read_text(encoding="utf-8") + '\n["cut in the mid', encoding="utf-8")
    speaker = Dies(10_000)
    kept = Kept(speaker, Replies(path), ("a1", "a2"))
    assert [reply and reply.text for reply in kept.write(PROMPTS, 4)] == [f"a{i}" for i in range(len(PROMPTS))]
    assert len({prompt[0].content for prompt in speaker.asked}) == len(PROMPTS) - AT_ONCE
    asked = len(speaker.asked)
    assert np.allclose(kept.choose(PROMPTS, ("a1", "a2")), LookupSpeaker(speaker.answers).choose(PROMPTS, ("a1", "a2")))
    assert len(speaker.asked) == asked, "the choice was read with the writing"
    again = Kept(Dies(0), Replies(path), ("a1", "a2"))
    assert len(again.write(PROMPTS, 4)) == len(PROMPTS)
    Replies(path).forget()
    assert not path.exists()


def test_an_endpoint_that_refuses_in_the_middle_is_paid_for_no_reply_twice(tmp_path: Path) -> None:
    path = tmp_path / "kept.replies"
    with endpoint(lambda body, n: (200, "yes") if n < 20 else (402, "pay")) as seen:
        with pytest.raises(ModelError, match="402 pay"):
            Endpoint(seen.url, "m", replies=Replies(path)).write(PROMPTS, 5)
        url = seen.url
    done = sum(bool(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert done >= 20
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    with endpoint(lambda body, n: (200, "yes"), port) as seen:
        replies = Endpoint(seen.url, "m", replies=Replies(path)).write(PROMPTS, 5)
        assert len(seen.bodies) == len(PROMPTS) - done
    assert [reply and reply.text for reply in replies] == ["yes"] * len(PROMPTS)
    assert sum(reply.seconds is not None for reply in replies if reply) == 12


def test_an_endpoint_that_is_down_is_told_after_two_requests() -> None:
    with endpoint(lambda body, n: (503, "down")) as seen:
        with pytest.raises(ModelError, match="no answer from 'm' to 2 requests"):
            Endpoint(seen.url, "m", wait=0).write(PROMPTS, 5)
        assert len(seen.bodies) == 8
