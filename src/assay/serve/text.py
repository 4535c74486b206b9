"""Tokens to text as they come: never half a character, and never a part of a stop text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_BROKEN = "\ufffd"  # what a decoder writes for bytes that are no character, or not one yet


class Detokeniser:
    """Text of ids one at a time; the pieces joined are the text of all ids decoded at once.

    A token may end within a character, and a token's text may depend on the one before it (a leading space). So the
    last tokens are decoded with and without the new one, and the difference is held back while it ends broken.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._context = 0  # the ids from here on are decoded again
        self._said = 0  # the ids up to here have been given out

    def add(self, token: int) -> str:
        """What can be said for certain after one more token; may be ""."""
        self._ids.append(token)
        text = self._fresh()
        if not text or text.endswith(_BROKEN):
            return ""
        self._context, self._said = self._said, len(self._ids)
        return text

    def rest(self) -> str:
        """What was held back, at the end."""
        return self._fresh()

    def _fresh(self) -> str:
        known = decode(self._tokenizer, self._ids[self._context : self._said])
        return decode(self._tokenizer, self._ids[self._context :])[len(known) :]


def decode(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> str:
    """Ids to text, special tokens left out, nothing tidied."""
    return str(tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False))


class StopAt:
    """Passes text on until the first of some texts appears; holds back what may be the beginning of one.

    StopAt(["\\n\\n"]): "a\\n" -> "a", then "b" -> "\\nb"; "c\\n\\nd" -> "c" and `stopped`.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = tuple(texts)
        self._held = ""
        self.stopped = False

    def add(self, text: str) -> str:
        """The part of the text so far that can be said for certain; nothing more once `stopped`."""
        if self.stopped:
            return ""
        text = self._held + text
        found = [place for stop in self._texts if (place := text.find(stop)) >= 0]
        if found:
            self.stopped, self._held = True, ""
            return text[: min(found)]
        keep = max((_overlap(text, stop) for stop in self._texts), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def rest(self) -> str:
        """What was held back, at the end."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """The length of the longest end of `text` that `stop` begins with: _overlap("abc", "cd") -> 1."""
    return next((size for size in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:size])), 0)
