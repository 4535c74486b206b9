"""Words of a set that are probably misspelt: seen in one row, in no word list, and one slip away from a usual word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from assay.signals.folding import word_list

if TYPE_CHECKING:
    from assay.signals.measured import Measured

SHORTEST = 5  # letters of a word that can be judged: nearly every shorter one is one slip away from a word
COMMON = 1_000_000  # times the counted texts of the list use a word that is no term of a trade: a quarter of its words
SHORTEST_SLIP = 3  # letters of a word that can be a slip of one on the list
REACH = 4000  # characters of a text that are looked at
LISTED = 0.6  # share of a set's usual words that the word list must know, for the set to be in its language
USUAL = 5  # rows that use a word, from which the set knows it
STRANGE = 0.2  # share of a text's words that are unknown, above which it is in another language, or no prose
FEW = 3  # unknown words a text may have in any case
_WORD = re.compile(r"(?<![\w'’/@#.\\-])[a-z]+(?![\w'’/@#\\-]|\.\w|\()")
_ANY = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile(r"```.*?(?:```|$)|`[^`\n]*`|\"[^\"\n]{0,80}\"|“[^”\n]{0,80}”|'[^'\n]{1,40}'|<[^>\n]*>", re.DOTALL)
_SPELLED = re.compile(
    r"\b(?:spell|spelt|typo|grammar|proofread|anagram|rhym|scrambl|misspel|pun\b"
    r"|(?:correct|fix|edit|find|rewrite)\b[^\n]{0,40}\b(?:error|mistake|sentence|text|passage|paragraph|word)"
    r"|(?:correct|fix)\b[^\n:]{0,20}:"
    r"|orto?gra[fp]|rechtschreib|schreibt man|schreibweise|buchstabier|korrigier|(?:tipp|schreib)fehler"
    r"|corri(?:ge|gez|ger|ja|gir|gi)\b|corregg|soletr|deletre|épel|verbeter|popraw|исправ|орфограф|опечат|пишется)"
    r"|\borthogra"
)
_ENDINGS = ("s", "es", "ed", "ing", "er", "ers", "ly", "ness", "less", "able", "ization", "like", "wise")
_COUNTRIES = (
    ("our", "or"),
    ("is", "iz"),
    ("ys", "yz"),
    ("re", "er"),
    ("ll", "l"),
    ("ae", "e"),
    ("oe", "e"),
    ("ogue", "og"),
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Slip(NamedTuple):
    """A word that was probably meant to be another one."""

    word: str
    meant: str
    rows: int  # of the set that use the word it was meant to be


class Misspelt(NamedTuple):
    """The slips of one row."""

    row: int
    prompt: tuple[Slip, ...]
    answer: tuple[Slip, ...]


def misspellings(measured: Measured) -> Iterator[Misspelt]:
    """The rows with words that are probably misspelt; none in a set that is not in the language of the word list."""
    asked = [_tokens(topic.text) for topic in measured.topics]
    said = [
        [] if family is not None else _tokens(example.answer)
        for example, family in zip(measured.examples, measured.families, strict=True)
    ]
    rows = Counter(word for a, b in zip(asked, said, strict=True) for word in {*a, *b})
    usual = [word for word, n in rows.items() if n >= USUAL and len(word) >= SHORTEST]
    listed = _listed()
    if sum(word in listed for word in usual) < LISTED * max(1, len(usual)):
        return
    named = {word.lower() for e in measured.examples for word in re.findall(r"\b[A-Z][a-z]{3,}", e.text[:REACH])}
    for row, (prompt, answer) in enumerate(zip(asked, said, strict=True)):
        if about_spelling(measured.examples[row].prompt):
            continue
        found = [tuple(_slips(tokens, rows, named)) for tokens in (prompt, answer)]
        if any(found):
            yield Misspelt(row, found[0], found[1])


def _slips(tokens: list[str], rows: Counter[str], named: set[str]) -> Iterator[Slip]:
    """The slips among the words of a text; none where so many words are unknown that it is no prose."""
    unknown = [word for word in dict.fromkeys(tokens) if rows[word] == 1 and word not in named and not known(word)]
    if len(unknown) > max(FEW, STRANGE * len(tokens)):
        return
    for word in unknown:
        meant = _meant(word, rows)
        if meant and f"{word}t" not in word_list("negations"):  # "couldn" of "couldn`t"
            yield Slip(word, meant, rows[meant])


def _meant(word: str, rows: Counter[str]) -> str:
    """The word one slip away that most rows use, when `USUAL` do and it is no other form of the same; else ""."""
    near = [other for other in _one_slip_away(word) if rows[other] >= USUAL and not _form_of(word, other)]
    return min(near, key=lambda other: (-rows[other], other), default="")


def _form_of(word: str, other: str) -> bool:
    """Whether two words differ in an ending or a country's spelling only: "carcinoid"/"carcinoids"."""
    if one_country(word) == one_country(other):
        return True
    ended = {other + ending for ending in ("s", "d", "y", "g")} | {other.removesuffix("s"), other.removesuffix("g")}
    return word in ended or (word[:-1] in (other, other[:-1]) and word[-1] in "aiou")


