"""What two texts have in common once looks are set aside: folded text, words, numbers, negations."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from importlib import resources
from itertools import zip_longest

# Raised and lowered digits are no digits of the number before them: "2³" is not "23".
_RAISED = str.maketrans(
    {raised: f"^{digit}" for digit, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
    | {chr(0x2080 + digit): f"_{digit}" for digit in range(10)}
)
_LOOKALIKES = str.maketrans({
    "‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "−": "-", "…": "...",
    "\u00ad": None, "\u200b": None, "\u200c": None, "\u200d": None, "\ufeff": None,
})  # fmt: skip
_BEFORE = re.compile(r" +(?=[,.;:!?)\]](?:\s|$))")  # "word ," but not " .5" nor " -1"
# Dots between two words may be a range, two surely are: "1..5" and "1...5"
_RUNS = re.compile(r"([!?,])\1+|[!?]{2,}|\.{2,}(?![\w<.])|(?<![\w.])\.{2,}")
_RANGE = re.compile(r"(?<=\w)\.\.(?=[\w<])")
# "5!" and "5!!" are no cries, nor is "n!"
_FACTORIAL = re.compile(r"(?:\d|(?<![\w'])[kmnrxz])\)?!+(?![\w=])")
_SHIELD = "\ue000"  # stands for an exclamation mark that stays
_UNTIDY = re.compile(r" [,.;:!?)\]]|[!?]{2}|\.\.|,,")  # where one of the two above may apply
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_THOUSANDS = re.compile(r",(?=\d{3})")
_SYMBOL = re.compile(r"[+*/=<>%^#$€£¥@&|~\\{}\[\]]|(?<![^\s(=<>])-(?=[\d.])")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("d", ""), ("ing", ""), ("ing", "e"))
_JOINTS = re.compile(r"(?<=\w)[\s_\-./:|,]+(?=\w)|_")


@lru_cache
def word_list(name: str) -> frozenset[str]:
    """The words of a list shipped beside this module; lines that start with # are remarks."""
    return frozenset(word_lines(name))


