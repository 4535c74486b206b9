"""S003 secret: keys, tokens and passwords that open something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.rules.secret_named import Place
from assay.rules.secret_shapes import redacted, secrets_in
from assay.rules.turns import Turn, field_of, turns_of, with_turns

MADE_UP = re.compile(
    r"\b(?:generat\w+|create|suggest|come up with|invent|make(?: up)?|think of|give me)\b[^.?!\n]{0,60}"
    r"\b(?:pass(?:word|phrase|code)|pin|api key|token|key|secret)s?\b",
    re.IGNORECASE,
)
LONGEST_PROMPT = 4_000  # characters of a prompt in which the wish for a made-up password is looked for


def secrets_of(example: Example) -> Iterator[tuple[Turn, list[Place]]]:
    """The texts of an example that hold secrets, each with the places; a password made up on demand opens nothing."""
    for turn in turns_of(example):
        asked = turn.field == "answer" and MADE_UP.search(example.prompt[:LONGEST_PROMPT])
        if places := secrets_in(turn.text, named=not asked):
            yield turn, places


@dataclass(frozen=True)
class Secret:
    """S003: the text holds a key, a token or a password.

    What it does: knows the shapes of some forty issuers' keys, other prefixed tokens in random letters, private key
    blocks, JSON web tokens, passwords in addresses and commands, values said to be a password, key, PIN or security
    code when they look like one, what stands beside a user's name ("log in as admin / ..."), codes and combinations of
    doors, alarms and safes, and keys of networks. Hashes, UUIDs, codes of errors, products and countries, slots such as
    YOUR_API_KEY, passwords made up on demand and questions about passwords are left alone. The suggested edit puts
    [SECRET] in its place.

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
        found = {turn.at: (turn.text, places) for turn, places in secrets_of(example)}
        if not found:
            return
        texts = {index: redacted(text, secrets) for index, (text, secrets) in found.items()}
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
