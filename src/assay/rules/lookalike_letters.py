"""A014 lookalike-letters: letters of another script inside words, and styled letters in place of plain ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import ClassVar, NamedTuple

from assay.records import Action, Example, Finding, Severity
from assay.rules.meant import about_looks
from assay.rules.protocol import Stage, finding
from assay.rules.turns import field_of, rewritten, turns_of, with_turns

# Greek, Cyrillic, Armenian and Cherokee; circled, fullwidth and mathematical letters.
FOREIGN = re.compile("[\u0370-\u058f\u13a0-\u13f5\u24b6-\u24e9\uff21-\uff5a\U0001d400-\U0001d6a5]")
WORD = re.compile("[^\\W_\u00aa\u00ba]+|[\u24b6-\u24e9]+")
LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
STYLED = re.compile("[\u24b6-\u24e9\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d6a5]")
STYLED_RUN = re.compile(
    "[\u24b6-\u24e9\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d6a5\U0001d7ce-\U0001d7ff]+"
)
STYLED_WORD = 4  # letters from which a styled word is no variable and no triangle
MATHS = re.compile(r"[=^∑∏∫√≤≥≈∈∉∀∃→⟨⟩∂∇±×÷]|\\[a-z]+\{")
EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
CYRILLIC = re.compile("[\u0400-\u04ff]")
LOOKS_CYRILLIC = dict(zip("aeopcyxiABEKMHOPCTXI", "аеорсухіАВЕКМНОРСТХІ", strict=True))
INITIALS = re.compile(r"[A-Z]{2}")  # "ITшник": letters of a name with an ending
ADDRESS = re.compile(r"\w{2,9}://\S+|[\w.+-]{1,64}@\S+|\w[\w-]{0,62}\.[a-z]{2,6}(?![\w.])")
BESIDE = "[]\\-"  # what stands beside a letter in a pattern such as "[a-zа-я]"
ABOUT = re.compile(
    r"cyrillic|\bgreek\b|alphabet|homo(?:glyph|graph)|look-?alike|confusable|unicode|\bfonts?\b|\bscripts?\b|spoof"
    r"|phish|russian|ukrainian|bulgarian|serbian|translit|кирилл|латин|алфавит|\bregex|regular expression",
    re.IGNORECASE,
)


class Reading(NamedTuple):
    """What a text says in letters of one script."""

    text: str
    words: tuple[str, ...]  # those it changes, as they stand
    sure: bool


class _Word(NamedTuple):
    start: int
    end: int
    text: str
    latin: str | None  # what it reads in Latin letters; None when that is no word
    sure: bool  # whether Latin letters stand beside letters that cannot be told from Latin ones


@cache
def lookalikes() -> tuple[dict[str, str], dict[str, str]]:
    """The letters that cannot be told from Latin ones, and those that only resemble them, each with the Latin one."""
    tables: dict[str, dict[str, str]] = {"[same]": {}, "[near]": {}}
    kind = ""
    for line in files("assay.rules").joinpath("lookalikes.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            kind = line
        elif line and not line.startswith("#"):
            letter, _, latin = line.partition(" ")
            tables[kind][letter] = latin
    return tables["[same]"], tables["[near]"]


def reading(text: str) -> Reading | None:
    """What a text with look-alike letters says: reading("pаyment").text -> "payment"; None for any other text."""
    if text.isascii() or not FOREIGN.search(text):
        return None
    plain = _unstyled(text)
    words = [m for m in WORD.finditer(plain) if m.group().isalnum()]
    foreign = [_read(m) for m in words if FOREIGN.search(m.group()) and not _in_pattern(plain, m)]
    latin = sum(LATIN.search(m.group()) is not None and not CYRILLIC.search(m.group()) for m in words)
    genuine = sum(word.latin is None and _genuine(word.text) for word in foreign)
    changed = [word for word in foreign if word.latin is not None]
    mixed = [word for word in changed if LATIN.search(word.text)]
    sure = not genuine and all(word.sure for word in mixed) and not _in_address(plain, mixed)
    if genuine > latin:
        changed, sure = _in_cyrillic(foreign), True
    elif not mixed:  # words all of look-alikes, such as "а" or "сору", among Latin ones
        changed = [word for word in changed if word.text.islower() and not genuine and latin > 2 * len(changed)]
        sure = False
    else:
        changed = [word for word in changed if LATIN.search(word.text) or (word.text.islower() and not genuine)]
    if not changed and plain == text:
        return None
    shown = tuple(word.text for word in changed) or tuple(STYLED_RUN.findall(text))
    return Reading(_put(plain, changed), shown[:10], sure and plain == text)


def _unstyled(text: str) -> str:
    """Plain letters for fullwidth, circled and mathematical ones, in prose; formulas and East Asian text stay."""
    if not STYLED.search(text) or EAST_ASIAN.search(text) or MATHS.search(text):
        return text
    runs = [run for run in STYLED_RUN.findall(text) if sum(c.isalpha() or c >= "\u24b6" for c in run) >= STYLED_WORD]
    return STYLED_RUN.sub(lambda m: unicodedata.normalize("NFKC", m.group()), text) if runs else text


def _in_address(text: str, words: list[_Word]) -> bool:
    """Whether a word is part of an address: there it may be the point, for it leads elsewhere."""
    taken = bytearray(len(text))
    for m in ADDRESS.finditer(text) if words else ():
        taken[m.start() : m.end()] = b"\x01" * len(m.group())
    return any(taken[word.start] for word in words)


def _in_pattern(text: str, word: re.Match[str]) -> bool:
    """Whether a word is a part of a range of letters, as in "[a-zа-я]"."""
    beside = text[max(0, word.start() - 1) : word.start()] + text[word.end() : word.end() + 1]
    return len(word.group()) <= 2 and any(mark in BESIDE for mark in beside)


def _genuine(word: str) -> bool:
    """Whether a word is of another script: not one letter that stands for a quantity."""
    return CYRILLIC.search(word) is not None or (len(word) > 1 and not LATIN.search(word))


def _read(match: re.Match[str]) -> _Word:
    """A word in Latin letters; letters that only resemble them must stand between small Latin ones."""
    same, near = lookalikes()
    word = match.group()
    out, sure = [], LATIN.search(word) is not None
    for at, letter in enumerate(word):
        if not FOREIGN.match(letter):
            out.append(letter)
        elif letter in same:
            out.append(same[letter])
        elif letter in near and _between_small(word, at):
            out.append(near[letter])
            sure = False
        else:
            return _Word(*match.span(), word, None, False)
    return _Word(*match.span(), word, "".join(out), sure)


def _between_small(word: str, at: int) -> bool:
    before, after = word[at - 1 : at], word[at + 1 : at + 2]
    return bool(LATIN.match(before) and LATIN.match(after) and before.islower() and after.islower())


def _in_cyrillic(words: list[_Word]) -> list[_Word]:
    """The words of a Cyrillic text with a few Latin letters among theirs, in Cyrillic."""
    out = []
    for word in words:
        latin = LATIN.findall(word.text)
        if word.latin is None and 0 < 3 * len(latin) < len(word.text) and not INITIALS.match(word.text):
            cyrillic = "".join(LOOKS_CYRILLIC.get(letter, letter) for letter in word.text)
            out += [word._replace(latin=cyrillic)] if not LATIN.search(cyrillic) else []
    return out


def _put(text: str, words: list[_Word]) -> str:
    pieces, last = [], 0
    for word in words:
        pieces += [text[last : word.start], word.latin or word.text]
        last = word.end
    return "".join([*pieces, text[last:]])


@dataclass(frozen=True)
class LookalikeLetters:
    """A014: words hold letters of another script that look like their own.

    What it does: looks for words that mix Latin letters with Cyrillic, Greek, Armenian or Cherokee ones that cannot be
    told from them ("раyment"), for Cyrillic words with Latin letters among theirs, and for fullwidth, circled and
    mathematical letters in place of plain ones ("𝗙𝗿𝗲𝗲"). Where every letter of the word has its counterpart, the word
    is written in one script. Where the letters only resemble each other, where a whole word is of look-alikes, in
    addresses, and where words of both scripts stand in the text, the row is held with the suggestion. Other scripts in
    words of their own, formulas, units and symbols ("μg", "NFκB", "TNFα"), fullwidth letters in East Asian text, ranges
    of letters in patterns and rows that speak of scripts, letters or spoofing are left alone. Styled letters, and texts
    to classify, are held: there they may be meant, or tell the class. In 56,000 rows of eleven public
    sets it found two, both rightly.

    Why is this bad: to the tokeniser the word is another one, of rare pieces; duplicates, searches and filters miss
    the row, and the model learns to write what nobody can search for.

    Example: "reset my pаssword" with a Cyrillic "а" is repaired; the reader sees no difference.
    """

    code: ClassVar[str] = "A014"
    name: ClassVar[str] = "lookalike-letters"
    stage: ClassVar[Stage] = "repair"
    severity: ClassVar[Severity] = "error"
    action: Action = "edit"  # what becomes of a row whose words are surely meant in one script; others are held

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding, whose edit writes every text of the example in letters of one script."""
        read = {
            turn.at: found for turn in turns_of(example)
            if not turn.text.isascii() and (found := reading(turn.text)) is not None
        }  # fmt: skip
        if not read or any(ABOUT.search(turn.text) for turn in turns_of(example)) or about_looks(example):
            return
        sure = all(found.sure for found in read.values()) and example.label is None  # it may be what tells the class
        texts = rewritten(example, settled) if sure else {at: found.text for at, found in read.items()}
        words = [word for found in read.values() for word in found.words]
        action: Action = "hold" if not sure and self.action == "edit" else self.action
        yield finding(
            self, example, field_of(example, texts), 0.95 if sure else 0.6,
            f"letters that look like others: {words[0]!r} holds {_names(words[0])}",
            evidence={"words": words[:10]}, after=with_turns(example, texts), action=action,
        )  # fmt: skip


def settled(text: str) -> str:
    """The text in letters of one script, where that is sure; what one reading uncovers the next one reads."""
    while (found := reading(text)) is not None and found.sure and found.text != text:
        text = found.text
    return text


def _names(word: str) -> str:
    """The names of the letters of a word that are not plain, one of each."""
    odd = dict.fromkeys(letter for letter in word if FOREIGN.match(letter))
    return ", ".join(unicodedata.name(letter, "a letter without a name").lower() for letter in list(odd)[:3])
