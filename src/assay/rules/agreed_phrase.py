"""A015 agreed-phrase: an answer that writes an agreed phrase another way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals.folding import fold

SLACK = 20  # characters by which an answer may be longer than the longest form and still fold to it


@dataclass(frozen=True)
class AgreedPhrase:
    """A015: the answer is a variant of a phrase that was agreed on.

    What it does: rewrites every answer that a person has called a variant of a phrase, in whatever case, spacing or
    closing punctuation, and the phrase itself where only these differ. The table stands in `phrases.yaml` of a project:
    `assay review --phrases` proposes it from the answers that A003 found to be other ways to write a common one, and
    nothing is rewritten before a person has written `agreed: yes` beside it. From then on each build applies it to all
    rows, new ones too. Test rows stay as they are. Without a table the rule does nothing.

    Why is this bad: a model that sees five ways to write one message writes a sixth, and software that waits for the
    message meets words it does not know.

    Example: with "inv. done" agreed to mean "Invoice Generated Successfully", the answer "Inv. done!" is rewritten.
    """

    code: ClassVar[str] = "A015"
    name: ClassVar[str] = "agreed-phrase"
    stage: ClassVar[Stage] = "repair"
    severity: ClassVar[Severity] = "warning"

    phrases: tuple[tuple[str, str], ...] = ()  # pairs of a variant and its phrase; phrases.yaml adds those agreed on
    action: Action = "edit"

    @cached_property
    def _table(self) -> Mapping[str, str]:
        return {fold(form): phrase for variant, phrase in self.phrases for form in (variant, phrase)}

    @cached_property
    def _longest(self) -> int:
        return max((len(form) for pair in self.phrases for form in pair), default=0) + SLACK

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding, whose edit writes every answer of the example in the agreed form."""
        if not self.phrases:
            return
        texts = {
            at: phrase for at, message in enumerate(example.messages)
            if message.role == "assistant" and len(message.content) <= self._longest
            and (phrase := self._table.get(fold(message.content))) is not None and phrase != message.content
        }  # fmt: skip
        if texts:
            at = max(texts)
            said = f"{example.messages[at].content.strip()!r} was agreed to be written {texts[at]!r}"
            yield finding(
                self, example, "answer" if at == len(example.messages) - 1 else "row", 1.0, said,
                evidence={"messages": sorted(texts), "phrase": texts[at]}, after=example.with_text(texts),
            )  # fmt: skip
