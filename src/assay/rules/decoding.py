"""Undoing wrong decodings: what a text says once code pages, escapes, entities and control characters are put right."""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

LOST = re.compile("[\ufffd\ud800-\udfff]")
PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
BREAK = re.compile(r"[\x0b\x0c]")  # of a line in a cell, of a page
SEPARATOR = re.compile(r"(?<=\w)[\x01\x1c-\x1f](?=\w)")  # of fields, in formats that have no other
ESCAPE = re.compile(r"\x1b\[[0-9;?]{0,16}[A-Za-z]")
ABOUT_ENCODING = re.compile(
    r"mojibake|\butf-?(?:8|16|32)\b|\blatin-?1\b|iso-?8859|(?:windows-|cp-?)125\d|\bunicode\b|charset|code ?page"
    r"|\bencod(?:ing|ed)\b"
    r"|replacement character",
    re.IGNORECASE,
)
# Escapes and entities that some writer escaped once too often stand in words; code and talk about them is left alone.
ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2})+")
IN_WORD = re.compile(
    r"(?<=[A-Za-z])\\(?:u[0-9a-f]{4}|x[0-9a-f]{2})|\\(?:u[0-9a-f]{4}|x[0-9a-f]{2})(?=[A-Za-z])|\\u20[0-9a-f]{2}(?= )",
    re.IGNORECASE,
)  # a letter that stands alone is spoken of
ENTITY = re.compile(r"&(?:([a-zA-Z]{2,8}\d{0,2});|#\d{2,5};|#x[0-9a-fA-F]{2,4};)")
ANGLE = re.compile(r"&(?:lt|gt|#6[02]|#x3[ceCE]);")  # escaped markup: what else is escaped beside it belongs to it
PROSE = 3  # other entities from which all of a text was escaped
LITERAL = re.compile(r"\s*([\"'`]).*\1[;,]?\s*", re.DOTALL)
CODE = re.compile(
    r"[`{}=]|\b[A-Z]:\\|\\[nrt\"'dsw]|\[\\|</?\w|\b(?:html|xml|svg|jsx|entit(?:y|ies)|escap\w+|ampersand|regex|markup|print"
    r"|json|yaml|unicode|utf-?8|ascii|python|javascript|java|properties files?|string literals?|code ?points?"
    r"|backslash\w*)\b",
    re.IGNORECASE,
)
# The one doubtful sign of a line, a letter that stands by itself: it may be named ("Ã is a letter") or be half of "à".
LONE = re.compile(r"^[\x00-\x7f]*(?<!\w)[ÂÃ][\xa0 ]?(?:is|was|and|or|are|with|in|,|\.|\)|\"|'|$)(?![\w-])[\x00-\x7f]*$")
# Capital letters that stand alone are named where there are several: "Ã is one and Õ the other".
CAPITAL = re.compile(r"(?<!\w)[\u00c0-\u00d6\u00d8-\u00de](?!\w|  |\xa0)")


# A capital before a raised figure, a sign or a closing quote, no small letter beside it: "27 Å³", "Ø±0.02", "«MAÇÃ»".
CLOSED = re.compile(
    r"(?<![^\W\d_A-Z\u00c0-\u00de])[\u00c0\u00c1\u00c3-\u00de][\u00b2\u00b3\u00b9\u00b1\u2018\u2019\u201c\u201d\u00bb\u203a]"
    r"(?![^\W\d_])"
)


def _as_meant(line: str) -> bool:
    """Whether all that looks garbled in a line are capitals at the ends of words: they may well be meant."""
    from ftfy import fix_encoding

    rest = CLOSED.sub(" ", line)
    return rest != line and fix_encoding(rest) == rest


def _named(line: str) -> bool:
    """Whether the letters that look garbled are what the line is about."""
    alone = CAPITAL.findall(line)
    several = len(set(alone)) > 1 and len(alone) == sum(not c.isascii() for c in line)
    return several or bool(LONE.search(line))


def decoded(text: str) -> str:
    """decoded("cafÃ©") -> "café": wrong code pages undone, line by line, then word by word where a line mixes both."""
    if text.isascii():
        return text
    from ftfy import fix_encoding
    from ftfy.badness import badness

    parts = text.split("\n")
    for i, line in enumerate(parts):
        if line.isascii() or not badness(line):
            continue
        fixed = fix_encoding(line)
        if badness(fixed):
            fixed = "".join(fix_encoding(w) if not w.isascii() else w for w in re.split("([ \t]+)", fixed))
        if badness(fixed) < badness(line) and not _named(line) and not _as_meant(line):
            parts[i] = fixed
    return "\n".join(parts)


def unescaped(text: str) -> str:
    """unescaped("caf\\\\u00e9 &amp; bar") -> "café & bar"; code, and talk about markup, is left alone."""
    escaped, entity = "\\" in text and IN_WORD.search(text), "&" in text and ENTITY.search(text)
    if not (escaped or entity) or CODE.search(text) or ABOUT_ENCODING.search(text):
        return text
    if escaped and not LITERAL.fullmatch(text):
        text = ESCAPED.sub(_written, text)
    escaped_markup = ANGLE.search(text) and len(ENTITY.findall(ANGLE.sub(" ", text))) < PROSE
    return text if escaped_markup else ENTITY.sub(_letter, text)


def _letter(entity: re.Match[str]) -> str:
    """What an entity stands for; the entity itself where it is none."""
    return unescape(entity.group()) if _is_letter(entity) else entity.group()


def _is_letter(entity: re.Match[str]) -> bool:
    return not ANGLE.match(entity.group()) and (not entity[1] or f"{entity[1]};" in html5)


def _written(match: re.Match[str]) -> str:
    """The characters of a run of escapes: bytes of UTF-8 or code points; the run itself where it means neither."""
    codes = [int(part, 16) for part in re.findall(r"\\[ux]([0-9a-fA-F]+)", match.group())]
    if "\\u" not in match.group():
        try:
            return bytes(codes).decode("utf-8")
        except UnicodeDecodeError:
            return match.group()
    return "".join(map(chr, codes))


def readable(text: str) -> str:
    """The text decoded anew, surrogate pairs joined, control characters and terminal escapes removed."""
    if PAIR.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    text = unescaped(text)
    if not text.isascii():
        text = decoded(text)
    if CONTROL.search(text):
        text = BREAK.sub("\n", text)
        text = CONTROL.sub("", ESCAPE.sub("", text))
    return text


def stable(text: str) -> str:
    """`readable` until nothing changes, for one pass may uncover what the next repairs; each shortens or simplifies."""
    while (new := readable(text)) != text:
        text = new
    return text
