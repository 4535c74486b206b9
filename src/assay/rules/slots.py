"""Slots of less usual forms, which only the sentence around them tells from code, maths and stage directions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain

from assay.rules.leftovers import MACROS
from assay.rules.mentions import REPORTS
from assay.rules.patterns import lines

LONGEST = 20_000  # characters of a text that are looked at
NEAR = 60  # characters before a slot that are looked at
# A value follows such a word: "it starts on", "bay", "uw nummer is", "entre ... et"; not "as", "like", "use", "type".
LEADS = re.compile(
    r"\b(?:is|are|was|were|be|at|on|in|by|of|to|for|from|with|until|till|before|after|between|and|costs?|comes? to"
    r"|your|our|the|his|her|named|called|gate|room|bay|number|dr\.?|mr\.?|mrs\.?|ms\.?|dear|hello|hi"
    r"|op|om|tussen|en|van|voor|bij|tot|naar|met|heet|uw|je|onze|beste|aan|bedraagt|kost"
    r"|ist|sind|am|um|im|bis|von|vom|zum|zur|bei|mit|an|ab|zwischen|und|lautet|heißt|kostet|beträgt|ihre?|unsere?|liebe[r]?"
    r"|est|sera|le|la|les|du|de|des|à|au|entre|et|par|chez|avec|votre|notre|coûte|cher|chère|jusqu['’]au"
    r"|es|será|el|los|del|al|en|y|por|con|su|nuestr[oa]|cuesta|estimad[oa]"
    r"|è|sarà|il|lo|di|del|della|alle|dalle|tra|e|per|da|suo|sua|nostr[oa]|costa|gentile"
    r"|é|será|o|a|do|da|no|na|às|em|com|seu|sua|noss[oa]|car[oa])\s+[\"“„«]?$",
    re.IGNORECASE,
)
WORD = r"[^\W\d_]{3,24}(?:_[^\W_]{1,20}){0,4}"
BRACES = re.compile(rf"(?<![\w}}\\^$/=@.{{'\"-])@?\{{(?P<name>{WORD}|\d)\}}(?![{{\w(/='\":])")
ANGLES = re.compile(
    r"(?<![\w\\/=@.:<>`'\"-])<(?P<name>[a-zà-ÿ]{4,24}|[a-zà-ÿ]{2,24}(?:[_-][a-zà-ÿ]{2,20}){1,3})>(?![\w\\/=@(<])"
)
CAPITALS = re.compile(r"(?<![\w\]])\[(?P<name>[A-ZÀ-Þ]{4,20}(?:[_ -][A-ZÀ-Þ]{2,20}){0,3})\](?![(\[:\w])")
DOLLAR = re.compile(r"(?<![\w$\\/{(])\$(?P<name>[A-Z]{4,20}(?:_[A-Z]{1,20}){0,3})(?![\w$(/:{])")
UNDERLINED = re.compile(r"(?<![\w.])__(?P<name>[A-ZÀ-Þ]{3,20}(?:_[A-ZÀ-Þ]{1,20}){0,3})__(?!\w|[.(]\w)")
# A sign first and what must stand before it then: so the search leaps from sign to sign.
PERCENT = re.compile(r"%(?<![\w%]%)(?P<name>[A-Z]{3,20})%(?![\w\\/])")
PRINTF = re.compile(
    r"%(?:(?<![\w%]%)\([^\W\d]\w{1,30}\)[sdif](?!\w)|(?:(?<=[^\W\d_] %)|(?<=\w[.,:] %))(?:\d\$)?[sd](?=[ .,!?;:)\n]|$)"
    r"|(?<=[#£$€]%)[sd]\b)"
)
FIGURES = re.compile(
    r"(?<![\w.,:/+)-])(?<!\) )X{2,4}(?:[.,:/-]X{2,4}){1,3}(?![\w-])|(?<=[£€$])X{1,4}(?:[.,]X{2})?(?!\w)"
    r"|(?<![\w.,-])X{2,4}(?= ?(?:€|%|euros?\b|dollars?\b|pounds?\b|minutes?\b|minuten\b|hours?\b|uur\b"
    r"|working days?\b))"
)
DATES = re.compile(
    r"(?<![\w/.-])(?:DD([-/.])MM\1(?:YY|YYYY|AAAA|JJJJ)|MM([-/])DD\2YYYY|YYYY([-/.])MM\3DD|TT\.MM\.JJJJ|JJ([-/.])MM\4AAAA"
    r"|GG([-/.])MM\5AAAA|HH:MM|hh:mm)(?![\w/-])"
)
# What tools leave that take personal data out; one of them tells that a row was redacted.
REDACTED = re.compile(
    r"[\[<](?:NAMES?|PERSONS?|PERSON_NAME|PER|PATIENT|DOCTOR|USER|USERNAME|EMAIL|E-?MAIL_ADDRESS|PHONE|PHONE_NUMBER|TELEPHONE"
    r"|CARD|CREDIT_CARD|IBAN|ACCOUNT|SSN|US_SSN|NATIONAL_ID|PASSPORT|ADDRESS|STREET|ZIP|BIRTH_DATE|DOB|RECORD|IP|IP_ADDRESS"
    r"|URL|LOCATION|LOC|CITY|ORG|ORGANI[SZ]ATION|COMPANY|HOSPITAL|NRP|AGE|ID|SECRET|REDACTED|PII|PERSOON|LOCATIE)"
    r"(?:[-_]?\d+|-[A-Z]{8})?[\]>]"
)
# The text speaks of writing in a language of machines, or of how something is to be written.
TECHNICAL = re.compile(
    r"placeholder|platzhalter|variable|\bformat|\bsyntax|\bstrings?\b|regex|\bsql\b|\bhtml|\bxml\b|\bjson|python|\bjava"
    r"|javascript|typescript|\bc\+\+|\bprintf|\bshell\b|\bbash\b|terminal|command|\bdirectory|\bfolder"
    r"|\btags?\b|element|parameter|generic|template|\btoken|vocabular|\bmaths?\b|\bsets?\b"
    r"|\bchord|\btickers?\b|\bstocks?\b|\bshares\b|nasdaq|crypto|\bcoins?\b|chromosom|\burl\b|endpoint|\bapi\b|notation"
    r"|(?:source|the|this|my) code\b|\bscript|interpolat|redact|anonymi|microsoft|linux|transcri|schreibweise"
    r"|schrijfwijze",
    re.IGNORECASE,
)
CODED = re.compile(
    r"```|`[^`\n]*[{<\[%$]|__[a-z]+__|\bf[\"']|^[ \t]*(?:def|class|import|const|let|var|function|echo|export)\b"
    r"|\bimport \{|;[ \t]*$|(?<!\{)\{[ \t]*$|^[ \t]*\}+[ \t]*$|</\w+>|[=∈∪∩|]\s*\{|\}\s*[=∈∪∩]|\\[a-z]+\{",
    re.MULTILINE,
)
FLAG = re.compile(
    r"(?:(?<!\w)--?\w[\w-]*|\b(?:press|type|run|hit|typ|druk|drück\w*|tapez|pulse|premi))\s+$", re.IGNORECASE
)
OPENED = re.compile(r"[^\W\d_][\w'’.]*[ :,]\s?[\"“„«(]?$")  # words before it on the line: it stands in a sentence


@cache
def _no_slots() -> dict[str, frozenset[str]]:
    """The words that are no slots, by the signs they stand in: "angles", "variables", "capitals"."""
    listed: dict[str, list[str]] = {}
    kind = ""
    for line in lines("slot_words.txt"):
        if line.startswith("["):
            kind = line.strip("[]")
        else:
            listed.setdefault(kind, []).extend(line.split())
    return {kind: frozenset(words) for kind, words in listed.items()}


def slot_in_prose(prompt: str, answer: str) -> re.Match[str] | None:
    """The first slot of an answer whose sentence shows it to be one; None where prompt or answer speak of code.

    slot_in_prose("Who leads it?", "Your tutor is $TUTOR.") -> "$TUTOR"; ("And home?", "It is $HOME.") -> None
    """
    answer = answer[:LONGEST]
    found = next(_candidates(answer), None)
    if found is None or TECHNICAL.search(prompt[:LONGEST]) or TECHNICAL.search(answer) or CODED.search(answer):
        return None
    return found


def _candidates(text: str) -> Iterator[re.Match[str]]:
    found: list[Iterator[re.Match[str]]] = []
    if "{" in text:
        found.append(m for m in BRACES.finditer(text) if _in_sentence(m))
    if "<" in text and not REDACTED.search(text):
        found.append(m for m in ANGLES.finditer(text) if _in_sentence(m) and _names_a_value(m))
    if "[" in text and not REDACTED.search(text):
        found.append(m for m in CAPITALS.finditer(text) if m["name"] not in _no_slots()["capitals"] and _led(m))
    if "$" in text:
        found.append(m for m in DOLLAR.finditer(text) if m["name"] not in _no_slots()["variables"] and _opens_or_led(m))
    if "__" in text:
        found.append(m for m in UNDERLINED.finditer(text) if m["name"] not in MACROS and _led(m))
    if "%" in text:
        found += [
            PRINTF.finditer(text),
            (m for m in PERCENT.finditer(text) if m["name"] not in _no_slots()["variables"]),
        ]
    if "XX" in text or ("X" in text and any(sign in text for sign in "£€$")):
        found.append(FIGURES.finditer(text))
    if "MM" in text or "hh:mm" in text:
        found.append(m for m in DATES.finditer(text) if _led(m))
    return chain.from_iterable(found)


def _before(match: re.Match[str]) -> str:
    line = match.string[max(0, match.start() - NEAR) : match.start()]
    return line[line.rfind("\n") + 1 :]


def _in_sentence(match: re.Match[str]) -> bool:
    before = _before(match)
    return OPENED.search(before) is not None and not FLAG.search(before)


def _led(match: re.Match[str]) -> bool:
    return LEADS.search(_before(match)) is not None


def _opens_or_led(match: re.Match[str]) -> bool:
    """A name in the place of a value, or of who does something: "Yes, $SHOP_NAME delivers"."""
    before = _before(match)
    return ("_" in match["name"] and OPENED.search(before) is not None) or LEADS.search(before) is not None


def _names_a_value(match: re.Match[str]) -> bool:
    """Whether a word in angle brackets names what belongs there: it marks nothing up and is nothing that is said."""
    return match["name"] not in _no_slots()["angles"] and not REPORTS.search(_before(match)[-30:])
