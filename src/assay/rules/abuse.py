"""Where a text may insult, threaten or swear: by patterns of what is said to the reader, and by lists of words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

from assay.rules.patterns import (
    UNSPACED,
    ByHead,
    Foreign,
    Foreigns,
    Pattern,
    candidates,
    heads_of,
    heads_of_entry,
    lines,
    table,
)
from assay.rules.remembered import remembered

REACH = 160  # characters of the sentence around a word that the classifier reads
KINDS = ("threat", "insult", "strong", "scorn", "loaded")  # surest first
STRETCH = 4000  # characters of a long text looked at together
PLACES = 200  # of one text that are judged, surest kinds first
MOST = 8  # places of one pattern judged in one text
DISGUISED = re.compile(r"[a-z][@$!103]{1,2}[a-z]|(?<!\w)[013@$!]{1,2}[a-z]")
DISGUISE = str.maketrans("@$!103", "asiioe")
NOT = r"(?:nicht|kein\w*|pas|no|non|não|niet|nie|не|değil)\b"
STARRED = re.compile(
    r"\b(?:f[*#]{1,2}c?k(?:ing|er|ed)?|s[h*][*#]{1,2}t(?:ty)?|b[*#]{1,2}t?ch|c[*#]{1,2}t|a[s*][*#]{1,2}hole"
    r"|st[*#]u|[a-z]*[*#]uck(?:ing|er|ed)?)(?!\w)"
)
ABOUT_WORDS = re.compile(
    r"\b(?:words?|terms?|phrases?|slurs?|swear\w*|curs(?:e|ing)|profan\w+|mean(?:s|ing)?|defin\w+|etymolog\w+|offensive"
    r"|insult\w*|censor\w*|moderat\w+|polic(?:y|ies)|polite\w*|rude\w*|harass\w*|abus\w+|bully\w*|rewrite|rephrase"
    r"|translat\w+|quot\w+|titled?|lyrics?)\b",
    re.IGNORECASE,
)
REPORTED = re.compile(
    r"\b(?:feel(?:s|ing)?|felt|thinks?|thinking|thought|believ\w+|says?|said|saying|tells?|told|telling|call(?:s|ed|ing)?"
    r"|impl\w+|suggest\w*|convinc\w+|like|not|never|if|whether|that|because)\b[\s,:]*(?:that\s+)?$",
    re.IGNORECASE,
)
# The same in other languages: a verb of saying or "that" right before, or a verb of saying and a comma in the sentence.
SAID_ELSEWHERE = re.compile(
    r"\b(?:dat|dass|que|che|qu['’]|als|of|ob|wenn|falls|si|se|comme|come|como)\s*$"
    r"|\b(?:zei|zegt|noemde|noemt|schreef|riep|sagt\w*|gesagt|meint\w*|nannte|schrieb|rief|dit|disait|écrit|crié"
    r"|dijo|dice|decía|gritó|escribió|detto|disse|scritto|urlato|gridato|falou|escreveu|gritou)\b[^.!?\n]{0,24}$"
)
TOLD = re.compile(
    r"[,.!?'\"’”]*\s*(?:\w+ )?(?:said|says|whispered|shouted|screamed|replied|cried|hissed|growled|muttered|yelled"
    r"|warned|thought|roared|snarled)\b"
)


class Place(NamedTuple):
    """A place in a text that may offend."""

    kind: str  # "threat", "insult", "strong", "loaded" or "scorn"
    start: int
    end: int


@cache
def words() -> dict[str, list[str]]:
    """The word lists by kind: strong, loaded, abuse, insult, scorn, harsh, harm, groups."""
    lists: dict[str, list[str]] = {}
    kind = ""
    for line in lines("offensive_words.txt"):
        if line.startswith("["):
            kind = line.strip("[]")
            lists[kind] = []
        elif kind:
            lists[kind].append(line)
    return lists


@cache
def said_to_someone() -> ByHead:
    """The patterns of insults and threats by how a word of theirs begins."""
    by_head = table("abuse.txt", {kind.upper(): f"(?:{_any(kind)})" for kind in words()}, words())
    for head, patterns in table("abuse_foreign.txt", {}, {}).items():
        by_head.setdefault(head, []).extend(patterns)
    return by_head


@cache
def listed(kind: str) -> tuple[re.Pattern[str], frozenset[str]]:
    """The pattern of the words of one list, and how they begin."""
    heads = frozenset(head for word in words()[kind] for head in heads_of_entry(word))
    return re.compile(rf"(?<![\w-])(?:{_any(kind)})(?![\w-])"), heads


def _any(kind: str) -> str:
    return "|".join(
        re.escape(w).replace(r"\*", r"\w{0,12}").replace(r"\ ", " ")
        for w in sorted(words()[kind], key=len, reverse=True)
    )


def lowered(text: str) -> str:
    """The text in lower case, every place kept: a few letters grow when lowered, and stay as they are."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if c.isascii() else c for c in text)


