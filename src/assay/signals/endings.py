"""How the answers of a set end, and how likely each open end is a cut: learnt from the set itself, in any language.

An answer that ends with a stop is closed. Of the others some belong so (lists, titles, verse), some were cut. Two
things tell them apart. What stands last: each word has its own chance to stand before a stop or the end of a line
("the" almost none), and a cut leaves parts of words. And what the set does: among answers of the same build the share
of cuts is estimated from these chances (expectation maximisation of a mixture with two known parts).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

LEARNT = 5_000  # answers the words are learnt from, evenly spread over the set
BEGINNING = 4_000  # characters of an answer the words are learnt from
TAIL = 2_000  # characters of an answer in which its end is judged
SHORTEST = 40  # characters of an answer that can be cut
LONG = 16  # words of an answer in one sentence from which a stop is usual
ROUNDS = 20  # of expectation maximisation
WEIGHT = 10.0  # rows the prior share of a build counts for
PRODUCTIVE = 0.008  # share of a set's words that a suffix makes of other words of the set
HABIT = 3  # answers with the same last line from which it is how they end
OPENING = 20  # occurrences the list of words that never stand last counts for
SMOOTH = 4.0  # occurrences the usual chance to stand last counts for, in the chance of one word

STOPS = ".!?…。！？؟।॥።｡︒"
CLOSERS = "\"'”’»)]}*_`』」）】〉》 \t"
CLOSED = re.compile(rf"[{STOPS}][{re.escape(CLOSERS)}\d\[]*\Z|[\u2600-\u27bf\U0001f000-\U0001faff\ufe0f][\s\ufe0f]*\Z")
TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,:]\d+)*[^\W\d_]{0,2}")
SENTENCE = re.compile(
    rf"(?<=[^\W\d_]{{2}})(?<!\b[A-Z][a-z])(?<!\b[A-Z][a-z]{{2}})[{STOPS}][\"'”’)]*(?:\s+(?=[\"'“(¿¡]*[^\Wa-z_])|(?<=[。！？]))"
)
MARKER = re.compile(r"\s*(?:[-*•–·+]|\(?\d{1,2}[.):]?|\(?[a-zA-Z][.):]|#+)\s*\Z")
ITEM = re.compile(r"\A\s*(?:[-*•–·+]|\(?(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,5})[.):])\s+")
NOT_PROSE = re.compile(r"(?:#\w+|https?://\S+|www\.\S+|\S+@\S+|[\w/\\-]+\.\w{1,4}|[{};<>=\\/|]|\]|\))\s*\Z")
CODE = re.compile(
    r"^\s*(?:def |class |import |from \w+ import|return\b|print\(|for .*:\s*$|if .*:\s*$|const |let |var |function\b"
    r"|public |#include|SELECT\b|\w+ = |</?\w+>|\}|\{)|[;{}]\s*$|\w\(.*\)\s*$",
    re.MULTILINE,
)  # fmt: skip
LETTER_CUT = re.compile(r"(?:[^\W\d_],? |\A|\n\s*(?:[-*•–]|\d+[.)])? ?)\w\Z")
SEGMENT = re.compile(r"[,;،、，] ?(?:and |or |und |et |y |e |& )?")
PAIR = re.compile(r"\w\)?\s?(?::|=|\||->|→|\s[-–—])\s\S")
OPENERS = {"(": ")", "[": "]", "“": "”", "«": "»", "「": "」", "（": "）"}

# What a cut leaves, as log-odds. Words are cut within and after about equally often; a clean end leaves a part of a
# word in about one answer of a hundred, a comma or an open bracket in fewer.
PART, PART_OF_NAME, UNKNOWN, NUMBER = 3.5, 2.0, -0.5, -1.0
COMMA, BRACKET, MARK, CLOSER, LETTER, LISTED, BEGUN = 3.0, 2.0, 6.0, -2.5, 4.5, -1.5, 2.5
OPEN_WORD = 3.0  # of a word of the list that the set does not contradict
# Shares of cuts among the open ends of each build, before the set has spoken.
PRIOR = {"sentences": 0.4, "closed lines": 0.4, "long line": 0.2, "short line": 0.03, "open lines": 0.03}


class Tail(NamedTuple):
    """The end of an answer that does not end with a stop."""

    build: (
        str  # a key of PRIOR: several sentences in the last line, else closed or open lines above it, else its length
    )
    word: str  # the last word as it stands, "" when a mark stands last
    odds: float  # log-odds of what else stands there: commas, open brackets, list marks
    listed: bool = False  # whether it is one more of several alike


class Cut(NamedTuple):
    """An open end and how likely it is a cut."""

    row: int
    probability: float  # that the answer was cut, 0 to 1
    last: str  # its last 40 characters
    build: str


def tail_of(answer: str) -> Tail | None:
    """How an answer ends when no stop ends it; None for closed ends, code, tables, addresses and signatures."""
    text = answer.rstrip()
    if len(text) < SHORTEST:
        return None
    fenced, text = text.count("```"), text[-TAIL:]
    lines = [line for line in text.split("\n") if line.strip()]
    last, above = lines[-1], lines[:-1]
    closed = CLOSED.search(text[-12:]) is not None
    if _dangling(last, above) or (fenced % 2 and not closed):
        return Tail(_build(last, above), "", MARK)
    if closed or fenced or (NOT_PROSE.search(last) and not text.endswith(")")):
        return None
    if last.count("|") >= 2 or CODE.search("\n".join(lines[-4:])) or _signed(last, above):
        return None
    odds = 0.0
    if text[-1] in ",;(-–—/&:،、，":
        odds += COMMA if text[-1] != ":" else COMMA / 2
    if text[-1] in CLOSERS:
        odds += CLOSER
    elif any(last.count(a) > last.count(b) for a, b in OPENERS.items()) or last.count('"') % 2:
        odds += BRACKET
    begun = SENTENCE.split(ITEM.sub("", last))[-1].split()
    build = _build(last, above)
    single = build == "sentences" and len(begun) == 1
    if build == "sentences" and len(begun) <= 2 and "".join(begun).isalpha():
        odds += BEGUN
    tokens = TOKEN.findall(last)
    word = tokens[-1] if tokens and text[-1].isalnum() else ""
    if len(word) == 1 and word.isascii() and not LETTER_CUT.search(text):
        word, odds = "", odds + NUMBER  # a variable, a grade
    word = word[:1].lower() + word[1:] if single and len(word) > 1 else word
    return Tail(build, word, odds, _listed(last, above))


def _dangling(last: str, above: list[str]) -> bool:
    """Whether a list ends in the mark of an item without the item, or a text in a line of one letter."""
    if MARKER.match(last) and any(ITEM.match(line) for line in above):
        return True
    letter = len(last.strip()) == 1 and last.strip().isalpha()
    return letter and bool(above) and all(len(line.split()) > 2 for line in above[-3:])


def _signed(last: str, above: list[str]) -> bool:
    """Whether a letter ends here: "Sincerely," with or without a name below, or a name to fill in."""
    if len(last.split()) > 4 or not above:
        return False
    closing = above[-1].rstrip().endswith(",") and len(above[-1].split()) <= 4
    return (
        closing
        or last.lstrip()[:1] in "[<_"
        or (last.rstrip().endswith(",") and CLOSED.search(above[-1].rstrip()) is not None)
    )


def _listed(last: str, above: list[str]) -> bool:
    """Whether the end is one more of several alike: "red, green, blue", or "Rome: Italy" below "Oslo: Norway"."""
    parts = SEGMENT.split(last.rsplit(":", 1)[-1] if last.count(":") == 1 else last)
    sizes = [len(part.split()) for part in parts[:-1]]
    if len(sizes) >= 2 and max(sizes[1:]) <= 6 and min(sizes[1:]) <= len(parts[-1].split()) <= max(sizes[1:]) + 2:
        return True
    sizes = [len(ITEM.sub("", line).split()) for line in above[-5:]]
    if len(sizes) >= 2 and max(sizes) <= 3 and len(ITEM.sub("", last).split()) <= 3:
        return True
    pairs = [PAIR.search(line) is not None for line in above[-5:]]
    return bool(pairs) and 2 * sum(pairs) > len(pairs) and PAIR.search(last) is not None


def _build(last: str, above: list[str]) -> str:
    body = ITEM.sub("", last)
    if SENTENCE.search(body):
        return "sentences"
    if not above:
        return "long line" if len(body.split()) >= LONG else "short line"
    closed = sum(CLOSED.search(line.rstrip()[-12:]) is not None for line in above[-6:])
    return "closed lines" if 2 * closed > len(above[-6:]) else "open lines"


@cache
def opening_words() -> frozenset[str]:
    """Words that hardly ever end a sentence."""
    lines = files("assay.signals").joinpath("words", "opening.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@dataclass(frozen=True)
class Endings:
    """What a set teaches of its words."""

    seen: Counter[str]  # how often each word stands in the answers
    final: Counter[str]  # how often before a stop
    open: Counter[str]  # how often at the end of a line without a stop
    asked: frozenset[str]  # those of the prompts
    sorted_words: list[str]  # those seen, for prefixes
    suffixes: frozenset[str]  # endings that make words of words
    usual: float  # chance of any word to stand before a stop
    usually_open: float  # chance of any word to stand at the end of a line without a stop

    def odds(self, word: str, build: str) -> float:
        """Log-odds of a cut from the last word: positive for words that seldom stand last, and for parts of words."""
        if not word:
            return 0.0
        folded = _folded(word)
        n = self.seen[folded]
        if folded[0].isdigit():
            return NUMBER
        if n == 0 and folded not in opening_words():
            whole = folded in self.asked or (len(word) > 1 and not self._begins_words(folded))
            return UNKNOWN if whole else PART if word[0].islower() else PART_OF_NAME
        n += OPENING * (folded in opening_words())
        odds = _odds(self.final[folded], n, self.usual)
        if build in ("short line", "open lines"):
            odds = min(odds, _odds(self.open[folded], n, self.usually_open))
        if word[0].isupper() and len(word) > 1:
            return min(odds, UNKNOWN)  # names and titles end where they like
        if folded in opening_words() and odds > 0:
            odds = max(odds, OPEN_WORD)
        return max(odds, LETTER) if len(word) == 1 and word.isascii() and word.islower() else odds

    def _begins_words(self, part: str) -> bool:
        """Whether longer words of the set begin like this one that are no inflections of it ("stitch", "stitches")."""
        at, count = bisect_left(self.sorted_words, part), 0
        for word in self.sorted_words[at : at + 12]:
            if word.startswith(part) and word[len(part) :] not in self.suffixes:
                count += self.seen[word]
        return count >= 3


def _suffixes(seen: Collection[str]) -> frozenset[str]:
    """What turns many words of a set into others of it, such as "s" and "ing"; "" among them."""
    stems = {word for word in seen if len(word) >= 3 and word.isalpha()}
    made = Counter(word[-k:] for word in stems for k in (1, 2, 3) if word[:-k] in stems)
    return frozenset({"", *(suffix for suffix, n in made.items() if n >= max(3, PRODUCTIVE * len(stems)))})


def _odds(last: int, n: int, usual: float) -> float:
    """Log-odds that a word which stood last `last` times of `n` stands last by a cut."""
    chance = min(0.99, max(1e-4, (last + SMOOTH * usual) / (n + SMOOTH)))
    return math.log((1 - chance) / chance) - math.log((1 - usual) / usual)


def _folded(word: str) -> str:
    """Words in small letters, numbers as one; single letters as they are."""
    return "0" if word[0].isdigit() else word if len(word) == 1 else word.casefold()


def learn(answers: Sequence[str], prompts: Sequence[str] = ()) -> Endings:
    """The words of a set, from at most LEARNT of its answers and prompts."""
    seen: Counter[str] = Counter()
    final: Counter[str] = Counter()
    opened: Counter[str] = Counter()
    step = max(1, len(answers) // LEARNT)
    for answer in answers[::step]:
        text = answer[:BEGINNING]
        for m in TOKEN.finditer(text):
            after = text[m.end() : m.end() + 1]
            if not after:
                continue  # the open end that is to be judged
            word = _folded(m.group())
            seen[word] += 1
            opened[word] += after in "\n\r"
            final[word] += after in STOPS and (len(word) > 1 or not word.isascii())
    asked = frozenset(_folded(word) for prompt in prompts[::step] for word in TOKEN.findall(prompt[:BEGINNING]))
    total = max(1, seen.total())
    usual, usually_open = (min(0.5, max(0.01, counts.total() / total)) for counts in (final, opened))
    return Endings(seen, final, opened, asked, sorted(seen), _suffixes(seen), usual, usually_open)


def cuts(answers: Sequence[str], prompts: Sequence[str] = ()) -> list[Cut]:
    """The open ends of a set of answers, each with the probability that it was cut; "" is passed over."""
    tails = [(row, tail) for row, answer in enumerate(answers) if (tail := tail_of(answer))]
    if not tails:
        return []
    endings = learn(answers, prompts)
    habits = Counter(_last_line(answers[row]) for row, _ in tails)
    by_build: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for row, tail in tails:
        if habits[_last_line(answers[row])] < HABIT:
            odds = tail.odds + endings.odds(tail.word, tail.build)
            by_build[tail.build].append((row, odds + LISTED if tail.listed and odds < COMMA else odds))
    found = []
    for build, rows in by_build.items():
        share = _share([odds for _, odds in rows], PRIOR[build])
        base = math.log(share / (1 - share))
        found += [
            Cut(row, 1 / (1 + math.exp(-(base + odds))), answers[row].rstrip()[-40:], build) for row, odds in rows
        ]
    return sorted(found)


def _last_line(answer: str) -> str:
    return answer[-TAIL:].rstrip().rsplit("\n", 1)[-1].strip().casefold()


def _share(odds: Sequence[float], prior: float) -> float:
    """The share of cuts among open ends with these log-odds, by expectation maximisation from `prior`."""
    share = prior
    for _ in range(ROUNDS):
        base = math.log(share / (1 - share))
        expected = sum(1 / (1 + math.exp(-(base + o))) for o in odds)
        share = min(0.95, max(0.01, (expected + WEIGHT * prior) / (len(odds) + WEIGHT)))
    return share
