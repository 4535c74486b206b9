"""Where a text may insult, threaten or swear: by patterns of what is said to the reader, and by lists of words."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import NamedTuple

REACH = 160  # characters of the sentence around a word that the classifier reads
MOST = 8  # places of one pattern judged in one text
DISGUISED = re.compile(r"[a-z][@$!103]{1,2}[a-z]")
DISGUISE = str.maketrans("@$!103", "asiioe")
STARRED = re.compile(
    r"\b(?:f[*#]{1,2}c?k(?:ing|er|ed)?|s[h*][*#]{1,2}t(?:ty)?|b[*#]{1,2}t?ch|c[*#]{1,2}t|a[s*][*#]{1,2}hole)(?!\w)"
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
BREEDING = re.compile(r"\b(?:pupp(?:y|ies)|whelp\w*|litter|kennel|breed\w*|dogs?|spay\w*|stud)\b", re.IGNORECASE)

# Every threat holds a word of both sets, every insult one of `scornful()`: most texts need no further search.
WORD = re.compile("[a-z]+")
YOU = frozenset({"you", "your", "yours", "yourself", "u", "ya", "kys"})
HARM = frozenset(
    WORD.findall(
        "kill killed kys murder hurt stab strangle rape raped slap punch shoot shot destroy choke lynch end break smash"
        " cut rip bash slit snap crush find hunt track come make beat beaten hang hanged die dies suffer rot burn bleed"
        " cancer hit run live sleep work dead pay wish watch"
    )
)


@cache
def words() -> dict[str, list[str]]:
    """The word lists by kind: strong, loaded, insult, scorn."""
    lists: dict[str, list[str]] = {}
    kind = ""
    for line in files("assay.rules").joinpath("offensive_words.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            kind = line.strip("[]")
            lists[kind] = []
        elif kind and line:
            lists[kind].append(line)
    return lists


@cache
def scornful() -> frozenset[str]:
    """The words without which nothing is an insult: those of the lists, and of the set phrases."""
    listed = [word.rstrip("*") for kind in ("insult", "scorn", "strong") for word in words()[kind]]
    endings = ("", "s", "ing", "er", "ers", "ed", "face", "head", "heads", "in", "y")
    phrases = WORD.findall("hell screw damn piss drop eat shut nobody one people")
    return frozenset({WORD.findall(word)[0] + end for word in listed for end in endings} | set(phrases))


class Patterns(NamedTuple):
    """The compiled search patterns."""

    strong: re.Pattern[str]
    loaded: re.Pattern[str]
    insults: tuple[re.Pattern[str], ...]
    threats: tuple[re.Pattern[str], ...]


@cache
def patterns() -> Patterns:
    """All patterns, compiled once; every repetition is bounded, so that a search takes linear time."""
    insult, scorn, vulgar = _any("insult"), _any("scorn"), _any("strong")
    return Patterns(
        re.compile(rf"(?<![\w-])(?:{vulgar})(?![\w-])"),
        re.compile(rf"(?<![\w-])(?:{_any('loaded')})(?![\w-])"),
        tuple(re.compile(p) for p in _insults(insult, scorn, vulgar)),
        tuple(re.compile(p) for p in _threats()),
    )


def _any(kind: str) -> str:
    return "|".join(re.escape(w).replace(r"\*", r"\w{0,12}") for w in sorted(words()[kind], key=len, reverse=True))


def _insults(insult: str, scorn: str, vulgar: str) -> tuple[str, ...]:
    """Patterns of insults said to the reader, from alternatives of nouns, adjectives and swear words."""
    noun, bad = rf"(?:{insult}|{vulgar})", rf"(?:{scorn}|{vulgar})"
    much = (
        r"(?:(?:a|an|the|all|both|just|such|so|too|really|truly|very|nothing but|bunch of|complete|total|absolute"
        r"|utter|real|little|bloody|damn|\w{2,12}ly)\s+){0,4}"
    )
    are = r"(?:you(?:['’]re| are| r)|u r|ur)"
    being = r"(?:piece|little|excuse|human|people|person|sack|bag|cow|woman|man|kid|bot|robot|machine)"
    thing = r"(?!\s*(?:bags?|bins?|cans?|collect|truck|tank|safe|states?))"
    end = r"(?=\s*(?:[.,!?;:]|$|lol\b|and\b|for\b|you\b|to even\b|excuse|piece|human|person))"
    return (
        rf"\b(?:{are}|you,?)\s+{much}(?:{bad},?\s+(?:and\s+)?){{0,3}}{noun}\b{thing}",
        rf"\b{are}\s+{much}{bad}{end}",
        rf"\byou\s+(?:{bad},?\s+){{1,3}}{being}\b",
        rf"\bwhat an?\s+(?:{bad},?\s+(?:and\s+)?){{0,3}}{noun}\s+you\b",
        rf"\bonly an?\s+(?:\w{{2,12}}[- ,]+){{0,3}}(?:{insult})\s+(?:would|could|like you)\b",
        rf"\bpeople like you\s+(?:are|should|deserve|make|ought|belong|need)\b[^.!?\n]{{0,40}}?"
        rf"\b(?:{scorn}|{insult}|sick|ashamed|die|shot|locked up)\b",
        r"\b(?:nobody|no one) (?:likes|loves|wants|would miss) you\b(?! to\b)",
        r"(?<![\w-])(?:go to hell|(?:screw|damn) you(?=\s*(?:[.,!?]|$|and\b|all\b))|piss off|drop dead|eat shit"
        r"|burn in hell|rot in hell)\b",
        r"\bshut (?:up,? (?:you|and stop|idiot|stupid|already)|your (?:\w{2,10} )?(?:mouth|trap|face|hole)"
        r"|the (?:hell|fuck) up)\b",
    )


def _threats() -> tuple[str, ...]:
    """Patterns of threats to the reader; "I'll shoot you an email" and "kill you with kindness" are none."""
    body = r"(?:jaw|face|neck|legs?|arms?|bones|head|throat|teeth|nose|skull|knees|ribs|fingers)"
    harm = r"(?:kill|murder|hurt|beat|shoot|stab|hang|strangle|slap|punch|rape|lynch)"
    will = (
        r"\b(?:i|we)(?:['’]ll| will| shall|['’]?m going to| am going to|['’]?m gonna| gonna|['’]re going to"
        r"| are going to)\s+(?:\w{1,10}\s+){0,2}?"
    )
    kin = r"your (?:\w{2,12} )?(?:family|children|kids|wife|husband|mother)"
    hurt = r"(?:hurt|cancer|hit by|shot|killed|raped|run over)"
    most = r"(?:kill|murder|hurt|stab|strangle|rape|slap|punch|shoot|destroy|choke|lynch|end)"
    gift = r"(?!\s+(?:an?|the|to|at|over|some|with kindness)\b)"
    return (
        rf"{will}{most}\s+(?:you|u|ya|{kin})\b{gift}",
        rf"{will}(?:break|smash|cut|rip|bash|slit|snap|crush)\s+(?:off\s+)?your\s+{body}\b",
        rf"{will}(?:find|hunt|track|come for|come after)\s+(?:you(?:r family)?)\s+(?:down\s+)?and\s+"
        rf"(?:{harm}|make you (?:pay|suffer|sorry|regret|bleed|beg)|end)\b",
        rf"{will}(?:beat you (?:up|until|to|senseless|bloody)|"
        r"make you (?:suffer|bleed|sorry|beg|pay for (?:this|that)))",
        rf"\b(?:someone|somebody|they|people) (?:should|ought to|needs? to|will)\s+"
        rf"(?:\w{{2,10}}\s+)?{harm}\s+you\b{gift}",
        r"\byou(?: all)? (?:deserve|ought|need) to "
        r"(?:die|suffer|rot|burn|be (?:shot|killed|beaten|hanged|hurt|raped))\b",
        r"\byou(?: all)? should (?:die|be (?:shot|killed|beaten|hanged|raped)|go die|just die|kill yourself)\b",
        rf"\bi hope (?:that )?(?:you|{kin}) (?:all )?(?:\w{{2,10}} )?"
        rf"(?:die|dies|rot|suffer|choke|bleed|burn|get (?:\w{{2,10}} )?{hurt})\b",
        r"(?<!not )(?<!to )(?<!n['’]t )(?<!of )(?<!and )\bkill yourself\b(?=\s*(?:[.,!?]|$|you\b|now\b))|\bkys\b",
        r"\bi know where you (?:live|sleep|work)\b|\byou(?:['’]re| are) (?:dead meat|a dead (?:man|woman))\b",
        r"\byou(?:['’]ll| will) (?:pay for (?:this|that)\b|burn in hell|rot in hell|wish you were dead)",
        r"\bwatch your back\b(?=\s*(?:[.,!?]|$))",
    )


class Place(NamedTuple):
    """A place in a text that may offend."""

    kind: str  # "threat", "insult", "strong" or "loaded"
    start: int
    end: int


def lowered(text: str) -> str:
    """The text in lower case, every place kept: a few letters grow when lowered, and stay as they are."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if c.isascii() else c for c in text)