def one_country(word: str) -> str:
    """A word in the spelling of one country: one_country("colour") == one_country("color"); no word by itself."""
    for here, there in _COUNTRIES:
        word = word.replace(here, there)
    return word


def _one_slip_away(word: str) -> set[str]:
    """Words with the same first letter and one letter dropped, doubled, exchanged or swapped with the next."""
    cuts = [(word[:i], word[i:]) for i in range(1, len(word) + 1)]
    out = {a + b[1:] for a, b in cuts if b} | {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    out |= {a + c + b[1:] for a, b in cuts if b for c in _LETTERS} | {a + c + b for a, b in cuts for c in _LETTERS}
    return out - {word}


def known(word: str) -> bool:
    """Whether the list has the word, or what is left of it without an ending."""
    listed = _listed()
    if word in listed or word in word_list("light"):
        return True
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        doubled = len(stem) >= 4 and stem[-1] == stem[-2] and stem[-1] not in "aeiou"
        if stem != word and len(stem) >= 3 and {stem, stem + "e", stem[:-1] if doubled else stem} & listed:
            return True
    return any(word[:i] in listed and word[i:] in listed for i in range(4, len(word) - 3))


def listed(word: str) -> bool:
    """Whether the list has the word, or its singular: stricter than `known`, for which "costs" mistyped is "cots"."""
    return (
        word in _listed() or word in word_list("light") or (word[-2:-1] != "s" and word.removesuffix("s") in _listed())
    )


@lru_cache(maxsize=50_000)
def slip_of_listed(word: str) -> bool:
    """Whether the list lacks a word and has one that is one slip away: "teh", "recieve"; also many a product's name."""
    return len(word) >= SHORTEST_SLIP and not listed(word) and not _one_slip_away(word).isdisjoint(_listed())


def common(word: str) -> bool:
    """Whether the list has a word, and its texts use it often: "address", not "propene"."""
    return word in _listed_words()[1]


def about_spelling(text: str) -> bool:
    """Whether a prompt is about how something is written: there a slip is what is said."""
    return _SPELLED.search(text.lower()) is not None


def _tokens(text: str) -> list[str]:
    """The words of a text in small letters that can be judged; quotations, code, names and addresses left out."""
    return [word for word in _WORD.findall(_QUOTED.sub(" ", text[:REACH])) if len(word) >= SHORTEST]


def _listed() -> frozenset[str]:
    return _listed_words()[0]


@lru_cache(maxsize=1)
def _listed_words() -> tuple[frozenset[str], frozenset[str]]:
    """The English words of the list that symspellpy ships, 82,834 of them, and the common ones among them."""
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("symspellpy")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).with_name("frequency_dictionary_en_82_765.txt")
    told = path.read_text(encoding="utf-8-sig").split()  # a word and how often it was counted, in turn
    often = len(str(COMMON))
    usual = (word for word, count in zip(told[::2], told[1::2], strict=True) if len(count) >= often)
    return frozenset(told[::2]), frozenset(usual)
