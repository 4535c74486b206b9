"""What a page or a mail left in the line of the text: menus, cookie and rights lines, footers of mails, adverts."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from assay.rules.adverts import OFFER, is_advert, part_of_advert
from assay.rules.debris import (
    CRUMB,
    LIKELY,
    PASSED_ON,
    SEPARATOR,
    SIGNATURE,
    SURE,
    Sign,
    Swept,
    openings,
    phrases,
    plain,
)  # fmt: skip
from assay.rules.notices import PERSON, VOTE, Form, cue_words, notice

REACH = 700  # characters at either end of a text that are read
PIECES = 12  # sentences and parts, at most, that one notice with its links is made of
MENU = 200  # characters of a menu that are read
PART = 5  # words of a link, at most
LINKS = 3  # known links that make a line a menu
SIGNED = 8  # words of a line of a signature, at most
ADVERTS = 4  # sentences of an advert, at most
PIECE = re.compile(r"(?<=[.!?。])[\"')\]]*\s+|(?<!\S)\|\s+|\s+\|\s+|\s*\n\s*")
BREADCRUMB = re.compile(r"\s+[|/·•]\s+|\s*\|\s*")  # parts a menu; ">" alone may be a path that is told
TABLE = re.compile(r"^\s*\|", re.MULTILINE)
COUNTED = re.compile(r"\(\d+\)")
WORD = re.compile(r"\S+")
WROTE = re.compile(
    r"(?:(?<=[.!?\n])|\A)\s*(?:-{2,}\s*)?(?:>\s*on\b[^.!?\n]{4,90}\bwrote:|on\b(?=[^\n]{0,60}\d)[^!?\n]{4,90}\bwrote:(?=\s*>)"
    r"|on\b[^!?\n]{4,60}\b\d{1,2}:\d\d\b[^!?\n]{2,60}\bwrote:).*",
    re.IGNORECASE | re.DOTALL,
)
CLOSING = re.compile(
    r"(?:(?:kind|best|warm|many) )?(?:regards|wishes|greetings)\b|sincerely\b|cheers\b|mit freundlichen grüßen\b"
    r"|cordialement\b|saludos\b",
    re.IGNORECASE,
)
# A close, a name, and what only a signature has behind it: a number, an address, a role.
SIGNED_OFF = re.compile(
    r"(?<=[.!?\n])\s*(?:(?:(?:with )?(?:kind|best|warm|many) )?(?:regards|wishes|greetings)|sincerely(?: yours)?|cheers"
    r"|mit freundlichen grüßen|viele grüße|cordialement|bien à vous|saludos(?: cordiales)?|atentamente|atenciosamente"
    r"|cordiali saluti|distinti saluti|met vriendelijke groet(?:en)?|med vänliga hälsningar),?\s+"
    r"(?-i:(?:Dr\.? )?[A-ZÄÖÜÉÅ][\w.'-]+(?: [A-ZÄÖÜÉÅ][\w.'-]+){1,3})[,|\s]\s?[^!?]{0,120}?"
    r"(?:\d[\d ()./-]{6,}\d|\S+@\S+|\bwww\.\S+|\b(?:manager|director|head of|officer|representative|sales|support"
    r"|leiter(?:in)?|vertrieb|directeur|directrice|directora?|gerente|responsabile|direttore|chef)\b)[^!?]{0,60}\Z",
    re.IGNORECASE,
)
FORWARDED = re.compile(rf"\s*-{{2,}}\s?(?:{PASSED_ON})\s?-{{2,}}.*", re.IGNORECASE | re.DOTALL)
MAILS = (("quoted mail", "rote:", WROTE), ("quoted mail", "--", FORWARDED), ("signature", "", SIGNED_OFF))
HOME = ("home", "homepage", "start", "startseite", "accueil", "inicio", "início", "strona główna", "hem")
LAST_CRUMB = re.compile(
    r"(?P<crumb>(?:[A-ZÄÖÜÉÅ][\w&'-]*\s+|(?:and|&|of|und|et|de|y)\s+){1,4}?)(?=[A-ZÄÖÜÉÅ¿][\w']*[ ,]+[a-zäöüéàèß])"
)


class Piece(NamedTuple):
    """A sentence, or a part between two bars."""

    start: int  # characters from the beginning of the text
    said: str
    barred: bool  # whether a bar stands before it or behind it


def cued(text: str) -> bool:
    """Whether a text is worth taking apart."""
    ends = text if len(text) <= 2 * REACH else f"{text[:REACH]} {text[-REACH:]}"
    said, cues = ends.split(), cue_words()
    if not (cues.anywhere.isdisjoint(said) and cues.letters.isdisjoint(said)) or (said and said[0] in cues.menus):
        return True
    if " also like" in ends or " also be interested" in ends:
        return True
    return "!" in ends and not cues.adverts.isdisjoint(ends.lower().split())


def run_on(text: str, asked: str = "") -> Swept:
    """The text without the notices, menus and adverts that stand before it or run on from it; "" where it is nothing
    else.

    A notice of one sentence with nothing beside it weighs less: as an answer it may be meant. So is one whose topic is
    that of the rest, or of what was `asked`.

    run_on("With cold water. Sent from my phone").text -> "With cold water."
    """
    if TABLE.search(text):
        return Swept(text, [])
    whole = _menu(text)
    if whole:
        return Swept("", [whole])
    for kind, part, form in MAILS:
        if not part and cue_words().letters.isdisjoint(text[-REACH:].split()):
            break
        if part in text and (m := form.search(text, max(0, len(text) - REACH))):
            return Swept(text[: m.start()].strip(), [_sign(kind, m.group())])
    if found := _led(text) or _leading(text, asked):
        return found
    pieces = _pieces(text)
    at, kind = _trailing(pieces, asked)
    if not kind:
        return Swept(text, [])
    start = pieces[at].start
    left = text[:start].rstrip(" \t\n|>-–").rstrip()
    signs = (
        [_sign(kind, text[start:])] if at or len(pieces) > 1 or kind == "advert" else [Sign(kind, text[:80], LIKELY)]
    )
    return Swept("" if at == 0 and start < REACH else left, signs)


def _sign(kind: str, said: str) -> Sign:
    return Sign(kind, " ".join(said.split())[:80], SURE)


def _pieces(text: str) -> list[Piece]:
    """The last pieces of a text."""
    base = max(0, len(text) - REACH)
    cuts = [(base, base), *((m.start(), m.end()) for m in PIECE.finditer(text, base)), (len(text), len(text))]
    out = []
    for (low, start), (end, high) in pairwise(cuts):
        said = text[start:end].strip().lstrip("> ")
        if said:
            out.append(Piece(start, said, "|" in text[low:start] or "|" in text[end:high]))
    return out


def _trailing(pieces: list[Piece], asked: str) -> tuple[int, str]:
    """Where the notice begins with which a text ends, and its kind; "" when it ends with none, or may be meant."""
    best, kind, links, forms = len(pieces), "", 0, list[Form]()
    first = max(0, len(pieces) - PIECES)
    for i in range(len(pieces) - 1, first - 1, -1):
        piece = pieces[i]
        found = notice(piece.said)
        if found and (found.kind != "author" or piece.barred):
            forms.append(found)
            best, kind = (best, kind) if found.kind == "counter" else (i, found.kind)
        elif piece.barred and len(piece.said.split()) <= PART and _known(piece.said):
            links += 1
            if links >= 2 and not kind and not piece.said.endswith("."):
                best, kind = i, "navigation"
            elif kind == "navigation":
                best = i
        elif _strung(piece.said, titles=True):
            best, kind = i, "navigation"
        elif not _link(piece):
            break
    if not kind:
        return _adverts(pieces)
    opening = [i for i in range(max(0, best - SIGNATURE), best) if _closes(pieces, i, best)]
    best = opening[0] if opening and kind == "mail footer" else best
    return best, "" if _meant(forms, asked, " ".join(piece.said for piece in pieces[:best])) else kind


def _meant(forms: list[Form], asked: str, rest: str) -> bool:
    """Whether what was asked, or the rest of the text, is about what the notices speak of."""
    topics = [form.topic for form in forms if form.topic]
    return any(topic.search(asked) or topic.search(rest) for topic in topics)


def _known(part: str) -> bool:
    """Whether a part of a line is what pages say around their text: "[Log in]", "Cart (0)"."""
    said = plain(part)
    return said in phrases() or openings().match(said) is not None


def _link(piece: Piece) -> bool:
    """Whether a piece may stand beside a notice: a link, a button, a line of a signature."""
    words = len(piece.said.split())
    barred = piece.barred and words <= PART and not piece.said.endswith(".")
    return barred or (words <= SIGNED and _known(piece.said)) or VOTE.fullmatch(piece.said) is not None


def _closes(pieces: list[Piece], at: int, end: int) -> bool:
    """Whether a letter's end, its close or the mark of its signature, with short lines behind it, stands there."""
    said = pieces[at].said
    if said != "--" and not (CLOSING.match(said) and len(said.split()) <= SIGNED):
        return False
    return all(len(piece.said.split()) <= SIGNED for piece in pieces[at:end])


