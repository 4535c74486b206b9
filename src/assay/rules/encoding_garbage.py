"""F004 encoding-garbage: stretches that are bytes written as letters, and no text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from typing import ClassVar, NamedTuple
from urllib.parse import unquote

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.rules.turns import CONTEXT, Turn, turns_of, with_turns

UNIT = 40  # characters without a space from which a run of letters and digits may be bytes: base64 of 30 bytes
# Share of neighbours of another class (capital, small, digit): base64 of noise has .64, CamelCase .2, base32 .3. With
# marks as a fourth class, as in base85, noise has .7, and no word of six small letters.
MIXED, MIXED_TWO, MIXED_FOUR = 0.4, 0.2, 0.6
HASHES = (64, 96, 128)  # hexadecimal digits of the hashes in use that are longer than UNIT
TWO_CLASSES = 48  # characters without a space from which capitals, or small letters, mixed with digits may be bytes
LEAST = 3  # left-overs of a transfer encoding from which they are no accident
SHOWN = 4  # characters of a blob that are told: it may be a key, which no log must hold
WINDOW = 20_000  # characters of a text that are judged: its beginning

RUN = re.compile(rf"[A-Za-z0-9+/_=-]{{{UNIT},}}")
WRAPPED = re.compile(r"(?<![^\n])(?:[A-Za-z0-9+/=]{60,80}\r?\n){2,}[A-Za-z0-9+/=]*")
MARKED = re.compile(rf"[!-~]{{{UNIT},}}")
WORD = re.compile(r"[a-z]{6}|[A-Z][a-z]{5}")
OCTETS = re.compile(r"(?<!\d)(?:[01]{8}\s+){8,}(?:[01]{8})?")
UUENCODED = re.compile(r"^begin [0-7]{3} \S+\n[\s\S]*?(?:^end$|\Z)", re.MULTILINE)
HEX_PAIRS = re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}[ :]){24,}(?:[0-9A-Fa-f]{2})?(?![0-9A-Za-z])")
ESCAPES = re.compile(r"(?:\\x[0-9A-Fa-f]{2}){8,}")
CODE_POINTS = re.compile(r"(?:\\u[0-9A-Fa-f]{4}){6,}|(?:&#(?:\d{2,6}|[xX][0-9A-Fa-f]{2,5});\s?){6,}")
GLYPHS = re.compile(r"(?:\(cid:\d{1,5}\)\s?)+")  # glyphs a PDF names by number only
SOUP = re.compile(
    "[\x80-\x9f\xa1-\xff](?:[ -~\n]{0,2}[\x80-\x9f\xa1-\xff]){15,}"
)  # bytes shown as Latin-1; no language is so dense
PRIVATE = re.compile("[\ue000-\uf8ff]+")
BINARY = re.compile(r"\A\s*(?:%PDF-\d|\{\\rtf1|PK\x03?\x04?[^a-z]{2}|GIF8[79]a|.?PNG\r?\n|.?ELF[^a-z ]{2})")
QUOTED_PRINTABLE = re.compile(r"(?:=[0-9A-F]{2})+|=\n")
PERCENT = re.compile(r"(?<![\d%])(?:%[0-9A-F]{2})+(?!\d)")
ADDRESS = re.compile(
    r"(?:https?://|www\.|data:|mailto:|file:|[\w.+-]{1,64}@)\S+|-----BEGIN [\s\S]{0,8000}?-----END [^\n]*"
)
LONE = re.compile("[\ud800-\udfff]")
FENCE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
CODE = re.compile(
    r"[{};]\s*$|^\s*(?:def|class|import|const|let|var|function|public|#include|<\?)\b|</\w+>", re.MULTILINE
)
LITERAL = re.compile(r"[\"'=(\[,]\Z")  # what stands before a value in code
ASKED = re.compile(
    r"base ?-?(?:16|32|58|64|85)|\bhex|\bdecod|\bencod|crypt|cipher|\bhash|sha-?\d|md5|checksum|certificate|ssh"
    r"|\bbytes?\b|binary|\bdump\b|uuid|guid|quoted-printable|percent-|\bdna\b|\brna\b|protein|fasta|barcode"
    r"|regex|regular expression|consonant|alphabet|anagram|scrambl|gibberish|keyboard",
    re.IGNORECASE,
)
SHORT_ASKED = re.compile(
    r"\b(?:(?:api|access|secret|public|private|product|licen[cs]e|encryption)[ _-]keys?|tokens?|passwords?|signature"
    r"|serial|wallet|address|transaction|fingerprint|urls?|random)\b",
    re.IGNORECASE,
)
SHORT = 100  # characters up to which a blob may be the token, key or address that a prompt asks for
CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}")
LONG_WORD = re.compile(r"(?<![^\W\d_])[a-z]{40,}(?![^\W\d_])")
SMALL_WORD = re.compile(r"(?<![^\W\d_])[a-z]{4,}(?![^\W\d_])")


class Garbage(NamedTuple):
    """A stretch of a text that is no text."""

    kind: str  # what it seems to be, for a person
    start: int  # characters from the beginning
    end: int
    mended: str | None = None  # what the stretch says when it can be read; "" when it should go; None when unknown


def garbage_in(text: str) -> list[Garbage]:
    """The stretches of bytes in a text, in order, none within an address, a key block or code.

    garbage_in("Cats purr.\\nQk0XvSgQ...") -> [Garbage("base64", 11, 331, "")]
    """
    if binary := BINARY.match(text):
        return [Garbage(f"a file's bytes ({binary.group().strip()[:8]!r}...)", 0, len(text))]
    found = list(_blobs(text)) + list(_left_overs(text))
    if not found:
        return []
    shielded = [m.span() for pattern in (ADDRESS, FENCE) for m in pattern.finditer(text)]
    free = [g for g in found if not any(low <= g.start and g.end <= high for low, high in shielded)]
    return _apart(sorted(free, key=lambda g: (g.start, -g.end)))


def _blobs(text: str) -> Iterator[Garbage]:
    """Long runs of base64, hexadecimal digits or escapes."""
    for m in RUN.finditer(text):
        if _hexadecimal(m.group().removeprefix("0x")):
            if len(m.group()) > HASHES[0] and len(m.group()) not in HASHES:
                yield Garbage("hexadecimal bytes", *m.span(), "")
        elif _noisy(m.group()):
            yield Garbage("base64", *m.span(), "")
    if "\n" in text:
        yield from (Garbage("base64", *m.span(), "") for m in WRAPPED.finditer(text) if _noisy(m.group()))
    yield from (Garbage("hexadecimal bytes", *m.span(), "") for m in HEX_PAIRS.finditer(text) if _bytes(m.group()))
    for m in MARKED.finditer(text):
        if _soup(m.group()):
            yield Garbage("bytes shown as letters", *m.span(), "")
    if "01" in text:
        yield from (Garbage("binary digits", *m.span(), "") for m in OCTETS.finditer(text))
    if "begin " in text:
        yield from (Garbage("uuencoded bytes", *m.span(), "") for m in UUENCODED.finditer(text))
    if "\\u" in text or "&#" in text:
        yield from (Garbage("escaped characters", *m.span(), _spelt(m.group())) for m in CODE_POINTS.finditer(text))
    if "\\x" in text:
        yield from (Garbage("escaped bytes", *m.span(), "") for m in ESCAPES.finditer(text))


def _hexadecimal(run: str) -> bool:
    if run.isdigit():
        return False
    return not set(run) - set("0123456789abcdef") or not set(run) - set("0123456789ABCDEF")


def _bytes(pairs: str) -> bool:
    """Whether spaced pairs are bytes and no numbers of two digits: some hold a letter, some a digit."""
    return any(c.isalpha() for c in pairs) and any(c.isdigit() for c in pairs)


def _noisy(run: str) -> bool:
    """Whether capitals, small letters and digits take turns as in noise: no word, path or name does."""
    classes = [0 if c.isupper() else 1 if c.islower() else 2 for c in run if c.isalnum()]
    kinds = len(set(classes))
    if kinds < 2 or (kinds == 2 and (len(classes) < TWO_CLASSES or 2 not in classes or "-" in run or "_" in run)):
        return False
    return _turns(classes) >= (MIXED if kinds == 3 else MIXED_TWO)


def _soup(run: str) -> bool:
    """Whether letters of both cases, digits and marks take turns as in noise, and make no word."""
    classes = [0 if c.isupper() else 1 if c.islower() else 2 if c.isdigit() else 3 for c in run]
    letters_and_marks = min(classes.count(kind) for kind in (0, 1, 3))
    if 8 * letters_and_marks < len(classes) or 20 * classes.count(2) < len(classes) or WORD.search(run):
        return False
    return _turns(classes) >= MIXED_FOUR


def _turns(classes: list[int]) -> float:
    """The share of neighbours that differ."""
    return sum(a != b for a, b in pairwise(classes)) / max(1, len(classes) - 1)


def _spelt(run: str) -> str | None:
    """The text that a row of escapes or entities spells; None when it spells none."""
    text = unescape(run) if run.startswith("&") else "".join(chr(int(code, 16)) for code in run.split("\\u")[1:])
    return text if text.isprintable() and not LONE.search(text) else None


def _left_overs(text: str) -> Iterator[Garbage]:
    """What a transfer encoding or a PDF left behind, from LEAST on."""
    if "(cid:" in text:
        glyphs = list(GLYPHS.finditer(text))
        if sum(m.group().count("(") for m in glyphs) >= LEAST:
            yield from (Garbage("glyphs of a PDF", *m.span()) for m in glyphs)
    if not text.isascii():
        yield from (Garbage("characters of a private font", *m.span()) for m in PRIVATE.finditer(text))
        yield from (Garbage("bytes shown as letters", *m.span(), "") for m in SOUP.finditer(text))
    if "=" in text:
        quoted = list(QUOTED_PRINTABLE.finditer(text))
        if len(quoted) >= LEAST and any(_surely_quoted(m.group()) for m in quoted):
            yield from (Garbage("quoted-printable", *m.span(), _from_quoted(m.group())) for m in quoted)
    if "%" in text:
        percents = list(PERCENT.finditer(text))
        if len(percents) >= LEAST:
            yield from (Garbage("percent-encoding", *m.span(), _unquoted(m.group())) for m in percents)


def _unquoted(run: str) -> str | None:
    text = unquote(run)
    return None if "\ufffd" in text else text


def _surely_quoted(run: str) -> bool:
    """Whether a run is no result of a sum ("=15"): a line broken in two, an equals sign, or letters beyond ASCII."""
    return run in ("=\n", "=3D") or (len(run) > 3 and not (_from_quoted(run) or "\x00").isascii())


def _from_quoted(run: str) -> str | None:
    """The characters of a run of quoted-printable; None when its bytes are no UTF-8."""
    if run == "=\n":
        return ""
    try:
        return bytes.fromhex(run.replace("=", "")).decode("utf-8")
    except UnicodeDecodeError:
        return None


def _apart(found: list[Garbage]) -> list[Garbage]:
    """Those that do not lie within an earlier one."""
    out: list[Garbage] = []
    for garbage in found:
        if not out or garbage.start >= out[-1].end:
            out.append(garbage)
    return out


def mashed(text: str) -> bool:
    """Whether a text is letters struck at random: mashed("sdfkj wqrtpl xcvbnm kjhgf dfghjk") -> True.

    A third of its small-lettered words hold five consonants in a row; in English one in a thousand does.
    """
    if not CONSONANTS.search(text):
        return False
    if any(len(CONSONANTS.findall(word)) >= 3 for word in LONG_WORD.findall(text)):
        return True
    words = SMALL_WORD.findall(text)
    struck = sum(CONSONANTS.search(word) is not None for word in words)
    return struck >= 4 and 3 * struck >= len(words)


def _asked(example: Example) -> str:
    """What the prompt says in words."""
    return RUN.sub(" ", "\n".join(m.content[:WINDOW] for m in example.messages if m.role != "assistant"))


def _meant(example: Example, text: str, found: list[Garbage]) -> bool:
    """Whether the prompt asks for such a thing, or the text is code that holds it as a value."""
    asked = _asked(example)
    if ASKED.search(asked) or (all(g.end - g.start <= SHORT for g in found) and SHORT_ASKED.search(asked)):
        return True
    return CODE.search(text) is not None and all(LITERAL.search(text[max(0, g.start - 1) : g.start]) for g in found)


@dataclass(frozen=True)
class EncodingGarbage:
    """F004: the text holds bytes written as letters: base64, hexadecimal, left-overs of an encoding.

    What it does: looks for runs of 40 or more characters in which capitals, small letters, digits and marks take turns
    as in noise, for hexadecimal digits that are no hash, rows of escaped bytes and binary digits, the first bytes of a
    file, glyphs that a PDF only numbers, characters of private fonts, quoted-printable and percent-encoding in prose,
    and letters struck at random. Addresses, keys, code and hashes are left alone, and so is a row whose prompt asks
    for such a thing. Where the rest of the text stands by itself, it is suggested as the edit. The first 20,000
    characters of a text are judged. A wrong decoding of readable text belongs to A001.

    Why is this bad: the tokeniser makes hundreds of tokens of one blob, so it weighs more in the loss than the answer
    beside it, and the model learns to end answers in noise.

    Example: "A cat is a pet.\\nQk0XvSgQ9Zt7aB1x...": the blob is cut, and the row is held.
    """

    code: ClassVar[str] = "F004"
    name: ClassVar[str] = "encoding-garbage"
    stage: ClassVar[Stage] = "row"
    severity: ClassVar[Severity] = "error"
    action: Action = "hold"  # what becomes of a row with bytes in its text

    def check(self, example: Example) -> Iterator[Finding]:
        """One finding for each text with bytes in it."""
        for turn in turns_of(example):
            text = turn.text[:WINDOW]
            if len(text) < UNIT // 2 or (turn.field == "answer" and example.label is not None):
                continue
            found = garbage_in(text)
            if found and not _meant(example, text, found):
                yield self._finding(example, turn, found)
            elif not found and mashed(text) and not ASKED.search(_asked(example)):
                said = f"the {turn.field} is letters struck at random, {len(text)} of them: {text.strip()[:SHOWN]!r}..."
                yield finding(self, example, turn.field, 0.8, said, evidence={"kinds": ["random letters"]})

    def _finding(self, example: Example, turn: Turn, found: list[Garbage]) -> Finding:
        size = sum(g.end - g.start for g in found)
        kinds = sorted({g.kind for g in found})
        shown = turn.text[found[0].start : found[0].end][:SHOWN]
        return finding(
            self, example, turn.field, 1.0 if size >= UNIT else 0.8,
            f"the {turn.field} holds {' and '.join(kinds)}, {size} characters: {shown!r}...",
            evidence={"kinds": kinds, "spans": [[g.start, g.end] for g in found[:20]], "characters": size},
            after=_mended(example, turn, found),
        )  # fmt: skip


def _mended(example: Example, turn: Turn, found: list[Garbage]) -> Example | None:
    """The example with the stretches read or cut; None when that is unknown or leaves fewer than three words."""
    pieces, last = [], 0
    for garbage in found:
        if garbage.mended is None:
            return None
        pieces += [turn.text[last : garbage.start], garbage.mended]
        last = garbage.end
    text = "".join([*pieces, turn.text[last:]]).strip()
    if len(text.split()) < 3 or (turn.at == CONTEXT and not text):
        return None
    return with_turns(example, {turn.at: text})
