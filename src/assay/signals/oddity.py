"""How odd a text looks: of two rows that say the same, the less odd one is kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from assay.records import Example
from assay.signals.folding import fold, words
from assay.signals.spelling import known, slip_of_listed

_BROKEN = re.compile(
    r"�|[ÃÂâ][\u0080-\u00bf€™œ˜”“]|&(?:amp|nbsp|lt|gt|quot|#\d+);|[\x00-\x08\x0b-\x1f\u200b-\u200f\ufeff]"
)
_SPACING = re.compile(r"  +|\t| [,.;:!?](?:\s|$)|\s$|^\s")
_CLOSED = re.compile(r"(?<![.?!\s])[.?!](?:[\"'”’)\]])?\s*$|[。？！…]\s*$|[:;\]})`]\s*$")
_SHOUTING = re.compile(r"[!?]{2,}|\.{4,}")


def oddities(example: Example, word_rows: Counter[str]) -> int:
    """How many odd things the prompt and answer show; `word_rows` says in how many rows each word occurs.

    Broken characters count most, then words that no other row has (typing mistakes, mostly), then looks.
    """
    text, prompt = example.text, example.prompt
    rare = sum(word_rows[word] <= 1 and word.isalpha() for word in set(words(fold(prompt))))
    looks = len(_SPACING.findall(prompt)) + len(_SHOUTING.findall(text))
    first = next((c for c in prompt if c.isalpha()), "")
    cased = bool(first) and (prompt.isupper() or first.islower())
    closed = not prompt.rstrip().endswith((".", "?", "!", "。", "？", "！"))
    return 8 * len(_BROKEN.findall(text)) + 4 * rare + 2 * looks + 2 * cased + closed


def unknown_words(example: Example, word_rows: Counter[str]) -> int:
    """How many words of a row are typing mistakes, to all appearances, none of them on the English list.

    Counted are those no other prompt has, and those one slip away from a word of the list, however many rows have them.
    """
    found = {word for word in words(fold(example.text)) if word.isalpha()}
    return sum((not known(word) and word_rows[word] <= 1) or slip_of_listed(word) for word in found)


def unclosed(example: Example) -> int:
    """How many of the prompt and the answer want for a single closing mark: 0 to 2."""
    return sum(not _CLOSED.search(text.rstrip()) for text in (example.prompt, example.answer))


class Oddities:
    """How many odd things each row shows, counted when asked for: few rows are ever compared."""

    def __init__(self, examples: Sequence[Example], word_rows: Callable[[], Counter[str]]) -> None:
        self._examples = examples
        self._word_rows = word_rows
        self._known: dict[int, int] = {}

    def __getitem__(self, row: int) -> int:
        """Of the row at this position."""
        if row not in self._known:
            self._known[row] = oddities(self._examples[row], self._word_rows())
        return self._known[row]
