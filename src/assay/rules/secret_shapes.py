"""Where secrets stand in a text: by the shapes of their issuers, or by what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import NamedTuple

from assay.rules.remembered import remembered


class Pattern(NamedTuple):
    """One kind of secret."""

    kind: str
    hint: str  # a literal, in lower case, that every match holds: texts without it are not searched
    regex: re.Pattern[str]  # group "value" is the secret; the whole match when there is no such group


def _pattern(kind: str, hint: str, regex: str, flags: int = 0) -> Pattern:
    return Pattern(kind, hint, re.compile(regex, flags))


# Shapes as their issuers document them, or as their secret-scanning partners do.
PATTERNS = (
    _pattern(
        "private key", "private key",
        r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
        r"[\s\S]{0,5000}?(?:-----END [A-Z0-9 ]{0,40}-----|\Z)",
    ),
    _pattern("AWS access key", "a", r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _pattern("GitHub token", "gh", r"(?<!\w)gh[pousr]_[A-Za-z0-9]{36,255}(?!\w)"),
    _pattern("GitHub token", "github_pat_", r"(?<!\w)github_pat_[A-Za-z0-9_]{40,255}(?!\w)"),
    _pattern("GitLab token", "glpat-", r"(?<!\w)glpat-[\w-]{20,64}"),
    _pattern("Slack token", "xox", r"(?<!\w)xox[abeoprs]-[A-Za-z0-9-]{10,250}"),
    _pattern("Slack webhook", "hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9+/]{20,100}"),
    _pattern("Google API key", "aiza", r"(?<!\w)AIza[\w-]{35}(?![\w-])"),
    _pattern("Google OAuth secret", "gocspx-", r"(?<!\w)GOCSPX-[\w-]{28}"),
    _pattern("Stripe key", "_live_", r"(?<!\w)[rs]k_live_[A-Za-z0-9]{16,250}"),
    _pattern("Stripe key", "_test_", r"(?<!\w)[rs]k_test_[A-Za-z0-9]{16,250}"),
    _pattern("model provider key", "sk-", r"(?<![\w-])sk-(?:(?:proj|ant|or"
        r"|svcacct)[\w-]{0,10}-)?(?=[\w-]{0,200}\d)(?=[\w-]{0,200}[A-Z])[\w-]{20,250}"),
    _pattern("Hugging Face token", "hf_", r"(?<!\w)hf_[A-Za-z0-9]{30,50}(?!\w)"),
    _pattern("npm token", "npm_", r"(?<!\w)npm_[A-Za-z0-9]{36}(?!\w)"),
    _pattern("PyPI token", "pypi-", r"(?<!\w)pypi-AgE[\w-]{50,500}"),
    _pattern("SendGrid key", "sg.", r"(?<!\w)SG\.[\w-]{16,32}\.[\w-]{32,64}"),
    _pattern("Twilio key", "sk", r"(?<!\w)SK[0-9a-f]{32}(?!\w)"),
    _pattern("Telegram bot token", ":aa", r"(?<!\w)\d{8,10}:AA[\w-]{33}(?![\w-])"),
    _pattern("Azure account key", "accountkey=", r"AccountKey=(?P<value>[A-Za-z0-9+/]{40,100}={0,2})", re.IGNORECASE),
    _pattern("JSON web token", "eyj", r"(?<![\w-])eyJ[\w-]{10,4000}\.eyJ[\w-]{10,4000}\.[\w-]{10,4000}"),
    _pattern(
        "password in a URL", "://",
        r"(?<![a-z0-9])[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\"<>]{0,64}:(?P<value>[^\s/@'\"<>]{3,128})@[\w.-]",
        re.IGNORECASE,
    ),
    _pattern(
        "bearer token", "bearer ",
        r"\bbearer\s+(?P<value>(?=[\w.~+/-]{0,200}\d)[\w.~+/-]{20,2000}=*)", re.IGNORECASE,
    ),
    _pattern(
        "basic credentials", "basic ",
        r"\bauthorization['\"]?\s{0,3}[:=]\s{0,3}['\"]?basic\s+(?P<value>[A-Za-z0-9+/]{8,500}={0,2})", re.IGNORECASE,
    ),
    _pattern(
        "password of a command", " -u ",
        r"\b(?:curl|wget|http)\b[^\n]{0,200}?\s-u\s+['\"]?[^\s:'\"]{1,64}:(?P<value>[^\s'\"]{3,128})", re.IGNORECASE,
    ),
)  # fmt: skip
# Prefixes by which services mark their tokens, with the least length and the letters of what follows.
MARKED = re.compile(
    r"(?<![A-Za-z0-9_])(?:dop_v1_[0-9a-f]{64}|glsa_\w{32}_[0-9a-f]{8}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"
    r"|PMAK-[0-9a-f]{24}-[0-9a-f]{34}"
    r"|NRAK-[A-Z0-9]{27}|xapp-\d-[A-Z0-9]{8,14}-\d{10,14}-[0-9a-f]{40,80}|ya29\.[\w-]{40,400}|EAA[A-Z]\w{30,300}"
    r"|sq0(?:csp|atp)-[\w-]{22,43}|hv[sb]\.[\w-]{20,200}|AGE-SECRET-KEY-1[A-Z0-9]{50,60}|sbp_[0-9a-f]{40}"
    r"|tvly-\w{20,60}|pplx-\w{40,60}|ATATT3[\w=-]{40,250}|AC[0-9a-f]{32}|key-[0-9a-f]{32}"
    r"|M[\w-]{23,25}\.[\w-]{6}\.[\w-]{27,40}"
    r"|AAAA[\w-]{7}:[\w-]{100,200})(?![\w-])"
)
# A token of any other service: a short prefix, then letters of both cases and digits in a random order.
PREFIXED = re.compile(
    r"(?<![\w/.-])(?!sha\d|md5)(?:[a-z][a-z0-9]{0,11}[_-]){1,3}(?P<value>[A-Za-z0-9]{22,200})(?![\w/.-])"
)
# The secret half of an AWS key pair has no prefix: forty characters of base64, told by what stands before them.
AWS_SECRET = re.compile(r"(?<![A-Za-z0-9+/_.-])(?=[A-Za-z+/]{0,39}\d)[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/_-])=?")
AWS_KEY = re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{14,20}(?![A-Za-z0-9])")
SECRET_WORD = re.compile(
    r"secret|\bkeys?\b|_key\b|token|password|credential|geheim|schlüssel|passwort|kennwort|clé\b|clave|chiave|chave",
    re.IGNORECASE,
)
SAID, PAIRED = 60, 400  # characters before it in which a word calls it a secret, or about it in which a key id stands
LONG = 20  # characters without a blank, fewer of which hold no token
TURNS = 0.45  # share of neighbours of another kind (small, capital, digit) in random text; 0.62 expected, 0.2 in names
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
    r"|пароль)\s+(?:for|of|to|on|at|de|du|des|d['’]|pour|del|para|do|da|della|di|für|vom|von|zum|zur|fürs|van|voor"
    r"|till|til|do|для|от)"
    r"(?:\s+|(?<=['’]))(?:[\w'’-]+\s+){0,4}?[\w'’-]+"
    r"(?P<link>\s*[:=：]\s*|\s+(?:is|was|est|es|ist|lautet|è|é|är|er)(?:\s*:)?\s+)(?P<quote>['\"`]?)"
    r"(?P<value>[^\s'\"`<>,;]{6,200})",
    re.IGNORECASE,
)
NAMED_HINT = re.compile(
    r"pass|pwd|\bpw|kennwort|secret|key|token|\bpin\b|cv[vc]|security code|recovery code|backup code|contraseña|senha"
    r"|wachtwoord|hasło|пароль|parola|lösenord|密码|密碼|パスワード|비밀번호"
)
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


class Place(NamedTuple):
    """Where a secret stands in a text."""

    kind: str
    start: int
    end: int


def secrets_in(text: str, *, named: bool = True) -> list[Place]:
    """Every secret in the text, in order, never overlapping; without those only `named` ("the PIN is ...") on wish."""
    kept: list[Place] = []
    for secret in sorted(_shapes_in(text) + (_named_in(text) if named else []), key=lambda s: (s.start, -s.end)):
        if not kept or secret.start >= kept[-1].end:
            kept.append(secret)
    return kept


@remembered
def _shapes_in(text: str) -> list[Place]:
    """What has the shape of a key or a token."""
    low = text.lower()
    found = [place for pattern in PATTERNS if pattern.hint in low for place in _shaped(pattern, text)]
    if max(map(len, text.split()), default=0) < LONG:
        return found
    found += [Place("service token", *match.span()) for match in MARKED.finditer(text)]
    random = (m for m in PREFIXED.finditer(text) if _is_random(m["value"]) and not DUMMY.search(m.group()))
    return [*found, *(Place("token", *match.span()) for match in random), *_halves(text)]


@remembered
def _named_in(text: str) -> list[Place]:
    """What is said to be a password, a key or a code."""
    if not NAMED_HINT.search(text.lower()):
        return []
    return [
        Place(match["name"].lower(), *match.span("value"))
        for match in chain(NAMED.finditer(text), FOR_WHAT.finditer(text))
        if opens_something(match["name"], match["link"], match["value"]) and not _of_no_one(text, match)
    ]


def _halves(text: str) -> Iterator[Place]:
    """AWS secret access keys: near a key id, or after a word for a secret when the letters are in a random order."""
    for match in AWS_SECRET.finditer(text):
        value, at = match.group(), match.start()
        if not (any(map(str.islower, value)) and any(map(str.isupper, value))) or DUMMY.search(value):
            continue
        paired = AWS_KEY.search(text, max(0, at - PAIRED), match.end() + PAIRED)
        random = re.search(r"[A-Z]{2}|\d[A-Za-z]\d|[+/].*[+/]", value)
        if paired or (random and SECRET_WORD.search(text[max(0, at - SAID) : at])):
            yield Place("AWS secret key", *match.span())


def _shaped(pattern: Pattern, text: str) -> Iterator[Place]:
    group = "value" if "value" in pattern.regex.groupindex else 0
    for match in pattern.regex.finditer(text):
        value = match.group(group)
        if pattern.kind == "private key" or not (DUMMY.search(value) or value.lower() in NO_PASSWORD):
            yield Place(pattern.kind, *match.span(group))


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


def _is_random(value: str) -> bool:
    """_is_random("Kx9ZpQ2v7LmR4tWn8sYb") -> True; ("getUserAccountBalanceById2") -> False."""
    kinds = ["d" if c.isdigit() else "u" if c.isupper() else "l" for c in value]
    turns = sum(a != b for a, b in pairwise(kinds))
    return len(set(kinds)) == 3 and turns >= TURNS * (len(value) - 1)


def without_secrets(text: str) -> str:
    """The text with [SECRET] for each of its secrets."""
    return redacted(text, secrets_in(text))


def redacted(text: str, found: list[Place]) -> str:
    """The text with [SECRET] in each of the places, which are in order."""
    ends = [0, *(secret.end for secret in found)]
    starts = [*(secret.start for secret in found), len(text)]
    return "[SECRET]".join(text[end:start] for end, start in zip(ends, starts, strict=True))
