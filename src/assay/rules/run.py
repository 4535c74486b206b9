"""Running rules over rows: what each says of each example, or that it crashed; a crash never loses a row.

Row rules are pure functions of a batch of rows: run here or sent through a dataframe engine, they give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay import frames
from assay.records import (
    NO_LINE,
    Example,
    Finding,
    canonical_json,
    example_from_dict,
    finding_from_dict,
    finding_to_dict,
    to_arrow,
)
from assay.rules.own import check_own, crashed_at, is_own
from assay.rules.protocol import BatchRule, RowRule, Rule, SetRule
from assay.signals import Measured

if TYPE_CHECKING:
    import pyarrow as pa

CRASHED = "F900"  # the code of a finding that says: this rule crashed here


def look(examples: Sequence[Example], rules: Sequence[Rule]) -> list[Finding]:
    """What row rules say of the examples, each judged as it is; ordered by example, then by rule."""
    return _mapped(examples, LookBatch(tuple(rules))) if rules and examples else []


def repair(examples: Sequence[Example], rules: Sequence[Rule]) -> list[Finding]:
    """What repairing rules say of the examples, each rule on the text the last one left; ordered by example."""
    return _mapped(examples, RepairBatch(tuple(rules))) if rules and examples else []


def survey(rule: Rule, measured: Measured) -> list[Finding]:
    """What a set rule says of the whole set.

    Raises:
        Interrupted: the engine was stopped; that is no fault of the rule.
    """
    from threadpoolctl import threadpool_limits

    assert isinstance(rule, SetRule)
    try:
        with threadpool_limits(1):  # threads that wait for each other in small products cost more than they save
            found = list(rule.survey(measured))
        return check_own(rule, found, {example.id for example in measured.examples}) if is_own(rule) else found
    except frames.Interrupted:
        raise
    except Exception as error:
        return [_crash(rule, None, error)]


def silenced(findings: Iterable[Finding]) -> set[str]:
    """The codes of the rules that crashed on the set as a whole: that they found nothing says nothing."""
    return {str(f.evidence.get("rule")) for f in findings if f.code == CRASHED and not f.id}


def _crash(rule: Rule, example: Example | None, error: Exception) -> Finding:
    where = crashed_at(rule, error)
    message = f"{rule.name} ({rule.code}) crashed and was passed over here: {type(error).__name__}: {str(error)[:200]}"
    message += f" ({where})" if where else ""
    return Finding(
        code=CRASHED, name="rule-crashed", id=example.id if example else "", field="row" if example else "dataset",
        action="keep", severity="error", score=1.0, message=message, evidence={"rule": rule.code},
        row=example.row if example else -1, uri=example.uri if example else "",
        line=example.line if example else NO_LINE,
    )  # fmt: skip


def _mapped(examples: Sequence[Example], operator: _Batch) -> list[Finding]:
    """The findings of all examples, in their order: where the rows are, or where the engine sends them."""
    return here(examples, operator) if frames.local() else sent(examples, operator)


def here(examples: Sequence[Example], operator: _Batch) -> list[Finding]:
    """In this process: its threads take turns, so rows that are sent to them only make a detour."""
    parts = (examples[low : low + frames.BATCH] for low in range(0, len(examples), frames.BATCH))
    return [_plain(finding) for part in parts for found in operator.judge(part) for finding in found]


def _plain(finding: Finding) -> Finding:
    """The finding as it is once it was written and read: the same, whatever its evidence was made of."""
    return replace(finding, evidence=json.loads(canonical_json(dict(finding.evidence))))


def sent(examples: Sequence[Example], operator: _Batch) -> list[Finding]:
    """Through the dataframe engine."""
    import pyarrow as pa

    table = frames.map_rows(to_arrow(examples, "examples"), operator, pa.schema([("findings", pa.string())]))
    return [finding_from_dict(body) for text in table["findings"].to_pylist() for body in json.loads(text)]


def _written(found: Iterable[Iterable[Finding]]) -> pa.Table:
    """One JSON list of findings a row."""
    import pyarrow as pa

    rows = [canonical_json([finding_to_dict(finding) for finding in findings]) for findings in found]
    return pa.table({"findings": pa.array(rows, pa.string())})


def _checked(rule: Rule, examples: Sequence[Example]) -> list[list[Finding]]:
    """What a rule says of each example; of those it crashes on, that it crashed."""
    if isinstance(rule, BatchRule):
        try:
            batch = [list(found) for found in rule.check_batch(examples)]
            if is_own(rule):
                for example, found in zip(examples, batch, strict=True):
                    check_own(rule, found, (example.id,))
            return batch
        except Exception:  # the row that crashes it is found, and named, one by one below
            return [_checked_alone(rule, example) for example in examples]
    assert isinstance(rule, RowRule)  # asked once a batch: the question costs as much as many a rule
    return [_checked_alone(rule, example) for example in examples]


def _checked_alone(rule: RowRule, example: Example) -> list[Finding]:
    try:
        found = list(rule.check(example))
        return check_own(rule, found, (example.id,)) if is_own(rule) else found
    except Exception as error:
        return [_crash(rule, example, error)]


@dataclass(frozen=True)
class _Batch:
    """Rules over a batch of rows."""

    rules: tuple[Rule, ...]

    def judge(self, examples: Sequence[Example]) -> list[list[Finding]]:
        """What the rules say of each example."""
        raise NotImplementedError

    def __call__(self, batch: pa.Table) -> pa.Table:
        return _written(self.judge([example_from_dict(row) for row in batch.to_pylist()]))


class LookBatch(_Batch):
    """All row rules over a batch, each on the rows as they are."""

    def judge(self, examples: Sequence[Example]) -> list[list[Finding]]:
        """What the rules say of each example, in the order of the rules."""
        by_rule = [_checked(rule, examples) for rule in self.rules]
        return [[finding for found in by_rule for finding in found[i]] for i in range(len(examples))]


class RepairBatch(_Batch):
    """All repairs over a batch, each rule on what the one before left."""

    def judge(self, examples: Sequence[Example]) -> list[list[Finding]]:
        """What the rules say of each example, in the order of the rules."""
        now, found = list(examples), [list[Finding]() for _ in examples]
        for rule in self.rules:
            for i, findings in enumerate(_checked(rule, now)):
                found[i] += findings
                for finding in findings:
                    now[i] = finding.after if finding.action == "edit" and finding.after else now[i]
        return found
