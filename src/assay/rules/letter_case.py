"""Whether case tells two texts apart that else read alike: in code and between quotes it does, in lazy typing not."""

from __future__ import annotations

import re

from assay.signals.folding import word_list

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
CODE = "`_=<>{}[]\\/@#$"  # a word beside one of these is code, as is a letter after a lone hyphen: "ls -l" and "ls -L"
QUOTES = "\"'“”‘’«»"  # a word between two of these is spoken of
PROSE = 8  # words from which a text all in one case was typed so, and is no name or command
ALONE = re.compile(r"\bI\b")  # keyboards write it so by themselves
SHORT = 3  # letters of a word that capitals turn into another: "mW" and "MW", "Co" and "CO"
ABBREVIATED = 5  # letters of a word that capitals turn into an abbreviation; longer ones are shouted: "IT", "it"
HEADLINE = 4  # letters from which the words of a headline have a capital


def told_apart_by_case(one: str, other: str) -> bool:
    """Whether two texts of the same words say different things by their case.

    ("Is Turkey on it?", "Is turkey on it?") -> True; ("Does US law bind us?", "Does us law bind us?") -> True;
    ("my iPhone broke", "My iphone broke") -> False; ("what is `A`?", "what is `a`?") -> True;
    ("reset my PIN", "RESET MY PIN") -> False; ("is the US in Nato", "is the us in nato") -> False
    """
    if one == other or _shouted(one) != _shouted(other):
        return False
    here, there = list(WORD.finditer(one)), list(WORD.finditer(other))
    if len(here) != len(there):
        return False
    differ = [(a, b) for a, b in zip(here, there, strict=True) if a[0] != b[0] and a[0].casefold() == b[0].casefold()]
    lowered = len(differ) > 1 and len(here) >= PROSE and (one.islower() or other.islower())
    cased = []
    for a, b in differ:
        if _marked(one, a, lowered) and _marked(other, b, lowered):
            return True
        if len(a[0]) > 1 and all(_cared(text, word) for text, word in ((one, a), (other, b))):
            cased.append((a[0], b[0]))
    if len(cased) > 1 and any(_headline(words) for words in (here, there)):
        return False
    titled = len(here) < PROSE and not any(text.rstrip().endswith((".", "?", "!")) for text in (one, other))
    return any(_another_word(a, b, titled) for a, b in cased)


def _another_word(one: str, other: str, titled: bool) -> bool:
    """Whether two spellings of a word are two words: "Polish"/"polish", "WHO"/"who", "mW"/"MW"; not "iPhone".

    In what may be a title a capital says nothing: "Order Status".
    """
    forms = {one, other}
    small = one.lower()
    if len(one) <= SHORT and not (_ordinary(one) and _ordinary(other)):
        return small not in word_list("negations")
    if forms == {small, small.capitalize()}:
        return not titled
    return forms == {small, small.upper()} and len(one) <= ABBREVIATED and small not in word_list("negations")


def _headline(words: list[re.Match[str]]) -> bool:
    """Whether all words of a text that are long enough have a capital: "How To Reset Your Card"."""
    return all(word[0][0].isupper() for word in words if len(word[0]) >= HEADLINE)


def _shouted(text: str) -> bool:
    """Whether a text long enough to be prose is all in capitals, what it quotes included."""
    return text.isupper() and len(WORD.findall(text)) >= PROSE


def _cared(text: str, word: re.Match[str]) -> bool:
    """Whether the case of a word says something: not at the beginning of a sentence, nor in a line all in one case."""
    low = text.rfind("\n", 0, word.start()) + 1
    line = ALONE.sub("", text[low : (text.find("\n", word.end()) + 1 or len(text) + 1) - 1])
    return not _starts(text, word) and not line.islower() and not line.isupper()


def _marked(text: str, word: re.Match[str], lowered: bool) -> bool:
    """Whether a word is code or quoted; in a text of which a copy is all in small letters, surely code."""
    before, after = text[max(0, word.start() - 3) : word.start()], text[word.end() : word.end() + 1]
    near = before[-1:]
    option = near == "-" and not before[-2:-1].strip()
    quoted = near != "" and near in QUOTES and after != "" and after in QUOTES
    compared = before.rstrip(" ")[-1:] in tuple("=<>")
    if lowered:
        return "`" in (near, after) or after == "(" or compared
    return quoted or option or compared or (near != "" and near in CODE) or (after != "" and after in CODE + "(")


def _starts(text: str, word: re.Match[str]) -> bool:
    """Whether a word begins a sentence, where it has a capital anyway."""
    return text[: word.start()].rstrip(f" {QUOTES}([*_-")[-1:] in ("", ".", "!", "?", ":", "\n")


def _ordinary(word: str) -> bool:
    return word in (word.lower(), word.capitalize())
