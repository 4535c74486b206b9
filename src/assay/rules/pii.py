"""S001 pii: personal data, replaced by placeholders of its kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Literal

from assay.records import Action, Example, Finding, Severity
from assay.rules.births import births, births_beside
from assay.rules.documented import WITH_DIGITS_OR_AT, documented, tried_out
from assay.rules.homes import homes
from assay.rules.identifiers import identifiers, may_be_named_before
from assay.rules.personal import NEAR, PLACEHOLDER, Span, accounts, cards, mails, networks
from assay.rules.protocol import Stage, finding
from assay.rules.roles import of_the_matter
from assay.rules.subject import AHEAD, FEW, LONG, Taken, about_the_value, an_instance
from assay.rules.surrogates import Surrogates, key_in_use, surrogates_under
from assay.rules.switchboard import Whose, whose
from assay.rules.telephone import phones
from assay.rules.turns import CONTEXT, Turn, field_of, turns_of, with_turns

DIGITS = re.compile(r"\d")
MAIL_SIGNS = ("@", " at ", "[at", "(at")
SHOWN = 50  # pieces named in the evidence of one finding
QUESTION = 400  # characters of a question from its end that are read for what it names
NO_ANSWER = -2  # in place of the index of the answer


def personal_spans(text: str, asked: str = "") -> list[Span]:
    """Personal data in the text, in order, never overlapping; where kinds compete the surer one wins.

    `asked` is the question that the text answers: it may name an identifier.
    """
    named = partial(identifiers, asked=asked)
    kept: list[Span] = []
    for find in (mails, accounts, cards, births, named, phones, homes, networks) if DIGITS.search(text) else (mails,):
        found: list[Span] = []
        for span in sorted(find(text), key=lambda s: s.start):
            if not found or span.start >= found[-1].end:
                found.append(span)
        text = replaced(text, found, lambda span: "\0" * (span.end - span.start))  # later kinds cannot overlap
        kept += found
    if any(span.kind != "EMAIL" for span in kept):
        kept += births_beside(text)
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


Spared = Callable[[str, Span], bool]  # whether a piece of a text stays


def redacted(
    text: str, names: Surrogates | None = None, *, spared: Spared | None = None, asked: str = ""
) -> tuple[str, list[dict[str, Any]]]:
    """The text with placeholders, and what each stands for: kind, masked value and, for those of the first pass, span.

    With `names` each value gets its surrogate. Passes repeat until none is found, for a number may hide behind another;
    each pass removes what it finds: after the first, a surrogate is a tagged placeholder, which cannot be found again.
    """
    pieces: list[dict[str, Any]] = []
    while spans := [span for span in personal_spans(text, asked) if not (spared and spared(text, span))]:
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


Redacted = dict[int, tuple[str, list[dict[str, Any]]]]  # by turn: its new text, and what was replaced in it


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

    It holds a row back, with the redaction for a suggestion, where that would break it: the answer gives a part of the
    value ("what is the domain of ...": "gmail.com") or the value in another form; the sentence asks after the value
    itself (is it valid, its digits, its country, its format) and speaks of nobody; an answer gives it as an example; a
    number passes for a card's and is called that of an order; an answer gives a telephone number or a mailbox, and
    whose it is cannot be told. Lines that an answer gives as its own ("call us on", "our front desk") stay.

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
        turns = list(turns_of(example))
        spoken = {i for i, message in enumerate(example.messages) if message.role == "assistant"}
        plain = _without(turns, spoken)
        if not plain:
            return
        names = surrogates_under(key_in_use()) if self.replace == "surrogate" else None
        texts = {at: text for at, (text, _) in (_without(turns, spoken, names) if names else plain).items()}
        pieces = [{**piece, "turn": at} for at, (_, found) in plain.items() for piece in found]
        said = f"personal data: {', '.join(sorted({str(piece['kind']) for piece in pieces}))}"
        found = finding(
            self, example, field_of(example, texts), 0.95, said,
            evidence={"pieces": pieces[:SHOWN], "count": len(pieces)}, after=with_turns(example, texts),
        )  # fmt: skip
        doubt = _doubt(turns, spoken, plain) if self.action == "edit" else ""
        bare = any(PLACEHOLDER.fullmatch(text.strip()) for text, _ in plain.values())
        if bare and example.label is not None and self.action == "edit":
            doubt = "the text to classify is nothing else"
        if doubt:
            found = replace(found, action="hold", severity="warning", score=0.5, message=f"{said}, but {doubt}")
        yield found


def _without(turns: Sequence[Turn], spoken: Container[int], names: Surrogates | None = None) -> Redacted:
    """The turns that hold personal data, without it; numbers of examples and of organisations stay.

    `spoken` are the indexes of the turns in which the model speaks.
    """
    asked: dict[int, str] = {}
    made: Redacted = {}
    for turn in turns:
        if DIGITS.search(turn.text) or any(sign in turn.text for sign in MAIL_SIGNS):
            asked[turn.at] = _question(turns, turn, made)
            text, found = redacted(turn.text, asked=asked[turn.at])
            if found:
                made[turn.at] = text, found
    tried = bool(made) and tried_out(made[turn.at][0] if turn.at in made else turn.text for turn in turns)
    for turn in turns:
        if turn.at in made:
            spared = _spared(turns, turn, tried, spoken)
            if names or any(spared(turn.text, span) for span in _first_spans(made[turn.at][1])):
                made[turn.at] = redacted(turn.text, names, spared=spared, asked=asked[turn.at])
    return {at: one for at, one in made.items() if one[1]}


def _first_spans(pieces: Sequence[Mapping[str, Any]]) -> Iterator[Span]:
    """Where the pieces of the first pass stand."""
    return (Span(piece["kind"], *piece["span"]) for piece in pieces if piece["span"])


def _question(turns: Sequence[Turn], turn: Turn, made: Redacted) -> str:
    """The end of the question that an answer answers, without any value: what it names is given in the answer."""
    if turn.field != "answer" or turn.at < 1 or not may_be_named_before(turn.text):
        return ""
    before = turns[turn.at - 1]
    said = made[before.at][0] if before.at in made else before.text
    return WITH_DIGITS_OR_AT.sub(" ", PLACEHOLDER.sub(" ", said[-QUESTION:]))[-NEAR:] + "\n"


def _spared(turns: Sequence[Turn], turn: Turn, tried: bool, spoken: Container[int]) -> Spared:
    """What stays in a turn: numbers that only examples have and, where the model speaks, the lines of its own side."""
    others = _digits_of_others(turns, turn) if turn.at in spoken else ""

    def spared(text: str, span: Span) -> bool:
        if documented(span.kind, text[span.start : span.end]) and (tried or an_instance(text, span.start)):
            return True
        return turn.at in spoken and span.kind == "PHONE" and _whose(text, span, others) == "ours"

    return spared


def _digits_of_others(turns: Sequence[Turn], turn: Turn) -> str:
    return re.sub(r"\D", "", "".join(each.text[-LONG:] for each in turns if each.at != turn.at))


def _whose(text: str, span: Span, others: str) -> Whose:
    """Whose a telephone number is that the model gives: one that others said before is theirs."""
    known = re.sub(r"\D", "", text[span.start : span.end])[-8:] in others
    return "personal" if known else whose(text, span.start, span.end)


def _of_many(text: str, mail: Span, whole: str) -> bool:
    """Whether a mailbox of one word may be that of an organisation: called its own, or as a thing that is spoken of."""
    local = text[mail.start : mail.end].partition("@")[0]
    if not local.isalpha():
        return False
    return whose(text, mail.start, mail.end) == "ours" or of_the_matter(local, whole)


def _doubt(turns: Sequence[Turn], spoken: Container[int], plain: Redacted) -> str:
    """Why the row may need what would be replaced in it; "" when nothing says so."""
    taken: list[Taken] = []
    whole = "\n".join(turn.text[-LONG:] for turn in turns)
    for turn in turns:
        spans = list(_first_spans(plain[turn.at][1])) if turn.at in plain else []
        others = _digits_of_others(turns, turn) if spans and turn.at in spoken else ""
        for span in spans:
            value = turn.text[span.start : span.end]
            taken.append(Taken(turn.at, span.kind, value, turn.text[max(0, span.start - AHEAD) : span.start]))
            if turn.at not in spoken:
                continue
            if span.kind == "PHONE" and _whose(turn.text, span, others) == "unclear":
                return "an organisation may answer there"
            if span.kind == "EMAIL" and len(taken) <= FEW and _of_many(turn.text, span, whole):
                return "an organisation may read it"
    answer = next((turn for turn in turns if turn.field == "answer"), None)
    texts = {turn.at: plain[turn.at][0] if turn.at in plain else turn.text for turn in turns}
    last = answer.at if answer else NO_ANSWER
    others = "\n".join(text for at, text in texts.items() if at != last)
    prompt = next((texts[turn.at] for turn in reversed(turns) if turn.at not in (last, CONTEXT)), "")
    return about_the_value(prompt, others, texts.get(last, ""), taken, last)