def _adverts(pieces: list[Piece]) -> tuple[int, str]:
    """Where the advert begins with which a text ends."""
    at = len(pieces)
    if not any("!" in piece.said for piece in pieces[-ADVERTS:]):
        return at, ""
    for i in range(len(pieces) - 1, max(-1, len(pieces) - 1 - ADVERTS), -1):
        if not part_of_advert(pieces[i].said):
            break
        at = i
    said = " ".join(piece.said for piece in pieces[at:])
    return (at, "advert") if is_advert(said, sure=False) else (at, "")


def _menu(text: str) -> Sign | None:
    """The text as a menu, when it is nothing else: links with bars or strokes between, or one behind another."""
    line = text.strip()
    if "\n" in line or len(line) > REACH or PERSON.search(line) or line.endswith((".", ":")):
        return None
    parts = [part.strip() for part in SEPARATOR.split(line) if part.strip()]
    if len(parts) >= LINKS and BREADCRUMB.search(line):
        known = sum(_known(part) for part in parts)
        led = parts[0].casefold() in HOME
        if all(len(part.split()) <= PART for part in parts) and known >= LINKS and 2 * known >= len(parts):
            return _sign("navigation", line) if led or COUNTED.search(line) else None
        return None
    return _sign("navigation", line) if _strung(line) else None


