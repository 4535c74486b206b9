"""What is found in a short text, remembered: the labels and stock answers of thousands of rows are read once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

SHORT = 40  # characters; longer texts seldom come again, and would be held in memory
KEPT = 4096  # texts

Found = TypeVar("Found")


def remembered(find: Callable[[str], Found]) -> Callable[[str], Found]:
    """`find`, a pure function whose result nobody changes, asked once of a short text that comes again and again."""
    known = lru_cache(maxsize=KEPT)(find)

    def found(text: str) -> Found:
        return known(text) if len(text) <= SHORT else find(text)

    return found
