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
    b"\x7fELF": "a program", b"BZh": "a bzip2 archive", b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"\x80\x02": "a pickle, which is never loaded", b"\x80\x03": "a pickle, which is never loaded",
    b"\x80\x04": "a pickle, which is never loaded", b"\x80\x05": "a pickle, which is never loaded",
    b"\xd0\xcf\x11\xe0": "an old office document", b"\x93NUMPY": "a NumPy array",
}  # fmt: skip
# What spreadsheets and old exports write when it is no UTF; where two read equally well the earlier one is meant.
_LEGACY = ("cp1252", "mac_roman", "cp1250", "cp1251", "cp1253", "euc_kr", "shift_jis", "euc_jp", "gb18030", "big5")
# First bytes of the letters in daily use: the syllables or the first level of each standard, kana for Japanese.
_USUAL = {
    "euc_kr": (range(0xB0, 0xC9),), "shift_jis": (range(0x81, 0x84), range(0x88, 0x98)),
    "euc_jp": (range(0xA4, 0xA6), range(0xB0, 0xD0)), "gb18030": (range(0xB0, 0xD8),), "big5": (range(0xA4, 0xC7),),
}  # fmt: skip
_NO_TEXT = [bytes([code]) for code in range(32) if code not in b"\t\n\r\x0b\x0c\x1b"]
_CONTROLS = 0.01  # share of bytes from which what is no UTF-8 is no text; random bytes hold 0.1
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
    wide = _utf16(data[:4096])
    if wide:
        return _decode(path, data, wide)
    try:
        return Text(data.decode("utf-8"), "utf-8", True)
    except UnicodeDecodeError:
        _refuse_binary(path, data)
        return _mostly_utf8(data) or _legacy(path, data)


def _refuse_binary(path: Path, data: bytes) -> None:
    """An old encoding gives every byte a letter, so that only control codes, which no text is full of, tell."""
    head = data[:_SAMPLE]
    if sum(map(head.count, _NO_TEXT)) > max(2, _CONTROLS * len(head)):
        raise InputError(f"{path}: looks binary, not rows of text", hint=f"Assay reads {', '.join(SUFFIXES)}")


def _utf16(head: bytes) -> str:
    """UTF-16 without a mark: every other byte is NUL, the rest is not."""
    even, odd = (part.count(0) / max(1, len(part)) for part in (head[::2], head[1::2]))
    return "utf-16-le" if odd > 0.9 and even < 0.1 else "utf-16-be" if even > 0.9 and odd < 0.1 else ""


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
    """The encoding of `_LEGACY` under which the fewest letters stand where no language has them (to a tenth)."""
    sample = b"\n".join(line for line in data.splitlines() if not line.isascii())[:_SAMPLE]
    ranked: list[tuple[float, int, str]] = []
    for place, encoding in enumerate(_LEGACY):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        ranked.append((round(oddness(sample.decode(encoding, "ignore"), encoding), 1), place, encoding))
    if not ranked:
        raise InputError(f"{path}: is neither UTF-8 nor any encoding known", hint="save it as UTF-8")
    encoding = min(ranked)[-1]
    return Text(data.decode(encoding), encoding, True)


def oddness(text: str, encoding: str = "cp1252") -> float:
    """The share of letters beyond ASCII that stand where no language has them: oddness("sister\u00d5s") -> 1.0.

    Odd are a capital after a small letter, scripts mixed in one word, a sign inside a word, bare accents and controls,
    and letters hardly anyone who used that encoding wrote.
    """
    odd = seen = 0
    japanese = encoding != "euc_jp" or any("\u3040" <= letter < "\u3100" for letter in text)
    for match in _BEYOND.finditer(text):
        start, end = match.span()
        before, letter, after = text[max(0, start - 1) : start], match[0], text[end : end + 1]
        seen += 1
        odd += not japanese or _odd(before, letter, after) or _rare(letter, encoding)
    return odd / max(1, seen)


def _rare(letter: str, encoding: str) -> bool:
    if encoding not in _USUAL:
        return encoding == "cp1252" and letter in "šžŠŽ"  # Czech and its neighbours wrote cp1250
    code = letter.encode(encoding, "replace")
    return letter.isalpha() and not (len(code) == 2 and any(code[0] in usual for usual in _USUAL[encoding]))


def _odd(before: str, letter: str, after: str) -> bool:
    if letter.isalpha():
        if unicodedata.category(letter) == "Lm" or "\uff61" <= letter <= "\uff9f":
            return True
        near = [other for other in (before, after) if other.isalpha()]
        # Three accented letters in a row: another script misread.
        crowded = _latin(letter) and len(near) == 2 and not any(other.isascii() for other in near)
        return (
            crowded or any(_latin(other) != _latin(letter) for other in near) or (letter.isupper() and before.islower())
        )
    if letter in "¡¿":
        return not after.isalpha()
    if letter in "†‡ˆ˜¨¸":
        return before.isalpha() or after.isalpha()
    inside = _joined(before) and _joined(after) and letter not in "’‘–—·" and letter < "\u3000" and not letter.isspace()
    return inside or unicodedata.category(letter) in ("Cc", "Co", "Cn", "Sk")


def _joined(beside: str) -> bool:
    return beside.isalpha() or not (beside.isascii() or beside.isspace())


def _latin(letter: str) -> bool:
    return letter < "\u0250" or "\u1e00" <= letter < "\u1f00"
