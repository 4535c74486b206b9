"""F003 web-debris: what a web page, a wiki or a mail left around the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules.adverts import is_advert
from assay.rules.debris import HINT, LIKELY, SURE, TAG, WINDOW, Swept, swept
from assay.rules.protocol import Stage, finding
from assay.rules.running_debris import cued, run_on
from assay.rules.turns import Turn, turns_of, with_turns

# One of these must occur before a text is read line by line: in it, or behind its last sentence.
CUE = re.compile(r"[<\n]|&lt;|\[[/a-zA-Z]|\{\{|\^ ")
TRAILERS = frozenset(
    word + mark
    for word in ["read", "learn", "share", "click", "subscribe", "follow", "sign", "lire", "leer", "weiter", "mehr"]
    for mark in ("", ".", ",", "!", ":", "…")
)
TAIL = 80  # characters at the end of a text of one line where a notice may stand
MARKUP = re.compile(r"<|&lt;|\{|\[/|adsbygoogle|gtag\(|_gaq|window\.|document\.")
ABOUT_CODE = re.compile(
    r"html|\bxml|\bcss\b|markup|markdown|\bcod(?:e|ing)\b|código|\b(?:java|type)?scripts?\b|snippet"
    r"|\breact(?:js|\.js)"
    r"|\bvue\b|\bangular\b|\bphp\b|\bjsx?\b|jquery|\bsvg\b|\btags?\b|\bdom\b|web ?(?:page|site|form|dev|design"
    r"|app)|hyperlink"
    r"|front ?-?end|\bparse|scrap(?:e|ing) |\bxss\b|latex|\bembed|网页|代码|ウェブ|コード",
    re.IGNORECASE,
)
# How a text is made to look, and a tag that is told of: together they are a lesson in writing tags.
FORMATTING = re.compile(
    r"\bbold|italic|underlin|strike-?through|heading|paragraph|line ?breaks?\b|superscript|subscript|\bindent|\bfont"
    r"|\bformat(?:s|ted|ting)?\b|\bfett|kursiv|unterstr|überschrift|absatz|absätze|zeilenumbr|\bgras\b|italique|negrita|cursiva",
    re.IGNORECASE,
)
TOLD_TAG = re.compile(
    r"\b(?:write|writing|use|using|type|put|insert|enter|add|wrap\w*|between|in|within|with|by|the|tags?|schreib\w*|nutz\w*"
    r"|verwend\w*|mit|zwischen|utilis\w*|écri\w*|avec|us[ae]|escrib\w*|con)\s+[\"'“„(]?(?:<|&lt;)[a-z]",
    re.IGNORECASE,
)
ABOUT_PAGES = re.compile(
    r"cookie|privacy|newsletter|website|web ?(?:page|site)|landing|homepage|footer|navigation|\bmenu\b|copyright"
    r"|\bblog|\badvert|\bads?\b|e-?mail|\bmail\b|\bletter|social media|\bpost\b|tweet|press release|flyer|brochure"
    r"|signature|banner|product page|call to action|marketing|slogan|checklist",
    re.IGNORECASE,
)
ABOUT_PATHS = re.compile(
    r"\bpaths?\b|breadcrumb|\bwhere (?:do|can|is)|\bhow (?:do|can|to)|\bsteps?\b|settings|\bmenu\b|navigat",
    re.IGNORECASE,
)
# What is asked for where a notice, a link or an offer is the answer.
ABOUT_NOTICES = re.compile(
    r"unsubscrib|subscri|confidential|rights|legal|licen[sc]e|\blog ?in|sign(?:ed)? (?:in|up)|\bclick|\bbutton"
    r"|\blinks?\b"
    r"|\btabs?\b|\bheader|breadcrumb|\btrack|\bdata\b|disclaimer|\bquot",
    re.IGNORECASE,
)
ABOUT_OFFERS = re.compile(
    r"discount|\bsales?\b|\boffer|\bdeals?\b|coupon|promo|\bcode\b|\bfree\b|cheap|\bpric|\bcosts?\b|\bbuy|\border"
    r"|headline|tagline|\bpitch|commercial|campaign|announce|\bwrite\b|\bcreate\b|\bgenerate\b|\bcompose\b",
    re.IGNORECASE,
)
OF_MAILS = re.compile(
    r"spam|\bham\b|phish|scam|promo|advert|marketing|newsletter|junk|\bbulk(?!y)|boiler|footer", re.IGNORECASE
)


@dataclass(frozen=True)
class WebDebris:
    """F003: the text carries what a web page, a wiki or a mail left around it.

    What it does: looks for HTML tags and scripts outside code, for lines of navigation, breadcrumbs, cookie and
    copyright notices, share and subscribe lines at the edges of a text, for wiki marks ("[edit]"), for the header of a
    quoted mail with what stands below it, and for signatures. One hint is not enough. Where the prompt is about code
    or markup, tags stay; where it asks for a page, a post or a mail, notices must be beyond doubt; Markdown, tables,
    code and pages in full stay always. In one line with the text,
    in English and seven other languages, it finds menus, breadcrumbs, cookie lines and adverts that stand before it,
    and signatures, rights and feedback lines, bylines, links to other pages, to networks, apps and newsletters, footers
    of mails, quoted mails and adverts that run on to its end, and texts that are nothing else. A notice stays where the
    prompt or the rest of the text is about what it speaks of. Of prompts tags and navigation are judged, notices and
    quoted mails only in rows with a label, and there not where the label speaks of mails or adverts. The text without
    the debris is suggested as the edit. Texts of more than 30,000 characters are passed over.

    Why is this bad: debris is the same on every page, so a model learns it faster than the text, and signs its answers
    with "Accept all cookies".

    Example: "Home > Pets > Cats\\nCats sleep a lot.\\nShare this: Tweet | Mail" is held, "Cats sleep a lot." suggested.
    """

    code: ClassVar[str] = "F003"
    name: ClassVar[str] = "web-debris"
    stage: ClassVar[Stage] = "row"
    severity: ClassVar[Severity] = "error"
    action: Action = "hold"  # what becomes of a row with debris

    def check(self, example: Example) -> Iterator[Finding]:
        """One finding for each text with debris."""
        for turn in turns_of(example):
            if (turn.field == "answer" and example.label is not None) or len(turn.text) > WINDOW:
                continue
            if found := self._by_lines(example, turn):
                yield self._finding(example, turn, found, least=3)
            elif found := _running(example, turn):
                yield self._finding(example, turn, found, least=1)

    def _by_lines(self, example: Example, turn: Turn) -> Swept | None:
        """The text without tags and without lines that are debris; None where it has none."""
        if not CUE.search(turn.text):
            tail = turn.text[-TAIL:].lower()
            if "»" not in tail and TRAILERS.isdisjoint(tail.split()):
                return None
        found = swept(turn.text, MARKUP.search(turn.text) is not None and not _about_code(example, turn))
        if not found.text or not any(sign.weight > HINT for sign in found.signs):
            return None  # nothing is debris where nothing else is
        return found if found.weight >= self._least(example, turn, found) else None

    def _least(self, example: Example, turn: Turn, found: Swept) -> float:
        """The weight from which debris is beyond doubt in this text."""
        if turn.field == "prompt":
            told = example.label is not None and not OF_MAILS.search(example.label)  # a mail that was sorted by topic
            meant = ("notice",) if told else ("quoted mail", "notice")
            return SURE + sum(sign.weight for sign in found.signs if sign.kind in meant)
        if all(sign.kind == "tag" for sign in found.signs):
            return LIKELY
        asked = _asked(example)
        crumbs = all(sign.kind == "breadcrumbs" for sign in found.signs) and ABOUT_PATHS.search(asked)
        return 2 * SURE if crumbs or ABOUT_PAGES.search(asked) else LIKELY

    def _finding(self, example: Example, turn: Turn, found: Swept, least: int) -> Finding:
        """What is told of a text; without debris it is suggested from `least` words."""
        kinds = sorted({sign.kind for sign in found.signs})
        after = None
        if len(found.text.split()) >= least and found.text != turn.text:
            after = with_turns(example, {turn.at: found.text})
        return finding(
            self, example, turn.field, 1 - 0.5 ** (2 * found.weight),
            f"the {turn.field} carries {', '.join(kinds)}: {found.signs[0].said[:60]!r}",
            evidence={"signs": [[sign.kind, sign.said] for sign in found.signs[:20]]}, after=after,
        )  # fmt: skip


def _running(example: Example, turn: Turn) -> Swept | None:
    """The text without what runs on from it in the same line; None where nothing does, or where it was asked for.

    Of prompts only those with a label are judged, and not those that are told apart as mails or adverts.
    """
    if turn.field == "prompt" and (example.label is None or OF_MAILS.search(example.label)):
        return None
    if not cued(turn.text):
        return None
    asked = _asked(example) if turn.field == "answer" else ""
    if ABOUT_PAGES.search(asked) or ABOUT_NOTICES.search(asked):
        return None
    found = run_on(turn.text, asked)
    if any(sign.kind == "advert" for sign in found.signs) and turn.field == "answer":
        whole = not found.text
        if (whole and not is_advert(turn.text, sure=True)) or (not whole and ABOUT_OFFERS.search(asked)):
            return None
    least = LIKELY if turn.field == "prompt" else SURE
    return found if found.weight >= least else None


def _about_code(example: Example, turn: Turn) -> bool:
    asked = _asked(example)
    if ABOUT_CODE.search(asked) or (turn.field == "answer" and TAG.search(asked)):
        return True
    return FORMATTING.search(asked) is not None and TOLD_TAG.search(turn.text) is not None


def _asked(example: Example) -> str:
    """What the row is about: all that is not the assistant's."""
    return "\n".join(m.content[:WINDOW] for m in example.messages if m.role != "assistant")
