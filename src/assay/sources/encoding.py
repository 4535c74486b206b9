"""Bytes as text: the encoding detected, binaries refused."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

from assay.errors import InputError
from assay.sources.formats import SUFFIXES

_BINARY = {
    b"PK\x03\x04": "a zip archive or office document", b"%PDF": "a PDF", b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image", b"GIF8": "a GIF image", b"SQLite format 3\x00": "an SQLite database",
    b"\x7fELF": "a program", b"BZh": "a bzip2 archive", b"\xfd7zXZ": "an xz archive", b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"\x80\x02": "a pickle, which is never loaded", b"\x80\x03": "a pickle, which is never loaded",
    b"\x80\x04": "a pickle, which is never loaded", b"\x80\x05": "a pickle, which is never loaded",
    b"\xd0\xcf\x11\xe0": "an old office document", b"\x93NUMPY": "a NumPy array",
}  # fmt: skip
# Asked of charset-normalizer only when the bytes are no UTF: the encodings spreadsheets and old exports write.
_LEGACY = ("cp1252", "mac_roman", "cp1250", "cp1251", "cp1253", "shift_jis", "gb18030", "big5", "euc_kr", "euc_jp")
_SAMPLE = 64 * 1024  # bytes and letters looked at
_BEYOND = re.compile(r"[^\x00-\x7f]")


class Text(NamedTuple):
    """The text of a file. Bytes that are not of its encoding stand in it as lone surrogates."""

    text: str
    encoding: str
    clean: bool  # whether every byte was of the encoding


def text_of(path: Path, data: bytes) -> Text:
    """The text of the bytes and their encoding: a mark at the start, else UTF-8, UTF-16, or the likeliest old one.

    Raises:
        InputError: the bytes are no text.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decode(path, data, encoding)
    for magic, what in _BINARY.items():
        if data.startswith(magic):
            raise InputError(f"{path}: is {what}, not rows of text", hint=f"Assay reads {', '.join(SUFFIXES)}")
    head = data[:4096]
    if head.count(0) > len(head) // 4:
        low = head[1::2].count(0) >= head[::2].count(0)
        return _decode(path, data, "utf-16-le" if low else "utf-16-be")
    odd = sum(byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1b" for byte in head)
    if odd > len(head) // 10:
        raise InputError(f"{path}: is binary, not rows of text", hint=f"Assay reads {', '.join(SUFFIXES)}")
    try:
        return Text(data.decode("utf-8"), "utf-8", True)
    except UnicodeDecodeError:
        return _mostly_utf8(data) or _legacy(path, data)


def _decode(path: Path, data: bytes, encoding: str) -> Text:
    try:
        return Text(data.decode(encoding), encoding, True)
    except UnicodeDecodeError:
        if encoding == "utf-8-sig":
            return Text(data[3:].decode("utf-8", "surrogateescape"), encoding, False)
    try:
        return Text(data.decode(encoding, "surrogatepass").removeprefix("\ufeff"), encoding, False)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: starts as {encoding}, but byte {error.start} is not", hint="save it as UTF-8"
        ) from None


def _mostly_utf8(data: bytes) -> Text | None:
    """UTF-8 with some stray bytes: then the lines that hold them are named, and the others are kept."""
    text = data.decode("utf-8", "surrogateescape")
    stray = sum("\udc80" <= letter <= "\udcff" for letter in text)
    right = sum(letter > "\x7f" for letter in text) - stray
    return Text(text, "utf-8", False) if right > 2 * stray else None


def _legacy(path: Path, data: bytes) -> Text:
    """The likeliest of `_LEGACY`: what leaves the fewest letters in places no language has them, then what reads most
    like a language (charset-normalizer's coherence, 0 to 1), then the most usual.
    """
    from charset_normalizer import from_bytes

    sample = b"\n".join(line for line in data.splitlines() if not line.isascii())[:_SAMPLE]
    coherence = {match.encoding: match.coherence for match in from_bytes(sample, cp_isolation=list(_LEGACY))}
    ranked: list[tuple[float, float, int, str]] = []
    for place, encoding in enumerate(_LEGACY):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        ranked.append((round(oddness(text[: 4 * _SAMPLE]), 1), -round(coherence.get(encoding, 0), 1), place, encoding))
    if not ranked:
        raise InputError(f"{path}: is neither UTF-8 nor any encoding known", hint="save it as UTF-8")
    encoding = min(ranked)[-1]
    return Text(data.decode(encoding), encoding, True)


def oddness(text: str) -> float:
    """The share of letters beyond ASCII that stand where no language has them: oddness("sister\u00d5s") -> 1.0.

    Odd are a capital after a small letter, scripts mixed in one word, a sign inside a word, and bare accents and controls.
    """
    odd = seen = 0
    for match in _BEYOND.finditer(text):
        before, letter, after = (
            text[max(0, match.start() - 1) : match.start()],
            match[0],
            text[match.end() : match.end() + 1],
        )
        seen += 1
        odd += _odd(before, letter, after)
    return odd / max(1, seen)


def _odd(before: str, letter: str, after: str) -> bool:
    if not letter.isalpha():
        inside = before.isalpha() and after.isalpha() and letter not in "’‘–—·"
        return inside or unicodedata.category(letter) in ("Cc", "Co", "Cn", "Sk")
    if unicodedata.category(letter) == "Lm" or "\uff61" <= letter <= "\uff9f":
        return True
    near = [other for other in (before, after) if other.isalpha()]
    return any(_latin(other) != _latin(letter) for other in near) or (letter.isupper() and before.islower())


def _latin(letter: str) -> bool:
    return letter < "\u0250" or "\u1e00" <= letter < "\u1f00"
