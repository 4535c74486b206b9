"""What a page or a mail left in the line of the text: menus, cookie and rights lines, footers of mails, adverts."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from assay.rules.debris import LIKELY, SEPARATOR, SIGNATURE, SURE, Sign, Swept, openings, phrases, plain

REACH = 700  # characters at either end of a text that are read
PIECES = 12  # sentences and parts, at most, that one notice with its links is made of
PART = 5  # words of a link, at most
LINKS = 3  # known links that make a line a menu
SIGNED = 8  # words of a line of a signature, at most
ADVERTS = 4  # sentences of an advert, at most
# One of these must occur, in small letters, before a text is taken apart.
CUES = (
    "sent ", "gesendet", "envoyé", "enviado", "inviato", "verzonden", "outlook for", "unsubscribe", "cookies",
    "confidential", "addressee", "recipient",
    "rights reserved", "©", "(c)", "copyright", "wrote:", "receiving this", "helpful?", " | ", " / ",
    "click here", " now", "% off", "hurry", "skip to", "-- ", "--\n",
)  # fmt: skip
PIECE = re.compile(r"(?<=[.!?。])[\"')\]]*\s+|(?<!\S)\|\s+|\s+\|\s+|\s*\n\s*")
BREADCRUMB = re.compile(r"\s+[|/·•]\s+|\s*\|\s*")  # parts a menu; ">" alone may be a path that is told
TABLE = re.compile(r"^\s*\|", re.MULTILINE)
COUNTED = re.compile(r"\(\d+\)")
DEVICE = re.compile(
    r"(?:sent|posted|written) (?:from|via|with|using|on) (?:my [^.!?|]{2,30}"
    r"|(?:\w+ )?(?:outlook|mail|gmail)\b[^.!?|]{0,30})"
    r"|get outlook for [^.!?|]{2,20}"
    r"|von meine[mr] [^.!?|]{2,25} gesendet|gesendet (?:von|mit) meine[mr] [^.!?|]{2,30}"
    r"|envoyé (?:de|depuis) mon [^.!?|]{2,30}|enviado (?:desde|do|de) (?:mi|meu) [^.!?|]{2,30}"
    r"|inviato da(?:l mio)? [^.!?|]{2,30}|verzonden vanaf mijn [^.!?|]{2,30}",
    re.IGNORECASE,
)
RECEIVED = re.compile(
    r"you(?:'re|’re| are| have been)? (?:receiv|gett?|sent)\w* this(?: \w+)? (?:because|as|since)\b.*"
    r"|(?:to|if you(?:'d| would)? (?:no longer|do not|don't|rather not)\b.*?\b(?:receive|get|hear)\b.*?)"
    r"\s?(?:unsubscribe|opt[ -]out)\b.*",
    re.IGNORECASE | re.DOTALL,
)
COOKIES = re.compile(
    r"(?:we|(?:this|our|the) (?:web ?)?(?:site|page)|we and our (?:\d+ )?partners)(?: also| may)?"
    r" (?:use|uses|set|sets|store|stores) cookies(?! (?:but|only when|that)\b).*"
    r"|by (?:continuing|using|browsing|clicking|visiting)\b.*\bcookies\b.*",
    re.IGNORECASE | re.DOTALL,
)
CONFIDENTIAL = re.compile(
    r"confidentiality notice\b.*"
    r"|th(?:is|e) (?:e-?mail|message|communication|transmission)(?: transmission| message)?,? (?:and|including)"
    r" (?:its|any|all|the)(?: \w+)? (?:attachments?|files?|contents?)\b.*\b(?:confidential|privileged|intended)\b.*"
    r"|this (?:e-?mail|message|communication) (?:is|was) (?:\w+ ){0,3}?(?:meant|intended|confidential|privileged)\b.*"
    r"\b(?:addressees?|recipients?|addressed)\b.*",
    re.IGNORECASE | re.DOTALL,
)
RIGHTS = re.compile(
    r"(?:©|\(c\)|copyright\b)[^.!?]{0,40}\b(?:19|20)\d\d\b[^.!?]{0,40}|[^.!?]{0,30}\ball rights reserved", re.IGNORECASE
)
HELPFUL = re.compile(r"(?:was|did you find) this(?: \w+)? (?:help|use)ful\?", re.IGNORECASE)
VOTE = re.compile(r"yes\W+no\W*|yes\W*|no\W*", re.IGNORECASE)
WANTED = re.compile(r"\bdo(?:n['’]t| not)\b(?= (?:want|wish|like)\b)", re.IGNORECASE)
NOTICES = (
    ("signature", DEVICE), ("mail footer", RECEIVED), ("cookie notice", COOKIES), ("mail footer", CONFIDENTIAL),
    ("rights", RIGHTS), ("feedback line", HELPFUL),
)  # fmt: skip
OWN = ("signature", "feedback line")  # that speak in the first person, or ask
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
URGE = re.compile(
    r"\bhurry\b|\blast chance\b|\b(?:only|just) (?:today|this (?:week|weekend|month))\b"
    r"|\b(?:today|tonight|weekend|week) only\b|\blimited[- ](?:time|offer|stock)|\bdon['’]t miss\b"
    r"|\bwhile (?:stocks?|supplies) lasts?\b|\bends (?:tonight|today|soon|at midnight)\b|\bact now\b",
    re.IGNORECASE,
)
OFFER = re.compile(
    r"\d ?% (?:off|discount)\b|\bsave (?:up to )?[$€£]?\d|\bfree (?:shipping|delivery|gift)\b|\buse code \w{4}"
    r"|\b(?:lose|drop|shed) \d+ ?(?:kg|kilos?|pounds|lbs)\b|\b(?:earn|make|win) (?:up to )?[$€£]?\d"
    r"|\bin (?:just |only )?\d+ (?:days|weeks|minutes)\b",
    re.IGNORECASE,
)
CALL = re.compile(
    r"\b(?:click|tap) here\b|\b(?:order|buy|shop|call|book|register|sign up|subscribe|join) (?:now|today)\b"
    r"|\bsubscribe to our\b",
    re.IGNORECASE,
)
# Somebody speaks for himself, asks, or complains: no page and no mail says it of itself.
PERSON = re.compile(
    r"\b(?:i|i['’]m|i['’]ve|my(?! account| wishlist| basket| cart| orders)|me|not"
    r"|no longer works?|error|broken)\b|n['’]t\b|\?",
    re.IGNORECASE,
)


class Piece(NamedTuple):
    """A sentence, or a part between two bars."""

    start: int  # characters from the beginning of the text
    said: str
    barred: bool  # whether a bar stands before it or behind it


def cued(text: str) -> bool:
    """Whether a text is worth taking apart."""
    small = (text if len(text) <= 2 * REACH else f"{text[:REACH]} {text[-REACH:]}").lower()
    return any(cue in small for cue in CUES)


def run_on(text: str) -> Swept:
    """The text without the notices, menus and adverts that run on from it; "" where it is nothing else.

    A notice of one sentence with nothing beside it weighs less: as an answer it may be meant.

    run_on("With cold water. Sent from my phone").text -> "With cold water."
    """
    if TABLE.search(text):
        return Swept(text, [])
    whole = _menu(text)
    if whole:
        return Swept("", [whole])
    if m := WROTE.search(text[-REACH:]):
        return Swept(text[: max(0, len(text) - REACH) + m.start()].strip(), [_sign("quoted mail", m.group())])
    if found := _led(text):
        return found
    pieces = _pieces(text)
    at, kind = _trailing(pieces)
    if not kind:
        return Swept(text, [])
    start = pieces[at].start
    left = text[:start].rstrip(" \t\n|>-–").rstrip()
    signs = (
        [_sign(kind, text[start:])] if at or len(pieces) > 1 or kind == "advert" else [Sign(kind, text[:80], LIKELY)]
    )
    return Swept("" if at == 0 and start < REACH else left, signs)


def is_advert(text: str, sure: bool) -> bool:
    """Whether a text offers, urges or calls as adverts do; where `sure`, only one that does all of it."""
    if "!" not in text or PERSON.search(text):
        return False
    urges, offers, calls = (form.search(text) is not None for form in (URGE, OFFER, CALL))
    return offers and ((urges and calls) if sure else (urges or calls))


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


def _notice(said: str) -> str:
    """What kind of notice a piece is, "" when it is none."""
    bare = said.rstrip(" .!")
    found = next((kind for kind, form in NOTICES if form.fullmatch(bare)), "")
    return "" if found not in OWN and PERSON.search(WANTED.sub("", said)) else found


def _trailing(pieces: list[Piece]) -> tuple[int, str]:
    """Where the notice begins with which a text ends, and its kind; "" when it ends with none."""
    best, kind, links = len(pieces), "", 0
    first = max(0, len(pieces) - PIECES)
    for i in range(len(pieces) - 1, first - 1, -1):
        piece = pieces[i]
        if found := _notice(piece.said):
            best, kind = i, found
        elif piece.barred and len(piece.said.split()) <= PART and _known(piece.said):
            links += 1
            if links >= 2 and not kind and not piece.said.endswith("."):
                best, kind = i, "navigation"
            elif kind == "navigation":
                best = i
        elif not _link(piece):
            break
    if not kind:
        return _adverts(pieces)
    opening = [i for i in range(max(0, best - SIGNATURE), best) if _closes(pieces, i, best)]
    return (opening[0] if opening and kind == "mail footer" else best), kind


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
    for i in range(len(pieces) - 1, max(-1, len(pieces) - 1 - ADVERTS), -1):
        if not any(form.search(pieces[i].said) for form in (URGE, OFFER, CALL)):
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
        led = parts[0].casefold() in ("home", "homepage", "startseite", "accueil", "inicio", "início")
        if all(len(part.split()) <= PART for part in parts) and known >= LINKS and 2 * known >= len(parts):
            return _sign("navigation", line) if led or COUNTED.search(line) else None
        return None
    return _sign("navigation", line) if _strung(line) else None


def _strung(line: str) -> bool:
    """Whether a line is a string of links: "Skip to content Home Blog Cart (0) Search"."""
    words = [word for word in line.casefold().split() if not COUNTED.fullmatch(word)]
    known, i, links, strong = phrases(), 0, 0, COUNTED.search(line) is not None
    while i < len(words):
        size = next((n for n in range(4, 0, -1) if " ".join(words[i : i + n]) in known), 0)
        if not size:
            return False
        strong |= known[" ".join(words[i : i + size])] == "strong"
        i, links = i + size, links + 1
    return strong and links > LINKS


def _led(text: str) -> Swept | None:
    """The text behind a menu that ends with the number of things in a basket: "Home > Pets | Cart (2) Cats purr."."""
    m = COUNTED.search(text[:REACH])
    if m is None or "\n" in text[: m.end()] or not text[m.end() :].strip():
        return None
    sign = _menu(text[: m.end()])
    return Swept(text[m.end() :].strip(" |>/»\n"), [sign]) if sign else None
