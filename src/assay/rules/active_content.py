"""S006 active-content: HTML and links that run code where the text is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import ClassVar, NamedTuple

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.rules.turns import Turn, field_of, turns_of, with_turns

LONGEST = 200_000  # characters of one text that are read
MOST = 20  # places of one kind named in one text
BODY = 20_000  # characters of a script up to its closing tag
# What runs when a browser shows the text: https://html.spec.whatwg.org/#scripting, and URLs with a scheme that runs.
SCHEME = r"(?:j\s*a\s*v\s*a|v\s*b)\s*s\s*c\s*r\s*i\s*p\s*t\s*:"
DATA = r"data:(?:text/html|image/svg\+xml|application/xhtml\+xml)[;,]"
LINKED = r"\[[^\]\n]{0,200}\]\(\s*<?"  # a link of Markdown up to its address
SET = r"\b(?:href|src|action|formaction|data|xlink:href)\s*=\s*['\"]?"


def _shape(regex: str) -> re.Pattern[str]:
    return re.compile(regex, re.IGNORECASE)


ACTIVE = (
    ("script", "<script", _shape(rf"<script\b[^>]{{0,2000}}>(?:[\s\S]{{0,{BODY}}}?</script\s*>)?")),
    ("event", "on", _shape(r"<[a-z][^\s<>/]{0,20}[\s/][^<>]{0,2000}?\bon[a-z]{3,20}\s*=[^<>]{0,2000}>")),
    ("script URL", "script", _shape(rf"{LINKED}{SCHEME}\S{{0,2000}}|{SET}{SCHEME}[^\s<>\"']{{0,2000}}")),
    ("data URL", "data:", _shape(rf"{LINKED}{DATA}\S{{0,5000}}|(?:{SET})?\b{DATA}[^\s<>\"')]{{0,5000}}")),
    ("frame", "<", _shape(
        r"<(?:iframe|object|embed|applet|frame)\b[^<>]{0,2000}>(?:[^<]{0,200}</(?:iframe|object|applet)\s*>)?")),
    ("refresh", "<meta", _shape(r"<meta\b[^<>]{0,500}http-equiv\s*=\s*['\"]?refresh[^<>]{0,500}>")),
)  # fmt: skip
CODE = re.compile(r"```[\s\S]*?(?:```|\Z)|~~~[\s\S]*?(?:~~~|\Z)|`[^`\n]{1,500}`")
OF_CODE = re.compile(
    r"\bhtml5?\b|\bjavascript\b|\bjs\b|\bjquery\b|\breact\b|\bvue\b|\bangular\b|\bcss\b|\bphp\b|\bdom\b|\bxss\b|\bcsp\b"
    r"|\bweb ?(?:page|app|form|component|server|develop)|\bfront-?end|cross-site"
    r"|\b(?:script|iframe|embed) (?:tag|element|code)"
    r"|\b(?:source|program|sample|following|write|debug|fix|this|embed\w*) code\b|\bsnippet\b|\bmarkup\b"
    r"|\bpars(?:e|er|ing)\b|\bscrap(?:e|er|ing)\b|\bescap(?:e|ing)\b|saniti[sz]|\bregex|<!doctype"
    r"|\bonclick\b|\bevent handler",
    re.IGNORECASE,
)


class Place(NamedTuple):
    """Where something that runs stands in a text."""

    kind: str  # "script", "event", "script URL", "data URL", "frame" or "refresh"
    start: int
    end: int


def active_in(text: str) -> list[Place]:
    """Everything outside of code blocks that runs when the text is shown, in order, never overlapping."""
    low = text[:LONGEST].lower()
    if "<" not in low and "](" not in low and "data:" not in low:
        return []
    code = [match.span() for match in CODE.finditer(text[:LONGEST])] if "`" in low or "~~~" in low else []
    found: list[Place] = []
    for kind, hint, shape in ACTIVE:
        if hint in low:
            matches = (match for match, _ in zip(shape.finditer(text[:LONGEST]), range(MOST), strict=False))
            found += [Place(kind, *m.span()) for m in matches if not any(a <= m.start() < b for a, b in code)]
    kept: list[Place] = []
    for place in sorted(found, key=lambda p: (p.start, -p.end)):
        if not kept or place.start >= kept[-1].end:
            kept.append(place)
    return kept


def _hidden(text: str) -> bool:
    """Whether a link hides its scheme behind character references: "&#106;avascript:"."""
    return "&#" in text and bool(ACTIVE[2][2].search(unescape(text[:LONGEST])))


def _without(text: str, places: list[Place]) -> str:
    ends = [0, *(place.end for place in places)]
    starts = [*(place.start for place in places), len(text)]
    return "".join(text[end:start] for end, start in zip(ends, starts, strict=True)).strip()


@dataclass(frozen=True)
class ActiveContent:
    """S006: the text holds HTML or a link that runs code where it is shown.

    What it does: looks for scripts, event handlers (onerror=), "javascript:" and "data:text/html" links, frames,
    embedded objects and redirects. In code blocks, and in rows that are about web pages or code, they are what was
    asked for and stay. The suggested edit leaves them out.

    Why is this bad: a model that learnt it says it, and a page that shows the answer runs it; a reviewer who opens the
    row may be the first victim.

    Example: "Thanks! <img src=x onerror=alert(1)>" is held with "Thanks!".
    """

    code: ClassVar[str] = "S006"
    name: ClassVar[str] = "active-content"
    stage: ClassVar[Stage] = "row"
    severity: ClassVar[Severity] = "error"
    action: Action = "hold"  # what becomes of a row with content that runs

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding, which names kinds and places."""
        found = {turn: places for turn in turns_of(example) if (places := active_in(turn.text)) or _hidden(turn.text)}
        if not found or _is_of_code(example, found):
            return
        texts = {turn.at: _without(turn.text, places) for turn, places in found.items() if places}
        kinds = sorted({place.kind for places in found.values() for place in places}) or ["script URL"]
        shown = [
            {"kind": place.kind, "turn": turn.at, "span": [place.start, place.end]}
            for turn, places in found.items()
            for place in places
        ]
        yield finding(
            self, example, field_of(example, {turn.at: "" for turn in found}), 0.9,
            f"runs code where it is shown: {', '.join(kinds)}", evidence={"places": shown[:50]},
            after=with_turns(example, texts) if texts and all(texts.values()) else None,
        )  # fmt: skip


def _is_of_code(example: Example, found: dict[Turn, list[Place]]) -> bool:
    """Whether the words around what runs speak of web pages or code, in any turn of the row."""
    return any(OF_CODE.search(_without(turn.text, found.get(turn, []))[:LONGEST]) for turn in turns_of(example))
