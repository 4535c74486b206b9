"""What an answer claims, read by form alone: its numbers and names, and whether a text holds them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.evaluate.scorers.words import words

STEM = 5  # letters by which two forms of a word are the same: "employee" and "employees"
CONTENT = 4  # letters from which a word says something of its own
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_NAME = re.compile(r"(?<![.!?:\n\"“(] )(?<!^)(?<![\n\"“(])\b[A-ZÀ-ÞΑ-ΩА-Я][\w'’-]*\w", re.MULTILINE)
_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_SPELT = {word: str(value) for value, word in enumerate(_WORDS)}


def facts(text: str) -> set[str]:
    """The numbers and names of a text: facts("Ask Ms Diaz within 1,000 days.") -> {"1000", "ms", "diaz"}.

    A name is a capitalised word that does not begin a sentence. Numbers are written without separators of thousands.
    """
    names = {match.group().casefold().removesuffix("'s").removesuffix("’s") for match in _NAME.finditer(text)}
    return {name for name in names if name != "i"} | set(_numbers(text))


def _numbers(text: str) -> Iterator[str]:
    for match in _NUMBER.finditer(text):
        yield _plain(match.group())


def _plain(number: str) -> str:
    """_plain("1,000") -> "1000"; "3.50" -> "3.5"; "12:30" stays."""
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", number):
        number = number.replace(",", "")
    return number.rstrip("0").rstrip(".") if re.fullmatch(r"\d+\.\d+", number) else number


def supported(claims: set[str], source: str) -> int:
    """How many of the claims a source holds: numbers as figures or in words up to twenty, names in any case."""
    said = words(_NUMBER.sub(" ", source))
    held = {*said, *_numbers(source), *(_SPELT[word] for word in said if word in _SPELT)}
    return sum(claim in held or (len(words(claim)) > 1 and set(words(claim)) <= held) for claim in claims)


def content(text: str) -> list[str]:
    """The words that say something, by their stems: content("The 3 forms of leave") -> ["3", "forms", "leave"]."""
    return [word[:STEM] for word in words(text) if len(word) >= CONTENT or not word.isascii() or word.isdigit()]