def _strung(line: str, titles: bool = False) -> bool:
    """Whether a line is a string of links: "Skip to content Home Blog Cart (0) Search"; where `titles`, one that each
    begins with a capital will do.
    """
    end, links, strong = _links(line)
    return links > LINKS and not line[end:].strip(" |.") and (strong or (titles and _titled(line)))


def _titled(line: str) -> bool:
    """Whether the words of a line begin with capitals, but for the small ones of links: "Log in"."""
    return all(word[0].isupper() or word in ("in", "out", "up", "us", "to", "my") for word in line.split())


def _links(line: str) -> tuple[int, int, bool]:
    """How far a line begins with links, how many there are, and whether one is beyond doubt."""
    tokens = list(WORD.finditer(line[:MENU]))
    known, i, links, strong = phrases(), 0, 0, False
    while i < len(tokens):
        if COUNTED.fullmatch(tokens[i].group()):
            strong, i = True, i + 1
            continue
        words = [token.group().casefold() for token in tokens[i : i + 4]]
        size = next((n for n in range(len(words), 0, -1) if " ".join(words[:n]) in known), 0)
        if not size or not tokens[i].group()[0].isupper():
            break
        strong |= known[" ".join(words[:size])] == "strong"
        i, links = i + size, links + 1
    return (tokens[i - 1].end() if i else 0), links, strong


def _leading(text: str, asked: str) -> Swept | None:
    """The text behind the notices, menus, crumbs and adverts of one line that stand before it; None where none does."""
    head = text[:REACH]
    if "\n" in head:
        return None
    rest, kind, forms = head, "", list[Form]()
    for _ in range(PIECES):
        piece = PIECE.split(rest, maxsplit=1)
        found = notice(piece[0]) if len(piece) == 2 and piece[0] else None
        if (
            not found
            or found.kind in ("feedback line", "author", "counter")
            or (found.kind == "rights" and "©" not in piece[0])
        ):
            break
        forms.append(found)
        rest, kind = piece[1], found.kind
    end, links, strong = _links(rest)
    behind = rest[end:].lstrip(" |>»")
    if links and behind[:1].isupper():
        if kind or (links >= LINKS and strong) or (links > LINKS and _titled(rest[:end])):
            rest, kind = behind, kind or "navigation"
    elif links or _meant(forms, asked, rest):
        return None
    if not kind:
        rest, kind = _behind_crumbs(head) or _behind_advert(head) or (rest, "")
    if not kind or not rest.strip():
        return None
    return Swept((rest + text[REACH:]).strip(), [_sign(kind, head[: len(head) - len(rest)])])


def _behind_crumbs(head: str) -> tuple[str, str] | None:
    """What stands behind a path of pages: "Home > Pets > Cats Most cats sleep." -> "Most cats sleep."."""
    parts = CRUMB.split(head) if head.strip() and plain(head.split(None, 1)[0]) in HOME else []
    if len(parts) < LINKS or plain(parts[0]) not in HOME or any(len(part.split()) > PART for part in parts[1:-1]):
        return None
    m = LAST_CRUMB.match(parts[-1])
    return (parts[-1][m.end() :], "breadcrumbs") if m else None


def _behind_advert(head: str) -> tuple[str, str] | None:
    """What stands behind an advert of one or two sentences."""
    for cut in list(PIECE.finditer(head))[:2] if "!" in head else ():
        said, rest = head[: cut.start()], head[cut.end() :]
        if said.endswith("!") and is_advert(said, sure=False) and not OFFER.search(rest):
            return rest, "advert"
    return None


def _led(text: str) -> Swept | None:
    """The text behind a menu that ends with the number of things in a basket: "Home > Pets | Cart (2) Cats purr."."""
    m = COUNTED.search(text[:REACH])
    if m is None or "\n" in text[: m.end()] or not text[m.end() :].strip():
        return None
    sign = _menu(text[: m.end()])
    return Swept(text[m.end() :].strip(" |>/»\n"), [sign]) if sign else None
