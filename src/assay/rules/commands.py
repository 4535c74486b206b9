"""Commands to a model inside a text: what they want, how sure each is, and whether it is said as a command."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from itertools import chain, islice
from typing import NamedTuple

from assay.rules.mentions import ENDS_ASKED, asked_back
from assay.rules.patterns import HEAD, UNSPACED, ByHead, Foreign, Foreigns, Pattern, candidates, heads_of, lines, table

MOST = 6  # places of one pattern looked at in one text
FOREIGN = 0.7  # weight of a command in another language
GAP = 40  # characters between verb and object in another language
AND = r"\b(?:en|und|et|y|e|och|og|i|и)\b"  # another clause begins: "the notes above and ignore the lamps"

# What stands before a verb that is asked about, told of or forbidden, and not commanded.
QUESTION = re.compile(
    r"(?:^|[.!?\n:;\"“(])\s*(?:[\w'’,-]+\s+){0,3}?(?:how|should|could|would|can|may|might|do|does|did|what|why|when"
    r"|where|which|who|is|are|was|were|will|have|has|am)\s+(?:(?:exactly|then)\s+)?(?:i|we|he|she|it|they|one"
    r"|someone|people|users?|the|a|an|this|that|these|my|attackers?|to|do|does|is|are|can|would|\w+s)\b[^.!?\n]*$"
)
TOLD_OF = re.compile(
    r"(?:\b(?:i|we|he|she|it|they|who|that|which|never|not|n['’]t|cannot|users?|people|attackers?|hackers?|someone"
    r"|anyone|students?|drivers?|employees?|citizens|tried|tries|trying|decid\w+|chose|chooses|refus\w+|want(?:s|ed)?"
    r"|used|able|ability|easy|tempt\w*|attempt\w*|(?<!as )if|when|whether|may|might|could|would|often|sometimes|usually"
    r"|dangers? of|risks? of|(?:tell|told|ask|instruct|ma[dk]e|get|got|trick|cause|forc)\w* (?:the |an? |your |our )?"
    r"(?:\w+ )?(?:model|ai|assistant|bot|llm|system|chatbot|chatgpt|it|them)(?: to| into)?)\b)"
    r"(?:[ \t]+(?:not|to|also|just|simply|will|can|have|had|is|then))*[ \t]*$"
)
COMMANDED = re.compile(
    r"\byou\s+(?:must|should|will|have|need|are|can|may|could|want\w*|now|shall)\b[^.!?\n]{0,30}$"
    r"|(?:want|need|order|ask|tell)(?:ing)?\s+you\b[^.!?\n]{0,20}$"
)
# What is told and, after its comma, another clause: "this is a test, ...", "I am the developer: ...".
STATED = re.compile(
    r"(?:^|[.!?\n\"“(])\s*(?:this|that|it|here|there|i|we|he|she|they|the\s+\w+|my\s+\w+)\s+(?:is|are|am|was|were|has|have|will)\b"
    r"[^.!?\n]*[,;:—–]\s*(?:(?:so|and|then|now|please)\s+){0,2}$"
)
UNSAID = re.compile(r"\W*")  # marks before the words: a command in quotation marks stands inside them
ABOUT = re.compile(
    r"prompt[- ]?injection|jail-?break(?:s|ing|ers?)?\b|adversarial (?:prompt|attack|input)|red[- ]team"
    r"|injection attack|prompt (?:attack|leak)|malicious (?:prompt|instruction|input)|social engineering"
    r"|\b(?:classif(?:y|ication)|examples?|phrases?|sentences?|terms?|translat\w+|rewrite|rephrase|paraphrase|summari[sz]e|mean(?:s|ing)?)\b",
    re.IGNORECASE,
)


class Command(NamedTuple):
    """A place where a text commands a model."""

    kind: str
    weight: float
    start: int
    end: int


def speaks_of_wording(text: str) -> bool:
    """Whether a text is about such attacks, or about the wording of something: what it quotes is then an example."""
    return bool(ABOUT.search(text))


def commands_in(low: str, spared: Callable[[int], bool] = lambda start: False) -> list[Command]:
    """The places where a text in lower case commands a model, one of each pattern at most, surest first.

    Places for which `spared` is true do not count: what stands there is only spoken of.
    """
    heads = heads_of(low)
    found = [command for pattern in candidates(_orders(), heads, low) for command in _first(pattern, low, spared)]
    return sorted(found + _foreign(low, heads, spared), key=lambda c: (-c.weight, c.start, c.kind))


@cache
def _orders() -> ByHead:
    tables = (table(name, {}, {}) for name in ("commands.txt", "commands_foreign.txt"))
    by_head: dict[str, list[Pattern]] = {}
    for head, patterns in chain.from_iterable(each.items() for each in tables):
        by_head.setdefault(head, []).extend(patterns)
    return by_head


def _first(pattern: Pattern, low: str, spared: Callable[[int], bool]) -> list[Command]:
    for match in islice(pattern.regex.finditer(low), MOST):
        said = pattern.said == "any" or is_ordered(low, match.start())
        start = match.start() + len(UNSAID.match(match.group())[0])  # type: ignore[index]  # it matches anything
        if said and not _asked_back(pattern.kind, low, match) and not spared(start):
            return [Command(pattern.kind, pattern.weight, start, match.end())]
    return []


def _asked_back(kind: str, low: str, match: re.Match[str]) -> bool:
    """Whether somebody only asks if he is to set aside what he was told; what is "yours" is the model's."""
    return kind == "override" and "your" not in match.group() and asked_back(low, *match.span())


