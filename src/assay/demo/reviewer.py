"""The scripted reviewer: stands in for a person in the demo, and says so (`by="reviewer:scripted"`).

He sees only the rows of the queue, those the rules set aside and those they doubt, in its order, as far as his budget
goes. He knows the right answer from the truth of what was planted, and gives a wrong one to `ERROR_RATE` of the rows,
as people do: he lets a bad row pass, or believes a wrong suggestion about a good one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from assay.demo.truth import Truth
from assay.errors import InputError
from assay.records import Action, Decision, Example, Finding

BY = "reviewer:scripted"
ERROR_RATE = 0.03  # share of wrong answers: an attentive person at a simple question; assumed, not measured
REPEATS = ("D", "L")  # first letters of the rules that show him the other row beside this one


@dataclass(frozen=True, slots=True)
class _Answer:
    action: Action
    reason: str
    after: Example | None = None


def answers(
    queue: Sequence[Finding], examples: Mapping[str, Example], truth: Sequence[Truth], *,
    seed: int = 0, error_rate: float = ERROR_RATE, budget: int | None = None,
) -> list[Decision]:  # fmt: skip
    """One decision for each row in the queue, the first finding of a row being the question he is asked.

    Args:
        queue: findings on the rows that wait, in the order they are shown; further ones on a row are read with it.
        examples: the rows as they are shown, by id.
        truth: of every row of the messy file, in its order; an example is found by its `row`.
        seed: of his mistakes; a row gets the same answer whatever else is in the queue.
        error_rate: share of wrong answers.
        budget: rows he answers before he goes home; None for all.

    Raises:
        InputError: a row in the queue that has no example, or whose place is not in the truth.
    """
    shown: dict[str, Finding] = {}
    for finding in queue:
        shown.setdefault(finding.id, finding)
    decisions = []
    for finding in list(shown.values())[:budget]:
        example = examples.get(finding.id)
        if example is None or not 0 <= example.row < len(truth):
            raise InputError(f"{finding.id}: the scripted reviewer knows only the {len(truth)} rows of the messy file")
        known, dice = truth[example.row], Random(f"{seed}:{example.id}")
        answer = _right(finding, example, known)
        if dice.random() < error_rate:
            answer = _wrong(finding, example, answer)
        evidence = {"asked": finding.code}
        decisions.append(Decision(example.id, example.digest, answer.action, answer.reason, BY, evidence, answer.after))
    return decisions


def _right(finding: Finding, example: Example, known: Truth) -> _Answer:
    """What an attentive person would say: only of what can be seen on the row and in the question."""
    faults = set(known.faults)
    if "off_domain" in faults:
        return _Answer("drop", "about something else")
    if known.details.get("empty_answer") == "text":
        return _Answer("drop", "nothing was asked")
    if finding.code.startswith(REPEATS) and faults & {"exact_duplicate", "near_duplicate", "leakage"}:
        return _Answer("drop", "a repeat")
    after = example
    if known.original is not None:
        retyped = known.original.text if _unreadable(known, example) else None
        after = rewritten(example, known.original.label, retyped)
    return _Answer("edit", "put right", after) if after != example else _Answer("keep", "right as it is")


def _unreadable(known: Truth, example: Example) -> bool:
    """Whether he would retype the text: it is rude, or characters of it are lost."""
    return "offensive" in known.faults or ("mojibake" in known.faults and "\ufffd" in example.prompt)


def _wrong(finding: Finding, example: Example, right: _Answer) -> _Answer:
    """A bad row passes; of a good one he believes what the rule suggests, or that it has to go."""
    if right.action != "keep":
        return _Answer("keep", "right as it is")
    if finding.after is not None and finding.after.digest != example.digest:
        return _Answer("edit", "as suggested", finding.after)
    return _Answer("drop", "seems wrong")


def rewritten(example: Example, label: str, text: str | None = None) -> Example:
    """The example with another label, and with another text in the user's last turn where one is given."""
    turns = [i for i, message in enumerate(example.messages) if message.role == "user"]
    changed = example.with_text({turns[-1]: text}) if turns and text is not None else example
    return changed if changed.answer == label else changed.with_answer(label)


def write(path: Path, decisions: Iterable[Decision], examples: Mapping[str, Example]) -> None:
    """The answers as a file a person can read, a JSON object a line: id, row, action, reason, and what was changed."""
    lines = []
    for decision in decisions:
        before, after = examples[decision.id], decision.after
        line = {"id": decision.id, "row": before.row, "action": decision.action, "reason": decision.reason}
        if after is not None and after.answer != before.answer:
            line["answer"] = after.answer
        if after is not None and after.prompt != before.prompt:
            line["text"] = after.prompt
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    path.write_text("".join(lines), encoding="utf-8")
