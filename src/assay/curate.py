"""The passes of a build over the rows: repair, people, row, duplicates, survey, whole. Each sees what the earlier ones left.

Rules tag; here their findings become decisions, as the rules' `action` says. Every row comes out once: kept, dropped or
held. A rule that crashes is told as a finding, and its rows go on.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from assay import frames
from assay.dataset import Count, Ledger
from assay.gates import SETTLED
from assay.records import (
    Action,
    Decision,
    Example,
    Finding,
    canonical_json,
    example_from_dict,
    finding_from_dict,
    finding_to_dict,
    to_arrow,
)  # fmt: skip
from assay.rules import BatchRule, RowRule, Rule, SetRule
from assay.signals import Measured

if TYPE_CHECKING:
    import pyarrow as pa

CRASHED, STALE, UNREADABLE = "F900", "F901", "F902"  # what the passes themselves say, beside the rules' own codes
STRENGTH: Mapping[Action, int] = {
    "drop": 3,
    "hold": 2,
    "edit": 1,
    "keep": 0,
    "add": 0,
}  # the strongest finding on a row wins
Progress = Callable[[str, float], None]  # what is going on, share of the passes done


def quiet(_what: str, _share: float) -> None:
    """Progress that nobody watches."""


class Curated(NamedTuple):
    """What became of the rows."""

    kept: list[Example]  # test rows included, as they came unless a person changed them
    dropped: list[Example]
    held: list[Example]  # as they were when they were set aside
    findings: list[Finding]
    decisions: list[Decision]  # of rules and people, in the order they took effect
    stale: list[Decision]  # of people, on text that is no longer there: not applied
    ledger: Ledger


@dataclass
class _State:
    """The rows still in, and what was said and decided so far."""

    rows: dict[str, Example]
    settled: dict[str, Action] = field(default_factory=dict)  # example id -> what a person decided
    dropped: dict[str, Example] = field(default_factory=dict)
    held: dict[str, Example] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def apply(self, decision: Decision) -> None:
        """Let a decision take effect on the row it was taken on."""
        self.decisions.append(decision)
        if decision.action == "drop":
            self.dropped[decision.id] = self.rows.pop(decision.id)
        elif decision.action == "hold":
            self.held[decision.id] = self.rows.pop(decision.id)
        elif decision.after is not None:
            self.rows[decision.id] = decision.after


def curate(
    examples: Sequence[Example], rules: Sequence[Rule], human: Sequence[Decision] = (), *,
    targets: Sequence[str] = (), progress: Progress = quiet,
) -> Curated:  # fmt: skip
    """Run the passes over all rows that are not test rows, replaying what people decided.

    Args:
        examples: of all splits; ids are unique.
        rules: in the order they run within their stage.
        human: decisions of people, each applied where the digest is still the one it was taken on.
        targets: queries that say what the dataset is about, for the relevance rules.
        progress: told before each pass.

    Raises:
        ValueError: two examples share an id.
    """
    twice = [name for name, count in Counter(example.id for example in examples).items() if count > 1]
    if twice:
        raise ValueError(f"{len(twice)} ids are used twice, such as {twice[0]}")
    stages: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        stages[rule.stage].append(rule)
    state = _State({example.id: example for example in examples if example.split != "test"})
    test = {example.id: example for example in examples if example.split == "test"}

    progress("repairing text", 0.0)
    doubtful = _repair(state, stages["repair"])
    progress("replaying what people decided", 0.2)
    added, stale = _people(state, test, human)
    _decide(state, doubtful)
    progress("looking at rows", 0.25)
    _decide(state, _row_findings(list(state.rows.values()), stages["row"]))
    progress("measuring", 0.4)
    measured = Measured(list(state.rows.values()), test=list(test.values()), targets=targets)
    for step, rule in enumerate(stages["duplicates"]):
        progress(rule.name, 0.45 + 0.2 * step / len(stages["duplicates"]))
        _decide(state, _survey(rule, measured))
        measured = measured.only(state.rows)
    found: list[Finding] = []
    for step, rule in enumerate(stages["survey"]):
        progress(rule.name, 0.65 + 0.35 * step / len(stages["survey"]))
        found += _survey(rule, measured)
    _decide(state, found)
    whole = measured.only(state.rows)
    for rule in stages["whole"]:
        _decide(state, _survey(rule, whole))

    read = {example.id: example for example in examples}
    edited = sum(1 for name, example in state.rows.items() if name in read and read[name].digest != example.digest)
    rows_in = sum(1 for example in examples if example.split != "test") + added
    ledger = Ledger(rows_in, len(state.rows), len(state.dropped), len(state.held), edited, len(test), _by_code(state))
    kept = [*state.rows.values(), *test.values()]
    return Curated(
        kept, [*state.dropped.values()], [*state.held.values()], state.findings, state.decisions, stale, ledger
    )


def _by_code(state: _State) -> tuple[Count, ...]:
    names = {finding.code: finding.name for finding in state.findings}
    counts = Counter((decision.reason, decision.by, decision.action) for decision in state.decisions)
    summed: Counter[tuple[str, str, Action]] = Counter()
    for (reason, by, action), count in counts.items():
        name = names.get(reason, "") if by.startswith("rule:") else by
        summed[(reason, name, action)] += count
    return tuple(Count(*key, count) for key, count in sorted(summed.items()))


# --- people -----------------------------------------------------------------------------------------------------------


def _people(state: _State, test: dict[str, Example], human: Sequence[Decision]) -> tuple[int, list[Decision]]:
    """Replay the decisions of people; how many rows they added, and the decisions that are stale."""
    added, stale = 0, []
    for decision in human:
        here = state.rows.get(decision.id) or test.get(decision.id)
        if decision.action == "add" and decision.after is not None and here is None:
            state.apply(decision)
            state.settled[decision.id] = "add"
            added += 1
        elif here is None or here.digest != decision.digest:
            stale.append(decision)
            _return_to_queue(state, decision)
        elif decision.id in test:
            _settle_test(state, test, decision)
        else:
            state.apply(decision)
            state.settled[decision.id] = decision.action
    return added, stale


def _settle_test(state: _State, test: dict[str, Example], decision: Decision) -> None:
    """Only people change a test row; one that is dropped or held leaves the test set."""
    state.decisions.append(decision)
    if decision.action in ("drop", "hold"):
        del test[decision.id]
    elif decision.after is not None:
        test[decision.id] = replace(decision.after, split="test")


def _return_to_queue(state: _State, decision: Decision) -> None:
    """Hold a row whose text has changed since a person decided on it, for them to decide again."""
    example = state.rows.get(decision.id)
    if example is None or decision.action == "hold":
        return
    message = f"{decision.by} decided '{decision.action}' on text that has changed since"
    evidence = {"taken on": decision.digest[:12], "now": example.digest[:12], "reason then": decision.reason}
    found = Finding(
        STALE, "stale-decision", example.id, "row", "hold", "warning", 1.0, message, evidence,
        after=decision.after, row=example.row, uri=example.uri,
    )  # fmt: skip
    _decide(state, [found])


# --- rules ------------------------------------------------------------------------------------------------------------


def _decide(state: _State, findings: Iterable[Finding]) -> None:
    """Note the findings; on each row the strongest one becomes a decision, unless a person has settled it."""
    strongest: dict[str, Finding] = {}
    for finding in findings:
        heard = _hushed(finding) if _settled(state, finding) else finding
        state.findings.append(heard)
        if heard.id not in state.rows or heard.action in ("keep", "add"):
            continue
        rival = strongest.get(heard.id)
        if rival is None or (STRENGTH[heard.action], heard.score) > (STRENGTH[rival.action], rival.score):
            strongest[heard.id] = heard
    for name, finding in strongest.items():
        state.apply(_decision(state.rows[name], finding))


def _settled(state: _State, finding: Finding) -> bool:
    """Whether a person has the last word: always, but for repeats that their own edit made."""
    settled = state.settled.get(finding.id)
    return settled is not None and not (settled in ("edit", "add") and finding.code.startswith(("D", "L")))


def _hushed(finding: Finding) -> Finding:
    return replace(finding, action="keep", evidence={**finding.evidence, SETTLED: "a person"})


def _decision(example: Example, finding: Finding) -> Decision:
    evidence = {"message": finding.message, **finding.evidence}
    return Decision(
        example.id, example.digest, finding.action, finding.code, f"rule:{finding.name}", evidence, finding.after
    )


def _survey(rule: Rule, measured: Measured) -> list[Finding]:
    assert isinstance(rule, SetRule)
    try:
        return list(rule.survey(measured))
    except Exception as error:
        return [_crash(rule, None, error)]


def _crash(rule: Rule, example: Example | None, error: Exception) -> Finding:
    """A rule that crashed, said as a finding: its rows go on."""
    message = f"{rule.name} ({rule.code}) crashed and was passed over here: {type(error).__name__}: {str(error)[:200]}"
    where = {"id": example.id, "row": example.row, "uri": example.uri} if example else {"id": "", "row": -1, "uri": ""}
    field = "row" if example else "dataset"
    return Finding(
        CRASHED, "rule-crashed", field=field, action="keep", severity="error", score=1.0, message=message, **where
    )  # type: ignore[arg-type]


# --- row rules, as pure functions from Arrow batch to Arrow batch ------------------------------------------------------


def _repair(state: _State, rules: Sequence[Rule]) -> list[Finding]:
    """Apply each row's edits one rule after the other, so that each rule sees the text the last one left.

    Returns what cannot be repaired: it is judged after people were heard, for they may have mended it.
    """
    if not rules or not state.rows:
        return []
    doubtful = []
    for steps in _mapped(list(state.rows.values()), _RepairBatch(tuple(rules))):
        for step in steps:
            finding = finding_from_dict(step)
            if finding.action == "edit" and finding.after is not None:
                state.findings.append(finding)
                state.apply(_decision(state.rows[finding.id], finding))
            else:
                doubtful.append(finding)
    return doubtful


def _row_findings(examples: Sequence[Example], rules: Sequence[Rule]) -> list[Finding]:
    if not rules or not examples:
        return []
    return [finding_from_dict(step) for steps in _mapped(examples, _LookBatch(tuple(rules))) for step in steps]


def _mapped(examples: Sequence[Example], operator: Callable[[pa.Table], pa.Table]) -> list[list[dict[str, Any]]]:
    """The findings of each example, as dictionaries, through the dataframe engine."""
    import pyarrow as pa

    table = frames.map_rows(to_arrow(examples, "examples"), operator, pa.schema([("findings", pa.string())]))
    return [json.loads(text) for text in table["findings"].to_pylist()]


def _written(found: Iterable[Iterable[Finding]]) -> pa.Table:
    import pyarrow as pa

    rows = [canonical_json([finding_to_dict(finding) for finding in findings]) for findings in found]
    return pa.table({"findings": pa.array(rows, pa.string())})


def _checked(rule: Rule, examples: Sequence[Example]) -> list[list[Finding]]:
    """What a rule says of each example; of those it crashes on, that it crashed."""
    if isinstance(rule, BatchRule):
        try:
            return [list(found) for found in rule.check_batch(examples)]
        except Exception:  # the row that crashes it is found, and named, one by one below
            return [_checked_alone(rule, example) for example in examples]
    return [_checked_alone(rule, example) for example in examples]


def _checked_alone(rule: Rule, example: Example) -> list[Finding]:
    assert isinstance(rule, RowRule)
    try:
        return list(rule.check(example))
    except Exception as error:
        return [_crash(rule, example, error)]


@dataclass(frozen=True)
class _LookBatch:
    """All row rules over a batch: one JSON list of findings per row."""

    rules: tuple[Rule, ...]

    def __call__(self, batch: pa.Table) -> pa.Table:
        examples = [example_from_dict(row) for row in batch.to_pylist()]
        by_rule = [_checked(rule, examples) for rule in self.rules]
        return _written([finding for found in by_rule for finding in found[i]] for i in range(len(examples)))


@dataclass(frozen=True)
class _RepairBatch:
    """All repairs over a batch, each rule on what the one before left."""

    rules: tuple[Rule, ...]

    def __call__(self, batch: pa.Table) -> pa.Table:
        examples = [example_from_dict(row) for row in batch.to_pylist()]
        found: list[list[Finding]] = [[] for _ in examples]
        for rule in self.rules:
            for i, findings in enumerate(_checked(rule, examples)):
                found[i] += findings
                for finding in findings:
                    examples[i] = finding.after if finding.action == "edit" and finding.after else examples[i]
        return _written(found)
