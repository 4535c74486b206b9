"""Whether a value of a row is what the row is about: then to take it out is to break the row.

"What is the domain of [EMAIL]?" with "gmail.com" for an answer teaches nothing true. What tells such rows is that the
answer still holds a part of the value, or that the sentence around it asks after its form and speaks of no person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assay.rules.listed import expression_of
from assay.rules.personal import PLACEHOLDER

WORDS = "value_words.txt"
FEW, LONG = 20, 20_000  # values, and characters of a row, that are compared with each other
LONGEST = 600  # characters of a prompt that asks about a value, and of its answer; more are a text that holds one
SENTENCE = re.compile(r"(?<=[.!?。？！])\s+|\n+")
AHEAD = 160  # characters before a value, or of a question from its end, that say what it is
GROUP = re.compile(r"\d(?:[ .()/+–-]{0,2}\d)+")
PART = 3  # digits of a number that are no chance, where they are its first or last
MASKS = re.compile(r"[*•xX#]{2,}[ -]?(\d{2,6})\b|\b(\d{2,6})[ -]?[*•xX#]{2,}")
SHORT = 120  # characters of a question, and of its answer, that may be about nothing but the value
ENDING = 7  # last digits that two spellings of a telephone number share
SHORTEST = 6  # digits of a number whose parts are looked for
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
QUOTED = 3  # words beside a value that stands by itself: what is asked stands in the sentence beside it


class Taken(NamedTuple):
    """A value that would be replaced."""

    at: int  # index of the turn
    kind: str
    value: str
    ahead: str  # what stands before it in its turn, as far as the redacted text is concerned


def an_instance(text: str, start: int) -> bool:
    """Whether the words before a place call what follows an example: an_instance("such as 07", 8) -> True."""
    return bool(
        re.search(
            rf"(?:{said('instance').pattern})[,:]?\s+(?:\w{{2,4}} )?[\"'`“„«]?$",
            text[max(0, start - 48) : start],
            re.IGNORECASE,
        )
    )


def about_the_value(prompt: str, others: str, answer: str, taken: Sequence[Taken], last: int) -> str:
    """Why a row may be about a value that would go; "" when nothing says so.

    Args:
        prompt: the last thing said before the answer, redacted by placeholders.
        others: all texts but the answer, redacted likewise.
        answer: redacted likewise; "" when there is none.
        taken: the values of all texts.
        last: the index of the answer's turn.
    """
    few = taken[:FEW] if len(others) + len(answer) <= LONG else []
    if any(_remains(one, *((answer, others) if one.at == last else (others, answer))) for one in few):
        return "the answer rests on a part of it"
    if PLACEHOLDER.fullmatch(answer.strip(" .")) and _respelt(taken, last):
        return "another spelling of it is what is asked"
    if any(one.at == last and an_instance(one.ahead, len(one.ahead)) for one in taken):
        return "it is given as an example"
    asked = _asked(prompt, [one.kind for one in taken if one.at != last]) if len(answer) <= LONGEST else ""
    why = _why_asked(PLACEHOLDER.sub(" ", asked), answer, held="[" in asked, home="[ADDRESS]" in asked)
    if why:
        return why
    if any(one.kind == "CARD" and _of_a_thing(one, prompt, answer, last) for one in taken):
        return "it may be the number of a thing"
    return ""


def _respelt(taken: Sequence[Taken], last: int) -> bool:
    """Whether the answer gives a value that was said before, in another spelling."""
    answers = [one for one in taken if one.at == last]
    return any(_alike(one.value, said.value) for one in answers for said in taken if said.at != last)


def _alike(one: str, other: str) -> bool:
    """_alike("07911 204881", "+44 7911 204 881"), ("a.roe@b.de", "roe.a@b.de") -> True; the same string -> False."""
    mine, yours = (re.sub(r"[\W_]", "", text).casefold() for text in (one, other))
    shared = mine[-ENDING:] == yours[-ENDING:] and mine.isdecimal() and yours.isdecimal()
    return one != other and (shared or sorted(mine) == sorted(yours))


def _why_asked(asked: str, answer: str, *, held: bool, home: bool) -> str:
    """Why a sentence may ask about a value: `held` says that it holds one, `home` that it is an address."""
    if not asked or said("person").search(asked):
        return ""
    if home and said("dwells").search(asked):
        return "who lives there is what is asked"
    dealing = said("dealing").search(asked)
    if said("task").search(asked) or (said("form").search(asked) and not dealing):
        return "its form is what is asked"
    question = (
        held and not dealing and not PLACEHOLDER.search(answer) and "?" in asked and len(re.findall(r"\w+", asked)) > 1
    )
    return "it may be what is asked about" if question and len(asked) <= SHORT and len(answer) <= SHORT else ""


def _asked(prompt: str, kinds: Sequence[str]) -> str:
    """The sentence of a short prompt around a value that goes, or the last; with its neighbours where it is bare."""
    if len(prompt) > LONGEST:
        return ""
    said = [sentence for sentence in SENTENCE.split(prompt) if sentence.strip()]
    holding = [i for i, sentence in enumerate(said) if any(f"[{kind}]" in sentence for kind in kinds)]
    if kinds and not holding:
        return ""
    at = holding[0] if holding else len(said) - 1
    if not said:
        return ""
    words = re.findall(r"\w+", PLACEHOLDER.sub(" ", said[at]))
    return " ".join(said[max(0, at - 1) : at + 2]) if len(words) <= QUOTED else said[at]


def _of_a_thing(one: Taken, prompt: str, answer: str, last: int) -> bool:
    """Whether a number that passes for a card's is called that of an order, and nothing speaks of paying."""
    here = SENTENCE.split(one.ahead)[-1]
    asked = prompt[-AHEAD:] if one.at == last else ""
    thing = said("thing").search(here) or said("thing").search(asked)
    return bool(thing) and not said("paid").search(PLACEHOLDER.sub(" ", f"{prompt[-LONGEST:]}\n{answer[:LONGEST]}"))


