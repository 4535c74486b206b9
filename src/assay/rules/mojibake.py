"""A001 mojibake: text decoded with the wrong code page, and bytes that never were text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import unescape
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.rules.turns import field_of, rewritten, turns_of, with_turns

LOST = re.compile("[\ufffd\ud800-\udfff]")
PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
ESCAPE = re.compile(r"\x1b\[[0-9;?]{0,16}[A-Za-z]")
PAGE_BREAK = re.compile(r"(?<=\s)\x0c|\x0c(?=\s)")
CONTRACTION = re.compile(r"(?<=[A-Za-z])\ufffd(?=(?:s|t|d|m|re|ve|ll)\b)")
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
ENTITY = re.compile(r"&(?:amp|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip|#\d{2,5}|#x[0-9a-fA-F]{2,4});")
CODE = re.compile(
    r"[`{}=]|\b[A-Z]:\\|\\[nrt\"'dsw]|\[\\|</?\w|\b(?:html|xml|svg|jsx|entit(?:y|ies)|escap\w+|ampersand|regex|markup|print"
    r"|json|yaml|unicode|utf-?8|ascii|python|javascript|java|properties files?|string literals?|code ?points?"
    r"|backslash\w*)\b",
    re.IGNORECASE,
)
# An entity that stands by itself may be what the row is about: "What does &nbsp; do?"; "Lost &amp; Found" is not.
ALONE = re.compile(r"(?<!\S)[\"'(]?&(?:[a-zA-Z]{2,8}|#\d{2,5}|#x[0-9a-fA-F]{2,4});[\"')]?(?=[\s,.?!:;]|$)")
MEND = re.compile(
    r"\b(?:fix|correct|repair|clean(?: up)?|decode|proofread|mend|restore)\b", re.IGNORECASE
)  # what is asked
TERMINAL = re.compile(
    r"\bansi\b|\bescapes?\b|escape (?:code|sequence)|\bterminal|\bcolou?rs?\b|\bconsole\b", re.IGNORECASE
)
# The one doubtful sign of a line, a letter that stands by itself: it may be named ("Ã is a letter") or be half of "à".
LONE = re.compile(r"^[\x00-\x7f]*(?<!\w)[ÂÃ][\xa0 ]?(?:is|was|and|or|are|with|in|,|\.|\)|\"|'|$)(?![\w-])[\x00-\x7f]*$")


# Capital letters that stand alone are named where there are several: "Ã is one and Õ the other".
CAPITAL = re.compile(r"(?<!\w)[\u00c0-\u00d6\u00d8-\u00de](?!\w|  |\xa0)")


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
        if badness(fixed) < badness(line) and not _named(line):
            parts[i] = fixed
    return "\n".join(parts)


def unescaped(text: str) -> str:
    """unescaped("caf\\\\u00e9 &amp; bar") -> "café & bar"; code, and talk about markup, is left alone."""
    escaped, entity = "\\" in text and IN_WORD.search(text), "&" in text and ENTITY.search(text)
    if not (escaped or entity) or CODE.search(text) or ABOUT_ENCODING.search(text):
        return text
    return ENTITY.sub(lambda m: unescape(m.group()), ESCAPED.sub(_written, text) if escaped else text)


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
        text = CONTROL.sub("", PAGE_BREAK.sub("\n", ESCAPE.sub("", text)))
    return text


def _stable(text: str) -> str:
    """`readable` until nothing changes, for one pass may uncover what the next repairs; each shortens or simplifies."""
    while (new := readable(text)) != text:
        text = new
    return text


@dataclass(frozen=True)
class Mojibake:
    """A001: the text was decoded with the wrong code page, or holds characters that are no text.

    What it does: undoes wrong decodings ("cafÃ©" becomes "café"), joins split surrogate pairs, and removes control
    characters and terminal escapes, and undoes escapes in words ("caf\\u00e9", "Q&amp;A"). Quotes, ligatures, widths,
    emoji and accents stay as they are. Where characters are lost for good (U+FFFD), or a text of the row speaks of
    encodings or is code, the row is held for a person instead. Letters of another script in a word belong to A014.

    Why is this bad: the model learns to write the garbage, and the same word in two encodings is two words to it.

    Example: "Iâ€™d like a cafÃ©" is repaired to "I’d like a café"; "the caf\ufffd is open" is held.
    """

    code: ClassVar[str] = "A001"
    name: ClassVar[str] = "mojibake"
    stage: ClassVar[Stage] = "repair"
    severity: ClassVar[Severity] = "error"
    action: Action = "edit"  # what becomes of a text that can be repaired; one that cannot is held

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding, whose edit repairs every text of the example."""
        lost = sum(len(LOST.findall(PAIR.sub("", turn.text))) for turn in turns_of(example) if not turn.text.isascii())
        about = lost and any(ABOUT_ENCODING.search(turn.text) for turn in turns_of(example))
        texts = rewritten(example, _stable)
        if lost and not about:
            yield self._lost(example, lost, texts)
        elif texts:
            yield self._garbled(example, texts)

    def _lost(self, example: Example, lost: int, texts: dict[int, str]) -> Finding:
        guesses = rewritten(example, lambda text: CONTRACTION.sub("’", _stable(text)))
        where = {t.at: "" for t in turns_of(example) if LOST.search(t.text)}
        after = with_turns(example, guesses) if guesses and not LOST.search("".join(guesses.values())) else None
        said = f"{lost} characters were lost in decoding: read the source again with its own encoding, or mend them"
        action: Action = "hold" if self.action == "edit" else self.action
        return finding(
            self, example, field_of(example, where), 1.0, said, evidence={"lost": lost}, after=after, action=action
        )

    def _garbled(self, example: Example, texts: dict[int, str]) -> Finding:
        old = {turn.at: turn.text for turn in turns_of(example)}
        index, answered = min(texts), len(example.messages) - 1
        shown = _difference(old[index], texts[index])
        fresh_loss = any(LOST.search(new) and not LOST.search(old[i]) for i, new in texts.items())
        quoted = not all(text.isascii() for text in old.values()) and any(
            ABOUT_ENCODING.search(t) for t in old.values()
        )
        code = any("\\" in text and ESCAPED.search(text) and CODE.search(text) for text in old.values())
        emptied = any(not new.strip() and old[i].strip() for i, new in texts.items())
        wanted = answered not in texts and answered in old and any(MEND.search(old[i]) for i in texts)
        unsure = fresh_loss or quoted or code or emptied or wanted or _spoken_of(old.values())
        action: Action = "hold" if unsure and self.action == "edit" else self.action
        return finding(
            self, example, field_of(example, texts), 0.6 if unsure else 0.95,
            f"garbled text: {shown['before']!r} reads {shown['after']!r}",
            evidence=shown, after=None if fresh_loss or emptied else with_turns(example, texts), action=action,
        )  # fmt: skip


def _spoken_of(texts: Collection[str]) -> bool:
    """Whether a row may be about the entities or the terminal escapes that it holds."""
    held = [text for text in texts if "&" in text and ENTITY.search(text)]
    entities = any(map(_entity_named, held)) or (bool(held) and any(CODE.search(text) for text in texts))
    return entities or (any(ESCAPE.search(text) for text in texts) and any(TERMINAL.search(text) for text in texts))


def _entity_named(text: str) -> bool:
    """_entity_named("What does &nbsp; do?") -> True; ("Lost &amp; Found, where?") and ("a &ndash; b") -> False."""
    for match in ALONE.finditer(text):
        before, after = text[: match.start()].split()[-1:], text[match.end() :].split()[:1]
        if not before or not after:
            return True  # nothing but it at an end of the text
        names = before[0][:1].isupper() and after[0][:1].isupper()
        if not names and "?" in text:
            return True
    return False


def _difference(before: str, after: str) -> dict[str, str]:
    """The first place two texts differ, 12 characters around: {"before": ..., "after": ...}."""
    start = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    low = max(0, start - 12)
    return {"before": before[low : start + 12], "after": after[low : start + 12]}