@lru_cache
def word_lines(name: str) -> tuple[str, ...]:
    """The same, in the order of the file."""
    text = resources.files(__package__).joinpath("words", f"{name}.txt").read_text(encoding="utf-8")
    return tuple(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@lru_cache
def word_groups(name: str) -> tuple[tuple[str, ...], ...]:
    """The lines of a list, as the words of each."""
    text = resources.files(__package__).joinpath("words", f"{name}.txt").read_text(encoding="utf-8")
    return tuple(tuple(line.split()) for line in text.splitlines() if line and not line.startswith("#"))


def fold(text: str) -> str:
    """The text without its looks: fold("How do I  reset ??") == fold("how do i reset?") == "how do i reset".

    Unicode form (NFKC), case, spacing, runs of punctuation and the closing mark go; signs inside stay ("-1" is not
    "1"), and so do dots between words ("1..5") and the marks of a factorial ("5!"). "Maße" is not "Masse".
    """
    flat = text if text.isascii() else unicodedata.normalize("NFKC", text.translate(_RAISED)).translate(_LOOKALIKES)
    flat = " ".join(flat.lower().split())
    shielded = "!" in flat and _FACTORIAL.search(flat) is not None and _SHIELD not in flat
    if shielded:
        flat = _FACTORIAL.sub(lambda found: found[0].replace("!", _SHIELD), flat)
    if _UNTIDY.search(flat):  # most texts need no more
        flat = _BEFORE.sub("", flat)
        flat = _RUNS.sub(lambda run: "?" if "?" in run.group() else run.group()[0], flat)
    flat = flat.rstrip(" .!?…。！？") or flat
    return flat.replace(_SHIELD, "!") if shielded else flat


def words(folded: str) -> list[str]:
    """words("don't re-send it, 5 times") -> ["dont", "re", "send", "it", "5", "times"]."""
    found = _WORD.findall(folded)
    return [word.replace("'", "") for word in found] if "'" in folded else found


def numbers(folded: str) -> Counter[str]:
    """The numbers of a text with how often each occurs, "1,000" as "1000"."""
    found = _NUMBER.findall(folded)
    return Counter([_THOUSANDS.sub("", number) if "," in number else number for number in found])


def symbols(folded: str) -> Counter[str]:
    """The signs that carry meaning, a minus only before a number: symbols("x < -1, re-send") -> {"<": 1, "-": 1}."""
    found = _SYMBOL.findall(folded)
    if "!" in folded:
        found += _FACTORIAL.findall(folded)
    if ".." in folded:
        found += _RANGE.findall(folded)
    return Counter(found)


def essence(folded: str) -> str:
    """What a text asks without politeness: essence("hi, my card hasn't come, thanks") -> "my card hasnt come".

    All words where fewer than two are left.
    """
    tokens = words(folded)
    kept = [token for token in tokens if token not in word_list("politeness")]
    return " ".join(kept if len(kept) >= 2 else tokens) or folded


def negations(tokens: list[str]) -> Counter[str]:
    """The words that turn a sentence round, with how often each occurs."""
    known = word_list("negations")
    return Counter([token for token in tokens if token in known])


def label_tokens(label: str) -> tuple[str, ...]:
    """The words of a label: "Card Arrival", "card_arrival" and "cardArrival" -> ("card", "arrival").

    A sign at either end stays ("A+" is not "A", "c#" is not "c").
    """
    spaced = _CAMEL.sub(" ", unicodedata.normalize("NFKC", label).strip().strip("\"'`"))
    return tuple(part.rstrip(".!?;,:") or part for part in _JOINTS.sub(" ", spaced.casefold()).split())


@lru_cache
def _contraries() -> frozenset[tuple[str, str]]:
    pairs = {(first, other) for first, *others in word_groups("contraries") for other in others}
    return frozenset(pairs | {(b, a) for a, b in pairs})


def contrary(one: str, other: str) -> bool:
    """Whether two words stand against each other: "on"/"off", "before"/"after", "links"/"rechts"."""
    return (one, other) in _contraries()


@lru_cache
def _synonyms(name: str) -> frozenset[tuple[str, str]]:
    return frozenset((a, b) for group in word_groups(name) for a in group for b in group if a != b)


def synonymous(one: str, other: str) -> bool:
    """Whether two words stand for each other in nearly every sentence: "explain"/"describe"."""
    return (one, other) in _synonyms("synonyms")


def requests_alike(one: str, other: str) -> bool:
    """Whether two words ask for the same where they begin a request: "name"/"state"."""
    return (one, other) in _synonyms("requests")


def inflected(one: str, other: str) -> bool:
    """Whether an English ending is what separates two words: inflected("enable", "enabling"), ("city", "cities")."""
    return bool(_forms(one) & _forms(other))


@lru_cache(maxsize=50_000)
def _forms(word: str) -> set[str]:
    """A word and what it may be the inflection of, none shorter than three letters."""
    out = {word}
    for ending, stem in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            out.add(word[: -len(ending)] + stem)
    return out


def turned(one: str, other: str) -> bool:
    """Whether an opposing beginning is what separates two words: "locked"/"unlocked", "hypotension"/"hypertension"."""
    listed = word_lines("opposites")
    for left, right in zip_longest(listed[::2], listed[1::2], fillvalue="-"):
        right = "" if right == "-" else right
        for a, b in ((one, other), (other, one)):
            if a.startswith(left) and b.startswith(right) and a[len(left) :] == b[len(right) :]:
                return True
    return False


def apostrophed(one: str, other: str) -> bool:
    """Whether an apostrophe alone makes them two words: apostrophed("its", "it's"), but not ("dont", "don't")."""
    bare = one.replace("'", "")
    return one != other and bare == other.replace("'", "") and bare in word_list("apostrophes")


def misspelt(one: str, other: str) -> bool:
    """Whether two words are one word typed twice: misspelt("arrival", "arival"), but not ("locked", "unlocked")."""
    from rapidfuzz.distance import OSA

    short = min(len(one), len(other))
    if one == other:
        return True
    if short < 4 or one[0] != other[0]:
        return False
    allowed = 2 if short >= 8 else 1
    if OSA.distance(one, other, score_cutoff=allowed) > allowed:  # told first: most words are far apart
        return False
    if any(c.isdigit() for c in one + other) or turned(one, other):
        return False
    return bool((set(one) | set(other)) - set("ivxlc"))  # numerals: "viii", "xiii"
