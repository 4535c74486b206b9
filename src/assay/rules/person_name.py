"""S007: names of people, as a language model of English sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from assay.records import Action, Example, Finding, Severity
from assay.rules.names import MODEL, may_hold, names_in
from assay.rules.personal import Span
from assay.rules.pii import SHOWN, masked, replaced
from assay.rules.protocol import Stage, finding
from assay.rules.surrogates import Surrogates, key_in_use, surrogates_under
from assay.rules.turns import field_of, turns_of, with_turns

KIND = "PERSON"


@dataclass(frozen=True)
class PersonName:
    """S007: the text holds the name of a person.

    What it does: asks a small language model of English (spaCy) for people, and suggests a placeholder ("[PERSON]") for
    each of two words or more, or of one after a title. Words that do not begin with a capital, things called after a
    person ("Lou Gehrig's disease", "Johns Hopkins Hospital"), addresses with a house number, what follows "the" or
    "your", labels, and what lies beyond 50,000 characters are left alone. Whether a name is that of a customer, an
    author, a character or a public figure cannot be known: all count, so by default nothing becomes of it. With
    `action: edit` names are replaced; with `replace: surrogate`, too, each by a tagged placeholder that is the same one
    everywhere, "[PERSON-KWTZBXQR]" (see S001, whose key and vault it shares).

    It finds some names, not all, and is no anonymisation. Of the 55 names in the 100 sentences of presidio-research it
    finds 19; of the 26 of two words or with a title 18 (0.50 to 0.83), and 19 of its 21 findings are names (0.71 to
    0.97). With `one_word` it finds 35 of 55 (0.50 to 0.75) and is right in 35 of 40. In summaries of court cases 119
    of 120 findings were names of people, in answers of general knowledge 51 of 60, nearly all public or made up.
    False alarms: none in 500 questions to a bank, 7 in 500 medical answers, 10 in 500 points on terms of service.

    Off by default; it needs the extra: `pip install "assay[ner]"` (280 MB). The model is data only: spaCy reads strings
    and tables of numbers from it, no code or pickle, and only when the files are those that were measured. Some 13 ms a
    page of text, 50 where there are names; rows without two capitalised words in a row are not read.

    Why is this bad: a model repeats the names it was trained on, with what the text said of them.

    Example: "ask Mr. Okafor or Ada Lindqvist" becomes "ask Mr. [PERSON] or [PERSON]".
    """

    code: ClassVar[str] = "S007"
    name: ClassVar[str] = "person-name"
    stage: ClassVar[Stage] = "repair"
    severity: ClassVar[Severity] = "info"
    optional: ClassVar[bool] = True
    needs: ClassVar[tuple[str, ...]] = ("spacy", MODEL, "ner")  # the modules, and the extra that brings them

    one_word: bool = False  # whether one word without a title counts, too ("ask Ada")
    replace: Literal["placeholder", "surrogate"] = "placeholder"  # what takes the place of a name
    action: Action = "keep"

    def __post_init__(self) -> None:
        """A key is asked for before any row is read.

        Raises:
            NoKey: surrogates are wanted and ASSAY_KEY is not set.
        """
        if self.replace == "surrogate":
            key_in_use()

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding, whose edit redacts every text of the example but a label; it never repeats a name."""
        yield from self.check_batch([example])[0]

    def check_batch(self, examples: Sequence[Example]) -> list[list[Finding]]:
        """The findings of each example; the texts of all go through the language model together."""
        texts = {
            (row, turn.at): turn.text
            for row, example in enumerate(examples)
            for turn in turns_of(example)
            if not (turn.field == "answer" and example.label is not None)
        }
        changed, pieces = self._redacted(texts)
        return [
            self._finding(example, {at: text for (of, at), text in changed.items() if of == row}, pieces[row])
            if row in pieces
            else []
            for row, example in enumerate(examples)
        ]

    def _redacted(
        self, texts: dict[tuple[int, int], str]
    ) -> tuple[dict[tuple[int, int], str], dict[int, list[dict[str, Any]]]]:
        """The texts that change, by row and turn, and what was replaced, by row.

        Passes repeat until no name is found, for a name may show once another is gone; each removes what it finds.
        """
        now = {place: text for place, text in texts.items() if may_hold(text, self.one_word)}
        changed: dict[tuple[int, int], str] = {}
        pieces: dict[int, list[dict[str, Any]]] = {}
        while now:
            found = zip(now.items(), names_in(list(now.values()), one_word=self.one_word), strict=True)
            now = {}
            for ((row, at), text), places in found:
                if not places:
                    continue
                for start, end in places:
                    span = [start, end] if (row, at) not in changed else None
                    pieces.setdefault(row, []).append(
                        {"kind": KIND, "masked": masked(text[start:end]), "span": span, "turn": at}
                    )
                now[row, at] = self._without(text, places)
            changed |= now
        return changed, pieces

    def _without(self, text: str, places: Sequence[tuple[int, int]]) -> str:
        """The text with each name replaced."""
        names = self._names()
        spans = [Span(KIND, start, end) for start, end in places]
        if names is None:
            return replaced(text, spans, lambda span: f"[{KIND}]")
        return replaced(text, spans, lambda span: names.of(KIND, text[span.start : span.end]))

    def _finding(self, example: Example, texts: dict[int, str], pieces: list[dict[str, Any]]) -> list[Finding]:
        said = f"{len(pieces)} names of people" if len(pieces) > 1 else "a name of a person"
        return [
            finding(
                self, example, field_of(example, texts), 0.6, said,
                evidence={"pieces": pieces[:SHOWN], "count": len(pieces)}, after=with_turns(example, texts),
            )
        ]  # fmt: skip

    def _names(self) -> Surrogates | None:
        return surrogates_under(key_in_use()) if self.replace == "surrogate" else None
