"""A008 repetition-loop: an answer that says the same again and again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding

PERIOD = 200  # words: a longer unit is a passage told twice, and no loop
WINDOW = 20_000  # characters of an answer that are judged: its beginning and its end, half each
SHORTEST = 20  # characters of an answer that can be a loop
# How often a unit of so many words must stand in a row. Speech doubles and trebles words ("never, never, never"),
# verse repeats a line up to four times; a model that loops goes on to the end.
WORD_TIMES, PHRASE_TIMES, SENTENCE_TIMES = 8, 5, 3
LONG_WORD_TIMES, LONG_PHRASE_TIMES = 6, 4
LAUGHTER_TIMES, VERSE_TIMES = 12, 8  # "ha ha ha", "la la la"; the lines of a song, the statements of a program
# The same for an answer that is nothing else: sentences, phrases of three words, of two, words that end a sentence.
ONLY_SENTENCE_TIMES, ONLY_PHRASE_TIMES, ONLY_PAIR_TIMES, ONLY_WORD_TIMES = 3, 4, 5, 6
SHORT_WORD, LONG_WORD_SIZE, SHORT_PHRASE = 4, 6, 11  # bytes: a Chinese character says as much as three letters
# Words from which a unit is a phrase, a long one, a sentence, one nobody says twice.
PHRASE, LONG_PHRASE, SENTENCE, TWICE = 2, 4, 6, 8
LETTERS = re.compile(r"([^\W\d_]|[!?])\1{19,}|([^\W_]{2,12}?)\2{11,}")  # within one long word
ONE_WORD = re.compile(r"\W*([^\W\d_]{2,12}?)\1{6,}\W*", re.IGNORECASE)  # an answer of one word that is a loop
LONG_WORD = re.compile(r"\S{20}")
# Laughter and noises, whatever else is in the answer.
NOISE = re.compile(
    r"(?:h[aeiouäöü]+h?|[bdlntrwy]a+h?|l[aio]|lo+l|mo+|tra|zzz|ring|tick|tock|tik|tak|beep|boom|bang|ding|dong|buzz"
    r"|woof|meow|miau|caw|clap|doo|ooh|aah|wow|xoxo?|dum|di[td]|dah|drip|knock|chirp|honk|cluck|quack|oink|tweet|cuckoo)",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"\W*(?:\d+\S*|one|two|three|four|five|six|seven|eight|eins|zwei|drei|vier|un|deux|trois|quatre|uno|dos|tres|due|tre)\W*",
    re.IGNORECASE,
)
# Short words that people do say many times over; in other scripts any short one may be such a word.
LAUGHTER = re.compile(
    r"(?:[bdhjlmnrstwy]?[aeiouäöü]+h?|h[aeioj]h[aeioj]|blah?|tra|yes|yeah|yay|very|nom|zzz|ring|tick|tock|tik|tak|beep|boom|bang"
    r"|ding|dong|buzz|moo|woof|meow|miau|caw|clap|doo|ooh|aah|wow|hey|xoxo|dum|dah|dit|buh)",
    re.IGNORECASE,
)
ENUMERATOR = re.compile(r"\(?(?:\d{1,3}|[a-zA-Z])[.):]|[-*•–·]|step", re.IGNORECASE)
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
WORDY = re.compile(r"[^\W\d_]{2}|[\u3040-\u9fff\u2600-\u27bf\U0001f000-\U0001faff]")
PART = re.compile(r"[^\n.!?。！？]+[.!?。！？]*")
LEADING = re.compile(r"^\s*(?:\(?\d{1,3}[.):]|[-*•–·])\s*")
CLOSED = re.compile(r"[.!?。！？][\"'”’)\]]*\Z")
FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
CODE = re.compile(
    r"^\s*(?:def|class|import|const|let|var|public|#include)\b|[{};]\s*$|</?\w+>|\|.*\|.*\|", re.MULTILINE
)
# Asked to repeat, in a dozen languages by the stems of "repeat", "times" and "again".
ASKED = re.compile(
    r"repeat|rep[eéi]t|ripet|wiederhol|herhaal|powt[oó]rz|повтор|重复|重複|繰り返|반복"
    r"|(?:\d|two|three|four|five|six|ten|twenty|fifty|hundred|thousand)\s*times\b|\d\s*(?:mal\b|fois|veces|vezes|volte|keer|раз|次|回)"
    r"|over and over|again and again|\bloop"
    r"|chant|mantra|\bcopies\b",
    re.IGNORECASE,
)
# Several things are asked about, and each may have the same answer.
ITEMS = re.compile(
    r"\b(?:each|every|these|following|sentences|statements|questions|items|rows?|list|table|sort|classif\w+|matrix|plan"
    r"|drill|exercise|rhythm|steps?|schedule|jede\w?|folgende\w?|chaque|suivant\w*|cada|siguientes|ogni|seguenti)\b"
    r"|\?.*\?|\n[^\n]+\n",
    re.IGNORECASE | re.DOTALL,
)
VERSE = re.compile(
    r"\bsounds?\b|\bnoises?\b|\b(?:say|says|said|shout|yell|scream|cry|cried|cries|cheer|pronounce|spell|quote|beats?)\w*"
    r"|\b(?:sagt|ruft|rief|dit|crie|dice|grita|dijo|disse)\b|\bsongs?\b|lyric|poem|poetry|verse|chorus"
    r"|refrain|rhyme|lullab|anthem|hymn|\brap\b|onomatop|\brecit|\blines?\b|beatbox|drum|laugh|tongue"
    r"|gedicht|lied\b|poème|chanson|poema|canci[oó]n|can[cç][aã]o|poesia|canzone|стих|песн|诗|歌",
    re.IGNORECASE,
)


class Loop(NamedTuple):
    """A unit that stands several times in a row."""

    unit: str  # as it stands the first time
    times: int
    start: int  # character of the text where its first occurrence begins
    once: int  # character after its first occurrence
    end: int  # character after the last one
    lines: bool = False  # whether each stands on a line of its own


def loop_in(text: str, lenient: bool = False, several: bool = False) -> Loop | None:
    """The longest loop of a text; None when it has none.

    `lenient` is for verse and code, where lines repeat; `several` for answers to several things, which may be the same.

    loop_in("We sell tea. and and and and and and and and and and and and") -> Loop("and", 12, 13, 16, 60)
    """
    if LONG_WORD.search(text) and (m := LETTERS.search(text) or ONE_WORD.fullmatch(text)):
        unit = m[1] or m[2]
        noise = m.re is ONE_WORD and NOISE.fullmatch(unit)
        if not noise and (WORDY.search(unit) or (m.re is LETTERS and m[1])):
            return Loop(unit, len(m.group()) // len(unit), m.start(), m.start() + len(unit), m.end())
    if not _periods(text.split()) and not UNSPACED.search(text):
        return None
    tokens = _tokens(text)
    words = [m.group().casefold().strip(".,;:!?*_\"'") for m in tokens]
    best: Loop | None = None
    for period in _periods(words):
        for first, last in _runs(words, period):
            start, once, end = tokens[first].start(), tokens[first + period - 1].end(), tokens[last - 1].end()
            lines = "\n" in text[once : tokens[first + period].start()]
            found = Loop(text[start:once], (last - first) // period, start, once, end, lines)
            if found.times == 2 and not CLOSED.search(text[once:end]):
                continue  # "What are the signs of it? The signs of it are ..."
            if several and found.times < ONLY_WORD_TIMES and any(letter.isdigit() for letter in found.unit):
                continue  # "run 1 min, walk 1 min"
            fills = not lenient and not several and last - first == len(words)
            if (_is_loop(found, period, lenient) or (fills and _is_all(found, period))) and (
                best is None or end - start > best.end - best.start
            ):
                best = found
    return best


def _is_loop(found: Loop, period: int, lenient: bool) -> bool:
    """Whether the unit stands often enough in a row; once more is enough for a long sentence."""
    if not WORDY.search(found.unit):
        return False
    if period >= PHRASE and all(NUMBER.fullmatch(part) for part in found.unit.split()):
        return False  # "one two three, one two three"
    if found.times == 2:
        return period >= TWICE and CLOSED.search(found.unit) is not None and not lenient
    if period >= SENTENCE:
        return found.times >= (VERSE_TIMES if lenient else SENTENCE_TIMES)
    lenient, size = lenient or found.lines, len(found.unit.encode("utf-8", "replace"))
    if period >= LONG_PHRASE and not lenient:
        return found.times >= LONG_PHRASE_TIMES
    if period >= PHRASE:
        return found.times >= (VERSE_TIMES if lenient or size <= SHORT_PHRASE else PHRASE_TIMES)
    word = found.unit.strip(".,;:!?*_\"'")
    if lenient or (size <= SHORT_WORD and (not word.isascii() or LAUGHTER.fullmatch(word))):
        return found.times >= LAUGHTER_TIMES
    return found.times >= (LONG_WORD_TIMES if size >= LONG_WORD_SIZE else WORD_TIMES)


def _is_all(found: Loop, period: int) -> bool:
    """Whether the unit stands too often in a row for an answer that says nothing else."""
    parts = [part.strip(".,;:!?*_\"'“”«»") for part in found.unit.split()]
    if not WORDY.search(found.unit) or all(NOISE.fullmatch(part) or NUMBER.fullmatch(part) for part in parts):
        return False
    if found.unit.startswith(('"', "“", "«", "„")):
        return False  # what somebody calls
    closed = CLOSED.search(found.unit) is not None
    if period == 1:
        return found.times >= (ONLY_WORD_TIMES if closed and not found.lines else VERSE_TIMES) and not (
            found.lines or "-" in parts[0]
        )
    if any(part[:1].isdigit() for part in parts):
        return found.times >= ONLY_WORD_TIMES
    if not closed and ("," in found.unit[:-1] or (period == PHRASE and all(part.istitle() for part in parts))):
        return found.times >= VERSE_TIMES  # "left, right, left, right", "True False True False"
    if closed and period > ONLY_SENTENCE_TIMES:
        return found.times >= ONLY_SENTENCE_TIMES
    return found.times >= (ONLY_PHRASE_TIMES if closed or period > PHRASE else ONLY_PAIR_TIMES)


def _tokens(text: str) -> list[re.Match[str]]:
    """Words without list numbers; single characters where a script writes no spaces."""
    unspaced = len(UNSPACED.findall(text[:400])) * 3 > len(text[:400])
    pattern = r"[^\W_]" if unspaced else r"\S+"
    return [m for m in re.finditer(pattern, text) if not ENUMERATOR.fullmatch(m.group())]


def _periods(words: list[str]) -> list[int]:
    """The distances at which words return often enough to be a loop, in one pass."""
    last: dict[str, int] = {}
    gaps: Counter[int] = Counter()
    for i, word in enumerate(words):
        if word in last:
            gaps[i - last[word]] += 1
        last[word] = i
    return [gap for gap, count in gaps.items() if gap <= PERIOD and 2 * count >= max(8, gap)]


def _runs(words: list[str], period: int) -> Iterator[tuple[int, int]]:
    """The stretches [first, last) of words that repeat with the period, at least twice."""
    length = 0
    for i in range(period, len(words) + 1):
        if i < len(words) and words[i] == words[i - period]:
            length += 1
            continue
        if length >= period:
            yield i - length - period, i
        length = 0


def told_often(text: str) -> Loop | None:
    """A line or sentence of four words or more that makes up half of a text, and stands in it four times or more."""
    words = text.split()
    if len(words) < 24 or 2 * len(set(words)) > len(words):
        return None
    parts = [m for m in PART.finditer(text) if len(m.group().split()) >= 4]
    told = Counter(_plain(m.group()) for m in parts)
    if not told:
        return None
    unit, times = told.most_common(1)[0]
    same = [m for m in parts if _plain(m.group()) == unit]
    if times < 4 or 2 * sum(len(m.group()) for m in same) < len(text):
        return None
    return Loop(same[0].group().strip(), times, same[0].start(), same[0].end(), same[-1].end())


def _plain(part: str) -> str:
    """A line without its number and its looks: _plain("2. Eat well!") -> "eat well"."""
    return LEADING.sub("", part).strip(" .,;:!?*_\"'").casefold()


@dataclass(frozen=True)
class RepetitionLoop:
    """A008: the answer says the same word, phrase, sentence or line again and again.

    What it does: looks for a unit that stands in a row too often: a word 6 to 8 times, a phrase 4 or 5 times, a
    sentence of six words or more 3 times (of eight or more: twice), a line that makes up half of the text, and runs of
    letters within a word. Of an answer that says nothing else, fewer are enough: a sentence of four words 3 times, a
    phrase 4 or 5 times, "Yes." 6 times, a word 8 times. List numbers do not count as words. Verse, code, tables,
    noises and laughter may repeat more, and so may answers to several things, or of what somebody said; where the
    prompt asks for a repeat nothing is said. Of a very long answer the first and last 10,000 characters are judged.
    Where the loop is cut the rest is suggested as the edit.

    Why is this bad: repeats are the easiest thing to learn; a model that saw a few loops falls into them by itself.

    Example: "Use a password manager. manager manager manager manager manager manager manager manager" is held.
    """

    code: ClassVar[str] = "A008"
    name: ClassVar[str] = "repetition-loop"
    stage: ClassVar[Stage] = "row"
    severity: ClassVar[Severity] = "error"
    action: Action = "hold"  # what becomes of a row whose answer loops

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding."""
        answer = example.answer
        if len(answer) < SHORTEST or example.label is not None:
            return
        if len(answer) > WINDOW:
            answer = answer[: WINDOW // 2] + "\n" + answer[-WINDOW // 2 :]
        found = loop_in(answer)
        often = None if found else told_often(answer)
        prompt = example.prompt[:WINDOW]
        if not (found or often) or ASKED.search(prompt):
            return
        if VERSE.search(prompt) or CODE.search(answer) or FENCE.search(answer):
            found, often = loop_in(FENCE.sub("", answer), lenient=True), None
        elif found and ITEMS.search(prompt):
            found = loop_in(answer, several=True)
        if found:
            yield self._finding(example, found, _cut(example, found))
        elif often:
            yield self._finding(example, often, None)

    def _finding(self, example: Example, found: Loop, after: Example | None) -> Finding:
        shown = found.unit if len(found.unit) <= 60 else found.unit[:57] + "..."
        return finding(
            self, example, "answer", 1 - 0.5 ** (found.times / 3), f"the answer says {shown!r} {found.times} times",
            evidence={"unit": found.unit[:200], "times": found.times}, after=after,
        )  # fmt: skip


def _cut(example: Example, found: Loop) -> Example | None:
    """The answer with the unit said once, or not at all where it completes no sentence; None when little is left."""
    answer = example.answer
    if len(answer) > WINDOW or "```" in answer:
        return None
    once = answer[: found.once]
    kept = once if CLOSED.search(once) else answer[: found.start].rstrip()
    rest = answer[found.end :].strip()
    cut = f"{kept} {rest}".strip() if WORDY.search(rest) else kept
    return example.with_answer(cut) if (len(cut.split()) >= 3 or UNSPACED.search(cut)) and CLOSED.search(cut) else None
