"""What a text says beneath a disguise: invisible letters, look-alikes, figures for letters, spaced or encoded text."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

LONGEST = 20_000  # characters of one encoded run that are decoded
MOST = 8  # encoded runs decoded in one text
TAGS = re.compile("[\U000e0020-\U000e007e]{4,}")  # Unicode tag characters: ASCII that no screen shows
UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
RUN = 20  # characters without a blank, fewer of which encode no command
ESCAPES = 8  # escaped letters, fewer of which are no text
ESCAPE = re.compile(r"\\u(00[0-9A-Fa-f]{2})")
# "instruction" and "prompt" backwards, and in the alphabet turned by 13 letters.
TURNED: tuple[tuple[tuple[str, ...], str, Callable[[str], str]], ...] = (
    (("noitcurtsni", "tpmorp"), "text written backwards", lambda low: low[::-1]),
    (("vafgehpgvba", "cebzcg"), "rot13", lambda low: codecs.decode(low, "rot13")),
)
LOOKALIKE = str.maketrans("аеорсухівӏԁոɡɑοανрΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxibldngaoavpABEZHIKMNOPTYX")
SPACED = re.compile(r"(?<!\w)(?:[A-Za-z][ ._*-]){4,}[A-Za-z](?!\w)")
# The rare letter first: every row is searched, and a pattern that begins with any letter stops at each.
FIGURES = re.compile(r"[0134579@$!](?<=[A-Za-z].)(?=[A-Za-z])")
APART = re.compile(r"[ ._*-][A-Za-z][ ._*-][A-Za-z][ ._*-]")  # stands in whatever SPACED matches
UNFIGURED = str.maketrans("0134579@$!", "oieastgasi")
BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{20,}={0,2}(?![\w+/=-])")
BASE32 = re.compile(r"(?<!\w)[A-Z2-7]{24,}+={0,6}+(?!\w)")
HEX = re.compile(r"(?<!\w)(?:[0-9a-fA-F]{2}\s?){16,}+(?!\w)")
BINARY = re.compile(r"(?<!\d)(?:[01]{8}\s?){12,}+(?!\d)")
PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")


class Beneath(NamedTuple):
    """A text found beneath another."""

    how: str  # "invisible characters", "look-alike letters", "figures for letters", "spaced letters", "base64", ...
    text: str


def beneath(text: str) -> Iterator[Beneath]:
    """Every other reading of the text that differs from it: beneath("1gn0re") -> figures for letters, "ignore"."""
    if not text.isascii():
        yield from _invisible(text)
    yield from _turned(text.lower())
    if FIGURES.search(text):
        words = (w.translate(UNFIGURED) if FIGURES.search(w) or w.isalnum() else w for w in text.split())
        yield Beneath("figures for letters", " ".join(words))
    if APART.search(text) and SPACED.search(text):
        yield Beneath("spaced letters", SPACED.sub(lambda m: re.sub(r"[ ._*-]", "", m.group()), text))
    yield from _encoded(text)


def _invisible(text: str) -> Iterator[Beneath]:
    for run in TAGS.findall(text[: LONGEST * 2]):
        yield Beneath("invisible characters", "".join(chr(ord(c) - 0xE0000) for c in run))
    seen = UNSEEN.sub("", text)
    if seen != text:
        yield Beneath("invisible characters", seen)
    latin = unicodedata.normalize("NFKC", seen).translate(LOOKALIKE)
    if latin != seen and sum(c.isascii() for c in latin) > 0.8 * len(latin):
        yield Beneath("look-alike letters", latin)


def _turned(low: str) -> Iterator[Beneath]:
    for marks, how, turn in TURNED:
        if any(mark in low for mark in marks):
            yield Beneath(how, turn(low))


def _encoded(text: str) -> Iterator[Beneath]:
    if "%" in text and len(PERCENT.findall(text)) >= 3:
        yield Beneath("percent-encoding", unquote(text))
    if "\\u00" in text and text.count("\\u00") >= ESCAPES:
        yield Beneath("escapes", ESCAPE.sub(lambda m: chr(int(m[1], 16)), text))
    if max(map(len, text.split()), default=0) < RUN and "01" not in text:
        return
    for how, shape, decode in ENCODINGS:
        for run in shape.findall(text)[:MOST]:
            said = decode(run[:LONGEST])
            if _is_prose(said):
                yield Beneath(how, said)


def _is_prose(said: str) -> bool:
    return len(said) >= 12 and " " in said and sum(c.isalpha() or c == " " for c in said) >= 0.8 * len(said)


def _base64(run: str) -> str:
    body = run.rstrip("=").replace("-", "+").replace("_", "/")
    return _text(lambda: base64.b64decode(body[: len(body) - (len(body) % 4 == 1)] + "=" * (-len(body) % 4)))


def _base32(run: str) -> str:
    body = run.rstrip("=")
    return _text(lambda: base64.b32decode(body + "=" * (-len(body) % 8)))


def _hex(run: str) -> str:
    return _text(lambda: bytes.fromhex(run))


def _binary(run: str) -> str:
    return _text(lambda: bytes(int(octet, 2) for octet in re.findall(r"[01]{8}", run)))


def _text(decode: Callable[[], bytes]) -> str:
    """What was encoded, or "" when it was no text."""
    try:
        return decode().decode("utf-8")
    except (ValueError, binascii.Error):
        return ""


ENCODINGS = (
    ("base64", BASE64, _base64),
    ("base32", BASE32, _base32),
    ("hexadecimal", HEX, _hex),
    ("binary", BINARY, _binary),
)
