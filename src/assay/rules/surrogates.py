"""Surrogates for personal data: the same value becomes the same made-up one of its kind, and no one's, everywhere.

A surrogate is derived from the value by HMAC-SHA256 under a key that only the user holds (ASSAY_KEY), so nobody without
it can tell or try out what it stands for. It keeps the grouping of the value, has the check digits of its kind, and
lies where no value of a person can lie; that is how the rules know it is none, without any key:

    EMAIL    a domain of RFC 2606: lobaki.duno482@example.org
    PHONE    +999, a code no country has (ITU-T E.164); N9X-555-XXXX, whose area codes are reserved (NANP); else 000...
    CARD     the test numbers of Visa (4000 00), American Express (3700 00) and Diners (3600 66), Luhn digit right
    IBAN     its own country, bank code 0000 or TEST, check digits right (ISO 13616)
    ACCOUNT  0000...           SSN  000-..-....: no such area was ever issued
    IP       the networks for documentation of RFC 5737 and RFC 3849

Kinds without such a range (addresses, dates of birth, passports, national identifiers), and values for which the range
has no number left, become a tagged placeholder: [PASSPORT-KWTZBXQR].
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from assay.errors import AssayError

KEY = "ASSAY_KEY"  # the environment variable that holds the user's key
SHORTEST = 16  # characters of a key
HINT = (
    f"export {KEY}=$(python -c 'import secrets; print(secrets.token_urlsafe(32))') once, and keep it where secrets lie"
)
ATTEMPTS = 40  # surrogates tried before one is taken that is tagged
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"
TAGGED = r"\[[A-Z_]{2,20}-[A-Z]{8}\]"
TAG = "BCDFGHJKLMNPQRSTVWXZ"  # letters of a tag: no vowel, so that none spells a word


class NoKey(AssayError):
    """Surrogates are asked for, and there is no key to derive them from."""


def key_in_use() -> str:
    """The user's key.

    Raises:
        NoKey: it is not set, or too short to keep anything secret.
    """
    secret = os.environ.get(KEY, "")
    if len(secret) < SHORTEST:
        what = f"has {len(secret)} characters; expected {SHORTEST} or more" if secret else "is not set"
        raise NoKey(f"{KEY} {what}: without it no surrogate can be made or undone", hint=HINT)
    return secret


@cache
def keys_of(secret: str) -> tuple[bytes, bytes]:
    """Two keys of 32 bytes from the user's: one to derive surrogates, one to encrypt what they stand for.

    Stretched by scrypt (RFC 7914; 16 MB, about 50 ms), for people choose phrases. The salt is fixed: the same key must
    give the same surrogates on every machine.
    """
    made = hashlib.scrypt(os.fsencode(secret), salt=b"assay surrogates 1", n=1 << 14, r=8, p=1, dklen=64)
    return made[:32], made[32:]


@cache
def surrogates_under(secret: str) -> Surrogates:
    """The surrogates of this process under a key."""
    return Surrogates(secret)


class Surrogates:
    """Surrogates under one key, and what each stands for."""

    def __init__(self, secret: str) -> None:
        self._key = keys_of(secret)[0]
        self._of: dict[tuple[str, str], str] = {}
        self.originals: dict[str, str] = {}  # surrogate -> value, letter for letter

    def know(self, originals: Mapping[str, str]) -> None:
        """Take over surrogates made earlier."""
        self.originals.update(originals)

    def of(self, kind: str, value: str, *, tagged: bool = False) -> str:
        """The surrogate of a value; `tagged` for a placeholder in any case.

        Two spellings of one value share their digits; two values never share a surrogate, in one process or vault.
        """
        asked = (f"{kind} tagged" if tagged else kind, value)
        if asked not in self._of:
            self._of[asked] = next(
                made
                for made in self._candidates(kind, value, tagged)
                if self.originals.setdefault(made, value) == value
            )
        return self._of[asked]

    def _candidates(self, kind: str, value: str, tagged: bool) -> Iterator[str]:
        make = MAKERS.get(kind)
        same = _same(kind, value)
        for attempt in range(ATTEMPTS if make and not tagged else 0):
            made = make(value, self._drawn(kind, same, attempt)) if make else ""
            if made and made != value:
                yield made
        for attempt in range(1 << 20):
            draw = self._drawn(f"{kind} tag", same, attempt)
            yield f"[{kind}-{''.join(TAG[draw(len(TAG))] for _ in range(8))}]"

    def _drawn(self, kind: str, value: str, attempt: int) -> Draw:
        """A source of numbers that is the same for the same key, kind, value and attempt."""
        state = {"block": 0, "pool": 0, "left": 0}

        def draw(below: int) -> int:
            if state["left"] < 8:
                named = f"{kind}\0{value}\0{attempt}\0{state['block']}".encode("utf-8", "backslashreplace")
                block = hmac.new(self._key, named, hashlib.sha256).digest()
                state.update(block=state["block"] + 1, pool=int.from_bytes(block, "big"), left=32)
            taken = state["pool"] & 0xFFFFFFFF
            state.update(pool=state["pool"] >> 32, left=state["left"] - 4)
            return taken % below

        return draw


def _same(kind: str, value: str) -> str:
    """What all spellings of a value share: _same("PHONE", "+1 (415) 555-2671") == _same("PHONE", "415.555.2671")."""
    if kind == "EMAIL":
        return value.casefold()
    bare = re.sub(r"[\W_]+", "", value).casefold()
    return bare[1:] if kind == "PHONE" and len(bare) == 11 and bare[0] == "1" else bare


Draw = Callable[[int], int]  # draw(10) -> 0 to 9


def revealer(originals: Mapping[str, str]) -> Callable[[str], str]:
    """What puts values back for their surrogates: revealer({"[SSN-BCDFGHJK]": "078"})("is [SSN-BCDFGHJK]") -> "is 078".

    One surrogate may stand inside another: a text is gone over until nothing changes, three times at most.
    """
    if not originals:
        return lambda text: text
    longest_first = sorted(originals, key=len, reverse=True)
    pattern = re.compile("|".join([*map(_whole, longest_first), TAGGED]))

    def reveal(text: str) -> str:
        for _ in range(3):
            told = pattern.sub(lambda found: originals.get(found.group(), found.group()), text)
            if told == text:
                break
            text = told
        return text

    return reveal


def _whole(made: str) -> str:
    """A pattern of a surrogate that is no part of a longer word or number."""
    before, after = (r"(?<!\w)" if made[0].isalnum() else ""), (r"(?!\w)" if made[-1].isalnum() else "")
    return f"{before}{re.escape(made)}{after}"


# --- one maker a kind: "" where this value cannot have one ------------------------------------------------------------


def _mail(value: str, draw: Draw) -> str:
    local, at, _ = value.partition("@")
    if not at:
        return ""
    syllables = ["".join((CONSONANTS[draw(14)], VOWELS[draw(5)])) for _ in range(5)]
    name = "".join(syllables[:3]) + ("." if "." in local else "") + "".join(syllables[3:]) + str(100 + draw(900))
    made = f"{name}@example.{('com', 'org', 'net')[draw(3)]}"
    if value.isupper():
        return made.upper()
    return made[0].upper() + made[1:] if value[0].isupper() else made


def _phone(value: str, draw: Draw) -> str:
    digits = re.sub(r"\D", "", re.split(r"[^\W\d]", value, maxsplit=1)[0])  # without an extension, "ext. 12"
    national = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    if len(national) == 10 and (len(digits) == 11 or (value[:1] in "(23456789" and digits[0] in "23456789")):
        front = digits[: len(digits) - 10] + f"{2 + draw(8)}9{draw(10)}555"
    elif value.lstrip("(").startswith("+"):
        front = "999"
    elif digits.startswith("00"):
        front = "00999"
    else:
        front = "000"
    return _filled(value, front, draw)


def _card(value: str, draw: Draw) -> str:
    size = sum(c.isdigit() for c in value)
    body = {14: "360066", 15: "370000"}.get(size, "400000")
    body += "".join(str(draw(10)) for _ in range(size - len(body) - 1))
    doubled = sum(int(d) * 2 - 9 * (int(d) > 4) for d in body[::-2])
    check = -(doubled + sum(int(d) for d in body[-2::-2])) % 10
    return _filled(value, body + str(check), draw)


def _iban(value: str, draw: Draw) -> str:
    bare = re.sub(r"[^A-Za-z0-9]", "", value).upper()
    bank = "TEST" if bare[4:8].isalpha() else "0000"
    rest = "".join(str(draw(10)) if c.isdigit() else chr(65 + draw(26)) for c in bare[8:])
    moved = "".join(str(int(c, 36)) for c in f"{bank}{rest}{bare[:2]}00")
    made = iter(f"{bare[:2]}{98 - int(moved) % 97:02d}{bank}{rest}")
    laid = "".join(next(made) if c.isalnum() else c for c in value)
    return laid.lower() if value.islower() else laid


def _account(value: str, draw: Draw) -> str:
    size = sum(c.isdigit() for c in value)
    return _filled(value, "0000", draw) if size >= 8 and not any(c.isalpha() for c in value) else ""


def _ssn(value: str, draw: Draw) -> str:
    return _filled(value, "000", draw)


def _network(value: str, draw: Draw) -> str:
    if ":" in value:
        return "2001:db8:" + ":".join(f"{draw(0x10000):x}" for _ in range(6))
    return f"{('192.0.2', '198.51.100', '203.0.113')[draw(3)]}.{1 + draw(254)}"


MAKERS: Mapping[str, Callable[[str, Draw], str]] = {
    "EMAIL": _mail, "PHONE": _phone, "CARD": _card, "IBAN": _iban, "ACCOUNT": _account, "SSN": _ssn, "IP": _network,
}  # fmt: skip


def _filled(value: str, front: str, draw: Draw) -> str:
    """The value with `front` for its first digits and drawn ones for the rest; all else stays."""
    fixed = iter(front)
    return "".join(next(fixed, None) or str(draw(10)) if c.isdigit() else c for c in value)
