"""Answers to the review queue from a file: which were taken, and why the others were not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from assay import dataset
from assay.cli.screen import out, plain, short
from assay.db import Events
from assay.errors import InputError
from assay.project import Project
from assay.recipe import did_you_mean
from assay.records import Decision
from assay.review import Waiting, answer, read_script, unknown_labels
from assay.store import Store

NAMED = 20  # answers that were not taken, told by id


def from_script(
    project: Project, rows: Sequence[Waiting], path: Path, by: str, events: Events, *, budget: int = 0,
    mark: Callable[[Decision], Decision] = lambda decision: decision, known: Collection[str] | None = None,
) -> bool:  # fmt: skip
    """Answer the queue from a file, in the queue's order: rows the file does not know are left waiting.

    Returns False where there were answers and none was taken.

    Raises:
        InputError: lines that are no answers, or labels not among the `known` ones (None: any label is taken).
    """
    answers = read_script(path)
    asked = rows[: budget or None]
    if strange := unknown_labels(asked, answers, known) if known is not None else []:
        what = f"{path}: {len(strange)} answers give a label that no row has; none was taken"
        raise InputError(what, problems=strange, hint="mend them, or take them as they are with --new-labels")
    before = {(decision.id, decision.digest): decision for decision in events.current()}
    taken = [
        mark(answer(row, said["action"], by, answer=said.get("answer"), prompt=said.get("text")))
        for row in asked
        if (said := answers.get(row.example.id)) is not None
    ]
    events.add(taken)
    counts = Counter(decision.action for decision in taken)
    told = ", ".join(f"{count} {action}" for action, count in counts.most_common())
    left = [name for name in answers if name not in {decision.id for decision in taken}]
    if left:
        beyond = {row.example.id for row in rows} - {row.example.id for row in asked}
        _tell_left(_why_not(project, left, list(before.values()), beyond))
    out().print(
        f"{len(taken):,} answers by [bold]{plain(by)}[/] from {plain(path)} ({told or 'none'}); "
        f"{len(rows) - len(taken):,} rows still wait\n[dim]next: `assay build`[/]"
    )
    return bool(taken) or not answers


def _tell_left(why: Sequence[tuple[str, str]]) -> None:
    out().print(f"[yellow]{len(why):,} answers were not taken:[/]")
    for name, reason in why[:NAMED]:
        out().print(f"  {plain(short(name, 80))}: {plain(reason)}")
    if len(why) > NAMED:
        out().print(f"  [dim]and {len(why) - NAMED:,} more[/]")


def _why_not(
    project: Project, ids: Sequence[str], before: Sequence[Decision], beyond: Collection[str]
) -> list[tuple[str, str]]:
    """Each id with the reason why no answer on it is waited for."""
    store = Store(project.tables)
    rows = dataset.load_rows(store, dataset.load_version(store))
    answered = {decision.id: decision.by for decision in before}
    kept = {row.id: row.split for row in rows.kept}
    gone = {d.id: d for d in rows.decisions if d.action in ("drop", "hold")}
    read = {row.id for row in rows.read}

    def reason(name: str) -> str:
        if name in beyond:
            return "it waits beyond --budget"
        if name in answered:
            return f"{answered[name].removeprefix('reviewer:')} has answered it already; --undo takes that back"
        if kept.get(name) == "test":
            return "a test row: it does not wait"
        if name in kept:
            return "it is in the set and nobody asks about it"
        if name in gone:
            return f"it does not wait: {gone[name].reason} ({gone[name].by}) said {gone[name].action}"
        if name in read:
            return "it does not wait"
        return f"no row has this id{did_you_mean(name, sorted(read))}"

    return [(name, reason(name)) for name in ids]
