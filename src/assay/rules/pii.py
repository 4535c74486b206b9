"""S001 pii: personal data, replaced by placeholders of its kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from assay.records import Action, Example, Finding, Severity
from assay.rules.births import births
from assay.rules.documented import documented, tried_out
from assay.rules.homes import homes
from assay.rules.identifiers import identifiers
from assay.rules.personal import Span, accounts, cards, mails, networks
from assay.rules.protocol import Stage, finding
from assay.rules.surrogates import Surrogates, key_in_use, surrogates_under
from assay.rules.telephone import phones
from assay.rules.turns import field_of, turns_of, with_turns

DIGITS = re.compile(r"\d")
MAIL_SIGNS = ("@", " at ", "[at", "(at")
SHOWN = 50  # pieces named in the evidence of one finding


def personal_spans(text: str) -> list[Span]:
    """Personal data in the text, in order, never overlapping; where kinds compete the surer one wins."""
    kept: list[Span] = []
    for find in (
        (mails, accounts, cards, births, identifiers, phones, homes, networks) if DIGITS.search(text) else (mails,)
    ):
        found: list[Span] = []
        for span in sorted(find(text), key=lambda s: s.start):
            if not found or span.start >= found[-1].end:
                found.append(span)
        text = replaced(text, found, lambda span: "\0" * (span.end - span.start))  # later kinds cannot overlap
        kept += found
    return sorted(kept, key=lambda span: span.start)


def replaced(text: str, spans: Sequence[Span], by: Callable[[Span], str]) -> str:
    """The text with each span, in order and not overlapping, replaced."""
    parts, last = [], 0
    for span in spans:
        parts += [text[last : span.start], by(span)]
        last = span.end
    return "".join([*parts, text[last:]])


def masked(value: str) -> str:
    """masked("(415) 555-2671") -> "(###) ###-####": the shape of a value, and nothing of it."""
    return "".join("#" if c.isdigit() else "x" if c.isalnum() else c for c in value)


def redacted(text: str, names: Surrogates | None = None, *, sparing: bool = False) -> tuple[str, list[dict[str, Any]]]:
    """The text with placeholders, and what each stands for: kind, masked value and, for those of the first pass, span.

    With `names` each value gets its surrogate. Passes repeat until none is found, for a number may hide behind another;
    each pass removes what it finds: after the first, a surrogate is a tagged placeholder, which cannot be found again.
    `sparing` leaves the numbers of tests and examples.
    """
    pieces: list[dict[str, Any]] = []
    while spans := [s for s in personal_spans(text) if not (sparing and documented(s.kind, text[s.start : s.end]))]:
        first = not pieces
        for span in spans:
            place = [span.start, span.end] if first else None
            pieces.append({"kind": span.kind, "masked": masked(text[span.start : span.end]), "span": place})
        text = replaced(text, spans, _by(text, names, first))
    return text, pieces


def _by(text: str, names: Surrogates | None, first: bool) -> Callable[[Span], str]:
    """What takes the place of a piece of the text."""
    if names is None:
        return lambda span: f"[{span.kind}]"
    return lambda span: names.of(span.kind, text[span.start : span.end], tagged=not first)


@dataclass(frozen=True)
class Pii:
    """S001: the text holds personal data: a mail address, a telephone, card or account number, a national identifier.

    What it does: replaces each by a placeholder of its kind ("[EMAIL]", "[PHONE]", "[CARD]", "[IBAN]", "[ACCOUNT]",
    "[SSN]", "[NATIONAL_ID]", "[PASSPORT]", "[ADDRESS]", "[BIRTH_DATE]", "[RECORD]", "[IP]"), in every message alike. A
    number counts only with the check digit, issuer or numbering plan of its kind, or a word before it that names it.
    Order and tracking numbers, ISBNs, dates, prices, versions, digits in code, role addresses (support@), documentation
    domains (example.com), private networks, hotlines (toll-free) and emergency numbers stay. The numbers that
    documentation gives for tests and examples (the card 4111 1111 1111 1111, IBANs of manuals, 555-01xx) stay in rows
    that speak of testing, an API or examples; elsewhere they are replaced like any other: there they stand for
    somebody's, and the model should learn the placeholder.

    Why is this bad: a model repeats what it was trained on to whoever asks, and data of a person cannot be taken out
    again.

    With `replace: surrogate` each value becomes a made-up one of its kind and format, the same one everywhere, that
    belongs to no one ("+999 ...", a test card, example.com). It is derived under the key in ASSAY_KEY, which is never
    written; `assay fix --vault` keeps what stands for what, encrypted, and `--reveal` puts it back.

    Example: "mail jo.doe@gmail.com or ring (415) 555-2671" becomes "mail [EMAIL] or ring [PHONE]".
    """

    code: ClassVar[str] = "S001"
    name: ClassVar[str] = "pii"
    stage: ClassVar[Stage] = "repair"
    severity: ClassVar[Severity] = "error"
    action: Action = "edit"  # what becomes of a row with personal data
    replace: Literal["placeholder", "surrogate"] = "placeholder"  # what takes the place of personal data

    def __post_init__(self) -> None:
        """A key is asked for before any row is read.

        Raises:
            NoKey: surrogates are wanted and ASSAY_KEY is not set.
        """
        if self.replace == "surrogate":
            key_in_use()

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding, whose edit redacts every text of the example; it never repeats a value."""
        texts: dict[int, str] = {}
        pieces: list[dict[str, Any]] = []
        names = self._names()
        turns = list(turns_of(example))
        for turn in turns:
            if DIGITS.search(turn.text) or any(sign in turn.text for sign in MAIL_SIGNS):
                text, found = redacted(turn.text, names)
                if found and tried_out(redacted(each.text)[0] for each in turns):
                    text, found = redacted(turn.text, names, sparing=True)
                if found:
                    texts[turn.at] = text
                    pieces += [{**piece, "turn": turn.at} for piece in found]
        if texts:
            kinds = sorted({str(piece["kind"]) for piece in pieces})
            yield finding(
                self, example, field_of(example, texts), 0.95, f"personal data: {', '.join(kinds)}",
                evidence={"pieces": pieces[:SHOWN], "count": len(pieces)}, after=with_turns(example, texts),
            )  # fmt: skip

    def _names(self) -> Surrogates | None:
        return surrogates_under(key_in_use()) if self.replace == "surrogate" else None
