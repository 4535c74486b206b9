"""A001 mojibake: text decoded with the wrong code page, and bytes that never were text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules.decoding import ABOUT_ENCODING, CODE, ENTITY, ESCAPE, ESCAPED, LOST, PAIR, SEPARATOR, stable
from assay.rules.meant import about_looks, undone
from assay.rules.protocol import Stage, finding
from assay.rules.turns import field_of, rewritten, turns_of, with_turns

CONTRACTION = re.compile(r"(?<=[A-Za-z])\ufffd(?=(?:s|t|d|m|re|ve|ll)\b)")
# An entity that stands by itself may be what the row is about: "What does &nbsp; do?"; "Lost &amp; Found" is not.
ALONE = re.compile(r"(?<!\S)[\"'(]?&(?:[a-zA-Z]{2,8}|#\d{2,5}|#x[0-9a-fA-F]{2,4});[\"')]?(?=[\s,.?!:;]|$)")
MEND = re.compile(
    r"\b(?:fix|correct|repair|clean(?: up)?|decode|proofread|mend|restore)\b", re.IGNORECASE
)  # what is asked
TERMINAL = re.compile(
    r"\bansi\b|\bescapes?\b|escape (?:code|sequence)|\bterminal|\bcolou?rs?\b|\bconsole\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Mojibake:
    """A001: the text was decoded with the wrong code page, or holds characters that are no text.

    What it does: undoes wrong decodings ("cafÃ©" becomes "café"), joins split surrogate pairs, and removes control
    characters and terminal escapes, and undoes escapes in words ("caf\\u00e9", "Q&amp;A"). Quotes, ligatures, widths,
    emoji and accents stay as they are, and so do capitals before a raised figure or a closing quote ("27 Å³", "Ø²").
    Where characters are lost for good (U+FFFD), where control characters part words as a separator does, or where a
    text of the row speaks of encodings, marks or characters or is code, the row is held for a person instead. A row
    whose prompt would say the same as its answer once it is mended is about the mending, and stays. Letters of another
    script in a word belong to A014.

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
        texts = rewritten(example, stable)
        if lost and not about:
            yield self._lost(example, lost, texts)
        elif texts and not undone(example, texts):
            yield self._garbled(example, texts)

    def _lost(self, example: Example, lost: int, texts: dict[int, str]) -> Finding:
        guesses = rewritten(example, lambda text: CONTRACTION.sub("’", stable(text)))
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
        code = any("\\" in text and ESCAPED.search(text) for text in old.values()) and any(
            map(CODE.search, old.values())
        )
        emptied = any(not new.strip() and old[i].strip() for i, new in texts.items())
        wanted = answered not in texts and answered in old and any(MEND.search(old[i]) for i in texts)
        parted = any(SEPARATOR.search(old[i]) for i in texts)
        spoken = parted or about_looks(example) or _spoken_of(old.values())
        unsure = fresh_loss or quoted or code or emptied or wanted or spoken
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
