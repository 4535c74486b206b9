"""Texts that look as if they stood where nobody wrote an answer yet: "N/A", "TODO", "[answer here]", "-", "[]"."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from assay.rules.remembered import remembered

Kind = Literal["", "slot", "later", "none", "word", "perhaps", "latin", "marks", "empty"]
LONGEST = 60  # characters; longer texts are no placeholders, but for filler text
UNSEEN = re.compile("[\\s\u200b-\u200f\u2060\ufeff\u00ad\x00-\x1f\x7f\u3164\u2800]+")
WRAPPING = "[]{}()<>\"'`*_ \t\n"
LATIN = re.compile(r"\W*lorem ipsum(?: dolor\b|\W*\Z)", re.IGNORECASE)
SLOT = re.compile(
    r"[\[{<(]{1,3}\s*(?:please\s+)?(?:insert|enter|add|put|write|type|your|the|model|correct|expected|sample)?\s*(?:your|the|an?)?\s*"
    r"(?:answer|response|output|reply|completion|text|content|solution)s?(?:\s+(?:goes\s+)?here)?\s*[\]}>)]{1,3}",
    re.IGNORECASE,
)
TO_COME = re.compile(r"(?:TODO|TBD|FIXME)\s?[:–-]\s\S.*")  # "TODO: describe the steps"
PAIRS = ("[]", "{}", "()", '""', "''", "``", "“”", "«»")
# A mark that stands for nothing when it stands alone or again and again; "&&", "#", "%" and "!" mean something.
MARKS = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－", "-") | dict.fromkeys("…·•・。．", ".") | {"？": "?", "＿": "_"})
ONE_MARK = re.compile(r"([-.?_*/])\1*")


def placeholder_kind(text: str) -> Kind:
    """What a text would be a placeholder of; "" for a text that is none.

    "slot": what a template holds in the place of an answer, "[answer here]", "<noinput>", "#REF!". "later": "TODO",
    "tbd", "asdf". "none": "N/A", "null", "Unknown", which many questions have for an answer. "word": a word that is
    one in brackets only. "perhaps": "Test", "k. A.". "latin": lorem ipsum. "marks": "-", "...". "empty": "[]", '""'.
    """
    if len(text) > LONGEST:
        return "latin" if LATIN.match(text) else ""
    return _short(text)


@remembered
def _short(text: str) -> Kind:
    bare = UNSEEN.sub(" ", text).strip()
    if not any(map(str.isalnum, bare)):
        return _of_marks(text.strip())
    if LATIN.match(bare):
        return "latin"
    listed = _placeholders()
    folded = bare.strip(WRAPPING).rstrip(".!:").replace("_", " ").casefold()
    kind: Kind = listed.get(folded) or listed.get(f"{folded}!") or listed.get(_once(folded), "")
    if kind == "word":
        return "slot" if bare[0] in "[{<(" and bare[-1] in "]}>)" else kind
    if kind == "later" and bare[0] in "[{<":
        return "slot"
    if not kind and SLOT.fullmatch(bare):
        return "slot"
    return "later" if not kind and TO_COME.fullmatch(bare) else kind


def _of_marks(text: str) -> Kind:
    """_of_marks("[ ]") -> "empty", of "- - -" and "(...)" -> "marks", of ":-)", "&&" and a drawing of lines -> ""."""
    if "\n" in text:
        return ""
    said = UNSEEN.sub("", text)
    while said[:1] + said[-1:] in PAIRS and len(said) > 1:
        said = said[1:-1]
    if not said:
        return "empty"
    return "marks" if ONE_MARK.fullmatch(said.translate(MARKS)) else ""


def _once(folded: str) -> str:
    """_once("asdf asdf asdf") -> "asdf"; other texts as they are."""
    said = set(folded.split())
    return said.pop() if len(said) == 1 else folded


@cache
def _placeholders() -> dict[str, Kind]:
    """Folded placeholder -> its kind."""
    words: dict[str, Kind] = {}
    kind: Kind = ""
    for line in files("assay.rules").joinpath("placeholders.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            continue
        if line.startswith("[") and line.endswith("]"):
            kind = cast(Kind, line[1:-1])
        elif line:
            words[line] = kind
    return words
