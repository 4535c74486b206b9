"""Row rules that remember what they said of a row: `assay fix` looks at the same rows until nothing changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from assay.records import Action, Example, Finding, Severity
from assay.rules import BatchRule, RowRule, Rule, Stage


class Remembering:
    """A row rule that is asked about each text once; what it says is a pure function of the row."""

    code: str
    name: str
    stage: Stage
    severity: Severity
    action: Action

    def __init__(self, rule: RowRule) -> None:
        self.code, self.name, self.stage, self.severity = rule.code, rule.name, rule.stage, rule.severity
        self.action = rule.action
        self._rule = rule
        self._said: dict[Example, list[Finding]] = {}

    def check(self, example: Example) -> list[Finding]:
        """What the rule says of one row."""
        if example not in self._said:
            self._said[example] = list(self._rule.check(example))
        return self._said[example]

    def check_batch(self, examples: Sequence[Example]) -> list[list[Finding]]:
        """What the rule says of each row; those it has not met are put to it together."""
        unmet = [example for example in dict.fromkeys(examples) if example not in self._said]
        if unmet and isinstance(self._rule, BatchRule):
            self._said.update(zip(unmet, self._rule.check_batch(unmet), strict=True))
        return [self.check(example) for example in examples]


def remembering(rules: Sequence[Rule]) -> list[Rule]:
    """The rules, those that look at one row remembering what they said."""
    return [cast(Rule, Remembering(rule)) if isinstance(rule, RowRule) else rule for rule in rules]
