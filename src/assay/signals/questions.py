"""Questions that ask the same in another frame: "How much does it cost to park?", "What is the price of parking?"."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from assay.signals.folding import negations, numbers, symbols, word_list, words

# What is asked, by the words it is asked with. The first that is found counts; what stands in its place is set aside.
_ALLOWED = r"(?:allowed|permitted|possible|ok|okay|fine|alright|permissible)\b"
_PRICE = r"(?:costs?|prices?|priced|fees?|charges?|charged|pay)\b"
_DUTY = re.compile(
    r"\b(?:must|should|shall)\b|\b(?:have|has|need|needs|required|obliged|obligatory|mandatory|necessary|compulsory)\b"
    r"(?: for (?:me|us|you))? to\b"
)
_FRAMES = (
    ("price", re.compile(rf"\bhow much\b(?=.*\b{_PRICE}|\s(?:is|are|was|were|for|will)\b)|\bwhat\b(?=.*\b{_PRICE})")),
    ("often", re.compile(r"\bhow (?:often|frequently|regularly|many times)\b|\bat (?:what|which) intervals?\b")),
    ("long", re.compile(r"\bhow (?:long|much time)\b|\bfor how long\b|\bwhat is the duration\b")),
    (
        "when",
        re.compile(r"\b(?:at |on |by )?(?:what|which) (?:time|hours?|day|date)\b|\bwhen\b|\bhow (?:early|soon)\b"),
    ),
    ("where", re.compile(r"\b(?:at |in )?(?:what|which) (?:place|location)\b|\bwhere\b")),
    ("how", re.compile(r"\b(?:in )?(?:what|which) (?:way|manner)\b|\bhow (?=do|does|can|should|to)\b")),
    ("duty", _DUTY),
    ("may", re.compile(rf"\b(?:is|are|am)(?= .*\b{_ALLOWED})|^(?:can|could|may|might)\b")),
    ("do", re.compile(r"^(?:do|does)\b")),
    ("be", re.compile(r"^(?:is|are|am)\b")),
    ("will", re.compile(r"^(?:will|would)\b")),
)
_ASKED_FOR = {
    "price": re.compile(rf"\b{_PRICE}"), "may": re.compile(rf"\b{_ALLOWED}(?: (?:for (?:me|us|you) )?to\b)?"),
}  # fmt: skip
_ASKING = re.compile(r"\b(?:what|which|who|whom|whose|why|how|when|where)\b")
_OPENING = re.compile(
    r"^(?:(?:hi|hello|hey|please|so|and|ok|thanks|quick question)\b[ ,!:-]*)+"
    r"|^(?:(?:can|could|would) you (?:please )?tell me|(?:please )?tell me|i(?: woul|')d like to know|i want to know"
    r"|do you know|i wonder|i was wondering)\b[ ,]*(?:if|whether)?\s*"
)
_PARTICIPLE = re.compile(r"\b(?:be|been|being|is|are|was|were|get|gets)\s+\w+ed\b")
_DIRECTIONS = frozenset({"from", "to", "by", "with", "about", "than", "as"})  # light, but they turn what is asked round
_ATTACHING = frozenset({"in", "at", "of", "on", "for"})
_PAST = frozenset({"was", "were", "did", "had"})
_AUXILIARY = frozenset(
    {"am", "is", "are", "do", "does", "can", "could", "may", "might", "will", "would", "should", "must"}
)


class Question(NamedTuple):
    """What a question asks, without the words it is asked with."""

    key: tuple[object, ...]  # equal where the same may be asked
    order: tuple[str, ...]  # what it is about, as it stands
    loose: tuple[str, ...]  # the small words by which its parts can change places: "the clinic in Bergen"


def question(folded: str, lemma: Callable[[str], str]) -> Question | None:
    """What a folded prompt asks; None where its frame is none of those known, or nothing is left beside it.

    Two questions with one key are about the same words in the same frame, with the same numbers, signs, negations and
    directions, and none asks what "I" may where the other asks what "you" may.
    """
    text = _OPENING.sub("", _OPENING.sub("", folded))
    frame, rest = next(((name, found.sub(" ", text)) for name, found in _FRAMES if found.search(text)), ("", text))
    if not frame:
        return None
    if frame in _ASKED_FOR:
        rest = _ASKED_FOR[frame].sub(" ", rest)
    left = words(rest)
    light = word_list("light")
    about = [lemma(word) for word in left if word not in light]
    if not about or _ASKING.search(rest):
        return None
    everything = words(text)
    toward = stance(folded)
    if toward.you and frame == "do":
        frame = "may"  # "do you deliver", "can you deliver"
    facts = (frozenset(numbers(text).items()), frozenset(symbols(text).items()), frozenset(negations(everything)))
    turning = frozenset(_DIRECTIONS.intersection(left))
    loose = [word for word in everything if word in _ATTACHING] + ["be"] * len(_PARTICIPLE.findall(text))
    return Question((frame, toward, frozenset(about), turning, facts), tuple(about), tuple(sorted(loose)))


def one_question(one: Question, other: Question) -> bool:
    """Whether two questions ask the same: words that changed places need something that let them, such as "in"."""
    return one.key == other.key and (one.order == other.order or one.loose != other.loose)


class Stance(NamedTuple):
    """What small words say of a prompt: two that differ in it do not ask the same."""

    you: bool  # whether the one who answers is to do it: "can you cancel it" / "can I cancel it"
    duty: bool  # the same of "do I have to pay" / "can I pay"
    past: bool
    away: bool  # "from"


def stance(folded: str) -> Stance:
    """What the small words of a folded prompt say, its opening left out."""
    text = _OPENING.sub("", _OPENING.sub("", folded))
    tokens = words(text)
    closed = tokens[:1] and tokens[0] in _AUXILIARY  # asks for yes or no
    duty = bool(closed and _DUTY.search(text))
    return Stance(bool(closed and tokens[1:2] == ["you"]), duty, bool(_PAST & set(tokens)), "from" in tokens)