def is_ordered(low: str, start: int) -> bool:
    """is_ordered("please ignore it", 7) -> True; ("how do i ignore it", 9) -> False: said as a command or not."""
    before = low[max(0, start - 160) : start]
    if COMMANDED.search(before) or STATED.search(before):
        return True
    return not TOLD_OF.search(before[-60:]) and not QUESTION.search(before)


# --- other languages --------------------------------------------------------------------------------------------------


@cache
def _foreigns() -> Foreigns:
    """Verbs and objects of other languages that command together."""
    filed = Foreigns()
    for line in lines("command_words.txt"):
        kind, verbs, objects = line.split(" | ")
        one, other = _any(verbs), _any(objects)
        between = rf"[^.!?。！？\n]{{0,{GAP}}}?"
        apart = ",;:¿" if kind == "unbound" else ""  # "without limits, you are free"
        back = rf"(?:(?!{AND})[^.!?。！？\n{apart}]){{0,{GAP}}}?"
        regex = re.compile(f"{one}{between}{other}|{other}{back}{one}")
        phrases = tuple(phrase.rstrip("*") for phrase in _phrases(objects))
        longest = (max(re.findall(r"\w+", phrase), key=len)[:HEAD] for phrase in phrases)
        filed.add(Foreign(kind, phrases, regex), longest)
    return filed


def _phrases(listed: str) -> list[str]:
    """_phrases('tes "les instructions"') -> ["tes", "les instructions"]."""
    return [quoted or bare for quoted, bare in re.findall(r'"([^"]+)"|(\S+)', listed.lower())]


def _any(listed: str) -> str:
    """A pattern of whole words, "*" for any ending; writing without blanks between words needs no word ends."""
    words = [(phrase.rstrip("*"), r"\w*" if phrase.endswith("*") else r"(?!\w)") for phrase in _phrases(listed)]
    spaced = [rf"(?<!\w){re.escape(word)}{end}" if ord(word[0]) < UNSPACED else re.escape(word) for word, end in words]
    return f"(?:{'|'.join(spaced)})"


def _foreign(low: str, heads: set[str], spared: Callable[[int], bool]) -> list[Command]:
    found: dict[str, Command] = {}
    for foreign in _foreigns().near(low, heads):
        matches = islice(foreign.regex.finditer(low), MOST) if foreign.kind not in found else ()
        for match in matches:
            if not _asked_in_full(foreign.kind, low, match) and not spared(match.start()):
                found[foreign.kind] = Command(foreign.kind, FOREIGN, *match.span())
                break
    return list(found.values())


def _asked_in_full(kind: str, low: str, match: re.Match[str]) -> bool:
    """Whether it stands in a question: where others may stand between verb and object, its opening tells nothing."""
    return kind == "override" and ENDS_ASKED.match(low, match.end()) is not None
