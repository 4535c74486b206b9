"""S002 offensive: insults, threats and slurs; not the words alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import ClassVar, NamedTuple

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.rules.turns import turns_of

STRONG, LOADED = 0.5, 0.9  # least probability of the classifier for a strong and for a loaded word
REACH = 160  # characters of the sentence around a word that the classifier reads
MOST = 8  # places judged in one text
DISGUISED = re.compile(r"[a-z]+[@$!10*#]+[a-z]", re.IGNORECASE)
DISGUISE = str.maketrans("@$!103", "asiioe")
STARRED = re.compile(
    r"\b(?:f[*#]{1,2}c?k(?:ing|er|ed)?|s[h*][*#]{1,2}t(?:ty)?|b[*#]{1,2}t?ch|c[*#]{1,2}t|a[s*][*#]{1,2}hole)(?!\w)"
)
ABOUT_WORDS = re.compile(
    r"\b(?:words?|terms?|phrases?|slurs?|swear\w*|curs(?:e|ing)|profan\w+|mean(?:s|ing)?|defin\w+|etymolog\w+|offensive|insult\w*|censor\w*"
    r"|moderat\w+|polic(?:y|ies)|polite\w*|rude\w*|harass\w*|abus\w+|bully\w*|rewrite|rephrase|translat\w+|quot\w+|titled?|lyrics?)\b",
    re.IGNORECASE,
)
REPORTED = re.compile(
    r"\b(?:feel(?:s|ing)?|felt|thinks?|thinking|thought|believ\w+|says?|said|saying|tells?|told|telling|call(?:s|ed|ing)?|impl\w+|suggest\w*|convinc\w+"
    r"|like|not|never|if|whether|that|because)\b[\s,:]*(?:that\s+)?$",
    re.IGNORECASE,
)
BREEDING = re.compile(r"\b(?:pupp(?:y|ies)|whelp\w*|litter|kennel|breed\w*|dogs?|spay\w*|stud)\b", re.IGNORECASE)


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


def _any(kind: str) -> str:
    return "|".join(re.escape(w).replace(r"\*", r"\w{0,12}") for w in sorted(words()[kind], key=len, reverse=True))


class Patterns(NamedTuple):
    """The compiled search patterns."""

    strong: re.Pattern[str]
    loaded: re.Pattern[str]
    said_to_you: tuple[re.Pattern[str], ...]  # insults
    threats: tuple[re.Pattern[str], ...]


@cache
def patterns() -> Patterns:
    """All patterns, compiled once; every repetition is bounded, so that a search takes linear time."""
    noun, scorn = f"(?:{_any('insult')}|{_any('strong')})", f"(?:{_any('scorn')}|{_any('strong')})"
    much = r"(?:(?:a|an|the|all|both|just|such|so|too|really|truly|very|nothing but|bunch of|complete|total|absolute|utter|real|little|bloody|damn|\w{2,12}ly)\s+){0,4}"
    body = r"(?:jaw|face|neck|legs?|arms?|bones|head|throat|teeth|nose|skull|knees|ribs|fingers)"
    harm = r"(?:kill|murder|hurt|beat|shoot|stab|hang|strangle|slap|punch|rape|lynch)"
    will = r"\b(?:i|we)(?:['’]ll| will| shall|['’]?m going to| am going to|['’]?m gonna| gonna|['’]re going to| are going to)\s+(?:\w{1,10}\s+){0,2}?"
    return Patterns(
        re.compile(rf"(?<![\w-])(?:{_any('strong')})(?![\w-])"),
        re.compile(rf"(?<![\w-])(?:{_any('loaded')})(?![\w-])"),
        tuple(
            re.compile(p)
            for p in (
                rf"\byou(?:['’]re| are| r|,)?\s+{much}(?:{scorn},?\s+(?:and\s+)?){{0,3}}{noun}\b(?!\s*(?:bags?|bins?|cans?|collect|truck|tank|safe|states?))",
                rf"\byou(?:['’]re| are| r)\s+{much}{scorn}(?=\s*(?:[.,!?;:]|$|and\b|for\b|you\b|to even\b|excuse|piece|human|person))",
                rf"\byou\s+(?:{scorn},?\s+){{1,3}}(?:piece|little|excuse|human|people|person|sack|bag|cow|woman|man|kid|bot|robot|machine)\b",
                rf"\bwhat an?\s+(?:{scorn},?\s+(?:and\s+)?){{0,3}}{noun}\s+you\b",
                rf"\bonly an?\s+(?:\w{{2,12}}[- ,]+){{0,3}}(?:{_any('insult')})\s+(?:would|could|like you)\b",
                rf"\bpeople like you\s+(?:are|should|deserve|make|ought|belong|need)\b[^.!?\n]{{0,40}}?\b(?:{_any('scorn')}|{_any('insult')}|sick|ashamed|die|shot|locked up)\b",
                r"\b(?:nobody|no one) (?:likes|loves|wants|would miss) you\b(?! to\b)",
                r"(?<![\w-])(?:go to hell|(?:screw|damn) you(?=\s*(?:[.,!?]|$|and\b|all\b))|piss off|drop dead|eat shit|burn in hell|rot in hell)\b",
                r"\bshut (?:up,? (?:you|and stop|idiot|stupid|already)|your (?:\w{2,10} )?(?:mouth|trap|face|hole)|the (?:hell|fuck) up)\b",
            )
        ),
        tuple(
            re.compile(p)
            for p in (
                rf"{will}(?:kill|murder|hurt|stab|strangle|rape|slap|punch|shoot|destroy|choke|lynch|end)\s+(?:you|u|ya|your (?:\w{{2,12}} )?(?:family|children|kids|wife|husband|mother))\b"
                r"(?!\s+(?:an?|the|over|some|with kindness)\b)",
                rf"{will}(?:break|smash|cut|rip|bash|slit|snap|crush)\s+(?:off\s+)?your\s+{body}\b",
                rf"{will}(?:find|hunt|track|come for|come after)\s+(?:you(?:r family)?)\s+(?:down\s+)?and\s+(?:{harm}|make you|end)\b",
                rf"{will}(?:beat you (?:up|until|to|senseless|bloody)|make you (?:suffer|bleed|sorry|beg|pay for (?:this|that|it|what)))",
                rf"\b(?:someone|somebody|they|people) (?:should|ought to|needs? to|will)\s+(?:\w{{2,10}}\s+)?{harm}\s+you\b(?!\s+(?:an?|the|some)\b)",
                r"\byou(?: all)? (?:deserve|ought|need) to (?:die|suffer|rot|burn|be (?:shot|killed|beaten|hanged|hurt|raped|punished))\b",
                r"\byou(?: all)? should (?:die|be (?:shot|killed|beaten|hanged|raped)|go die|just die|kill yourself)\b",
                r"\bi hope (?:that )?(?:you|your (?:family|children|kids|mother)) (?:all )?(?:\w{2,10} )?(?:die|dies|rot|suffer|choke|bleed|burn|get (?:\w{2,10} )?(?:hurt|cancer|hit by|shot|killed|raped|run over))\b",
                r"(?<!not )(?<!to )(?<!n['’]t )(?<!of )(?<!and )\b(?:go )?kill yourself\b(?=\s*(?:[.,!?]|$|you\b|already|now\b))|\bkys\b",
                r"\bi know where you (?:live|sleep|work)\b|\byou(?:['’]re| are) (?:dead meat|a dead (?:man|woman))\b|\byou(?:['’]ll| will) (?:pay for (?:this|that|what)|burn in hell|rot in hell|wish you were dead)\b",
                r"\b(?:watch your back)\b(?=\s*(?:[.,!?]|$))",
            )
        ),
    )  # fmt: skip


class Place(NamedTuple):
    """A place in a text that may offend."""

    kind: str  # "threat", "insult", "strong" or "loaded"
    start: int
    end: int


def places_in(text: str) -> list[Place]:
    """Where the text may offend, surest kind first; words in quotation that the text is about are left out."""
    low = text.lower()
    if len(low) != len(text):
        return places_in(low)
    if DISGUISED.search(low):
        low = re.sub(r"(?<=[a-z])[@$!103](?=[a-z])", lambda m: m.group().translate(DISGUISE), low)
    search = patterns()
    places = [Place("threat", *m.span()) for p in search.threats for m in p.finditer(low)]
    places += [
        Place("insult", *m.span()) for p in search.said_to_you for m in p.finditer(low) if _meant(low, m.start())
    ]
    places += [Place("strong", *m.span()) for m in search.strong.finditer(low)]
    places += [Place("strong", *m.span()) for m in STARRED.finditer(low)] if "*" in low or "#" in low else []
    places += [Place("loaded", *m.span()) for m in search.loaded.finditer(low)]
    return places[:MOST]


def _meant(text: str, start: int) -> bool:
    """Whether an insult is said to the reader, and not reported ("they said you are stupid") or spoken in a story."""
    return not REPORTED.search(text[max(0, start - 40) : start]) and not quoted(text, start)


def quoted(text: str, start: int) -> bool:
    """quoted('the word "x"', 10) -> True: whether the place lies inside quotation marks of its paragraph."""
    before = text[max(0, text.rfind("\n", 0, start) + 1, start - 500) : start]
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


def probabilities(texts: Sequence[str]) -> list[float]:
    """Shape (n,): how probable a linear classifier of alt-profanity-check finds it that each text is profane."""
    if not texts:
        return []
    from profanity_check import predict_prob

    return [float(p) for p in predict_prob(list(texts))]


class Candidate(NamedTuple):
    """A place of one example, with what the classifier is to read."""

    row: int  # position of the example in the batch
    field: str
    place: Place
    sentence: str


@dataclass(frozen=True)
class Offensive:
    """S002: the text insults, threatens or swears at someone.

    What it does: looks for threats and insults said to the reader, and for slurs and swear words; a word counts only where a
    classifier that reads its sentence agrees. "Kill the process", Scunthorpe, anatomy, a "stupid fee", reported speech and words
    that the text explains are left alone.

    Why is this bad: a few such answers are enough for the model to insult a user; in prompts they teach nothing.

    Example: "Only a moron would ask that." is held; "How do I kill a zombie process?" is not.
    """

    code: ClassVar[str] = "S002"
    name: ClassVar[str] = "offensive"
    stage: ClassVar[Stage] = "row"
    severity: ClassVar[Severity] = "error"
    threshold: float = 0.5  # least score of a finding, 0 to 1
    action: Action = "hold"  # what becomes of an offensive row

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding: the surest place of the example."""
        yield from self.check_batch([example])[0]

    def check_batch(self, examples: Sequence[Example]) -> list[list[Finding]]:
        """The findings of each example; the classifier reads all sentences at once."""
        candidates = [c for row, example in enumerate(examples) for c in _candidates(row, example)]
        best: dict[int, tuple[float, Candidate]] = {}
        for candidate, probability in zip(candidates, probabilities([c.sentence for c in candidates]), strict=True):
            score = _score(candidate.place.kind, probability)
            if score >= self.threshold and score > best.get(candidate.row, (0.0, None))[0]:
                best[candidate.row] = (score, candidate)
        return [[self._said(example, *best[row])] if row in best else [] for row, example in enumerate(examples)]

    def _said(self, example: Example, score: float, candidate: Candidate) -> Finding:
        kind = {"threat": "a threat", "insult": "an insult"}.get(candidate.place.kind, "offensive language")
        evidence = {
            "kind": candidate.place.kind,
            "span": [candidate.place.start, candidate.place.end],
            "sentence": candidate.sentence,
        }
        return finding(self, example, candidate.field, score, f"{kind} in the {candidate.field}", evidence=evidence)


def _candidates(row: int, example: Example) -> Iterator[Candidate]:
    turns = [turn for turn in turns_of(example) if turn.at < 0 or example.messages[turn.at].role != "system"]
    for turn in turns:
        for place in places_in(turn.text):
            said = sentence(turn.text, place)
            explained = quoted(turn.text, place.start) and any(ABOUT_WORDS.search(t.text[:2000]) for t in turns)
            if not explained and not (
                turn.text[place.start : place.end].lower().startswith("bitch") and BREEDING.search(turn.text)
            ):
                yield Candidate(row, turn.field, place, said)


def _score(kind: str, probability: float) -> float:
    """Threats and insults stand by themselves; words need the classifier, loaded ones more of it."""
    if kind in ("threat", "insult"):
        return max(0.9, probability)
    return probability if probability >= (STRONG if kind == "strong" else LOADED) else 0.0
