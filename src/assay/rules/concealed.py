"""What is told of a row without the secrets and personal data in it: not whole, and no piece of one either."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from assay.records import Example
from assay.rules.abuse import lowered
from assay.rules.pii import DIGITS, MAIL_SIGNS, personal_spans
from assay.rules.secret import secrets_of
from assay.rules.turns import turns_of

PIECE = 8  # characters in a row from which a piece of a value gives it away; shorter values count as a whole
HIDDEN = "[HIDDEN]"
APART = re.compile(r"[\W_]+")


def private_values(example: Example, *, secret: bool = True, personal: bool = True) -> frozenset[str]:
    """The secrets and personal data in the texts of an example, in lower case, as written and closed up.

    private_values of "the PIN is 7391, card 4539 1488 0343 6467" -> {"7391", "4539 1488 0343 6467", "4539148803436467"}
    """
    values: set[str] = set()
    if secret:
        values |= {turn.text[place.start : place.end] for turn, places in secrets_of(example) for place in places}
    if personal:
        texts = (turn.text for turn in turns_of(example))
        told = [text for text in texts if DIGITS.search(text) or any(sign in text for sign in MAIL_SIGNS)]
        spans = ((text[span.start : span.end], span.kind) for text in told for span in personal_spans(text))
        values |= {value.partition("@")[0] if kind == "EMAIL" else value for value, kind in spans}  # a host is nobody's
    low = {lowered(value) for value in values}
    return frozenset(value for value in low | {APART.sub("", value) for value in low} if len(value) > 2)


def concealing(values: Iterable[str]) -> Callable[[str], str]:
    """What takes every piece of the values, in lower case, out of a text, whatever the case of its letters.

    concealing({"ghp_zk3vxq9lm"})("holds 'ghp_Zk3vXq'...") -> "holds '[HIDDEN]'..."
    """
    values = list(values)
    pieces = {v[at : at + PIECE] for v in values for at in range(len(v) - PIECE + 1)}
    whole = [re.compile(rf"(?<!\w){re.escape(v)}(?!\w)", re.IGNORECASE) for v in values if len(v) < PIECE]

    def conceal(text: str) -> str:
        for pattern in whole:
            text = pattern.sub(HIDDEN, text)
        return _without(text, pieces) if pieces and len(text) >= PIECE else text

    return conceal


def _without(text: str, pieces: set[str]) -> str:
    low = lowered(text)
    parts, last, at = list[str](), 0, 0
    while at <= len(low) - PIECE:
        if low[at : at + PIECE] not in pieces:
            at += 1
            continue
        end = at + PIECE
        while end < len(low) and low[end - PIECE + 1 : end + 1] in pieces:
            end += 1
        parts += [text[last:at], HIDDEN]
        last = at = end
    return "".join([*parts, text[last:]])
