"""What a page, a wiki or a mail leaves around its text: tags, navigation, notices, quotes; and the text without it."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

EDGE = 6  # lines at the beginning and at the end where navigation and notices stand
WINDOW = 30_000  # characters of a text that are judged
PART = 5  # words of a part of a line of navigation, at most
PAGE = 0.2  # share of tags in a text from which it is a page itself, and no text that came from one
SIGNATURE = 8  # lines below the mark of a mail's signature
NOTICE = 25  # words of a line that is a notice, at most
SURE, LIKELY, HINT = 1.0, 0.8, 0.5  # weights: a finding takes LIKELY in sum

BLOCK = (
    "div|p|br|hr|td|tr|th|table|tbody|thead|ul|ol|li|dl|dt|dd|h[1-6]|blockquote|section|article|header|footer|nav|aside"
    "|main|form"
)
INLINE = "b|i|u|em|strong|sup|sub|small|code|pre|kbd|mark|s"
TAG = re.compile(
    rf"(?:(?<!\w)<|<(?=/))(/?)({BLOCK}|{INLINE}|html|head|body|span|a|img|font|center|script|style|iframe|input|button"
    r"|label|select|option|figure|figcaption|video|audio|source|svg|path|meta|link|noscript)(\s[^<>=]{1,40}=[^<>]{0,300})?\s*/?>",
    re.IGNORECASE,
)  # fmt: skip
LINE_BREAK = re.compile(rf"(?:{BLOCK})\Z", re.IGNORECASE)
WEAK_TAG = re.compile(rf"(?:{INLINE})\Z", re.IGNORECASE)
ATTRIBUTE = re.compile(
    r"\b(?:class|id|style|href|src|align|width|height|rel|target|data-[\w-]+|on\w+)\s*=", re.IGNORECASE
)
ESCAPED_TAG = re.compile(rf"&lt;/?(?:{BLOCK}|{INLINE}|span|a|img|font|html|body)\b[^&<>]{{0,200}}/?&gt;", re.IGNORECASE)
FORUM = re.compile(
    r"\[/?(?:b|i|u|url|img|quote|size|color|caption|gallery|embed)(?:[= ][^\[\]]{0,200})?\]", re.IGNORECASE
)
COMMENT = re.compile(r"<!--.{0,2000}?-->|<(script|style)\b[^<>]{0,300}>.{0,5000}?</\1>", re.DOTALL | re.IGNORECASE)
SCRIPT = re.compile(
    r"^\s*(?:\(?adsbygoogle|window\.\w+\s*=|document\.(?:write|getElement)|googletag\.|var _gaq|gtag\(|@media\b"
    r"|\$\(document\)|<!\[CDATA\[|[.#]?[\w-]+\s*\{\s*[\w-]+\s*:[^}]{1,200}\}\s*$)"
)
WIKI = re.compile(
    r"\[(?:edit|edit source|show|hide|citation needed|clarification needed|who\?|when\?|by whom\?|bearbeiten|modifier"
    r"|editar|modifica|править|编辑|編集)\]|(?<!\S)\^ (?:[a-z] ){2,}"
    r"|\{\{(?:cite|citation|reflist|main|infobox|see)\b[^{}]{0,300}\}\}"
    r"|\[\[(?:file|image|category|datei|fichier|archivo):[^\[\]]{0,300}\]\]|\[image: [^\]]{0,100}\]",
    re.IGNORECASE,
)  # fmt: skip
RIGHTS = re.compile(
    r"(?:©|\(c\)|&copy;)[^.!?]{0,40}\b(?:19|20)\d\d\b|\bcopyright\s*(?:19|20)\d\d\b|\ball rights reserved\b",
    re.IGNORECASE,
)
WROTE = (
    r"on\b.{6,120}\bwrote:|am\b.{6,120}\bschrieb\b.{0,60}:|le\b.{6,120}\ba écrit\s?:|el\b.{6,120}\bescribió:"
    r"|il\b.{6,120}\bha scritto:"
)
PASSED_ON = (
    "original message|forwarded message|begin forwarded message|ursprüngliche nachricht|weitergeleitete nachricht"
    "|message d'origine|message transféré|mensaje original|mensaje reenviado|messaggio originale"
)
HEADER = re.compile(
    r"(?:from|to|cc|date|sent|subject|von|an|gesendet|betreff|de|à|objet|para|asunto)\s?:\s", re.IGNORECASE
)
COOKIES = re.compile(
    r"\bcookies\b.{0,80}\b(?:experience|consent|website|site|browser|preferences)\b"
    r"|\b(?:site|website|consent)\b.{0,80}\bcookies\b",
    re.IGNORECASE,
)
PAGE_NUMBER = re.compile(
    r"(?:page|seite|página|pagina|pagina|страница|第)\s?\d+\s?(?:of|von|de|di|van|sur|из|/)\s?\d+", re.IGNORECASE
)
COUNTER = re.compile(r"[(\s]*\d[\d,.kKmM]*\)?\s*\Z")
LAST_SENTENCE = re.compile(r"(?<=[.!?。！？])[\"'”’)]*\s+(?=[^.!?。！？]{3,80}\Z)|(?<=[.!?])\s+(?=[^.!?]{3,80}!\Z)")
MAIL = re.compile(rf"^(?:{WROTE}|-{{2,}}\s?(?:{PASSED_ON})\s?-{{2,}})\s*$", re.IGNORECASE)
PARTED = re.compile(r"[|·•»›→©\u0400-\u9fff]|\s[>/]\s|::|\([cC]\)\s")
SPOKEN = ("copyright", "all rights", "cookies")
META = re.compile(
    r"(?:(?i:by) [A-Z]|(?i:posted|published|updated|last (?:updated|modified|reviewed|edited))\b"
    r"|(?i:\d+\s(?:min(?:ute)?s?\sread|comments?|views|shares|likes|replies)\b))"
)
SEPARATOR = re.compile(r"\s+(?:[|·•»›>→‹«/]|::)\s+|\s*[|]\s*")
CRUMB = re.compile(r"\s+(?:[»›>]|→|::)\s+")
LIST_MARK = re.compile(r"^\s*(?:[-*•–·#>|]+|\d{1,2}[.)])\s*")
FENCE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
HIDDEN, SHOWN = "\x00\x01", "<["  # a sign that stands in code is set aside, then put back


class Sign(NamedTuple):
    """A piece of debris."""

    kind: str  # for a person
    said: str  # as it stands there
    weight: float


class Swept(NamedTuple):
    """A text without its debris."""

    text: str
    signs: list[Sign]  # what was taken out

    @property
    def weight(self) -> float:
        """How sure it is that there was debris."""
        return sum(sign.weight for sign in self.signs)


@cache
def phrases() -> dict[str, str]:
    """What pages say around their text -> "strong" or "weak"."""
    out, kind = {}, ""
    for line in files("assay.rules").joinpath("web_phrases.txt").read_text("utf-8").splitlines():
        if line in ("[strong]", "[weak]"):
            kind = line[1:-1]
        elif kind and line:
            out[line] = kind
    return out


@cache
def _first_words() -> frozenset[str]:
    pages = ("page", "seite", "página", "pagina", "страница", "by", "posted", "published", "updated", "last", "tags")
    return frozenset((*(phrase.split()[0].rstrip(":") for phrase in phrases()), *pages))


@cache
def openings() -> re.Pattern[str]:
    """How a line begins that is a notice."""
    strong = [re.escape(phrase) for phrase, kind in phrases().items() if kind == "strong"]
    return re.compile(rf"(?:{'|'.join(sorted(strong, key=len, reverse=True))})(?!\w)")


def swept(text: str, markup: bool = True) -> Swept:
    """The text without what a page left around it; tags stay where `markup` is False, code always.

    swept("Home > Pets\\n<p>Cats purr.</p>").text -> "Cats purr."
    """
    signs: list[Sign] = []
    kept = FENCE.sub(lambda m: m.group().translate(str.maketrans(SHOWN, HIDDEN)), text) if "`" in text else text
    if markup and ("<" in kept or "&lt;" in kept):
        kept = _without_tags(kept, signs)
    if "[" in kept or "^" in kept or "{{" in kept:
        kept = "\n".join(_without_marks(line, signs) for line in kept.split("\n"))
    if markup and "[/" in kept and "](" not in kept:
        kept = FORUM.sub(lambda m: _taken(signs, "tag", m.group(), LIKELY), kept)
    kept = _without_trailer(_without_lines(kept, signs, markup), signs)
    if not signs:
        return Swept(text, [])
    tidy = re.sub(r"[ \t]+(?=\n)|[ \t]+\Z", "", re.sub(r"\n{3,}", "\n\n", kept)).strip()
    return Swept(tidy.translate(str.maketrans(HIDDEN, SHOWN)), signs)


def _taken(signs: list[Sign], kind: str, said: str, weight: float, put: str = "") -> str:
    signs.append(Sign(kind, " ".join(said.split())[:80], weight))
    return put


def _without_marks(line: str, signs: list[Sign]) -> str:
    """A line without wiki marks; nothing, where hardly more than marks is left of it."""
    rest = WIKI.sub(lambda m: _taken(signs, "wiki mark", m.group(), LIKELY), line)
    return rest if rest == line or len(rest.split()) > PART or rest.rstrip().endswith((".", "!", "?")) else ""


def _without_tags(text: str, signs: list[Sign]) -> str:
    """The text with tags taken out, breaks where they stood; a text that is itself a page is left as it is."""
    text = ESCAPED_TAG.sub(lambda m: _taken(signs, "tag", m.group(), LIKELY), text) if "&lt;" in text else text
    filled = [line for line in text.split("\n") if line.strip()]
    opening = sum(line.lstrip().startswith("<") for line in filled)
    if 2 * opening >= max(6, len(filled)) and sum(len(m.group()) for m in TAG.finditer(text)) > PAGE * len(text):
        return text
    text = COMMENT.sub(lambda m: _taken(signs, "script or comment", m.group(), LIKELY), text)
    tags = list(TAG.finditer(text))
    opened = sum(not m.group(1) and not m.group().endswith("/>") for m in tags)
    closed = sum(bool(m.group(1)) for m in tags)

    def take(m: re.Match[str]) -> str:
        weight = SURE if ATTRIBUTE.search(m.group(3) or "") else HINT if WEAK_TAG.match(m.group(2)) else LIKELY
        return _taken(signs, "tag", m.group(), weight, "\n" if LINE_BREAK.match(m.group(2)) else "")

    if opened == closed == 1 and all(WEAK_TAG.match(m.group(2)) for m in tags):
        return text  # one word in bold or raised: Markdown has no other way to write some of them
    return re.sub(r"\n[ \t]*\n\s*\n", "\n\n", TAG.sub(take, text))


def _without_lines(text: str, signs: list[Sign], markup: bool) -> str:
    """The text without lines of navigation and notices at its edges, and without what stands below a mail's header."""
    lines = text.split("\n")
    filled = [i for i, line in enumerate(lines) if line.strip()]
    if not filled:
        return text
    edge = set(filled[:EDGE] + filled[-EDGE:])
    piped = sum(line.count("|") >= 2 for line in lines)
    ending = set(filled[1:][-SIGNATURE - 1 :])
    gone: set[int] = set()
    headed = [i for i in filled[:EDGE] if HEADER.match(lines[i].lstrip())]
    if len(headed) >= 3:
        _taken(signs, "quoted mail", lines[headed[0]], SURE)
        gone |= set(headed)
    for i in filled:
        if i in gone:
            continue
        if i in ending and lines[i].rstrip() == "--" and _signature([lines[j] for j in filled if j > i]):
            _taken(signs, "signature", " ".join(lines[i + 1 :]), SURE)
            gone |= {j for j in filled if j >= i}
            break
        if MAIL.match(lines[i].strip()):
            below = [j for j in filled if j > i]
            _taken(signs, "quoted mail", lines[i], SURE)
            gone.add(i)
            gone |= {j for j in below if lines[j].lstrip().startswith(">")} if i == filled[0] else set(below)
            break
        if i in edge and (sign := _sign(lines[i].strip(), i == filled[0], piped, len(filled) > 1)):
            signs.append(sign)
            gone.add(i)
        elif markup and SCRIPT.match(lines[i]):
            _taken(signs, "script", lines[i], LIKELY)
            gone.add(i)
    return "\n".join(line for i, line in enumerate(lines) if i not in gone)


