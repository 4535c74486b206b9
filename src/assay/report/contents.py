"""What a report holds: plain frozen records that the caller fills, and the checks a report must pass to be written."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from assay.errors import AssayError, Problem
from assay.records import Action, Example, Finding, Message, Severity
from assay.report.visible import hide
from assay.rules.concealed import concealing, private_values

DimensionName = Literal["relevance", "accuracy", "diversity", "balance", "safety", "leakage"]
DIMENSIONS: tuple[DimensionName, ...] = ("relevance", "accuracy", "diversity", "balance", "safety", "leakage")
SAFETY = "S"  # first letter of the codes of rules on personal data, secrets and offence
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


class Figure(NamedTuple):
    """A number with what it rests on; in the order of `evaluate.stats.Metric`, so that `Figure(*metric)` works."""

    value: float | None  # None: not applicable, and said so
    low: float | None  # 95% interval; None for a plain count or mean that has none
    high: float | None
    n: int  # rows it was measured on


class SourceUsed(NamedTuple):
    """One file the data came from."""

    path: str
    rows: int
    shape: str  # "text+label", "OpenAI messages"
    licence: str
    digest: str


class DimensionPart(NamedTuple):
    """One signal of one of the dimensions, before and after curation."""

    dimension: DimensionName
    part: str  # "rows on the subject"
    before: Figure  # 0 to 1
    after: Figure
    meaning: str  # one sentence: what the number is, and what a higher one means


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How many rows one rule's code brought to one action."""

    code: str
    name: str
    action: Action
    count: int  # rows


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every row that entered, once: rows_in = kept + dropped + held. `edited` rows are among the kept."""

    rows_in: int
    kept: int
    dropped: int
    held: int
    edited: int
    by_code: tuple[CodeCount, ...] = ()


class FindingExample(NamedTuple):
    """One row a rule spoke of."""

    id: str
    place: str  # "train.jsonl:13"
    text: str  # what the rule read
    message: str
    evidence: Mapping[str, Any]
    suggestion: str | None = None  # the row as the rule would have it


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """All that one rule found."""

    code: str
    name: str
    count: int
    severity: Severity
    action: Action
    explanation: str  # the first lines of the rule's docstring
    examples: tuple[FindingExample, ...]  # a few of `count`


class DiffRow(NamedTuple):
    """One row that differs between two versions: `before` None was added, `after` None was dropped."""

    id: str
    before: str | None
    after: str | None
    reasons: tuple[str, ...]  # "D002 near-duplicate", "reviewer:scripted"


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed between two versions, with a few of the rows."""

    from_version: str
    to_version: str
    added: int
    dropped: int
    edited: int
    examples: tuple[DiffRow, ...] = ()


class PlantedFault(NamedTuple):
    """How well one kind of planted fault was found."""

    fault: str
    planted: int
    found: int
    recall: Figure
    flagged: int
    precision: Figure


@dataclass(frozen=True, slots=True)
class GoodRows:
    """Rows with no planted fault that a rule changed, dropped or held all the same."""

    value: float | None  # share of the good rows
    low: float | None
    high: float | None
    n: int  # good rows
    count: int  # of them touched


class Timing(NamedTuple):
    """Wall time of one stage."""

    stage: str
    seconds: float


class Mask(NamedTuple):
    """One training row as the trainer saw it, template included."""

    place: str  # "train.csv[12]"
    read: str  # what stands before the answer: the loss does not look at it
    trained: str  # the answer, with the end of its turn
    tokens: int
    trained_tokens: int
    truncated: int  # tokens left out so that it fits


