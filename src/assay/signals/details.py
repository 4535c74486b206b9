"""Numbers of an answer against those of the text it rests on: what it copied with another number."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from assay.records import Example
from assay.signals.agreement import MONEY, agree, minutes_of
from assay.signals.folding import word_list
from assay.signals.quantities import POUNDS, Quantity, quantities
from assay.signals.reckoning import Reckoned

DOCUMENT = 60  # words from which a prompt carries a document: few questions are as long
MOST = 150  # numbers of a text; one with more is a table
LONGEST = 30_000  # characters of a source that are read
AROUND = 8  # words on either side of a number that tell what it is about
STEM = 5  # letters by which two forms of a word are the same
FAMILY = {**dict.fromkeys(MONEY, "money"), "celsius": "heat", "fahrenheit": "heat", "year": "date"}
LARGE = 1000  # from which equal figures with another number of noughts are no accident
BRIEF = 12  # words up to which an answer leaves it to the question what its numbers count
BRIEF_SOURCE = 500  # characters of a source in which the only number of its kind is the one that was meant
EDGE = 200  # characters at either end of a prompt with a document where the request stands
OF_DOCUMENT = re.compile(
    r"\b(?:summar|tl;?dr|extract|according to|based on|reference text)"
    r"|\b(?:the|this|given|following|above|from|in|read|using) (?:\w+ ){0,2}"
    r"(?:passage|paragraph|article|document|text|context|excerpt|transcript|abstract|clause|contract|report)s?\b",
    re.IGNORECASE,
)
NAMED = (
    r"(?:passage|paragraph|article|document|text|context|excerpt|transcript|abstract|clause|contract|report|policy|notice"
    r"|section|statement|sentence|letter|e-?mail|message|note|story|review|conversation|dialogue|provision"
    r"|regulation|law|agreement|description|record|instruction)s?"
)
REQUESTED = re.compile(
    r"\b(?:summar|tl;?dr|condens|paraphras|extract (?:from|the|all|any)|according to|based on|reference text)"
    rf"|\b(?:the|this|that|these|given|following|above|below|from|in|read|using) (?:[\w'’-]+ ){{0,3}}{NAMED}\b",
    re.IGNORECASE,
)
ALTERED = re.compile(
    r"\b(?:chang|edit|rewrit|modif|correct|fix|improv|replac|continu|complet|classif|categori|translat|revers|negat)"
    r"|\b(?:true|false|opposite|add|grammar|spelling)\b",
    re.IGNORECASE,
)
CARRIED = re.compile(r"(?P<request>[^\n:]{4,200})(?:[ \t]*\n\s*|:\s+)(?P<text>\S.*)", re.DOTALL)
# A text and a question under headings of their own, as prompts for answers from a text are laid out.
LAID_OUT = re.compile(
    r"(?:\A|\n)[ \t#*]*(?:context|text|passage|paragraph|article|document|note|source|excerpt|background|information"
    r"|facts|kontext|contexte?|texte|contexto|texto|testo|contesto)\**[ \t]*:\**\s*(?P<text>\S[\s\S]*?)\n[ \t#*]*"
    r"(?:question|query|q|frage|pregunta|pergunta|domanda)\**[ \t]*:",
    re.IGNORECASE,
)
SAID = 5  # words from which what ends with a full stop is a sentence
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
MEASURED = re.compile(r"\b(?:square|cubic|sq|area|volume)\b|[²³]", re.IGNORECASE)
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
    counted: bool  # whether the prompt asks how many: then a number may be worked out


def source_of(example: Example) -> str:
    """The text an answer must rest on: the context, or a prompt that carries it; "" where there is none.

    A prompt carries it where the file has documents and summaries, where it asks for something of a text and gives the
    text, however short, where text and question have headings ("Context:", "Question:"), and where it is long and asks
    for something of a document anywhere.
    """
    if example.context and example.context.strip():
        return example.context[:LONGEST]
    prompt = example.prompt
    if example.rests_on_prompt or _carried(prompt) or LAID_OUT.search(prompt):
        return prompt[:LONGEST]
    return prompt[:LONGEST] if _long(prompt) and OF_DOCUMENT.search(_request(example)) else ""


def _long(prompt: str) -> bool:
    return len(prompt) >= 6 * DOCUMENT and len(prompt.split()) >= DOCUMENT


def _carried(prompt: str) -> str:
    """The request of a short prompt that names a text and gives it, behind a colon or on the next line; else ""."""
    parts = None if _long(prompt) else CARRIED.match(prompt)
    if parts is None or not any(_ends(word) for word in parts["text"].split()[SAID - 1 :]):
        return ""
    request = parts["request"]
    return request if REQUESTED.search(request) and not ALTERED.search(request) else ""


def _ends(word: str) -> bool:
    return word.rstrip("\"'”’)").endswith((".", "!", "?", "。"))


def compared(example: Example) -> Compared | None:
    """The numbers of an answer against its source; None where there is none, where one of them is a
    table, or where the prompt asks to reckon or to invent.

    Numbers that agree with any of the source or the question are right, in other units too, and so are sums and
    differences of two of its numbers; products, shares and counts where the question asks how many.
    """
    source, answer = source_of(example), example.answer[:LONGEST]
    if not source or not NUMBERED.search(answer) or INVENTED.search(_request(example)):
        return None
    said, held = [q for q in quantities(answer) if _firm(q, answer)], quantities(source)
    if max(len(said), len(held)) > MOST:
        return None
    asked = quantities(example.prompt[:LONGEST])[:MOST] if example.context else []
    known = [*held, *asked]
    counted = bool(COUNTED.search(_request(example)) or MEASURED.search(answer))
    timed = bool(asked) and any(q.kind == "time" for q in quantities(example.query[:LONGEST]))
    reckoned = Reckoned(source, held, asked, quantities(answer), counted, timed)
    strange = [
        q for q in said
        if not any(agree(q, k) for k in known)
        and (not reckoned.holds(q) or (counted and any(_like(q, k) and _slip(q, k) for k in held)))
    ]  # fmt: skip
    unused = [k for k in held if strange and not any(agree(k, q) for q in said)]
    places = _Places({k: _around(source, k) for k in unused}, source, example.answer)
    about = _stems(example.prompt) if example.context and len(answer.split()) <= BRIEF else frozenset()
    return Compared(len(said), [_detail(q, _around(answer, q) | about, places) for q in strange], counted)


def _firm(number: Quantity, text: str) -> bool:
    """Whether a number stands in figures or before a unit, and is no ordinal, nor "a"."""
    digits = text[slice(*number.number)].lower()
    if number.kind:
        return digits not in ("a", "an")
    return digits[:1].isdigit() and digits[-2:] not in ("st", "nd", "rd", "th")


def _request(example: Example) -> str:
    """What is asked, without the document."""
    prompt = example.prompt
    if example.context:
        return prompt
    return "" if example.rests_on_prompt else _carried(prompt) or f"{prompt[:EDGE]}\n{prompt[-EDGE:]}"


class _Places(NamedTuple):
    """The numbers of a source that its answer does not use."""

    around: dict[Quantity, frozenset[str]]  # with the stems of the words around each
    source: str
    answer: str


def _detail(said: Quantity, words: frozenset[str], places: _Places) -> Detail:
    """A number that the source does not hold, beside the one of its kind that was probably meant."""
    alike = [(_slip(said, k), len(words & there), k) for k, there in places.around.items() if _like(said, k)]
    if not alike:
        return Detail(said, "", 0.0, False, None)
    slip, best, held = max(alike, key=lambda rival: (rival[0], rival[1], -rival[2].start))
    shared = best / max(1, min(len(words), len(places.around[held])))
    only = said.kind != "" and len({k.values for _, _, k in alike}) == 1
    brief = len(places.source) <= BRIEF_SOURCE
    near = said.kind == held.kind == "year" and best and _one_off(said, held)
    copied = (
        bool(slip or near)
        or (best >= 2 and shared >= 0.5)
        or (only and (shared >= 0.3 or (brief and said.kind != "year")))
    )
    alone = len({k.values for s, n, k in alike if (s, n) == (slip, best)}) == 1
    shifted = said.kind == "clock" and any(k.kind == "time" for k in places.around)  # "an hour before 14:20"
    whole = said.kind != held.kind or said.unit != held.unit
    meant = places.source[held.start : held.end]
    low, high = (said.start, said.end) if whole else said.number
    put = meant if whole else places.source[slice(*held.number)]
    mended = places.answer[:low] + put + places.answer[high:] if alone and not shifted else None
    return Detail(said, meant if copied else "", shared, copied, mended)


def _like(one: Quantity, other: Quantity) -> bool:
    """Whether two numbers count the same thing, or one was copied with another unit."""
    if any(not q.kind and q.noun in POUNDS for q in (one, other)) and one.kind + other.kind in (*MONEY, "mass"):
        return True
    if {one.kind, other.kind} == {"clock", ""}:
        return bool(minutes_of(one) and minutes_of(other))
    if one.kind or other.kind:
        return FAMILY.get(one.kind, one.kind) == FAMILY.get(other.kind, other.kind)
    return one.noun[:STEM] == other.noun[:STEM] != "" or (
        _digits(one) == _digits(other) and (len(_digits(one)) >= 3 or min(one.values[0], other.values[0]) >= LARGE)
    )


def _slip(one: Quantity, other: Quantity) -> bool:
    """Whether one number is the other miswritten: figures in another order, a nought more or less, another unit."""
    if one.kind == other.kind == "date":
        return any(_dates_slip(a, b) for a in one.values for b in other.values)
    if one.kind != other.kind or one.unit != other.unit:
        return bool(set(one.values) & set(other.values))
    if one.kind == "clock":
        return any(_clock_digits(a) == _clock_digits(b) for a in one.values for b in other.values)
    a, b = one.values[0], other.values[0]
    tenfold = a * b > 0 and math.isclose(math.log10(a / b), round(math.log10(a / b)), abs_tol=1e-9)
    return tenfold or (len(_digits(one)) >= 2 and _digits(one) == _digits(other))


def _one_off(one: Quantity, other: Quantity) -> bool:
    """Whether two years differ in one figure."""
    return sum(a != b for a, b in zip(f"{one.values[0]:g}", f"{other.values[0]:g}", strict=False)) == 1


def _digits(number: Quantity) -> str:
    """The figures of a number, sorted, noughts at its end left out."""
    return "".join(sorted(f"{number.values[0]:.6f}".replace(".", "").strip("0")))


def _clock_digits(minutes: float) -> list[str]:
    """The figures of a time of day, sorted: of 10:05 and of 10:50 the same."""
    return sorted(f"{int(minutes) // 60:02}{int(minutes) % 60:02}")


def _dates_slip(one: float, other: float) -> bool:
    """Whether two dates differ in one of year, month and day alone, or change month and day."""
    a, b = ((int(d) // 10_000, int(d) // 100 % 100, int(d) % 100) for d in (one, other))
    return sum(x == y for x, y in zip(a, b, strict=True)) == 2 or (a[0] == b[0] and a[1:] == b[:0:-1])


def _stems(text: str) -> frozenset[str]:
    light = word_list("light")
    return frozenset(word[:STEM] for word in WORD.findall(text.lower()) if word not in light)


def _around(text: str, number: Quantity) -> frozenset[str]:
    """The stems of the words around a number, within its sentence."""
    before = SENTENCE.split(text[max(0, number.start - 200) : number.start])[-1]
    after = SENTENCE.split(text[number.end : number.end + 200])[0]
    return _stems(" ".join([*WORD.findall(before)[-AROUND:], *WORD.findall(after)[:AROUND]]))
