"""Where secrets stand in a text: by the shapes of their issuers, or by what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from assay.rules.remembered import remembered
from assay.rules.secret_codes import codes_in
from assay.rules.secret_named import DUMMY, NO_PASSWORD, Place, named_in


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
        "password of a command", "mysql",
        r"\b(?:mysql\w*|mariadb)\b[^\n]{0,120}?\s-p(?P<value>(?=[^\s'\"]{0,60}[\W\d])[^\s'\"]{5,64})", re.IGNORECASE,
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


def secrets_in(text: str, *, named: bool = True) -> list[Place]:
    """Every secret in the text, in order, never overlapping; without those only `named` ("the PIN is ...") on wish."""
    kept: list[Place] = []
    for secret in sorted(
        _shapes_in(text) + ([*named_in(text), *codes_in(text)] if named else []), key=lambda s: (s.start, -s.end)
    ):
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
