"""F005 html-wrapping: text in the plain paragraphs, breaks and lists of HTML."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.rules.turns import field_of, rewritten, turns_of, with_turns
from assay.rules.web_debris import ABOUT_CODE

# What takes text in HTML: somebody who asks for it wants the tags.
RICH = re.compile(
    r"\brich[- ]?text|\brtf\b|\bnewsletters?\b|\bflash ?cards?\b|\banki\b|\bcms\b|\bwordpress\b|\bblog ?posts?\b"
    r"|\bwiki\b|\b(?:e-?mail|web|page|site|landing|product) (?:template|body|copy|text|description|banner)"
    r"|\b(?:description|body) (?:field|for|of)\b|\bpages?\b|\bsite\b|\bwebseite|\bseite\b|\bpágina|\bpagina\b"
    r"|\bline ?breaks?\b|\bparagraphs?\b|\babsätze|\bparagraphes?\b|\bpárrafos?\b|\btooltip|\brendere?d?\b|\bbrowser",
    re.IGNORECASE,
)
WINDOW = 100_000  # characters of a text that is rewritten; longer ones stay
BLOCK, INLINE = "p|br|div|ul|ol|li", "b|i|u|em|strong|span"
LOOKS = r"(?:\s+(?:class|style|align|dir|lang|id)\s*=\s*(?:\"[^\"<>]{0,300}\"|'[^'<>]{0,300}'))*"
PLAIN = re.compile(rf"<(/?)({BLOCK}|{INLINE}){LOOKS}\s*/?>", re.IGNORECASE)
ANY = re.compile(r"<[a-zA-Z/!?][^<>]{0,500}>")
WRAPPED = re.compile(rf"\s*<(?:{BLOCK})\b[^<>]*>[\s\S]*<(?:/(?:p|div|ul|ol|li)|br\s*/?|p)\s*>\s*\Z", re.IGNORECASE)
BREAKS = re.compile(r"<br\s*/?>", re.IGNORECASE)
ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,6}|#[xX][0-9a-fA-F]{2,5});")


def unwrapped(text: str) -> str:
    """unwrapped("<p>Cats&nbsp;purr.</p><p>A <em>lot</em>.</p>") -> "Cats\\xa0purr.\\n\\nA lot."

    Only texts that lie in paragraphs as a whole, or that hold line breaks alone, and no tag that would be missed: those
    with links, images, tables, headings and code stay as they are.
    """
    if "<" not in text or len(text) > WINDOW or "`" in text or not _pure(text):
        return text
    flat = PLAIN.sub(_in_plain, text)
    flat = re.sub(r"[ \t]*\n[ \t]*", "\n", ENTITY.sub(_letter, flat))
    flat = re.sub(r"\n{3,}", "\n\n", flat).strip()
    return flat if flat and not ANY.search(flat) else text


def _pure(text: str) -> bool:
    """Whether all tags are plain ones, closed, around the whole text, or breaks between its lines."""
    tags = list(PLAIN.finditer(text))
    if not tags or len(tags) != len(ANY.findall(text)):
        return False
    names = Counter((m.group(2).lower(), bool(m.group(1))) for m in tags)
    if {name for name, _ in names} == {"br"}:
        return ABOUT_CODE.search(BREAKS.sub(" ", text)) is None
    closed = all(names[name, False] == names[name, True] for name, _ in names if name not in ("br", "p", "li"))
    return closed and WRAPPED.match(text) is not None


def _in_plain(tag: re.Match[str]) -> str:
    name, closing = tag.group(2).lower(), bool(tag.group(1))
    if name in ("p", "div", "ul", "ol"):
        return "\n\n"
    return "\n" if name == "br" else ("" if closing else "\n- ") if name == "li" else ""


def _letter(entity: re.Match[str]) -> str:
    """What an entity stands for; signs that could open a tag stay escaped."""
    letter = unescape(entity.group())
    return entity.group() if letter in "<>" else letter


@dataclass(frozen=True)
class HtmlWrapping:
    """F005: the text lies in plain paragraphs, line breaks or lists of HTML.

    What it does: where a whole text stands in `<p>`, `<div>`, `<br>`, `<ul>` or `<li>`, with bold and italic words at
    most, it writes the same text without them: paragraphs with a blank line between, breaks as line ends, items with a
    dash, entities (`&nbsp;`, `&rsquo;`) as their letters. Texts with links, images, tables, headings, scripts or tags
    that are not closed belong to F003. Rows about HTML or code stay as they are, and so do those that ask for the text
    of a page, a newsletter or a card.

    Why is this bad: sets exported from a website are HTML throughout; the model then writes tags to people who asked in
    plain words, and pays a third of its tokens for them.

    Example: "<p>Cats sleep.</p><p>They hunt at dusk.</p>" is written as two paragraphs.
    """

    code: ClassVar[str] = "F005"
    name: ClassVar[str] = "html-wrapping"
    stage: ClassVar[Stage] = "repair"
    severity: ClassVar[Severity] = "warning"
    action: Action = "edit"  # what becomes of a wrapped text

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding, whose edit unwraps every text of the example."""
        texts = rewritten(example, unwrapped)
        if texts and not _asked_for(example):
            yield finding(
                self, example, field_of(example, texts), 0.95, "plain paragraphs or breaks of HTML around the text",
                evidence={"messages": sorted(texts)}, after=with_turns(example, texts),
            )  # fmt: skip


def _asked_for(example: Example) -> bool:
    """Whether a prompt or the label of the row speaks of code, or asks for what takes HTML."""
    asked = [PLAIN.sub(" ", turn.text) for turn in turns_of(example) if turn.field == "prompt"] + [example.label or ""]
    return any(ABOUT_CODE.search(text) or RICH.search(text) for text in asked)
