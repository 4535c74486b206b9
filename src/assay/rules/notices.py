"""What pages and mails say of themselves around a text, piece by piece, in the languages most sets are written in."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

PERSON = re.compile(
    r"\b(?:i|i['’]m|i['’]ve|my(?! account| wishlist| basket| cart| orders)|me|not"
    r"|no longer works?|error|broken)\b|n['’]t\b|\?",
    re.IGNORECASE,
)  # somebody speaks for himself, asks, or complains: no page and no mail says it of itself
WANTED = re.compile(r"\bdo(?:n['’]t| not)\b(?= (?:want|wish|like)\b)", re.IGNORECASE)
VOTE = re.compile(
    r"(?:yes|ja|oui|sí|sim|si|sì|tak)\W+(?:no|nein|non|não|nee|nie)\b\W*"
    r"(?:\d+ (?:out )?of \d+ (?:\w+ )?found this (?:\w+ )?(?:help|use)ful)?\W*|yes\W*|no\W*",
    re.IGNORECASE,
)
_MARKS = ("", ".", ",", "!", "?", ":")
_STANDS_FOR = {
    "networks": "(?:facebook|instagram|twitter|x|youtube|linkedin|tiktok|pinterest|whatsapp|telegram|reddit|bluesky"
    "|mastodon|threads|social media)",
    "social": "facebook|instagram|twitter|youtube|linkedin|tiktok|pinterest|whatsapp|telegram|reddit|bluesky|mastodon"
    "|threads|social|follow|folgen|suivre|seguir|volgen",
    "mail": "mail|message|nachricht|courriel|mensaje|mensagem|correo|messaggio|bericht",
    "date": r"(?:\d{1,2}(?:st|nd|rd|th)?[./ -]{1,2}(?:de )?[^\W\d_]{3,10}\.?,?(?: de)? (?:19|20)\d\d"
    r"|[^\W\d_]{3,10}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d"
    r"|\d{1,2}[./]\d{1,2}[./](?:19|20)?\d\d)",
}


class Form(NamedTuple):
    """A way to say it, and what a text is about in which it may be meant."""

    kind: str
    form: re.Pattern[str]  # of a whole piece without its end marks
    topic: re.Pattern[str] | None  # that keeps it, in what was asked or in the rest of the text
    own: bool  # speaks in the first person, asks or denies


class Words(NamedTuple):
    """Words of which one must stand in a text before it is taken apart, by where they stand."""

    anywhere: frozenset[str]
    menus: frozenset[str]  # at the beginning of a menu
    letters: frozenset[str]  # at the end of a letter
    adverts: frozenset[str]  # in small letters


def notice(said: str) -> Form | None:
    """What a piece of a text says as a page or a mail does; None when a person says it."""
    if cue_words().anywhere.isdisjoint(said.split()) and "also" not in said:
        return None
    bare = said.rstrip(" .!»→›")
    found = next((form for form in _forms() if form.form.fullmatch(bare)), None)
    return None if found and not found.own and PERSON.search(WANTED.sub("", said)) else found


@cache
def cue_words() -> Words:
    """The words of `notice_words.txt`, each with the marks that may stand behind it."""
    said = {name: " ".join(lines).split() for name, lines in _sections("notice_words.txt")}
    cased = [form for word in said["anywhere"] for form in (word, word.capitalize(), word.upper())]
    letters = [form for word in said["letters"] for form in (word, word.capitalize())]
    return Words(_marked(cased + said["first"]), frozenset(said["menus"]), _marked(letters), _marked(said["adverts"]))


@cache
def _forms() -> list[Form]:
    """The notices of `notices.txt`, those that are said more often first."""
    found = []
    for kind, lines in _sections("notices.txt"):
        topic = next((line.removeprefix("topic\t") for line in lines if line.startswith("topic\t")), "")
        said = [line for line in lines if line != "own" and not line.startswith("topic\t")]
        form, about = (_filled(part) for part in ("|".join(said), topic))
        flags = re.IGNORECASE | re.DOTALL
        found.append(Form(kind, re.compile(form, flags), re.compile(about, flags) if about else None, "own" in lines))
    return found


def _filled(form: str) -> str:
    for name, said in _STANDS_FOR.items():
        form = form.replace(f"{{{name}}}", said)
    return form


def _marked(words: list[str]) -> frozenset[str]:
    return frozenset(word + mark for word in words for mark in _MARKS)


def _sections(name: str) -> list[tuple[str, list[str]]]:
    """The parts of a list, each below its name in brackets; a name may stand more than once."""
    parts: list[tuple[str, list[str]]] = []
    for line in files("assay.rules").joinpath(name).read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            parts.append((line[1:-1], []))
        elif line and not line.startswith("#"):
            parts[-1][1].append(line)
    return parts
