"""Text of strangers, made fit to be looked at: what is invisible or misleading is shown, what is endless is cut."""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import Literal, NamedTuple

LIMIT = 600  # characters of one text shown on the page
HIDDEN = "▮▮▮"
KEPT = {"\n", "\t"}


class Piece(NamedTuple):
    """A run of words that both texts share, or only one has."""

    kind: Literal["same", "gone", "new"]
    text: str


def visible(text: str, limit: int = LIMIT) -> str:
    """The text with unseen characters named and its tail cut: visible("a\\x00b") -> "a⟨U+0000⟩b".

    Named are the Unicode categories Cc, Cf (bidi controls, zero-width marks), Cs (lone surrogates), Co and Cn, save
    newline and tab. A cut text ends in "… (N characters in all)".
    """
    shown = "".join(_named(letter) for letter in text[:limit])
    return shown if len(text) <= limit else f"{shown}… ({len(text):,} characters in all)"


def _named(letter: str) -> str:
    if letter in KEPT or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return letter
    return f"⟨U+{ord(letter):04X}⟩"


def word_diff(before: str, after: str, limit: int = LIMIT) -> list[Piece]:
    """What changed, word by word: word_diff("a b", "a c") -> [same "a ", gone "b", new "c"].

    Texts are cut at `limit` characters before they are compared: the time is quadratic in the number of words.
    """
    old, new = _words(visible(before, limit)), _words(visible(after, limit))
    pieces: list[Piece] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[i:j])))
        else:
            pieces += [Piece("gone", "".join(old[i:j])), Piece("new", "".join(new[k:m]))]
    return [piece for piece in pieces if piece.text]


def hide(before: str, after: str) -> str:
    """`before`, the words that `after` has not hidden: hide("ring 555", "ring [PHONE]") -> "ring ▮▮▮"."""
    kept = [piece for piece in word_diff(before, after) if piece.kind != "new"]
    return "".join(HIDDEN if piece.kind == "gone" else piece.text for piece in kept)


def _words(text: str) -> list[str]:
    """Words and the spaces between them, nothing lost: "".join(_words(text)) == text."""
    return re.findall(r"\s+|\S+", text)
