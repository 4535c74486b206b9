"""The review queue: rows that were set aside, then rows in doubt, the surest first; and what an answer becomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from assay.errors import InputError, Problem
from assay.recipe import did_you_mean
from assay.records import SETTLED, Decision, Example, Finding
from assay.review import asked

ANSWERS = ("keep", "drop", "edit")
TAKE = "take"  # the suggestion: in a script another word for "edit" without new text
SEVERITY = {"error": 0, "warning": 1, "info": 2}


class Waiting(NamedTuple):
    """One row that waits for a person."""

    example: Example  # as it was when it was set aside, or as it is in the set
    findings: tuple[Finding, ...]  # why, the surest first
    held: bool  # False: the row is in the set, and stays there unless the person says otherwise

    @property
    def suggestion(self) -> Example | None:
        """The edit a rule proposes, from the surest finding that has one."""
        return next((finding.after for finding in self.findings if finding.after is not None), None)


def queue(held: Sequence[Example], findings: Sequence[Finding], kept: Sequence[Example] = ()) -> list[Waiting]:
    """The rows that wait: those held, by severity, then by how sure the rules are; then the kept ones in doubt.

    A kept row is in doubt when a rule suggests an edit that was not made, or a proof asks about it, and no person has
    settled it.
    """
    asking = {True: _reasons(held, findings, _holds), False: _reasons(kept, findings, _suggests)}
    rows = [
        Waiting(example, tuple(sorted(asking[is_held][example.id], key=lambda f: -f.score)), is_held)
        for is_held, examples in ((True, held), (False, kept))
        for example in examples
        if is_held or asking[is_held][example.id]
    ]

    def place(row: Waiting) -> tuple[bool, int, float, str]:
        severity = min((SEVERITY[f.severity] for f in row.findings), default=3)
        return not row.held, severity, -max((f.score for f in row.findings), default=0.0), row.example.id

    return sorted(rows, key=place)


def _reasons(
    examples: Sequence[Example], findings: Sequence[Finding], asks: Callable[[Finding], bool]
) -> dict[str, list[Finding]]:
    reasons: dict[str, list[Finding]] = {example.id: [] for example in examples}
    for finding in findings:
        if finding.id in reasons and asks(finding):
            reasons[finding.id].append(finding)
    return reasons


def _holds(finding: Finding) -> bool:
    return finding.action == "hold"


def _suggests(finding: Finding) -> bool:
    asks = finding.after is not None or finding.code == asked.CODE
    return finding.action == "keep" and asks and SETTLED not in finding.evidence


def answer(row: Waiting, action: str, by: str, *, answer: str | None = None, prompt: str | None = None) -> Decision:
    """What a person's answer to one row becomes; `edit` with neither new answer nor new prompt takes the suggestion.

    Raises:
        InputError: an edit without new text where no rule suggests one, or not one of keep, drop, edit.
    """
    if action not in ANSWERS:
        raise InputError(f"'{action}' is not an answer", hint=f"one of {', '.join(ANSWERS)}")
    after = None
    if action == "edit":
        after = row.suggestion if answer is None and prompt is None else _rewritten(row.example, answer, prompt)
        if after is None:
            raise InputError(f"{row.example.id}: an edit needs the new text: no rule suggests one")
    reason = row.findings[0].code if row.findings else "review"
    evidence = {"message": row.findings[0].message} if row.findings else {}
    return Decision(row.example.id, row.example.digest, action, reason, f"reviewer:{by}", evidence, after)  # type: ignore[arg-type]


def _rewritten(example: Example, answer: str | None, prompt: str | None) -> Example:
    """The example with another answer, and another text in the last turn of the user."""
    turns = [i for i, message in enumerate(example.messages) if message.role == "user"]
    changed = example.with_text({turns[-1]: prompt}) if prompt is not None and turns else example
    return changed if answer is None else changed.with_answer(answer)


def unknown_labels(
    rows: Sequence[Waiting], answers: Mapping[str, Mapping[str, Any]], known: Collection[str]
) -> list[Problem]:
    """The answers that give a row of a classification a label which no row of the set has."""
    labelled = {row.example.id for row in rows if row.example.label is not None}
    return [
        Problem(name, f"no row has the label '{label[:80]}'{did_you_mean(label, sorted(known))}")
        for name, said in answers.items()
        if name in labelled and said["action"] == "edit" and (label := said.get("answer")) is not None
        and label not in known
    ]  # fmt: skip


def read_script(path: Path) -> dict[str, Mapping[str, Any]]:
    """Answers written down beforehand, by example id: a JSON line each, {"id", "action", "answer"?, "text"?}.

    `text` is the new prompt; `edit` with neither, or `take`, takes the suggestion.

    Raises:
        InputError: lines that are not such answers; all of them.
    """
    answers: dict[str, Mapping[str, Any]] = {}
    problems = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot read: {error}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            body = _taken(json.loads(line))
            good = isinstance(body, dict) and isinstance(body.get("id"), str) and body.get("action") in ANSWERS
            good = good and all(isinstance(body.get(key), (str, type(None))) for key in ("answer", "text"))
        except ValueError:
            good = False
        if good:
            answers[body["id"]] = body
        else:
            expected = f'{{"id", "action": {" | ".join((*ANSWERS, TAKE))}}}, take without "answer" and "text"'
            problems.append(Problem(f"{path}:{number}", f"expected {expected}; got {line[:80]}"))
    if problems:
        raise InputError(f"{path}: {len(problems)} lines are not answers", problems=problems)
    return answers


def _taken(body: Any) -> Any:
    """A line of a script, "take" told as the edit without new text that it is."""
    takes = isinstance(body, dict) and body.get("action") == TAKE
    return {**body, "action": "edit"} if takes and not {"answer", "text"} & body.keys() else body
