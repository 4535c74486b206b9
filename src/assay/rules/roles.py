"""Mailboxes of duties: what stands before the "@" says what a mailbox is for, and no person is called so."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from assay.rules.listed import words_of

ROLES = "roles.txt"
SEPARATORS = re.compile(r"[-._+]")
NUMBERED = re.compile(r"\d{1,4}$")
ARTICLE = r"(?i:ein\w{0,2}|d(?:er|ie|as|en|em|es)|zu[mr]|beim|vom)"
THING = re.compile(rf"(?<![\w@.-])(?:([^\W\d_A-ZÄÖÜ][^\W\d_]{{3,}})|{ARTICLE} ([A-ZÄÖÜ]\w{{3,}}))(?![\w@])")
LONGEST = 30  # letters of a word that are tried as a compound
SHORTEST = 4  # letters of a piece of a compound, unless it is one of the little words of the list


def of_a_duty(local: str, domain: str) -> bool:
    """Whether a mailbox is that of a duty, not of a person.

    of_a_duty("people-ops", "acme.io") and ("lostproperty", "acme.io") -> True; ("rose", "acme.io") -> False.
    A word of the domain counts for one beside a duty: ("acme.press", "acme.io") -> True.
    """
    bare = _bare(local)
    if is_duty(bare):
        return True
    words = [word for word in SEPARATORS.split(bare) if word]
    duties = [is_duty(word) for word in words]
    own = set(domain.casefold().split("."))
    known = [
        duty or word in own or word in words_of(ROLES, "part") or word.isdigit()
        for duty, word in zip(duties, words, strict=True)
    ]
    parted = len(words) > 1 and is_duty("".join(words))
    return parted or (any(duties) and (all(known) or "-" in local))


@lru_cache(maxsize=4096)
def is_duty(word: str) -> bool:
    """is_duty("reclamaciones"), ("frontdesk"), ("lostandfound"), ("jobs24") -> True; ("grace") -> False."""
    named = NUMBERED.sub("", word)
    return named in words_of(ROLES, "duty") or (len(named) <= LONGEST and _pieces(named) >= 2)


def of_the_matter(local: str, text: str) -> bool:
    """Whether a mailbox is called as a thing the text speaks of: of_the_matter("passes", "a lost pass") -> True.

    A thing is a word in small letters, or one in capitals after an article; a name is neither, but a word may be one.
    """
    bare = _bare(local)
    things = (_bare(found[1] or found[2]) for found in THING.finditer(text))
    return any(bare.startswith(thing[:-2] if len(thing) > 6 else thing) or thing.startswith(bare) for thing in things)


def _pieces(word: str) -> int:
    """Of how many words of the list a word is made, at least one of them no little word; 0 when it is not."""
    known = words_of(ROLES, "duty") | words_of(ROLES, "part")
    made = {0: 0}  # how many longer pieces make the first letters of the word
    for end in range(2, len(word) + 1):
        for start, longer in list(made.items()):
            piece = word[start:end]
            if piece in known and start < end and (longer or len(piece) >= SHORTEST):
                made[end] = max(made.get(end, 0), longer + (len(piece) >= SHORTEST))
    return made.get(len(word), 0)


def _bare(local: str) -> str:
    """_bare("Kundtjänst") -> "kundtjanst"."""
    spelt = unicodedata.normalize("NFKD", local.casefold())
    return "".join(c for c in spelt if not unicodedata.combining(c))
