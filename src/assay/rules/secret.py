"""S003 secret: keys, tokens and passwords that open something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.rules.turns import field_of, turns_of, with_turns


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
        r"(?<![a-z0-9])[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\"<>]{1,64}:(?P<value>[^\s/@'\"<>]{3,128})@[\w.-]",
        re.IGNORECASE,
    ),
    _pattern(
        "bearer token", "bearer ",
        r"\bbearer\s+(?P<value>(?=[\w.~+/-]{0,200}\d)[\w.~+/-]{20,2000}=*)", re.IGNORECASE,
    ),
)  # fmt: skip
NAMED = re.compile(
    r"(?<![a-z0-9])(?:[a-z0-9]{1,20}[_-]){0,3}"
    r"(?P<name>pass ?words?|passwd|passwort|passphrase|pass ?code|pwd|secret|api[ _-]?keys?|apikey"
    r"|access[ _-]?(?:key|token)|auth[ _-]?token"
    r"|client[ _-]?secret|secret[ _-]?(?:access[ _-]?)?key|private[ _-]?key|security code|cvv|cvc|pin(?: code"
    r"| number)?|(?<=[_\W])token)"
    r"(?P<link>['\"]?\s{0,4}(?:=>|:=|==?|:)\s{0,4}|\s+(?:is|was|to|are)(?:\s*:)?\s+)"
    r"(?P<quote>['\"`]?)(?P<value>[^\s'\"`<>,;]{3,200})",
    re.IGNORECASE,
)
NAMED_HINT = re.compile(r"pass|pwd|secret|key|token|\bpin\b|cv[vc]|security code", re.IGNORECASE)
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
    if name.casefold().startswith(SHORT_CODES):
        return value.isdecimal() and 3 <= len(value) <= 8
    if not letters:
        return digits >= 6 or (digits >= 4 and link.strip() in (":", "="))
    mixed = value != value.lower() and value[1:] != value[1:].lower() and value != value.upper()
    odd = sum(not c.isalnum() and c not in "-_./" for c in value)
    if len(value) < 6:
        return False
    if digits:
        return digits + letters >= 6 and not re.fullmatch(
            r"\d+[-–]?[a-z]{1,10}(?:-[a-z]+)?|v?\d+(?:\.\d+)*[a-z]*", value, re.IGNORECASE
        )
    return bool(mixed and (len(value) >= 8 or odd)) and "/" not in value and "." not in value


class Place(NamedTuple):
    """Where a secret stands in a text."""

    kind: str
    start: int
    end: int


def secrets_in(text: str) -> list[Place]:
    """Every secret in the text, in order, never overlapping."""
    low = text.lower()
    found: list[Place] = []
    for pattern in PATTERNS:
        if pattern.hint in low:
            for match in pattern.regex.finditer(text):
                group = "value" if "value" in pattern.regex.groupindex else 0
                if pattern.kind == "private key" or not DUMMY.search(match.group(group)):
                    found.append(Place(pattern.kind, *match.span(group)))
    if NAMED_HINT.search(low):
        for match in NAMED.finditer(text):
            if opens_something(match["name"], match["link"], match["value"]):
                found.append(Place(match["name"].lower(), *match.span("value")))
    kept: list[Place] = []
    for secret in sorted(found, key=lambda s: (s.start, -s.end)):
        if not kept or secret.start >= kept[-1].end:
            kept.append(secret)
    return kept


def _redacted(text: str, found: list[Place]) -> str:
    ends = [0, *(secret.end for secret in found)]
    starts = [*(secret.start for secret in found), len(text)]
    return "[SECRET]".join(text[end:start] for end, start in zip(ends, starts, strict=True))


@dataclass(frozen=True)
class Secret:
    """S003: the text holds a key, a token or a password.

    What it does: knows the shapes of some twenty issuers' keys, private key blocks, JSON web tokens, passwords in
    addresses, and values said to be a password, key, PIN or security code when they look like one. Hashes, UUIDs,
    slots such as YOUR_API_KEY and questions about passwords are left alone. The suggested edit puts [SECRET] in its
    place.

    Why is this bad: whoever asks the model in the right words gets the key; and it must be revoked, which only its
    owner can do.

    Example: "the password is hunter2" is held with "the password is [SECRET]".
    """

    code: ClassVar[str] = "S003"
    name: ClassVar[str] = "secret"
    stage: ClassVar[Stage] = "row"
    severity: ClassVar[Severity] = "error"
    action: Action = "hold"  # what becomes of a row with a secret

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding, which names kinds and places and never the secret itself."""
        found = {turn.at: (turn.text, secrets) for turn in turns_of(example) if (secrets := secrets_in(turn.text))}
        if not found:
            return
        texts = {index: _redacted(text, secrets) for index, (text, secrets) in found.items()}
        shown = [
            {"kind": s.kind, "turn": index, "span": [s.start, s.end]}
            for index, (_, secrets) in found.items()
            for s in secrets
        ]
        kinds = sorted({s.kind for _, secrets in found.values() for s in secrets})
        yield finding(
            self, example, field_of(example, texts), 0.9, f"holds a secret: {', '.join(kinds)}; revoke it",
            evidence={"secrets": shown[:50]}, after=with_turns(example, texts),
        )  # fmt: skip
