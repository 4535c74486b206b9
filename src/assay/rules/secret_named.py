"""Passwords, keys and codes in a text, by what is said of them: "the password is ...", "PIN: ..."."""

from __future__ import annotations

import re
from itertools import chain
from typing import NamedTuple

from assay.rules.remembered import remembered

NAMED = re.compile(
    r"(?<![a-z0-9])(?:[a-z0-9]{1,20}[_-]){0,3}"
    r"(?P<name>pass ?words?|pass(?=['\"]?\s{0,4}[:=：])|pw(?=['\"]?\s{0,4}[:=：])|kennwort|passwd"
    r"|passwort|passphrase|pass ?code|pwd|secret|api[ _-]?keys?|apikey|contraseña"
    r"|mot de passe|senha|wachtwoord|hasło|пароль|parola(?: d'ordine)?|lösenord|密码|密碼|パスワード|비밀번호"
    r"|(?:encryption|signing|shared[ _-]?access|master|storage|account|webhook|consumer|deploy)[ _-]?(?:key|secret)"
    r"|(?:recovery|backup) (?:code|key)"
    r"|access[ _-]?(?:key|token)|auth[ _-]?token"
    r"|client[ _-]?secret|secret[ _-]?(?:access[ _-]?)?key|private[ _-]?key|security code|cvv|cvc|pin(?: code"
    r"| number)?|(?<![a-z0-9])(?:auth )?token)"
    r"(?P<link>['\"]?\s{0,4}(?:=>|:=|==?|:|：)\s{0,4}|\s+(?:is|was|to|are|ist|lautet|est|c['’]est|es|è|é)(?:\s*:)?\s+)"
    r"(?P<quote>['\"`]?)(?P<value>[^\s'\"`<>,;]{3,200})",
    re.IGNORECASE,
)
# The same with what it is for between: "the password of the studio's wifi is ...".
FOR_WHAT = re.compile(
    r"(?<![a-z0-9])(?P<name>pass ?word|passwd|passphrase|passwort|kennwort|mot de passe|contraseña|senha|wachtwoord"
    r"|hasło|lösenord"
    r"|пароль)\s+(?:for|of|to|on|at|de|du|des|d['’]|dell['’]|pour|del|para|do|da|della|di|für|vom|von|zum|zur|fürs|van|voor"
    r"|till|til|do|для|от)"
    r"(?:\s+|(?<=['’]))(?:[\w'’-]+\s+){0,4}?[\w'’-]+"
    r"(?P<link>\s*[:=：]\s*|\s+(?:is|was|est|es|ist|lautet|è|é|är|er)(?:\s*:)?\s+)(?P<quote>['\"`]?)"
    r"(?P<value>[^\s'\"`<>,;]{6,200})",
    re.IGNORECASE,
)
# Without one of these in a text in lower case nothing is named; few of them, for every row is asked.
NAMED_HINTS = (
    "pass", "pw", "secret", "key", "token", "pin", "cvv", "cvc", "security code", "recovery code", "backup code",
    "kennwort", "contraseña", "senha", "wachtwoord", "hasło", "парол", "parola", "lösenord", "密码", "密碼",
    "パスワード", "비밀번호",
)  # fmt: skip
OF_NO_ONE = re.compile(
    r"\b(?:common\w*|popular|weak\w*|worst|strong|strongest|example|default|plausible|good|bad|secure|random(?:ly)?"
    r"|typical"
    r"|guessable|leaked|suggested|possible|sample|generated)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
NO_PASSWORD = frozenset(
    {"pass", "password", "passwd", "pwd", "pw", "secret", "mypassword", "user", "username", "token"}
)
DUMMY = re.compile(
    r"example|sample|dummy|placeholder|changeme|change[-_]me|redacted|your|insert|xxx|\*\*\*|\.\.\.|…"
    r"|^[<{\[($%]|\$\{|\{\{|getenv|environ|process\.env"
    r"|config|settings|secrets?\.|request|input\(|prompt|vault|null|none|true|false|undefined|string|required"
    r"|optional|^\W+$"
    r"|^(.)\1+$|\(\)|\w\(|\w\[|^(?:self|this|args|params|os|env)\.",
    re.IGNORECASE,
)
SHORT_CODES = ("pin", "cvv", "cvc", "security code", "passcode", "pass code")


class Place(NamedTuple):
    """Where a secret stands in a text."""

    kind: str
    start: int
    end: int


def opens_something(name: str, link: str, value: str) -> bool:
    """Whether a value said to be a password, key or code has the shape of one, and not of a word, a hash or a slot.

    opens_something("password", ": ", "hunter2") -> True; ("password", " is ", "incorrect") -> False
    """
    value = value.rstrip(".,!?)]}")
    if DUMMY.search(value) or len(value) < 3:
        return False
    digits, letters = sum(c.isdigit() for c in value), sum(c.isalpha() for c in value)
    if name.casefold() in ("pass", "pw") and not (digits and letters):
        return False
    if name.casefold().startswith(SHORT_CODES):
        return value.isdecimal() and 3 <= len(value) <= 8
    if not letters:
        return digits >= 6 or (digits >= 4 and link.strip() in (":", "="))
    mixed = value != value.lower() and value[1:] != value[1:].lower() and value != value.upper()
    odd = sum(not c.isalnum() and c not in "-_./" for c in value)
    if len(value) < 6:
        return False
    if digits:
        return digits + letters >= 6 and (
            mixed or not re.fullmatch(r"\d+[-–]?[a-z]{1,10}(?:-[a-z]+)?|v?\d+(?:\.\d+)*[a-z]*", value, re.IGNORECASE)
        )
    return bool(mixed and (len(value) >= 8 or odd)) and "/" not in value and "." not in value


@remembered
def named_in(text: str) -> list[Place]:
    """What is said to be a password, a key or a code."""
    low = text.lower()
    if not any(hint in low for hint in NAMED_HINTS):
        return []
    return [
        Place(match["name"].lower(), *match.span("value"))
        for match in chain(NAMED.finditer(text), FOR_WHAT.finditer(text))
        if opens_something(match["name"], match["link"], match["value"]) and not _of_no_one(text, match)
    ]


# A pass that lets somebody in or aboard, and no password.
TICKET = re.compile(
    r"\b(?:boarding|bus|train|rail|season|day|week(?:ly|end)?|month(?:ly)?|annual|ski|press|visitor|parking|museum"
    r"|park|city"
    r"|mountain|travel|backstage|gate|hall)[ -]$",
    re.IGNORECASE,
)


def _of_no_one(text: str, match: re.Match[str]) -> bool:
    """Whether a password is only talked about: the most common one, a weak one, "passwords are ..."."""
    if match["name"].lower() == "pass" and TICKET.search(text[max(0, match.start() - 12) : match.start("name")]):
        return True
    several = match["name"].lower().endswith("s") and match["link"].strip() in ("are", "is", "was")
    return several or bool(OF_NO_ONE.search(text[max(0, match.start() - 60) : match.start()]))
