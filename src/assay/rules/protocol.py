"""What a rule is: a frozen dataclass with a stable code that turns signals into findings. Rules tag, they never delete.

Its fields are its settings in the recipe, its docstring its documentation page, its repr its provenance. A rule looks
either at one example (`RowRule.check`, scheduled in batches) or at the whole set (`SetRule.survey`).

Stages run in this order, each on what the earlier ones left:
    repair      one row; safe edits of the text (encoding, spacing, redaction)
    row         one row; judged by itself (empty, offensive)
    duplicates  the set; rows that repeat others
    survey      the set; rows that contradict the others
    whole       the set; what it lacks once all the others have spoken
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from assay.records import Action, Example, Finding, Severity
from assay.signals import Measured

Stage = Literal["repair", "row", "duplicates", "survey", "whole"]


class Rule(Protocol):
    """What every rule has. `action` is a field of the dataclass: what becomes of its findings."""

    code: ClassVar[str]
    name: ClassVar[str]
    stage: ClassVar[Stage]
    severity: ClassVar[Severity]

    @property
    def action(self) -> Action: ...


@runtime_checkable
class RowRule(Rule, Protocol):
    """Looks at one example; pure: the same example gives the same findings."""

    def check(self, example: Example) -> Iterable[Finding]: ...


@runtime_checkable
class BatchRule(RowRule, Protocol):
    """A row rule that is much faster on many examples at once; its findings are those of `check`, by example."""

    def check_batch(self, examples: Sequence[Example]) -> list[list[Finding]]: ...


@runtime_checkable
class SetRule(Rule, Protocol):
    """Looks at the whole set through its signals."""

    def survey(self, measured: Measured) -> Iterable[Finding]: ...


def finding(
    rule: Rule, example: Example, field: str, score: float, message: str, *,
    evidence: Mapping[str, Any] | None = None, after: Example | None = None, action: Action | None = None,
) -> Finding:  # fmt: skip
    """A finding of `rule` on `example`, with the place it was read from."""
    return Finding(
        code=rule.code, name=rule.name, id=example.id, field=field, action=action or rule.action,
        severity=rule.severity, score=min(1.0, max(0.0, float(score))), message=message, evidence=dict(evidence or {}),
        after=after, row=example.row, uri=example.uri, line=example.line,
    )  # fmt: skip


def set_finding(rule: Rule, score: float, message: str, *, evidence: Mapping[str, Any] | None = None) -> Finding:
    """A finding of `rule` about the dataset as a whole: nothing becomes of it, it is said."""
    return Finding(
        code=rule.code, name=rule.name, id="", field="dataset", action="keep", severity=rule.severity,
        score=min(1.0, max(0.0, float(score))), message=message, evidence=dict(evidence or {}),
    )  # fmt: skip


def settings_of(rule: type) -> dict[str, Any]:
    """The settings of a rule and their defaults: settings_of(NearDuplicate) -> {"threshold": 0.8, "action": "drop"}."""
    return {f.name: f.default for f in dataclasses.fields(rule)}
