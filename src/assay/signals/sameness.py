"""Do two alike texts ask the same? Shingles say how alike they look; the words that changed say whether it matters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache

from assay.signals.folding import (
    contrary,
    fold,
    inflected,
    negations,
    numbers,
    requests_alike,
    symbols,
    synonymous,
    turned,
    word_list,
    words,
)
from assay.signals.quantities import in_figures
from assay.signals.slips import USUAL, mistyped
from assay.signals.spelling import known, listed, one_country

ALIKE = 0.55  # shingle Jaccard below which two texts are not worth a closer look; rules set their own above it
REWORDED = 0.1  # share of the content words of a long text that may differ: below, a short text may differ in none
ROMAN = re.compile("[ivx]+")
LONG = 5  # letters of a word of which two may be swapped and make another word
FEW = 3  # words that may be slips of articles and the like
NOBODY: Mapping[str, int] = {}  # no rows are known
# What makes a run of characters an address, the name of a file, an option or a code, whose every letter counts
CODED = re.compile(
    r"[@\\/#=_<>|~]|(?<=\w)[.:](?=\w)|[a-z](?=[A-Z])|\d(?=[^\W\d_])|(?<=[^\W\d_])\d|(?<!\S)--?(?=[^\W\d_])"
)
QUOTES = frozenset({'""', "''", "“”", "‘’", "„“", "«»", "``"})


def says_the_same(
    one: str,
    other: str,
    *,
    reworded: float = REWORDED,
    wordier: float = 0.0,
    synonyms: bool = False,
    prepositions: bool = False,
    rows: Mapping[str, int] = NOBODY,
) -> bool:
    """Whether two alike texts differ only in looks, typing mistakes, politeness, or a few words of a long text.

    Not when words change places ("from A to B" / "from B to A"), nor when a number, in figures or words, a sign, a
    negation or a name differs, or a word stands where the other text has its contrary: "order 12" / "order 13",
    "arrived" / "not arrived", "to Ana" / "to Bo", "turned on" / "turned off", "hall A" / "hall B". Nor when a word
    of an address, a code or a name, or one between quotes, differs by a letter. The texts are raw: their case tells
    names.

    Args:
        one: a raw text.
        other: a raw text.
        reworded: share of the content words that may differ, 0 to 1.
        wordier: share of the content words that one text may have more where it wants none of the other's, 0 to 1.
        synonyms: whether usual synonyms, and words with two letters swapped, count as one: "explain" / "describe".
        prepositions: whether they differ where one preposition stands in the place of another: "for" / "on".
        rows: in how many rows of the set each word stands: what tells a word that is in no list from a slip.
    """
    a, b = _parts(one), _parts(other)
    if a.folded == b.folded:
        return True
    if a.facts != b.facts:
        return False
    left, right = unmatched(a.words, b.words, synonyms=synonyms, rows=rows)
    if synonyms and a.first in left and b.first in right and requests_alike(a.first, b.first):
        left.remove(a.first)
        right.remove(b.first)
    if any(len(word) == 1 or ROMAN.fullmatch(word) for word in (*left, *right)):
        return False  # "hall A" / "hall B", "part I" / "part II": they are as good as numbers
    most = reworded if left and right else max(reworded, wordier)
    if max(len(left), len(right)) > most * max(a.content, b.content):  # asked first: it tells most pairs apart
        return False
    if opposed(a.words, b.words) or any(turned(word, other) for word in left for other in right):
        return False
    if left and right and not (a.names.isdisjoint(left) or b.names.isdisjoint(right)):
        return False
    if not in_order(a.sequence, b.sequence) or (prepositions and otherwise_placed(a.tokens, b.tokens)):
        return False
    return not _to_the_letter(a, b, rows)


def _to_the_letter(one: _Parts, other: _Parts, rows: Mapping[str, int]) -> bool:
    """Whether a word differs of which every letter counts: of an address or a code, between quotes, or a name."""
    left, right = _beyond(one.words, other.words), _beyond(other.words, one.words)
    if "".join(left) == "".join(right):
        return False
    if any(text.spells(word) for words, text in ((left, one), (right, other)) for word in words):
        return True
    slips = ((a, b) for a in left for b in right if a in one.names and b in other.names and not inflected(a, b))
    return any(mistyped(a, b, rows) and max(rows.get(a, 0), rows.get(b, 0)) < USUAL for a, b in slips)


def otherwise_pointed(one: str, other: str) -> bool:
    """Whether two texts of the same words differ in their commas, and may mean different things by them.

    otherwise_pointed("No, price too low", "No price too low") -> True; ("Hi, may I pay?", "hi may I pay") -> False: a
    comma beside politeness says nothing.
    """
    here, there = _pointed(one), _pointed(other)
    return here != there and [word for word, _ in here] == [word for word, _ in there]


def _pointed(text: str) -> list[tuple[str, str]]:
    """The words of a text, politeness left out, each with the run of characters it stands in."""
    polite, out = word_list("politeness"), list[tuple[str, str]]()
    for run in fold(text).split():
        word = run.strip(",;:")
        if word not in polite:
            out.append((word, run))
        elif out:
            out[-1] = (out[-1][0], out[-1][0])
    return out


def otherwise_placed(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether a preposition stands alone in the place of another, all around it being equal.

    otherwise_placed(["payment", "for", "it"], ["payment", "on", "it"]) -> True; ["what", "to", "rent"] and ["what",
    "for", "renting"] -> False: the words beside it changed with it.
    """
    from rapidfuzz.distance import Levenshtein

    known = word_list("prepositions")
    if known.isdisjoint(one) or known.isdisjoint(other):
        return False
    return any(
        edit.tag == "replace"
        and edit.src_end - edit.src_start == 1 == edit.dest_end - edit.dest_start
        and one[edit.src_start] in known
        and other[edit.dest_start] in known
        for edit in Levenshtein.opcodes(one, other)
    )