def places_in(text: str) -> list[Place]:
    """Where the text may offend, surest kind first."""
    low = lowered(text)
    if DISGUISED.search(low):
        low = re.sub(r"(?<=[a-z])[@$!103](?=[a-z])", lambda m: m.group().translate(DISGUISE), low)
    search, said = patterns(), set(WORD.findall(low))
    places: list[Place] = []
    if not said.isdisjoint(YOU) and not said.isdisjoint(HARM):
        threats = (m for p in search.threats for m in islice(p.finditer(low), MOST))
        places += [Place("threat", *m.span()) for m in threats if not quoted(low, m.start())]
    if not said.isdisjoint(scornful()):
        insults = (m for p in search.insults for m in islice(p.finditer(low), MOST))
        places += [Place("insult", *m.span()) for m in insults if _meant(low, m.start())]
    places += [Place("strong", *m.span()) for m in islice(search.strong.finditer(low), MOST)]
    if "*" in low or "#" in low:
        places += [Place("strong", *m.span()) for m in islice(STARRED.finditer(low), MOST)]
    return [*places, *(Place("loaded", *m.span()) for m in islice(search.loaded.finditer(low), MOST))]


def _meant(text: str, start: int) -> bool:
    """Whether an insult is said to the reader, and not reported ("they said you are stupid") or spoken in a story."""
    return not REPORTED.search(text[max(0, start - 40) : start]) and not quoted(text, start)


def quoted(text: str, start: int) -> bool:
    """quoted('the word "x"', 10) -> True: whether the place lies inside quotation marks of its paragraph."""
    before = text[max(0, text.rfind("\n", max(0, start - 500), start) + 1, start - 500) : start]
    opened = (
        before.count('"') % 2 == 1 or before.rfind("“") > before.rfind("”") or before.rfind("«") > before.rfind("»")
    )
    return opened or before[-1:] in ("'", "‘", "`", "*", "_")


def sentence(text: str, place: Place) -> str:
    """The sentence around a place, at most REACH characters either side."""
    low, high = max(0, place.start - REACH), min(len(text), place.end + REACH)
    before = re.split(r"[.!?\n]", text[low : place.start])[-1]
    after = re.split(r"[.!?\n]", text[place.end : high])[0]
    return before + text[place.start : place.end] + after
