"""Whether case tells two texts apart that else read alike: in code and between quotes it does, in lazy typing not."""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
CODE = "`_=<>{}[]\\/@#$"  # a word beside one of these is code, as is a letter after a lone hyphen: "ls -l" and "ls -L"
QUOTES = "\"'“”‘’«»"  # a word between two of these is spoken of
PROSE = 8  # words from which a text all in capitals was shouted, and is no name or command
SHORT = 3  # letters of a word that capitals turn into another: "us" and "US", "mW" and "MW", "Co" and "CO"


def told_apart_by_case(one: str, other: str) -> bool:
    """Whether two texts of the same words say different things by their case.

    ("Does US law bind us?", "Does us law bind us?") -> True; ("my iPhone broke", "My iphone broke") -> False;
    ("what is `A`?", "what is `a`?") -> True; ("reset my PIN", "RESET MY PIN") -> False
    """
    if one == other or _shouted(one) != _shouted(other):
        return False
    here, there = list(WORD.finditer(one)), list(WORD.finditer(other))
    if len(here) != len(there):
        return False
    cared = _has_both(one) and _has_both(other)
    for a, b in zip(here, there, strict=True):
        if a[0] == b[0] or a[0].casefold() != b[0].casefold():
            continue
        if _marked(one, a) and _marked(other, b):
            return True
        if cared and 1 < len(a[0]) <= SHORT and not _starts(one, a) and not (_ordinary(a[0]) and _ordinary(b[0])):
            return True
    return False


def _shouted(text: str) -> bool:
    """Whether a text long enough to be prose is all in capitals, what it quotes included."""
    return text.isupper() and len(WORD.findall(text)) >= PROSE


def _has_both(text: str) -> bool:
    """Whether someone cared for case: a text all in small letters or all in capitals says nothing by it."""
    return any(c.isupper() for c in text[1:]) and any(c.islower() for c in text)


def _marked(text: str, word: re.Match[str]) -> bool:
    before, after = text[max(0, word.start() - 3) : word.start()], text[word.end() : word.end() + 1]
    near = before[-1:]
    option = near == "-" and not before[-2:-1].strip()
    quoted = near != "" and near in QUOTES and after != "" and after in QUOTES
    compared = before.rstrip(" ")[-1:] in tuple("=<>")
    return quoted or option or compared or (near != "" and near in CODE) or (after != "" and after in CODE + "(")


def _starts(text: str, word: re.Match[str]) -> bool:
    """Whether a word begins a sentence, where it has a capital anyway."""
    return text[: word.start()].rstrip()[-1:] in ("", ".", "!", "?", ":", "\n")


def _ordinary(word: str) -> bool:
    return word in (word.lower(), word.capitalize())