def opposed(one: Counter[str], other: Counter[str]) -> bool:
    """Whether a text has a word where the other has its contrary: "switch it on" / "switch it off"."""
    return any(contrary(word, against) for word in _beyond(one, other) for against in _beyond(other, one))


def one_word(one: str, other: str, rows: Mapping[str, int] = NOBODY) -> bool:
    """Whether two words are one: mistyped, inflected, or in another country's spelling; not "value" and "valve"."""
    if one[0] != other[0]:
        return False  # most pairs
    if inflected(one, other):
        return not turned(one, other)
    if min(len(one), len(other)) == 3:
        return _short_slip(*sorted((one, other), key=len))
    return mistyped(one, other, rows) or (one_country(one) == one_country(other) and (listed(one) or listed(other)))


def _stand_in(one: str, other: str) -> bool:
    """Whether two words are usual synonyms, or have two neighbouring letters swapped: "signs" / "sings"."""
    if synonymous(one, other):
        return True
    if len(one) != len(other) or len(one) < LONG or one[0] != other[0]:
        return False
    at = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    return len(at) == 2 and at[1] == at[0] + 1 and one[at[0]] == other[at[1]] and one[at[1]] == other[at[0]]


def _short_slip(short: str, long: str) -> bool:
    """Whether an unknown word of three letters wants one of a known word, or has two swapped: "bok", "teh"."""
    swapped = {long[0] + long[2] + long[1]}
    wanting = {long[:i] + long[i + 1 :] for i in range(1, len(long))}
    return short in (swapped if len(long) == 3 else wanting) and known(long) != known(short)


def other_numbers(one: str, other: str) -> bool:
    """Whether two folded answers give other numbers: "2 years" / "three years", not "2 years" / "two years".

    A number in words that the other text says nothing for is none: "the two plans" / "the plans".
    """
    if numbers(one) == numbers(other) and in_figures(one) == one and in_figures(other) == other:
        return False  # most pairs: no number in words
    here, there = numbers(in_figures(one)), numbers(in_figures(other))
    if numbers(one) != numbers(other):
        return here != there
    return bool(here - there) and bool(there - here)


