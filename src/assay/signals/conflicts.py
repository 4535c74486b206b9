"""Rows that ask the same and are answered differently."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from assay.signals.folding import fold, negations, word_list, words
from assay.signals.sameness import other_numbers, says_the_same, shingle_similarity

if TYPE_CHECKING:
    from assay.signals.measured import Measured

PARAPHRASE = 0.75  # cosine from which two long answers say one thing in other words
ASIDE = 0.45  # cosine from which two long answers take up different sides of one question
UNRELATED = 0.25  # cosine below which two answers to an open request are not about one thing
SURE = 3.0  # times as probable: from there one of two conflicting labels is taken for right
LONG = 40  # words from which an answer is long
SHORT = 8  # words up to which an answer is compared by its words, not by its meaning


class Conflict(NamedTuple):
    """A row whose answer others of the same question do not share."""

    row: int
    twin: int  # a row that asks the same and answers otherwise
    votes: int  # rows of the group that answer like the twin
    decided: bool  # whether more rows answer like the twin than like any other: then its answer is the suggestion
    score: float  # 0.5 one word against another, towards 1 as the majority grows


def conflicts(measured: Measured, threshold: float) -> Iterator[Conflict]:
    """The rows in conflict, by groups of equal prompts: those outside the majority, or all where there is none."""
    for rows in _same_questions(measured, threshold):
        yield from settle(measured, rows, _contradict)


def settle(measured: Measured, rows: list[int], contradict: Callable[[Measured, int, int], bool]) -> Iterator[Conflict]:
    """The rows of one question that are in conflict: those outside the majority, or all where there is none.

    `contradict` says whether two rows' answers cannot both be taught.
    """
    forms: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        forms[measured.families[row] or fold(measured.examples[row].answer)].append(row)
    if len(forms) < 2:
        return
    ranked = sorted(forms.values(), key=lambda members: (-len(members), members[0]))
    decided = len(ranked[0]) > len(ranked[1])
    for members in ranked[1 if decided else 0 :]:
        against = ranked[0] if members is not ranked[0] else ranked[1]
        if not decided and _likelier(measured, members[0], against[0]):
            continue  # the other row of the pair is the one to look at
        if all(contradict(measured, members[0], other[0]) for other in ranked if other is not members):
            clear = decided or _likelier(measured, against[0], members[0])
            share = len(against) / (len(against) + len(members))
            yield from (Conflict(row, against[0], len(against), clear, share) for row in members)


def _same_questions(measured: Measured, threshold: float) -> list[list[int]]:
    """Groups of answered rows whose prompts are equal, or alike and the same in every word that matters.

    Rows under another system prompt are asked something else.
    """
    home = measured.prompt_groups.tolist()
    pairs = measured.near_pairs.at_least(threshold)
    moved: dict[int, int] = {}  # to the centre of its star: two stars are never chained
    centres: set[int] = set()
    for a, b in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True):
        first, second = sorted((home[a], home[b]))
        free = (
            first != second
            and measured.topics[a].head == measured.topics[b].head
            and first not in moved
            and second not in moved
            and second not in centres
        )
        if free and _one_question(measured, a, b, threshold):
            moved[second] = first
            centres.add(first)
    groups: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row, first in enumerate(home):
        if words(measured.prompts[row]) and measured.examples[row].answer.strip():
            groups[moved.get(first, first), measured.systems[row]].append(row)
    return [rows for rows in groups.values() if len(rows) > 1]


def _one_question(measured: Measured, a: int, b: int, threshold: float) -> bool:
    """Whether two prompts are alike letter by letter, small words too, and no word that matters differs."""
    if shingle_similarity(measured.prompts[a], measured.prompts[b]) < threshold:
        return False
    return says_the_same(measured.topics[a].text, measured.topics[b].text, reworded=0.0, rows=measured.word_rows)


def _contradict(measured: Measured, a: int, b: int) -> bool:
    """Whether two answers to one question cannot both be taught: not for paraphrases, nor for open requests."""
    if measured.families[a] is not None or measured.families[b] is not None:
        return measured.families[a] != measured.families[b]
    one, other = fold(measured.examples[a].answer), fold(measured.examples[b].answer)
    tokens = words(one), words(other)
    facts = other_numbers(one, other) or negations(tokens[0]) != negations(tokens[1])
    if facts and shingle_similarity(one, other) >= 0.5:
        return True  # the same sentence with another number
    if says_the_same(measured.examples[a].answer, measured.examples[b].answer):
        return False
    open_request = open_ended(measured, a)
    if not open_request and min(len(tokens[0]), len(tokens[1])) <= SHORT:
        return not _contains(tokens[0], tokens[1])
    vectors = measured.encoder.encode([one, other])
    both_long = min(len(tokens[0]), len(tokens[1])) >= LONG
    return float(vectors[0] @ vectors[1]) < (UNRELATED if open_request else ASIDE if both_long else PARAPHRASE)


def _likelier(measured: Measured, one: int, other: int) -> bool:
    """Whether the label of one row is far more probable than that of another, which asks the same."""
    a, b = measured.label_confidence[one], measured.label_confidence[other]
    return a is not None and b is not None and a >= SURE * b


def _contains(one: list[str], other: list[str]) -> bool:
    """Whether the shorter answer is part of the longer: "Paris" / "The capital is Paris"."""
    short, long = sorted((Counter(one), Counter(other)), key=lambda c: c.total())
    return not (short - long)


def open_ended(measured: Measured, row: int) -> bool:
    """Whether a request has many right answers, by its first word."""
    prompt = measured.topics[row].head or measured.prompts[row]
    first = next((word for word in words(prompt) if word not in ("please", "can", "could", "you")), "")
    return first in word_list("open_ended")