@dataclass(frozen=True, slots=True)
class ReportContents:
    """Everything a report says."""

    title: str
    task: str
    version: str
    parent: str | None
    created: str  # ISO 8601
    recipe: str  # YAML
    ledger: Ledger
    sources: tuple[SourceUsed, ...] = ()
    dimensions: tuple[DimensionPart, ...] = ()
    collect: tuple[str, ...] = ()  # what to collect next, the most wanted first
    findings: tuple[FindingGroup, ...] = ()
    diff: Diff | None = None
    ladder: Mapping[str, Any] | None = None  # the JSON object of the evaluation; None when none was run
    planted: tuple[PlantedFault, ...] | None = None  # only where the truth is known
    good_rows_touched: GoodRows | None = None
    reviewer_note: str = ""  # "a scripted reviewer stands in for a person"
    timings: tuple[Timing, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    judged: Mapping[str, Any] | None = None  # what a model thought of two rungs' answers; None where none was asked
    looks: int | None = None  # at the test set, so far; None where none is known
    proofs: tuple[Mapping[str, Any], ...] = ()  # what `assay prove` kept of this version, as JSON objects
    masks: tuple[Mask, ...] = ()  # what a model was trained on in a few rows
    masks_of: str = ""  # the rung of that model
    model: Mapping[str, Any] | None = None  # the card of the model: see `report.model`; None without a tuned one


def group_findings(
    findings: Iterable[Finding], texts: Mapping[str, str], explanations: Mapping[str, str], *, limit: int = 5
) -> tuple[FindingGroup, ...]:
    """Findings by code: the most severe and most frequent first, with the `limit` surest examples of each.

    texts: example id -> what the rule read; explanations: code -> the first lines of the rule's docstring. Words that a
    rule on safety takes out of a row are hidden in what any rule says of that row.
    """
    findings, raw = list(findings), texts
    safe = {found.id: found.after for found in findings if found.code.startswith(SAFETY) and found.after}
    texts = {id: hide(text, safe[id].text) if id in safe else text for id, text in texts.items()}
    groups: dict[tuple[str, str], list[Finding]] = {}
    for found in findings:
        groups.setdefault((found.code, found.name), []).append(found)
    ordered = sorted(groups.items(), key=lambda item: (SEVERITIES.index(item[1][0].severity), -len(item[1]), item[0]))
    return tuple(
        FindingGroup(
            code=code, name=name, count=len(group), severity=group[0].severity, action=_usual_action(group),
            explanation=explanations.get(code, ""),
            examples=tuple(_example(found, texts, raw) for found in sorted(group, key=_surest_first)[:limit]),
        )
        for (code, name), group in ordered
    )  # fmt: skip


def _surest_first(found: Finding) -> tuple[float, str, int, str]:
    return (-found.score, found.uri, found.row, found.id)


def _usual_action(group: Sequence[Finding]) -> Action:
    """The action most of the findings propose; the first met on a tie."""
    actions = [found.action for found in group]
    return max(dict.fromkeys(actions), key=actions.count)


def _example(found: Finding, texts: Mapping[str, str], raw: Mapping[str, str]) -> FindingExample:
    """What is shown of a finding: no piece of a secret or personal value of its row, or of a row its evidence names."""
    named = {found.id, *(value for value in found.evidence.values() if isinstance(value, str))} & raw.keys()
    rows = (Example(id, "generate", (Message("user", raw[id]),)) for id in named)
    conceal = concealing(value for row in rows for value in private_values(row))
    evidence = {key: conceal(value) if isinstance(value, str) else value for key, value in found.evidence.items()}
    suggestion = found.as_dict().get("suggestion")
    return FindingExample(
        id=found.id, place=found.place, text=texts.get(found.id, ""), message=conceal(found.message),
        evidence=evidence, suggestion=conceal(suggestion) if isinstance(suggestion, str) else suggestion,
    )  # fmt: skip


def check(contents: ReportContents) -> None:
    """Refuses contents that contradict themselves.

    Raises:
        AssayError: with every sum that does not hold and every ladder figure that lacks n or interval.
    """
    problems = [*_ledger_problems(contents.ledger), *_ladder_problems(contents.ladder)]
    if problems:
        raise AssayError("the report is not written: its numbers do not hold", problems=problems)


def _ledger_problems(ledger: Ledger) -> Iterable[Problem]:
    total = ledger.kept + ledger.dropped + ledger.held
    if total != ledger.rows_in:
        sums = f"kept {ledger.kept} + dropped {ledger.dropped} + held {ledger.held} = {total}"
        yield Problem("ledger", f"{sums}, but rows in = {ledger.rows_in}", "count every row that entered exactly once")
    for name in ("rows_in", "kept", "dropped", "held", "edited"):
        if getattr(ledger, name) < 0:
            yield Problem(f"ledger.{name}", f"{getattr(ledger, name)} rows: a count cannot be negative")
    if ledger.edited > ledger.kept:
        yield Problem("ledger.edited", f"{ledger.edited} rows, but only {ledger.kept} kept", "count kept rows only")
    for entry in ledger.by_code:
        if entry.action == "drop" and entry.count > ledger.dropped:
            yield Problem(f"ledger.{entry.code}", f"drops {entry.count} rows of {ledger.dropped} dropped in all")


def _ladder_problems(ladder: Mapping[str, Any] | None) -> Iterable[Problem]:
    for rung in (ladder or {}).get("ladder", ()):
        numbers = [rung.get(key) for key in ("low", "value", "high")]
        where = f"ladder.{rung.get('name', '?')}"
        if not all(isinstance(x, int | float) and math.isfinite(x) for x in numbers) or not rung.get("n"):
            yield Problem(where, f"value, low, high and n are needed; got {numbers} and n = {rung.get('n')}")
        elif not numbers[0] - 1e-9 <= numbers[1] <= numbers[2] + 1e-9:
            yield Problem(where, f"the value {numbers[1]} lies outside its interval {numbers[0]} to {numbers[2]}")
