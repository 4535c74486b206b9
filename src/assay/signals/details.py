"""Numbers of an answer against those of the text it rests on: what it copied with another number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from assay.records import Example
from assay.signals.folding import word_list
from assay.signals.quantities import Quantity, agree, quantities

DOCUMENT = 60  # words from which a prompt carries a document: few questions are as long
LONGEST = 30_000  # characters of a source that are read
AROUND = 8  # words on either side of a number that tell what it is about
STEM = 5  # letters by which two forms of a word are the same
COUNTABLE = 20  # things up to which an answer may have counted
TERMS = 40  # numbers of a source that are added up in pairs: beyond, every small number would be a sum
EDGE = 200  # characters at either end of a prompt with a document where the request stands
OF_DOCUMENT = re.compile(
    r"\b(?:summar|tl;?dr|extract|according to|based on|reference text)"
    r"|\b(?:the|this|given|following|above|from|in|read|using) (?:\w+ ){0,2}"
    r"(?:passage|paragraph|article|document|text|context|excerpt|transcript|abstract|clause|contract|report)s?\b",
    re.IGNORECASE,
)
INVENTED = re.compile(
    r"\b(?:calculat|comput|convert|estimate|subtract|multipl|divid|rewrit|generat|creat|fiction)"
    r"|\b(?:add|write an?|story)\b",
    re.IGNORECASE,
)
COUNTED = re.compile(
    r"\bhow (?:many|much|old|long|far)\b"
    r"|\b(?:total|differ|average|percent|remain|altogether)|\b(?:sum|mean|ratio|left|count|number of)\b",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"\d|[^\W\d_]{3}")
WORD = re.compile(r"[^\W\d_]{3,}")
SENTENCE = re.compile(r"(?<=[.!?;:])\s+(?=\S)|\n+")


class Detail(NamedTuple):
    """A number of an answer that its source does not hold."""

    said: Quantity  # in the answer
    meant: str  # the number of the source that stands in its place, as it stands there; "" when none does
    shared: float  # share of the words around it that stand around the other, 0 to 1
    copied: bool  # whether the words around it leave no doubt that the other number is meant
    mended: str | None  # the answer with the source's number, where only one can be meant


class Compared(NamedTuple):
    """The numbers of an answer against those of its source."""

    firm: int  # numbers that stand in figures or before a unit: small ones in words may count anything
    strange: list[Detail]  # those that the source does not hold, nor two of its numbers together


def source_of(example: Example) -> str:
    """The text an answer must rest on: the context, or a prompt that carries a document; "" where there is none."""
    if example.context and example.context.strip():
        return example.context[:LONGEST]
    prompt = example.prompt
    long = len(prompt) >= 6 * DOCUMENT and len(prompt.split()) >= DOCUMENT
    return prompt[:LONGEST] if long and OF_DOCUMENT.search(_request(example)) else ""


def compared(example: Example) -> Compared | None:
    """The numbers of an answer against its source; None where there is none, or the prompt asks to reckon or to invent.

    Numbers that agree with any of the source or the question are right, in other units too, and so are sums and
    differences of two of its numbers; products, shares and counts where the question asks how many.
    """
    source, answer = source_of(example), example.answer[:LONGEST]
    if not source or not NUMBERED.search(answer) or INVENTED.search(_request(example)):
        return None
    said, held = [q for q in quantities(answer) if _firm(q, answer)], quantities(source)
    known = [*held, *quantities(example.prompt)] if example.context else held
    counted = COUNTED.search(_request(example)) is not None
    strange = [q for q in said if not any(agree(q, k) for k in known) and not _derived(q, known, counted)]
    unused = [k for k in held if strange and not any(agree(k, q) for q in said)]
    around = {k: _around(source, k) for k in unused}
    return Compared(len(said), [_detail(q, _around(answer, q), around, example.answer, source) for q in strange])


def _firm(number: Quantity, text: str) -> bool:
    """Whether a number stands in figures or before a unit, and is no ordinal, nor "a"."""
    digits = text[slice(*number.number)]
    return (bool(number.kind) and digits.lower() not in ("a", "an")) or (digits[-1:].isdigit() and digits[:1].isdigit())


def _request(example: Example) -> str:
    """What is asked, without the document."""
    prompt = example.prompt
    return prompt if example.context else f"{prompt[:EDGE]}\n{prompt[-EDGE:]}"


def _detail(
    said: Quantity, words: frozenset[str], around: dict[Quantity, frozenset[str]], answer: str, source: str
) -> Detail:
    """A number that the source does not hold, beside the one of its kind that stands among the same words."""
    alike = [(len(words & there), k) for k, there in around.items() if _like(said, k)]
    if not alike:
        return Detail(said, "", 0.0, False, None)
    best, held = max(alike, key=lambda pair: (pair[0], -pair[1].start))
    shared = best / max(1, min(len(words), len(around[held])))
    alone = len({k.values for n, k in alike if n == best}) == 1
    copied = (best >= 2 and shared >= 0.5) or (
        shared >= 0.3 and len({k.values for _, k in alike}) == 1 and said.kind != ""
    )
    whole = said.kind != held.kind or said.unit != held.unit
    meant = source[held.start : held.end]
    low, high = (said.start, said.end) if whole else said.number
    put = meant if whole else source[slice(*held.number)]
    return Detail(said, meant if copied else "", shared, copied, answer[:low] + put + answer[high:] if alone else None)


def _like(one: Quantity, other: Quantity) -> bool:
    """Whether two numbers count the same thing, or one was copied with another unit."""
    if one.kind or other.kind:
        return one.kind == other.kind or ({one.kind, other.kind} == {"date", "year"})
    return one.noun[:STEM] == other.noun[:STEM] != ""


def _around(text: str, number: Quantity) -> frozenset[str]:
    """The stems of the words around a number, within its sentence."""
    before = SENTENCE.split(text[max(0, number.start - 200) : number.start])[-1]
    after = SENTENCE.split(text[number.end : number.end + 200])[0]
    light = word_list("light")
    near = [*WORD.findall(before.lower())[-AROUND:], *WORD.findall(after.lower())[:AROUND]]
    return frozenset(word[:STEM] for word in near if word not in light)


def _derived(said: Quantity, known: Sequence[Quantity], counted: bool) -> bool:
    """Whether a number follows from two of the source: a sum, a difference, what is missing to a hundred percent.

    Where the prompt asks how many, also a product, a share, or a count.
    """
    wanted = {round(value, 6) for value in (*said.base, *said.values)}
    if counted and not said.kind and max(said.values) <= COUNTABLE:
        return True
    same = [k for k in known if counted or k.kind == said.kind or {k.kind, said.kind} <= {"", "year", "time"}][:TERMS]
    if said.kind == "share" and any(100 - k.values[0] in wanted for k in same):
        return True
    return any(round(value, 6) in wanted for a, b in combinations(same, 2) for value in _reckoned(a, b, counted))


def _reckoned(one: Quantity, other: Quantity, counted: bool) -> Iterator[float]:
    for a, b in ((one.base[0], other.base[0]), (one.values[0], other.values[0])):
        yield from (a + b, abs(a - b))
        if counted:
            yield a * b
            yield from (n / d * by for n, d in ((a, b), (b, a)) for by in (1, 100) if d)
