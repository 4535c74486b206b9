"""A002 spacing: blanks and invisible characters that carry no meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules.meant import about_looks, undone
from assay.rules.protocol import Stage, finding
from assay.rules.turns import field_of, rewritten, with_turns

# Zero-width characters carry meaning in some scripts: ZWSP parts words in Thai, Lao, Burmese and Khmer; ZWJ and ZWNJ
# shape letters in Indic and Arabic scripts and join emoji. They go only where no such letter stands beside them.
SOUTH_EAST = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
INVISIBLE = re.compile(
    f"(?<![{SOUTH_EAST}])[\u200b\u2060](?![{SOUTH_EAST}])|\ufeff|(?<![^\0-\u024f])[\u200c\u200d](?![^\0-\u024f])"
)
BIDI = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
# A no-break space belongs inside numbers, before units and French punctuation, inside guillemets and after initials.
NO_BREAK = re.compile("(?<![\\d«§№])(?<!\\b\\w\\.)[\xa0\u2000-\u200a\u202f](?![?!:;»%€$£\\d])")
UNUSUAL = re.compile("[\xa0\u2000-\u200f\u2028-\u202f\u2060-\u2069\u061c\ufeff]")

FENCE = re.compile(r"^[ ]{0,3}(?:```|~~~)")
CODE = re.compile(r"[{}\[\]<>=|\\`#$^~*_+\t]|;\s*$|\w\(|://|^\s*(?:[-*+•]|\d+[.)])\s|^(?: {2,}|>)")
RUN = re.compile(r"(?<=[^\W_])(?<!\d)[ ]{2,}(?=[^\W_])|(?<=[^\W\d_][,;.!?)\"'’”])[ ]{2,}(?=[^\W_]|[(\"'‘“])")
SENTENCE_GAP = re.compile(r"(?<=[.!?:])[ ]{2}(?=\S)|(?<=[.!?][)\"'’”])[ ]{2}(?=\S)")
BEFORE_COMMA = re.compile(r"(?<=[^\W_]) +(?=,(?:\s|$))")
BEFORE_STOP = re.compile(r"(?<=[^\W_]) +(?=[.](?:\s*$|\s+[A-Z]))")
BEFORE_MARK = re.compile(r"(?<=[^\W_]) +(?=[?!]+(?:\s*$|\s+[^\Wa-z_]))")
JOINED_STOP, JOINED_MARK = re.compile(r"(?<=[^\W\d_])[,.](?=\s|$)"), re.compile(r"(?<=[^\W\d_])[?!](?=\s|$)")
QUOTED_RUN = re.compile(r"([\"'`])(?:(?!\1).){0,80}?  (?:(?!\1).){0,80}\1|[“«„][^”»“]{0,80}  ")
WORDS_APART = re.compile(r"(?<=\w\w) (?=\w\w)|(?<=\w\w[,;]) (?=\w)|(?<=\w) (?=[,;.]\w\w)|(?<=\s[aAI]) (?=\w\w)")
COLUMN = 4  # blanks in a run that sets off a column
FRENCH = re.compile(
    r"[àâçèêëîïôùûœ«»]|\b(?:le|la|les|des|du|un|une|est|vous|nous|je|tu|il|elle|pour|dans|que|qui|quel|quelle|comment"
    r"|pourquoi|combien|quoi|oui|non|alors|bien|mon|ma|mes|votre|vos|avec|sur|pas|bonjour|merci|et|ou|au|aux|ce|cette|ça)\b",
    re.IGNORECASE,
)
ENGLISH = re.compile(
    r"\b(?:the|is|are|was|what|who|how|when|where|why|which|can|could|do|does|did|of|for|to|with|there|you|your|my|it"
    r"|have|has|will|would|should|if|not|any|this|that|many|much|by|be|people)\b",
    re.IGNORECASE,
)
COMMAND = re.compile(
    r"\b(?:git|docker|npm|npx|yarn|pip|rsync|tar|scp|chmod|chown|ruff|pytest|mypy|cargo|terraform|kubectl|helm|grep|cp|mv)\b"
    r"|\b(?:cd|ls|find|open|code|black|make|tree|source|sh|du|dot|go (?:build|test|run|vet|get)|zip -r \S+) \."
)


def visible(text: str) -> str:
    """The text without characters that show nothing; no-break spaces as spaces where nothing asks for them."""
    if not UNUSUAL.search(text):
        return text
    text = INVISIBLE.sub("", text)
    if not RIGHT_TO_LEFT.search(text.replace("\ufeff", "")):
        text = BIDI.sub("", text)
    return NO_BREAK.sub(" ", text.replace("\u2028", "\n").replace("\u2029", "\n"))


def single_spaced(line: str) -> str:
    """single_spaced("pay my  bill now") -> "pay my bill now"; two blanks after a sentence stay where no others repeat.

    Runs stay between quotation marks and where they are the rule: "la   la   la", "S A L E   N O W", columns.
    """
    if "  " not in line or CODE.search(line) or QUOTED_RUN.search(line):
        return line
    rest = SENTENCE_GAP.sub(" ", line)
    found = RUN.findall(rest)
    usual = WORDS_APART.search(rest) and max(map(len, found), default=0) < COLUMN
    return RUN.sub(" ", line) if found and usual else line


def punctuated(line: str) -> str:
    """punctuated("well , yes, thanks") -> "well, yes, thanks": a mark apart from its word where others are not.

    Where all marks of a kind stand apart somebody may have meant it: tokens, a game, "Ah bon ?"; not so before the
    question mark of an English sentence. French, code and commands ("git add .") are left alone.
    """
    if CODE.search(line):
        return line
    if JOINED_STOP.search(line):
        line = BEFORE_COMMA.sub("", line)
        if " ." in line and not COMMAND.search(line):
            line = BEFORE_STOP.sub("", line)
    apart = " ?" in line or " !" in line
    if apart and not FRENCH.search(line) and (JOINED_MARK.search(line) or _english(line)):
        line = BEFORE_MARK.sub("", line)
    return line


def _english(line: str) -> bool:
    """_english("What are the signs of flu ?") -> True: three words that tell; no language writes them with that gap."""
    return len({word.lower() for word in ENGLISH.findall(line)}) >= 3


def _lines(text: str) -> str:
    """Every prose line tidied; fenced code, and texts whose runs of blanks align columns, left as they are."""
    if "  " not in text and " ," not in text and " ." not in text and " ?" not in text and " !" not in text:
        return text
    lines, fenced = text.split("\n"), False
    aligned = sum(bool(re.search(r"\S {2,}\S", SENTENCE_GAP.sub(" ", line))) for line in lines) > 1
    for i, line in enumerate(lines):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            lines[i] = punctuated(line if aligned else single_spaced(line))
    return "\n".join(lines)


def _trimmed(text: str) -> str:
    """Without blank lines around it; the first line keeps its indentation where it looks meant."""
    body = text.strip()
    if not body or body == text or text.startswith("\u3000"):
        return text  # an ideographic space begins a paragraph
    head = text[: len(text) - len(text.lstrip())].rpartition("\n")[2]
    first, _, rest = body.partition("\n")
    meant = (
        "\t" in head
        or len(head) >= 4
        or (len(head) > 1 and (CODE.search(first) or re.search(r"^[ \t]", rest, re.MULTILINE) or first.endswith(":")))
    )
    return head + body if meant else body


def tidy(text: str, *, outside: bool = True) -> str:
    """tidy(" yes,  I am here , thanks ") -> "yes, I am here, thanks"; `outside`: also the blanks around it.

    Idempotent: every pass shortens the text or turns a blank into a space.
    """
    while (new := _lines(visible(text))) != text or (outside and (new := _trimmed(text)) != text):
        text = new
    return text


def continued(example: Example) -> bool:
    """Whether the answer goes on where the prompt breaks off: the blanks between "def f():" and its body count."""
    if not example.answered or len(example.messages) < 2:
        return False
    asked = example.messages[-2].content
    broken_off = not asked.rstrip().endswith((".", "?", "!", "。", "？", "！"))
    return broken_off and (asked.endswith("\n") or (example.answer[:1].isspace() and not asked[-1:].isspace()))


@dataclass(frozen=True)
class Spacing:
    """A002: blanks at the ends, runs of blanks, invisible characters or blanks before punctuation.

    What it does: trims every message, joins runs of blanks between words, removes zero-width and direction-control
    characters where the script does not need them, turns stray no-break spaces into spaces, and closes the gap before a
    comma, full stop, question or exclamation mark where other marks of the line have none, or where the sentence is
    plainly English. Code, indentation, tables, lists, aligned columns, line breaks of poems, French punctuation and
    emoji are left alone, and so are texts with a gap before all their marks or between all their words, runs within
    quotation marks, blanks between a prompt that breaks off and the answer that continues it, and rows that speak of
    blanks, marks or corrections.

    Why is this bad: tokens change with blanks nobody sees, so equal texts look different to the model, to duplicate
    search and to exact-match scores.

    Example: "my card , please  help, thanks " is left with one blank between words and none before the comma.
    """

    code: ClassVar[str] = "A002"
    name: ClassVar[str] = "spacing"
    stage: ClassVar[Stage] = "repair"
    severity: ClassVar[Severity] = "info"
    action: Action = "edit"  # what becomes of a text with stray blanks

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding, whose edit tidies every text of the example."""
        texts = rewritten(example, tidy)
        if texts and continued(example):
            texts = rewritten(example, lambda text: tidy(text, outside=False))
        if texts and not undone(example, texts) and not about_looks(example):
            yield finding(
                self, example, field_of(example, texts), 1.0, "blanks or invisible characters that carry no meaning",
                evidence={"messages": sorted(texts)}, after=with_turns(example, texts),
            )  # fmt: skip
