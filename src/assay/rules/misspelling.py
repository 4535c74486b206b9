"""A011: words that are probably misspelt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.spelling import Slip, misspellings

SURE = 20  # rows that use the word that was meant, from which a slip is likelier than not to be one


@dataclass(frozen=True)
class Misspelling:
    """A011: a word is probably misspelt.

    What it does: learns the words of the set first. A word of five letters or more that one row alone uses, that the
    English word list does not know, and that is one slip (a letter dropped, doubled, exchanged or swapped) away from a
    word that at least five rows use, is reported with that word as the suggested edit. Names, code, quotations,
    addresses, spellings of other countries, rows about spelling and texts with many unknown words are left alone; a set
    in another language gets no finding. On learners' sentences nine of ten suggestions were what people wrote instead,
    and a sixth of the misspelt words was found; on real support questions nearly all were right.

    Why is this bad: in answers, the model learns to write it. In prompts it is mostly a gain, for users misspell, too:
    so by default nothing becomes of it.

    Example: "the trasaction was declined" where many rows say "transaction"
    """

    code: ClassVar[str] = "A011"
    name: ClassVar[str] = "misspelling"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "info"

    prompts: bool = True  # whether prompts are looked at, or answers only
    action: Action = "keep"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding for each row with such words."""
        for found in misspellings(measured):
            asked = found.prompt if self.prompts else ()
            slips = (*asked, *found.answer)
            if not slips:
                continue
            example = measured.examples[found.row]
            words = ", ".join(f"{slip.word!r} for {slip.meant!r}" for slip in slips)
            yield finding(
                self, example, "answer" if found.answer else "prompt",
                0.9 if max(slip.rows for slip in slips) >= SURE else 0.7, f"probably misspelt: {words}",
                evidence={"words": {slip.word: slip.meant for slip in slips}},
                after=_mended(example, asked, found.answer),
            )  # fmt: skip


def _mended(example: Example, asked: Sequence[Slip], said: Sequence[Slip]) -> Example:
    """The example with the slips of its prompt and of its answer put right."""
    last = len(example.messages) - 1
    texts = {}
    for at, message in enumerate(example.messages):
        slips = said if at == last and example.answered else asked if message.role != "system" else ()
        texts[at] = message.content
        for slip in slips:
            texts[at] = re.sub(rf"\b{slip.word}\b", slip.meant, texts[at])
    return example.with_text(texts)