def in_order(one: list[str], other: list[str]) -> bool:
    """Whether the words both texts have stand in one order, but for a tenth of them: none may move in a short text."""
    from rapidfuzz.distance import LCSseq

    shared = Counter(one) & Counter(other)
    left, right = _only(one, shared), _only(other, shared)
    return sum(shared.values()) - LCSseq.similarity(left, right) <= REWORDED * min(len(left), len(right))


def _only(tokens: list[str], shared: Counter[str]) -> list[str]:
    return [token for token in tokens if token in shared]


def unmatched(
    one: Counter[str], other: Counter[str], *, synonyms: bool = False, rows: Mapping[str, int] = NOBODY
) -> tuple[list[str], list[str]]:
    """The content words of each side without counterpart on the other, slips and split words aside."""
    light = word_list("light")
    left, right = _beyond(one, other), _beyond(other, one)
    if "".join(left) == "".join(right):
        return [], []  # "log in" / "login"
    if synonyms:
        _pair_off(left, right, _stand_in)
    here, there = [word for word in left if word not in light], [word for word in right if word not in light]

    def alike(a: str, b: str) -> bool:
        return one_word(a, b, rows)

    _pair_off(here, there, alike)
    if 0 < len(here) + len(there) <= FEW:  # "teh"
        _pair_off(here, [word for word in right if word in light], alike)
        _pair_off(there, [word for word in left if word in light], alike)
    return here, there


def _pair_off(left: list[str], right: list[str], alike: Callable[[str, str], bool]) -> None:
    """Takes out of both lists the words that stand for each other."""
    for word in list(left):
        twin = next((candidate for candidate in right if alike(word, candidate)), None)
        if twin is not None:
            left.remove(word)
            right.remove(twin)


def _beyond(one: Counter[str], other: Counter[str]) -> list[str]:
    """The words of one text that the other has not, or not as often: those of `one - other`."""
    known = other.get
    return [word for word, n in one.items() for _ in range(n - known(word, 0))]


class _Parts:
    """What is compared of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        figures = in_figures(self.folded)
        self.tokens = tokens = words(figures)
        self.words = Counter(tokens)
        # as plain dicts: counters are compared one by one, in Python
        self.facts = dict(numbers(figures)), dict(negations(tokens)), dict(symbols(self.folded))
        light = word_list("light")
        self.sequence = [token for token in tokens if token not in light]
        self.content = len(self.sequence)
        self.first = self.sequence[0] if self.sequence else ""

    @cached_property
    def names(self) -> set[str]:
        """Words in capitals that do not begin a sentence, folded."""
        starts = {sentence.split()[0] for sentence in _sentences(self.text) if sentence.split()}
        return {
            word for raw in self.text.split() if raw[:1].isupper() and raw not in starts for word in words(fold(raw))
        }

    def spells(self, word: str) -> bool:
        """Whether every letter of a word counts: it is quoted, or part of an address, a code, or an abbreviation."""
        text, small = self.text, self.text.lower()
        at = small.find(word)
        while at >= 0:
            end = at + len(word)
            if small[at - 1 : at] + small[end : end + 1] in QUOTES:
                return True
            run = text[text.rfind(" ", 0, at) + 1 : (text.find(" ", end) + 1 or len(text) + 1) - 1]
            if CODED.search(run) or (word.isalpha() and text[at:end].isupper() and self._abbreviates(word)):
                return True
            at = small.find(word, end)
        return False

    def _abbreviates(self, word: str) -> bool:
        """Whether a word in capitals is an abbreviation, and not shouted."""
        return len(word) > 1 and not self.text.isupper() and not known(word)


def _sentences(text: str) -> list[str]:
    return text.replace("!", ".").replace("?", ".").replace("\n", ".").replace(":", ".").split(".")


@lru_cache(maxsize=50_000)
def _parts(text: str) -> _Parts:
    return _Parts(text)


def shingle_similarity(one: str, other: str, size: int = 4) -> float:
    """Jaccard similarity of the character 4-grams of two folded texts: the measure `frames.near_pairs` uses. 0 to 1."""
    if one == other:
        return 1.0
    a = {one[i : i + size] for i in range(max(1, len(one) - size + 1))}
    b = {other[i : i + size] for i in range(max(1, len(other) - size + 1))}
    return len(a & b) / len(a | b)
