"""Whether two words are one word typed twice: told by evidence, for words of a trade differ by a letter too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from assay.signals.folding import misspelt
from assay.signals.spelling import common, known, listed

USUAL = 5  # rows of a set that use a word, from which it is one though no list has it
LONG = 8  # letters of a common word that may be mistyped twice
_VOWELS = "aeiouyäöüáéíóúàèìòùâêîôûаеёиоуыэюя"
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# What stands behind the vowel that tells two substances apart: ethane/ethene/ethyne, phosphate/phosphite, methanol/-al
_OF_SUBSTANCES = re.compile(r"(?:[ntds]es?|les?|ls?)")


def mistyped(one: str, other: str, rows: Mapping[str, int]) -> bool:
    """Whether one of two words is the other mistyped: mistyped("adress", "address", {}), not ("propene", "propyne").

    One must be usual, by the word list or in several rows of the set; the other stand in no list and hardly a row; and
    the slip be one that fingers make. Two words that no list has are two.

    Args:
        one: a folded word.
        other: another one.
        rows: in how many rows of the set each word stands.
    """
    return misspelt(one, other) and (_slip_of(one, other, rows) or _slip_of(other, one, rows))


def _slip_of(meant: str, typed: str, rows: Mapping[str, int]) -> bool:
    there, here = rows.get(meant, 0), rows.get(typed, 0)
    if common(meant):
        if here > max(1, there) or known(typed):
            return False
        return likely_slip(meant, typed) or (len(meant) >= LONG and _one_skeleton(meant, typed))
    return there >= USUAL and here <= max(1, there // USUAL) and not listed(typed) and likely_slip(meant, typed)


@lru_cache(maxsize=50_000)
def likely_slip(meant: str, typed: str) -> bool:
    """Whether fingers turn one word into another: letters swapped, left out, doubled, a key or a vowel beside it."""
    low = 0
    while low < min(len(meant), len(typed)) and meant[low] == typed[low]:
        low += 1
    left, right = meant[low:], typed[low:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    rest = meant[low + len(left) :]
    if len(left) == len(right) == 2:
        return left == right[::-1]
    if len(left) == 1 and not right:
        return True
    if len(right) == 1 and not left:
        return any(right == near or _beside(right, near) for near in (typed[low - 1 : low] + rest[:1]))
    if len(left) != 1 or len(right) != 1:
        return False
    if left in _VOWELS and right in _VOWELS:
        return not _OF_SUBSTANCES.fullmatch(rest)
    return _beside(left, right)


def _one_skeleton(one: str, other: str) -> bool:
    """Whether two words have the same consonants in one order, doubled or not, and end alike: "acomodation"."""
    return one[-3:] == other[-3:] and _skeleton(one) == _skeleton(other)


def _skeleton(word: str) -> str:
    bare = "".join(letter for letter in word if letter not in _VOWELS)
    return re.sub(r"(.)\1+", r"\1", bare)


@lru_cache(maxsize=4000)
def _beside(one: str, other: str) -> bool:
    """Whether two letters lie side by side on a keyboard."""
    places = [
        (column + row / 2, row) for letter in (one, other) for row, keys in enumerate(_KEYS)
        if (column := keys.find(letter)) >= 0
    ]  # fmt: skip
    return len(places) == 2 and all(abs(a - b) <= 1 for a, b in zip(*places, strict=True))