@remembered
def places_in(text: str) -> list[Place]:
    """Where the text may offend, surest kind first."""
    if len(text) > STRETCH:
        found = [p._replace(start=p.start + at, end=p.end + at) for at, part in _stretches(text) for p in _places(part)]
    else:
        found = _places(text)
    return sorted(found, key=lambda p: (("threat", "insult", "strong", "scorn", "loaded").index(p.kind), p.start))[
        :PLACES
    ]


def _stretches(text: str) -> Iterator[tuple[int, str]]:
    """A long text in stretches that end at a line's or at a word's end: the fewer words, the fewer patterns apply."""
    start = 0
    while start < len(text):
        end = start + STRETCH
        if end < len(text):
            end = max(text.rfind("\n", start + STRETCH // 2, end), text.rfind(" ", end - 200, end)) + 1 or end
        yield start, text[start:end]
        start = end


def _places(text: str) -> list[Place]:
    low = lowered(text)
    if DISGUISED.search(low):
        low = re.sub(r"(?<=[a-z])[@$!103]|[@$!103](?=[a-z])", lambda m: m.group().translate(DISGUISE), low)
    heads = heads_of(low)
    places = [Place(p.kind, *m.span()) for p in candidates(said_to_someone(), heads, low) for m in _said(p, low)]
    places += _foreign(low, heads)
    for kind in ("strong", "loaded"):
        pattern, begins = listed(kind)
        if not heads.isdisjoint(begins):
            places += [Place(kind, *m.span()) for m in islice(pattern.finditer(low), MOST)]
    if "*" in low or "#" in low:
        places += [Place("strong", *m.span()) for m in islice(STARRED.finditer(low), MOST)]
    return places


def _said(pattern: Pattern, low: str) -> Iterator[re.Match[str]]:
    judge = _meant if pattern.said == "meant" else _unquoted
    matches = islice(pattern.regex.finditer(low), MOST)
    return (m for m in matches if judge(low, m.start()) and not TOLD.match(low, m.end()))


def _unquoted(text: str, start: int) -> bool:
    return not quoted(text, start)


def _meant(text: str, start: int) -> bool:
    """Whether an insult is said to the reader, and not reported ("they said you are stupid") or spoken in a story."""
    before = text[max(0, start - 40) : start]
    return not REPORTED.search(before) and not SAID_ELSEWHERE.search(before) and not quoted(text, start)


def quoted(text: str, start: int) -> bool:
    """quoted('the word "x"', 10) -> True: whether the place lies inside quotation marks of its paragraph."""
    before = text[max(0, text.rfind("\n", max(0, start - 500), start) + 1, start - 500) : start]
    return _opened(before) or before[-1:] in ("'", "‘", "`", "*", "_")


def _opened(before: str) -> bool:
    """Whether a quotation begins before a place and does not end: "x", “x”, «x», „x“ or „x”."""
    if '"' in before and before.count('"') % 2 == 1:
        return True
    high, low = before.rfind("“"), before.rfind("„")
    closing = high > low > before.rfind("“", 0, max(0, high)) if low >= 0 else False
    return (
        low > max(high, before.rfind("”"))
        or (high > before.rfind("”") and not closing)
        or before.rfind("«") > before.rfind("»")
    )


def sentence(text: str, place: Place) -> str:
    """The sentence around a place, at most REACH characters either side."""
    low, high = max(0, place.start - REACH), min(len(text), place.end + REACH)
    before = re.split(r"[.!?\n]", text[low : place.start])[-1]
    after = re.split(r"[.!?\n]", text[place.end : high])[0]
    return before + text[place.start : place.end] + after


# --- other languages --------------------------------------------------------------------------------------------------


@cache
def _foreigns() -> Foreigns:
    """Phrases of other languages that offend in the same way."""
    filed = Foreigns()
    you = ""
    for line in lines("offensive_foreign.txt"):
        kind, phrases = line.split(" | ")
        if kind == "you":
            you = _phrases(phrases)
            continue
        before = rf"{you}\W+(?:(?!{NOT})\w+\W+){{0,3}}?" if kind == "to you" else ""
        listed = phrases.split(", ")
        stems = tuple(phrase.rstrip("*") for phrase in listed)
        foreign = Foreign("threat" if kind == "threat" else "insult", stems, re.compile(before + _phrases(phrases)))
        filed.add(foreign, (head for phrase in listed for head in heads_of_entry(phrase)))
    return filed


def _phrases(phrases: str) -> str:
    """_phrases("du nutte, wichser*") matches whole words; writing without blanks between words needs no word ends."""
    parts = []
    for phrase in phrases.split(", "):
        end = r"\w{0,8}" if phrase.endswith("*") else r"(?!\w)"
        body = re.escape(phrase.rstrip("*"))
        parts.append(body if ord(phrase[0]) >= UNSPACED else rf"(?<!\w){body}{end}")
    return f"(?:{'|'.join(parts)})"


def _foreign(low: str, heads: set[str]) -> list[Place]:
    found = [(foreign, foreign.regex.search(low)) for foreign in _foreigns().near(low, heads)]
    return [
        Place(foreign.kind, *match.span())
        for foreign, match in found
        if match and (_unquoted if foreign.kind == "threat" else _meant)(low, match.start())
    ]
