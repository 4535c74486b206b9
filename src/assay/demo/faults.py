"""The faults themselves: each function takes a seeded generator and a text, and returns the text with one fault in it.

They imitate what happens to real files, and know nothing of the rules that look for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any, NamedTuple

from assay.demo.truth import Fault

KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")  # rows of a QWERTY keyboard: a slip hits a neighbour


class Changed(NamedTuple):
    """A text with a fault in it, and of which kind the fault is."""

    text: str
    kind: str


@cache
def words() -> dict[str, Any]:
    """The phrases and word lists in `data/words.yaml`."""
    from ruamel.yaml import YAML

    loaded: dict[str, Any] = YAML(typ="safe").load((files("assay.demo") / "data" / "words.yaml").read_text("utf-8"))
    return loaded


def _neighbour(rng: Random, letter: str) -> str:
    row = next((r for r in KEYBOARD if letter in r), letter)
    at = row.index(letter)
    return rng.choice([row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)] or [letter])


def _misspelt(rng: Random, word: str) -> str:
    """_misspelt(rng, "waiting") -> "watiing", "waitng", "waiiting" or "waotimg": the first letter stays."""
    at = rng.randrange(1, len(word) - 1)
    slip = rng.choice(("swapped", "dropped", "doubled", "neighbour"))
    if slip == "swapped" and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if slip == "doubled":
        return word[: at + 1] + word[at:]
    if slip == "neighbour" and word[at].isascii() and word[at].islower():
        return word[:at] + _neighbour(rng, word[at]) + word[at + 1 :]
    return word[:at] + word[at + 1 :]


def typo(rng: Random, text: str) -> Changed:
    """One to three misspelt words of four letters or more; the text as it is when it has none."""
    spans = [m.span() for m in re.finditer(r"[A-Za-z]{4,}", text)]
    for start, end in sorted(rng.sample(spans, min(len(spans), rng.choice((1, 1, 2, 2, 3)))), reverse=True):
        text = text[:start] + _misspelt(rng, text[start:end]) + text[end:]
    return Changed(text, "misspelt")


def mojibake(rng: Random, text: str) -> Changed:
    """The text as a phone types it (curly apostrophes, or an accented signature), through a wrong encoding."""
    typed = text.replace("'", "’") if "'" in text else f"{text} {rng.choice(words()['signatures'])}"
    kind = rng.choice(("cp1252", "cp1252", "cp1252", "latin-1", "twice", "lost"))
    if kind == "lost":  # Windows bytes read as UTF-8: the characters are gone for good
        return Changed(typed.encode("cp1252", "replace").decode("utf-8", "replace"), kind)
    encoding = "latin-1" if kind == "latin-1" else "cp1252"
    broken = typed.encode("utf-8").decode(encoding, "replace")
    return Changed(broken.encode("utf-8").decode("cp1252", "replace") if kind == "twice" else broken, kind)


def spacing(rng: Random, text: str) -> Changed:
    """Blanks where none belong, as copied from a web page, a PDF or a spreadsheet."""
    blanks = [m.start() for m in re.finditer(" ", text)]
    kind = rng.choice(("edges", "runs", "no-break", "zero-width", "line-break") if blanks else ("edges",))
    if kind == "edges":
        return Changed(rng.choice(("  ", "\n", "\t", " ")) + text + rng.choice(("", " ", "  \n")), kind)
    filling = {"runs": "   ", "no-break": "\u00a0\u00a0", "zero-width": "\u200b ", "line-break": " \n "}[kind]
    for at in sorted(rng.sample(blanks, min(len(blanks), 2)), reverse=True):
        text = text[:at] + filling + text[at + 1 :]
    return Changed(text, kind)


def luhn_digit(digits: str) -> str:
    """The digit that makes `digits` pass the Luhn check (ISO/IEC 7812-1, annex B): luhn_digit("7992739871") -> "3"."""
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def card_number(rng: Random) -> str:
    """16 digits on a test prefix, valid by Luhn, typed in one of three ways."""
    body = rng.choice(words()["card_prefixes"]) + "".join(rng.choices("0123456789", k=9))
    number = body + luhn_digit(body)
    return rng.choice(("", " ", "-")).join(number[i : i + 4] for i in range(0, 16, 4))


def phone_number(rng: Random) -> str:
    """A number in a range set aside for fiction."""
    return re.sub("#", lambda _: rng.choice("0123456789"), rng.choice(words()["phones"]))


def email_address(rng: Random) -> str:
    """A person who does not exist, at a provider who does not either."""
    first, last, domain = (rng.choice(words()[k]) for k in ("first_names", "last_names", "mail_domains"))
    return f"{first}{rng.choice(('.', '_', ''))}{last}{rng.choice(('', '', str(rng.randrange(60, 100))))}@{domain}"


def pii(rng: Random, text: str) -> Changed:
    """A sentence with an e-mail address, a telephone number or a payment card number, before or after the text."""
    makers = {"email": email_address, "phone": phone_number, "card": card_number}
    kind = rng.choice(tuple(makers))
    sentence = rng.choice(words()["personal"][kind]).format(value=makers[kind](rng))
    return Changed(f"{text} {sentence}" if rng.random() < 0.7 else f"{sentence} {text}", kind)


def offensive(rng: Random, text: str) -> Changed:
    """A rude sentence before or after the text."""
    sentence = rng.choice(words()["rude"])
    return Changed(f"{text} {sentence}" if rng.random() < 0.75 else f"{sentence} {text}", "insult")


def _synonym(rng: Random, text: str) -> str:
    """_synonym(rng, "I need help") -> "I require help" or "I need assist"; the text as it is when no word is listed."""
    pairs: Sequence[tuple[str, str]] = words()["synonyms"]
    listed = [(word, other) for word, other in pairs if re.search(rf"\b{re.escape(word)}\b", text)]
    if not listed:
        return text
    word, other = rng.choice(listed)
    return re.sub(rf"\b{re.escape(word)}\b", other, text, count=1)


def _filler(rng: Random, text: str) -> str:
    """_filler(rng, "My card is late") -> "My card is really late": after a verb that bears it, where there is one."""
    places = [m.end() for m in re.finditer(r"\b(is|was|are|has|have|am|I've|I)\b(?= )", text)]
    if not places:
        return text
    at = rng.choice(places)
    return f"{text[:at]} {rng.choice(words()['fillers'])}{text[at:]}"


def _punctuation(rng: Random, text: str) -> str:
    bare = text.rstrip("?!. ")
    return rng.choice([bare, bare.lower(), bare + "??", bare + "!!", bare.replace(",", "") + " ."])


def reworded(rng: Random, text: str) -> Changed:
    """The same request sent again, never quite as it was: one word changed or added, a greeting, other punctuation.

    Texts of six words or fewer only change in punctuation or greeting: a changed word would be another request.
    """
    ways: dict[str, Callable[[Random, str], str]] = {
        "opening": lambda r, t: r.choice(words()["openings"]) + t,
        "closing": lambda r, t: t + r.choice(words()["closings"]),
        "punctuation": _punctuation,
    }
    if len(text.split()) > 6:
        ways |= {"synonym": _synonym, "filler": _filler}
    kind = rng.choice(tuple(ways))
    changed = ways[kind](rng, text)
    return Changed(changed, kind) if changed != text else Changed(text + words()["closings"][0], "closing")


IN_TEXT: dict[Fault, Callable[[Random, str], Changed]] = {
    "typo": typo, "mojibake": mojibake, "spacing": spacing, "pii": pii, "offensive": offensive,
}  # fmt: skip