def said(kind: str) -> re.Pattern[str]:
    """The words of a kind that say what a value is to the row."""
    return expression_of(WORDS, kind)


def _remains(one: Taken, own: str, other: str) -> bool:
    """Whether the other text holds a part of the value that its own, redacted, does not: other forms of it remain."""
    parts = _parts(one)
    return any(
        re.search(rf"(?<![\w/@.-]){re.escape(part)}(?![\w/@-])", other) and part not in own for part in parts
    ) or (any(c.isdigit() for c in one.value) and _digits_remain(one, own, other))


def _parts(one: Taken) -> Iterator[str]:
    """The words of a value that may stand by themselves: of a mail address the domain and what is before it."""
    if one.kind == "EMAIL":
        local, _, domain = one.value.partition("@")
        if domain:
            yield from (part for part in (local, domain) if len(part) > 2)
    elif one.kind == "ADDRESS":
        yield from re.findall(r"\b\d{5}\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", one.value)


def _digits_remain(one: Taken, own: str, other: str) -> bool:
    groups = GROUP.findall(other)
    if one.kind == "BIRTH_DATE":
        return any(_of_the_date(one.value, group) and group not in own for group in groups)
    digits = re.sub(r"\D", "", one.value)
    if one.kind in ("ADDRESS", "IP", "EMAIL") or len(digits) < SHORTEST:
        return False
    masked = ((found[1] or "-", found[2] or "-") for found in MASKS.finditer(other))
    if any(digits.endswith(last) or digits.startswith(first) for last, first in masked):
        return True
    bare = (re.sub(r"\D", "", group) for group in groups)
    return any(_is_part(part, digits, one.kind) and not _has_group(own, part) for part in bare)


def _is_part(part: str, digits: str, kind: str) -> bool:
    """Whether digits are the first or last of a number, an area code of it, or all of it in another order or length."""
    if len(part) < PART:
        return False
    trunk = part.lstrip("0")  # "030" is the code of "+49 30 ..."
    code = kind == "PHONE" and part[0] == "0" and len(trunk) > 1 and trunk in digits[:6]
    whole = len(trunk) >= SHORTEST and (
        trunk in digits or (len(part) == len(digits) and sorted(part) == sorted(digits))
    )
    return code or whole or digits.startswith(part) or digits.endswith(part)


def _has_group(text: str, digits: str) -> bool:
    return any(re.sub(r"\D", "", group) == digits for group in GROUP.findall(text))


def _of_the_date(value: str, group: str) -> bool:
    """_of_the_date("4 March 1990", "1990-03-04") -> True; so do day and year, or the year alone."""
    mine, other = ({number.lstrip("0") for number in re.findall(r"\d+", text)} for text in (value, group))
    month = next((str(i) for i, name in enumerate(MONTHS, 1) if name in value.lower()), "")
    same = len(mine) > 1 and mine <= other and (not month or month in other)
    return same or (len(group) == 4 and group in value)