def _signature(below: list[str]) -> bool:
    """Whether the lines below the mark of a signature are one: few, and beginning with a name."""
    return 0 < len(below) <= SIGNATURE and len(below[0].split()) <= PART and not LIST_MARK.match(below[0])


def _without_trailer(text: str, signs: list[Sign]) -> str:
    """The text without a notice that stands behind its last sentence: "... at dusk. Read more »"."""
    start = text.rstrip().rfind("\n") + 1
    last = text[start:].rstrip()
    cut = LAST_SENTENCE.search(last)
    trailer = last[cut.end() :] if cut else ""
    if cut is None or not _short_notice(plain(trailer), trailer.split()):
        return text
    _taken(signs, "notice", trailer, LIKELY)
    return text[: start + cut.start()].rstrip()


def _suspect(line: str, first: str) -> bool:
    """Whether a line is worth a look: it begins like a phrase, or has parts, or speaks of rights."""
    if first.strip("[](){}<>»*_|.:!-").casefold() in _first_words() or first.isdigit() or PARTED.search(line):
        return True
    small = line.casefold()
    return any(word in small for word in SPOKEN)


def _sign(line: str, first: bool, piped: int, others: bool) -> Sign | None:
    """What a line at the edge of a text is, when it is navigation or a notice."""
    words = line.split(None, NOTICE)
    if len(words) > NOTICE or not others or not _suspect(line, words[0]):
        return None
    cells = [part for part in SEPARATOR.split(line) if part.strip()]
    parts = [plain(part) for part in cells]
    kinds = [
        phrases().get(part) or ("strong" if openings().match(part) else "weak" if META.match(cell.strip()) else "")
        for part, cell in zip(parts, cells, strict=True)
    ]
    if len(words) >= 3 and all(plain(word) in phrases() for word in words) and len(parts) == 1:
        return Sign("navigation", line[:80], SURE)
    if len(parts) >= 2 and piped <= 1:
        known = sum(bool(kind) for kind in kinds)
        if all(len(part.split()) <= PART or kind for part, kind in zip(parts, kinds, strict=True)) and (
            known >= 2 or (known and "strong" in kinds)
        ):
            return Sign("navigation", line[:80], SURE)
        if first and len(CRUMB.split(line)) >= 3 and _crumbs(line):
            return Sign("breadcrumbs", line[:80], LIKELY if kinds[0] else HINT)
        if "strong" in kinds or RIGHTS.search(line):
            return Sign("notice", line[:80], LIKELY)
    elif (
        RIGHTS.search(line)
        or COOKIES.search(line)
        or PAGE_NUMBER.fullmatch(line)
        or (kinds[:1] == ["strong"] and _short_notice(parts[0], words))
    ):
        return Sign("notice", line[:80], LIKELY)
    elif kinds[:1] == ["weak"] and not line.endswith((".", ":", "!", "?")) and not LIST_MARK.match(line):
        return Sign("navigation", line[:80], HINT)
    return None


def plain(part: str) -> str:
    """A part of a line as the phrases are written: plain("[Read more »]") -> "read more"."""
    return COUNTER.sub("", LIST_MARK.sub("", part)).strip(" \t[](){}<>»›→←«‹.!:*_|-–…").casefold()


def _short_notice(part: str, words: list[str]) -> bool:
    """Whether a line is little more than its phrase; a sentence that only begins like one is none."""
    opening = openings().match(part)
    return opening is not None and len(words) <= len(opening.group().split()) + 8


def _crumbs(line: str) -> bool:
    """Whether a line names one thing after another, and says nothing of them."""
    parts = CRUMB.split(line)
    return all(
        0 < len(part.split()) <= PART and not part.rstrip().endswith((".", "?", "!", ":", ";")) for part in parts
    )
