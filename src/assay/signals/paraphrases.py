"""Rows that ask the same in other words and are answered differently."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.signals.conflicts import Conflict, open_ended, settle
from assay.signals.folding import fold, misspelt, negations, numbers, symbols, turned, word_list, words
from assay.signals.quantities import in_figures
from assay.signals.questions import Question, one_question, question, stance
from assay.signals.sameness import in_order, one_word, other_numbers, otherwise_pointed, shingle_similarity
from assay.signals.slips import mistyped

if TYPE_CHECKING:
    import numpy as np

    from assay.signals.measured import Measured

NEAR = 0.7  # cosine of the prompts from which their words are compared
SYNONYM = 0.5  # cosine of two words from which one can stand for the other: "buy"/"purchase" .79, "open"/"close" .30
REPLACED = 3  # words that may be replaced by others, at most
_ASKING = re.compile(r"^(what|who|how|where|when|why)s$")
_ENDING = re.compile(r"(?<=\w{3})(?:ies|es|s|ed|d|ing|e|y)$")
FRAME = 0.5  # shingle Jaccard from which two answers are one sentence with another fact in it
TERSE = 40  # words up to which an answer gives few amounts
UNRELATED = 0.25  # cosine below which two answers without a common word are not about one thing
YES, NO = (
    frozenset({"yes", "yeah", "ja", "oui", "si", "sí", "sim", "да"}),
    frozenset({"no", "nope", "nein", "non", "não", "нет"}),
)
_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)*)[ -]?(?:(?:business|working|calendar) )?([^\W\d_]{2,})")
LONGEST = 60  # words of a prompt: longer ones rest on a text of their own


def paraphrase_conflicts(measured: Measured) -> Iterator[Conflict]:
    """The rows of free text whose answers contradict those of rows that ask the same in other words."""
    asked = _Asked(measured)
    told: set[int] = set()
    for rows in _groups(asked):
        found = list(settle(measured, rows, contradictory))
        told.update(rows if found else ())
        yield from found
    for rows in _reframed(asked, told):
        yield from settle(measured, rows, plainly_contradictory)


def contradictory(measured: Measured, one: int, other: int) -> bool:
    """Whether two answers to like questions cannot both be right.

    One says yes and one no; or they are alike but for a number or a negation; or, where the request has one right
    answer, they give other amounts of the same unit, or share no word and no meaning.
    """
    a, b = fold(measured.examples[one].answer), fold(measured.examples[other].answer)
    left, right = words(a), words(b)
    if not left or not right:
        return False
    if (left[0] in YES and right[0] in NO) or (left[0] in NO and right[0] in YES):
        return True
    differ = other_numbers(a, b) or negations(left) != negations(right)
    if differ and shingle_similarity(a, b) >= FRAME:
        return True
    if open_ended(measured, one) or open_ended(measured, other):
        return False
    if max(len(left), len(right)) <= TERSE:
        mine, theirs = amounts(in_figures(a)), amounts(in_figures(b))
        if any(not mine[unit] & theirs[unit] for unit in mine.keys() & theirs.keys()):
            return True
    if {lemma(word) for word in left if word not in word_list("light")} & {lemma(word) for word in right}:
        return False
    vectors = measured.encoder.encode([a, b])
    return float(vectors[0] @ vectors[1]) < UNRELATED


def plainly_contradictory(measured: Measured, one: int, other: int) -> bool:
    """Whether one answer says yes and the other no, or both are short and give other numbers for one thing.

    A number that one of them gives besides is no contradiction: "at 8" / "at 8, on Sundays at 10".
    """
    a, b = (in_figures(fold(measured.examples[row].answer)) for row in (one, other))
    left, right = words(a), words(b)
    if not left or not right:
        return False
    if (left[0] in YES and right[0] in NO) or (left[0] in NO and right[0] in YES):
        return True
    if max(len(left), len(right)) > TERSE or not numbers(a) - numbers(b) or not numbers(b) - numbers(a):
        return False
    mine, theirs = amounts(a), amounts(b)
    common = mine.keys() & theirs.keys()
    return any(not mine[unit] & theirs[unit] for unit in common) or (
        mine.keys() == theirs.keys() and shingle_similarity(a, b) >= FRAME
    )


def lemma(word: str) -> str:
    """A word without its ending: lemma("refunds") == lemma("refund"); crude, and the same on both sides."""
    return _ENDING.sub("", word)


def amounts(folded: str) -> dict[str, set[str]]:
    """The numbers of a text by the word after them: amounts("7 days for 3 euros") -> {"day": {"7"}, "euro": {"3"}}."""
    out: dict[str, set[str]] = {}
    for number, unit in _AMOUNT.findall(folded):
        out.setdefault(lemma(unit), set()).add(number)
    return out


def _reframed(asked: _Asked, told: set[int]) -> list[list[int]]:
    """Groups of other rows that ask the same in one frame or another: "How much is it?", "What does it cost?"."""
    measured = asked.measured
    groups: dict[tuple[object, ...], list[tuple[int, Question]]] = defaultdict(list)
    for row, topic in enumerate(measured.topics):
        if row not in told and asked.free(row):
            said = question(fold(topic.text), lemma)
            if said is not None:
                groups[(topic.head, measured.examples[row].context, *said.key)].append((row, said))
    return [
        [rows[0][0], *kin]
        for rows in groups.values()
        if (kin := [row for row, said in rows[1:] if one_question(rows[0][1], said)])
    ]


def _groups(asked: _Asked) -> list[list[int]]:
    """Stars of rows that ask the same, each row in one star at most, its centre first."""
    measured = asked.measured
    near = measured.neighbours
    taken: set[int] = set()
    out = []
    for row in range(len(measured.examples)):
        if row in taken or not asked.free(row):
            continue
        kin = [
            int(other) for other, cosine in zip(near.rows[row], near.similarity[row], strict=True)
            if other > row and cosine >= NEAR and int(other) not in taken and asked.same(row, int(other))
        ]  # fmt: skip
        if kin:
            taken |= {row, *kin}
            out.append([row, *kin])
    return out


class _Asked:
    """What prompts ask, and whether two ask the same."""

    def __init__(self, measured: Measured) -> None:
        self.measured = measured
        self.parts: dict[int, _Parts] = {}
        self.vectors: dict[str, np.ndarray] = {}

    def free(self, row: int) -> bool:
        """Whether the row has an answer in free text, to a prompt that does not rest on a text of its own."""
        example = self.measured.examples[row]
        return (
            self.measured.families[row] is None
            and bool(example.answer.strip())
            and len(self.measured.prompts[row].split()) <= LONGEST
        )

    def same(self, one: int, other: int) -> bool:
        """Whether every word that matters has its like in the other prompt, or a synonym; equal prompts are not meant.

        Numbers, signs, negations and names must be the same.
        """
        a, b = self._parts(one), self._parts(other)
        if (
            a.facts != b.facts
            or self.measured.examples[one].context != self.measured.examples[other].context
            or a.stance != b.stance
            or self.measured.topics[one].head != self.measured.topics[other].head
        ):
            return False
        left, right = a.content.keys() - b.content.keys(), b.content.keys() - a.content.keys()
        if max(len(left), len(right)) > REPLACED or not self.free(other):
            return False
        if self.measured.examples[one].answer == self.measured.examples[other].answer:
            return True  # one voice for the answer of the star
        if left & a.names or right & b.names or not in_order([*a.content], [*b.content]):
            return False
        if otherwise_pointed(self.measured.topics[one].text, self.measured.topics[other].text):
            return False
        return self._replaced(a, left, b) and self._replaced(b, right, a)

    def _replaced(self, part: _Parts, lemmas: set[str], other: _Parts) -> bool:
        """Whether each of these words has a synonym in the other prompt."""
        theirs = other.content.values()
        return all(any(self._synonyms(part.content[own], word) for word in theirs) for own in lemmas)

    def _synonyms(self, one: str, other: str) -> bool:
        if one == other or mistyped(one, other, self.measured.word_rows):
            return True
        if misspelt(one, other) and not one_word(one, other):
            return False  # "desert" / "dessert"
        return float(self._vector(one) @ self._vector(other)) >= SYNONYM and not turned(one, other)

    def _vector(self, word: str) -> np.ndarray:
        if word not in self.vectors:
            self.vectors[word] = self.measured.encoder.encode([word])[0]
        return self.vectors[word]

    def _parts(self, row: int) -> _Parts:
        if row not in self.parts:
            self.parts[row] = _Parts(self.measured.topics[row].text, self.measured.prompts[row])
        return self.parts[row]


class _Parts:
    """What is compared of a prompt."""

    __slots__ = ("content", "facts", "names", "stance")

    def __init__(self, text: str, folded: str) -> None:
        tokens = [_ASKING.sub(r"\1", word) for word in words(folded.replace("in advance", ""))]
        light = word_list("light")
        self.content = {lemma(word): word for word in tokens if word not in light}
        self.facts = (numbers(folded), symbols(folded), negations(tokens))
        self.stance = stance(folded)
        starts = {part.split()[0] for part in text.replace("?", ".").replace("!", ".").split(".") if part.split()}
        self.names = {
            lemma(word)
            for raw in text.split()
            if (raw[:1].isupper() and raw not in starts) or any(c.isdigit() for c in raw)
            for word in words(fold(raw))
        }
