"""How odd a text looks: of two rows that say the same, the less odd one is kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from assay.records import Example
from assay.signals.folding import words
from assay.signals.spelling import known, slip_of_listed

_BROKEN = re.compile(
    r"�|[ÃÂâ][\u0080-\u00bf€™œ˜”“]|&(?:amp|nbsp|lt|gt|quot|#\d+);|[\x00-\x08\x0b-\x1f\u200b-\u200f\ufeff]"
)
_SPACING = re.compile(r"  +|\t| [,.;:!?](?:\s|$)|\s$|^\s")
_CLOSED = re.compile(r"(?<![.?!\s])[.?!](?:[\"'”’)\]])?\s*$|[。？！…]\s*$|[:;\]})`]\s*$")
_SHOUTING = re.compile(r"[!?]{2,}|\.{4,}")


def unclosed(example: Example) -> int:
    """How many of the prompt and the answer want for a single closing mark: 0 to 2."""
    return sum(not _CLOSED.search(text.rstrip()) for text in (example.prompt, example.answer))


class Oddities:
    """How many odd things each row shows, counted when asked for: few rows are ever compared.

    `prompts` and `answers` are folded, and `word_rows` says in how many rows each word of a prompt occurs.
    """

    def __init__(
        self, examples: Sequence[Example], prompts: Sequence[str], answers: Sequence[str],
        word_rows: Callable[[], Counter[str]],
    ) -> None:  # fmt: skip
        self._examples, self._prompts, self._answers = examples, prompts, answers
        self._rows = word_rows
        self._unknown = _Unknown(word_rows)

    def looks(self, row: int) -> int:
        """How odd the row at this position looks: broken characters count most, then spacing, marks and case."""
        text, prompt = self._examples[row].text, self._examples[row].prompt
        found = len(_SPACING.findall(prompt)) + len(_SHOUTING.findall(text))
        first = next((c for c in prompt if c.isalpha()), "")
        cased = bool(first) and (prompt.isupper() or first.islower())
        closed = not prompt.rstrip().endswith((".", "?", "!", "。", "？", "！"))
        return 8 * len(_BROKEN.findall(text)) + 2 * found + 2 * cased + closed

    def rare_words(self, row: int) -> int:
        """How many words of the prompt no other row has: typing mistakes, mostly."""
        rows = self._rows().get
        return sum(rows(word, 0) <= 1 and word.isalpha() for word in {*words(self._prompts[row])})

    def unknown_words(self, row: int) -> int:
        """How many words of the row are typing mistakes, to all appearances, none of them on the English list.

        Counted are those no other prompt has, and those one slip away from a word of the list, however many rows have
        them.
        """
        return sum(map(self._unknown.__getitem__, {*words(self._prompts[row]), *words(self._answers[row])}))


class _Unknown(dict[str, bool]):
    """Whether a word is a typing mistake, to all appearances; each is judged once."""

    def __init__(self, word_rows: Callable[[], Counter[str]]) -> None:
        super().__init__()
        self._rows = word_rows

    def __missing__(self, word: str) -> bool:
        rare = self._rows().get(word, 0) <= 1
        self[word] = out = word.isalpha() and ((rare and not known(word)) or slip_of_listed(word))
        return out
