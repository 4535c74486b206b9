"""Replies kept one by one while a model is asked, so that an interrupted asking goes on where it stood."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import StoreError
from assay.evaluate.speakers import Prompt, Reply, Speaker, Written
from assay.records import digest_of

AT_ONCE = 16  # prompts a local model is asked between two writes: what a kill costs at most


class Replies:
    """A file of lines, one a reply: written at once, found again by what was asked."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, Lock()
        self._known: dict[str, Any] = {}
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
        for line in lines:
            try:
                asked, reply = json.loads(line)
            except (ValueError, TypeError):  # a kill in the middle of a line
                continue
            self._known[str(asked)] = reply

    def of(self, *asked: Any) -> Any | None:
        """The reply to what was asked; None where there is none yet."""
        return self._known.get(digest_of(list(asked)))

    def keep(self, reply: Any, *asked: Any) -> None:
        """Write a reply down.

        Raises:
            StoreError: the file cannot be written.
        """
        key = digest_of(list(asked))
        line = json.dumps([key, reply])
        with self._lock:
            self._known[key] = reply
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(f"\n{line}")  # the break comes first: a line cut short by a kill spoils no other
            except OSError as error:
                hint = "free some disk space and run it again: answers so far are kept"
                raise StoreError(f"{self._path}: cannot write: {error.strerror}", hint=hint) from None

    def forget(self) -> None:
        """Take the file away, once the answers are kept elsewhere."""
        self._path.unlink(missing_ok=True)


class Kept:
    """A speaker of this machine, asked a few prompts at a time; what it said before is not asked again.

    `options` are the answers it will be asked to choose among after it has written: both come from one reading.
    """

    def __init__(self, speaker: Speaker, replies: Replies, options: Sequence[str] = ()) -> None:
        self._speaker, self._replies, self._options = speaker, replies, options

    def write(self, prompts: Sequence[Prompt], max_new_tokens: int) -> list[Reply | None]:
        """One reply a prompt, in order."""
        asked = [("write", max_new_tokens, _turns(prompt)) for prompt in prompts]
        missing = [i for i, one in enumerate(asked) if self._replies.of(*one) is None]
        for part in (missing[start : start + AT_ONCE] for start in range(0, len(missing), AT_ONCE)):
            chosen = [prompts[i] for i in part]
            written = self._speaker.write(chosen, max_new_tokens)
            self._choose(chosen, self._options)
            for i, reply in zip(part, written, strict=True):
                if reply is not None:
                    self._replies.keep([reply.text, reply.tokens, reply.seconds], *asked[i])
        told = [self._replies.of(*one) for one in asked]
        return [Written(*reply) if reply is not None else None for reply in told]

    def choose(self, prompts: Sequence[Prompt], options: Sequence[str]) -> NDArray[np.floating]:
        """Shape (prompts, options), as the speaker gives it."""
        for start in range(0, len(prompts), AT_ONCE):
            self._choose(prompts[start : start + AT_ONCE], options)
        told = [self._replies.of("choose", list(options), _turns(prompt)) for prompt in prompts]
        return np.array(told, dtype=np.float64).reshape(len(prompts), len(options))

    def _choose(self, prompts: Sequence[Prompt], options: Sequence[str]) -> None:
        missing = [p for p in prompts if options and self._replies.of("choose", list(options), _turns(p)) is None]
        if missing:
            for prompt, row in zip(missing, np.asarray(self._speaker.choose(missing, options)), strict=True):
                self._replies.keep([float(value) for value in row], "choose", list(options), _turns(prompt))


def _turns(prompt: Prompt) -> list[list[str]]:
    return [[turn.role, turn.content] for turn in prompt]
