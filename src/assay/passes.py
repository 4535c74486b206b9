"""The passes of a build over the rows: repair, people, row, duplicates, survey, whole.

Each sees what the earlier ones left. Rules tag; here their findings become decisions, as the rules' `action` says.
Every row comes out once: kept, dropped or held.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from assay.dataset import Count, Ledger
from assay.encoders import named
from assay.records import SETTLED, Action, Decision, Example, Finding
from assay.rules import Rule
from assay.rules.run import look, repair, survey
from assay.signals import Measured

STALE, UNREADABLE = "F901", "F902"  # what the passes themselves say, beside the rules' own codes
STRENGTH: Mapping[Action, int] = {"drop": 3, "hold": 2, "edit": 1, "keep": 0, "add": 0}  # the strongest finding wins
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
    measured: Measured | None = None  # the signals of the kept rows that are no test rows
    shortened: str = ""  # what was looked at less closely because the set is large


@dataclass
class Said:
    """What was said of rows in an earlier run of the same rules: row rules are not run again on the very same row."""

    repairs: dict[str, tuple[Example, tuple[Finding, ...]]] = field(default_factory=dict)  # by id, with the row seen
    looks: dict[str, tuple[Example, tuple[Finding, ...]]] = field(default_factory=dict)
    unchanged: Curated | None = (
        None  # the last run, when it changed nothing: of the same rows it is all there is to say
    )

    def of(self, examples: Sequence[Example]) -> Curated | None:
        """All that was made of just these rows, if they came out as they went in."""
        done = self.unchanged
        if done is None or len(done.kept) != len(examples):
            return None
        return done if all(a is b for a, b in zip(done.kept, examples, strict=True)) else None


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
    targets: Sequence[str] = (), control: Sequence[str] = (), encoder: str = "static", progress: Progress = quiet,
    said: Said | None = None,
) -> Curated:  # fmt: skip
    """Run the passes over all rows that are not test rows, replaying what people decided.

    Args:
        examples: of all splits; ids are unique.
        rules: in the order they run within their stage.
        human: decisions of people, each applied where the digest is still the one it was taken on.
        targets: queries that say what the dataset is about, for the relevance rules.
        control: queries known to be of no use; general text when empty.
        encoder: what compares the rows with both, static or minilm.
        progress: told before each pass.
        said: what these very rules said of rows in an earlier run; what they say now is added.

    Raises:
        ValueError: two examples share an id.
        AssayError: there is no such encoder, or it is not installed.
    """
    sharper = named(encoder)
    known = said.of(examples) if said and not human else None
    if known:
        return known
    twice = [name for name, count in Counter(example.id for example in examples).items() if count > 1]
    if twice:
        raise ValueError(f"{len(twice)} ids are used twice, such as {twice[0]}")
    stages: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        stages[rule.stage].append(rule)
    state = _State({example.id: example for example in examples if example.split != "test"})
    test = {example.id: example for example in examples if example.split == "test"}

    progress("repairing text", 0.0)
    doubtful = _repair(state, stages["repair"], said)
    progress("replaying what people decided", 0.2)
    added, stale = _people(state, test, human)
    _decide(state, doubtful)
    progress("looking at rows", 0.25)
    _decide(state, _asked(look, list(state.rows.values()), stages["row"], said.looks if said else None))
    reached = 0.4
    progress("measuring", reached)
    measured = Measured(
        list(state.rows.values()), test=list(test.values()), targets=targets, control=control, sharper=sharper,
        tell=lambda what: progress(what, reached),
    )  # fmt: skip
    for step, rule in enumerate(stages["duplicates"]):
        reached = 0.45 + 0.2 * step / len(stages["duplicates"])
        progress(rule.name, reached)
        _decide(state, survey(rule, measured))
        measured = measured.only(state.rows)
    found: list[Finding] = []
    for step, rule in enumerate(stages["survey"]):
        reached = 0.65 + 0.35 * step / len(stages["survey"])
        progress(rule.name, reached)
        found += survey(rule, measured)
    _decide(state, _spoken_for(state, found))
    shortened = measured.shortened
    whole = measured.only(state.rows)
    for rule in stages["whole"]:
        _decide(state, survey(rule, whole))
    whole = whole.only(state.rows)

    read = {example.id: example for example in examples}
    edited = sum(1 for name, example in state.rows.items() if name in read and _differ(read[name], example))
    rows_in = sum(1 for example in examples if example.split != "test") + added
    ledger = Ledger(rows_in, len(state.rows), len(state.dropped), len(state.held), edited, len(test), _by_code(state))
    kept = [*state.rows.values(), *test.values()]
    dropped, held = [*state.dropped.values()], [*state.held.values()]
    done = Curated(kept, dropped, held, state.findings, state.decisions, stale, ledger, whole, shortened)
    if said:
        said.unchanged = None if state.decisions or stale else done
    return done


def _differ(before: Example, after: Example) -> bool:
    return before is not after and before.digest != after.digest


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
        after=decision.after, row=example.row, uri=example.uri, line=example.line,
    )  # fmt: skip
    _decide(state, [found])


# --- rules ------------------------------------------------------------------------------------------------------------


def _asked(
    ask: Callable[[Sequence[Example], Sequence[Rule]], list[Finding]], rows: Sequence[Example], rules: Sequence[Rule],
    said: dict[str, tuple[Example, tuple[Finding, ...]]] | None,
) -> list[Finding]:  # fmt: skip
    """What row rules say of rows, ordered by row; those that stand in `said` are not asked about again."""
    if said is None:
        return ask(rows, rules)
    fresh = [row for row in rows if row.id not in said or said[row.id][0] is not row]
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in ask(fresh, rules):
        found[finding.id].append(finding)
    said.update((row.id, (row, tuple(found.get(row.id, ())))) for row in fresh)
    return [finding for row in rows for finding in said[row.id][1]]


def _repair(state: _State, rules: Sequence[Rule], said: Said | None) -> list[Finding]:
    """Apply each row's edits one rule after the other, so that each rule sees the text the last one left.

    Returns what cannot be repaired: it is judged after people were heard, for they may have mended it.
    """
    doubtful = []
    for finding in _asked(repair, list(state.rows.values()), rules, said.repairs if said else None):
        if finding.action == "edit" and finding.after is not None:
            state.findings.append(finding)
            state.apply(_decision(state.rows[finding.id], finding))
        else:
            doubtful.append(finding)
    return doubtful


def _decide(state: _State, findings: Iterable[Finding]) -> None:
    """Note the findings; on each row the strongest one becomes a decision, unless a person has settled it."""
    strongest: dict[str, Finding] = {}
    for finding in findings:
        heard = _hushed(finding) if _settled(state, finding) else _doable(finding)
        state.findings.append(heard)
        if heard.id not in state.rows or heard.action in ("keep", "add"):
            continue
        rival = strongest.get(heard.id)
        if rival is None or (STRENGTH[heard.action], heard.score) > (STRENGTH[rival.action], rival.score):
            strongest[heard.id] = heard
    for name, finding in strongest.items():
        state.apply(_decision(state.rows[name], finding))


def _doable(finding: Finding) -> Finding:
    """The finding; held for a person where it asks for an edit and has none."""
    return replace(finding, action="hold") if finding.action == "edit" and finding.after is None else finding


def _spoken_for(state: _State, findings: Iterable[Finding]) -> Iterable[Finding]:
    """The findings; one that sets a row aside says how many were dropped as repeats of it: they wait with it."""
    repeats = Counter(d.evidence.get("twin") for d in state.decisions if d.action == "drop" and d.reason[:1] == "D")
    for found in findings:
        count = repeats[found.id] if found.action == "hold" else 0
        told = f"{found.message} ({count} {'repeats' if count > 1 else 'repeat'} of it dropped)"
        yield replace(found, message=told, evidence={**found.evidence, "repeats": count}) if count else found


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
