"""Tables of search patterns: shipped text files, and which of their patterns can match a text at all."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

HEAD = 5  # letters of a word that are looked up to see which patterns can match at all
UNSPACED = 0x0590  # letters from here on are of Semitic, Indic and Asian writing: words may stand without blanks
BREAKS = str.maketrans(dict.fromkeys(string.punctuation + "’‘“”…–—", " "))


class Pattern(NamedTuple):
    """One line of a table."""

    kind: str
    weight: float  # 0 to 1: how sure a match is
    said: str  # in which way it must be said to count; what it means is the table's
    gates: tuple[str, ...]  # without one of these substrings nothing matches; () when none is needed
    expression: str

    @property
    def regex(self) -> re.Pattern[str]:
        """Compiled when first asked for: most files need few of a table."""
        return _compiled(self.expression)


ByHead = Mapping[str, list[Pattern]]


def lines(name: str) -> list[str]:
    """The lines of a file shipped beside the rules, remarks and empty ones left out."""
    text = files("assay.rules").joinpath(name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def table(name: str, pieces: Mapping[str, str], words: Mapping[str, list[str]]) -> dict[str, list[Pattern]]:
    """The patterns of a table by each beginning of a word without one of which they cannot match.

    A line is "NAME = expression", used as {NAME} further down, or "kind | weight | said | keys | gates | expression";
    `pieces` are expressions known beforehand. In an expression a blank stands for any run of white space, " ?" for an
    optional one. Keys are beginnings of words, or "@list" for those of all `words` of a list.
    """
    names = dict(pieces)
    by_head: dict[str, list[Pattern]] = {}
    for line in lines(name):
        head = re.match(r"([A-Z_]+) = ", line)
        if head:
            names[head[1]] = _filled(line[head.end() :], names)
            continue
        kind, weight, said, keys, gates, expression = line.split(" | ", 5)
        spaced = _filled(expression, names).replace(" ?", r"\s*").replace(" ", r"\s+")
        needed = tuple(gates.replace("\\n", "\n").split(",")) if gates != "-" else ()
        pattern = Pattern(kind, float(weight), said, needed, spaced)
        for key in dict.fromkeys(_keys(keys, words)):
            by_head.setdefault(key, []).append(pattern)
    return by_head


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


def _filled(expression: str, names: Mapping[str, str]) -> str:
    return re.sub(r"\{([A-Z_]+)\}", lambda name: names[name[1]], expression)


def _keys(listed: str, words: Mapping[str, list[str]]) -> Iterator[str]:
    for key in listed.split(","):
        if key.startswith("@"):
            yield from (head for word in words[key[1:]] for head in heads_of_entry(word))
        else:
            yield key


def heads_of_entry(word: str) -> list[str]:
    """How the words begin that an entry of a list stands for; "*" is any ending, of several words the longest counts.

    heads_of_entry("the poor") -> ["poor"]; ("abcd*") -> ["abcd", "abcda", "abcdb", ...]
    """
    longest = max(re.findall(r"\w+", word), key=len)[:HEAD]
    if word != longest + "*" or len(longest) == HEAD:
        return [longest]
    return [longest, *(head for letter in string.ascii_lowercase for head in heads_of_entry(longest + letter + "*"))]


def heads_of(low: str) -> set[str]:
    """heads_of("don't ignore it") -> {"don", "t", "ignor", "it"}: how the words of a text in lower case begin."""
    return {word[:HEAD] for word in low.translate(BREAKS).split()}


def candidates(by_head: ByHead, heads: set[str], low: str) -> Iterator[Pattern]:
    """The patterns that may match a text in lower case with these beginnings of words."""
    begun = heads & by_head.keys()
    if not begun:
        return
    for pattern in {id(pattern): pattern for head in begun for pattern in by_head[head]}.values():
        for gate in pattern.gates:
            if gate in low:
                yield pattern
                break
        else:
            if not pattern.gates:
                yield pattern


# --- other languages --------------------------------------------------------------------------------------------------


class Foreign(NamedTuple):
    """Phrases of another language that are looked for together."""

    kind: str
    needed: tuple[str, ...]  # without one of these substrings nothing matches
    regex: re.Pattern[str]


class Foreigns:
    """Phrases of other languages, by how the words begin without which they cannot match."""

    def __init__(self) -> None:
        self._by_head: dict[str, list[Foreign]] = {}
        self._unspaced: list[Foreign] = []  # of writing without blanks between words: looked for wherever it occurs

    def add(self, foreign: Foreign, heads: Iterable[str]) -> None:
        """File it under beginnings of words, and as unspaced where its phrases are of such writing."""
        for head in dict.fromkeys(heads):
            self._by_head.setdefault(head, []).append(foreign)
        if any(ord(phrase[0]) >= UNSPACED for phrase in foreign.needed):
            self._unspaced.append(foreign)

    def near(self, low: str, heads: set[str]) -> list[Foreign]:
        """Those that may match a text in lower case with these beginnings of words."""
        found = {id(one): one for head in heads & self._by_head.keys() for one in self._by_head[head]}
        if not low.isascii():
            found |= {id(one): one for one in self._unspaced}
        return [one for one in found.values() if any(phrase in low for phrase in one.needed)]
