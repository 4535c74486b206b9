"""The review queue on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from assay import dataset
from assay.cli.review_script import from_script
from assay.cli.screen import out, plain, print_json, short
from assay.db import Events
from assay.errors import InputError
from assay.project import Project
from assay.recipe import did_you_mean
from assay.records import Decision, Example
from assay.review import Audit, Waiting, answer, asked_about, audit, draw, marked, queue
from assay.store import Store

KEYS = {"k": "keep", "d": "drop", "e": "edit"}
PROMPT = "k keep  d drop  e take suggestion  t type  s skip  u undo  q quit"
Mark = Callable[[Decision], Decision]  # what is noted on an answer


def _as_it_is(decision: Decision) -> Decision:
    return decision


def waiting(project: Project, events: Events) -> list[Waiting]:
    """The rows of the newest version that wait, held ones first, without those answered since.

    Raises:
        StoreError: there is no version yet.
    """
    store = Store(project.tables)
    rows = dataset.load_rows(store, dataset.load_version(store))
    held = dataset.held_rows(rows)
    answered = {(decision.id, decision.digest) for decision in events.current()}
    in_doubt = [row for row in rows.kept if row.split != "test"]
    findings = [*rows.findings, *asked_about(project.asked, in_doubt)]
    return [row for row in queue(held, findings, in_doubt) if (row.example.id, row.example.digest) not in answered]


def labels_of(project: Project) -> frozenset[str]:
    """Every label that a row of the newest version came with or has now; none where the task has no labels."""
    store = Store(project.tables)
    rows = dataset.load_rows(store, dataset.load_version(store))
    return frozenset(example.label for example in (*rows.read, *rows.kept) if example.label)


def as_json(row: Waiting) -> dict[str, Any]:
    """One waiting row for other programs."""
    return {
        "id": row.example.id, "prompt": row.example.prompt, "answer": row.example.answer, "held": row.held,
        "suggestion": row.suggestion.answer if row.suggestion else None,
        "findings": [finding.as_dict() for finding in row.findings],
    }  # fmt: skip


def list_rows(rows: Sequence[Waiting], limit: int) -> None:
    """The first rows of the queue."""
    for row in rows[:limit]:
        _show(row)
    held = sum(row.held for row in rows)
    out().print(f"{len(rows):,} rows wait: {held:,} held, {len(rows) - held:,} in the set and in doubt")


def _show(row: Waiting) -> None:
    console = out()
    place = plain(row.example.place) + ("" if row.held else ", in the set")
    console.print(f"\n[bold]{plain(row.example.id)}[/]  [dim]{place}[/]")
    console.print(f"  {plain(short(row.example.prompt, 400))}\n  -> [bold]{plain(short(row.example.answer, 400))}[/]")
    for finding in row.findings:
        console.print(f"  [yellow]{finding.code}[/] {plain(finding.message)} [dim]({finding.score:.0%} sure)[/]")
    if row.suggestion is not None:
        console.print(f"  suggested: [green]{plain(short(_changed(row.example, row.suggestion), 400))}[/]")


def _changed(before: Example, after: Example) -> str:
    return after.answer if after.answer != before.answer else after.prompt


def sampled(
    project: Project, events: Events, *, size: int, seed: int, by: str, script: Path | None, as_json_only: bool,
    known: Collection[str] | None = None,
) -> bool:  # fmt: skip
    """Ask about a random sample of the newest version, and say what the answers so far tell of its errors.

    Returns False where a script had answers and none was taken.

    Raises:
        StoreError: there is no version yet.
        InputError: nobody is named who answers.
    """
    store = Store(project.tables)
    version = dataset.load_version(store)
    rows = dataset.load_rows(store, version)
    drawn = {one.row.example.id: one for one in draw(rows.kept, rows.findings, size, seed=seed)}
    done = {(d.id, d.digest) for d in events.current() if d.evidence.get("audit") == version.id}
    left = [one.row for one in drawn.values() if (one.row.example.id, one.row.example.digest) not in done]
    if as_json_only:
        print_json([as_json(row) for row in left])
        return True
    if not by:
        raise InputError("whose answers are these?", hint=f"assay review --sample {size} --by YOUR-NAME")

    def mark(decision: Decision) -> Decision:
        return marked(decision, drawn[decision.id], version.id)

    taken = True
    if script:
        taken = from_script(project, left, script, by, events, mark=mark, known=known)
    else:
        ask(left, by, events, 0, mark, known=known)
    found = audit(events.current(), version.id)
    if found is not None:
        out().print(told(found))
    return taken


def told(found: Audit) -> str:
    """What a reviewed sample says of its version, in a sentence."""
    right = found.right
    rate, low, high = (100 * (1 - share) for share in (right.value, right.high, right.low))
    wrong = ", ".join(f"{one.wrong} of {one.reviewed} {one.stratum} rows" for one in found.strata)
    return f"errors estimated: {rate:.1f}% of the rows ({low:.1f} to {high:.1f}%), from {wrong} reviewed"


def ask(
    rows: Sequence[Waiting], by: str, events: Events, budget: int, mark: Mark = _as_it_is, *,
    known: Collection[str] | None = None,
) -> None:  # fmt: skip
    """One row at a time: k keep, d drop, e take the suggestion, t type another answer, u undo, s skip, q quit.

    A label not among the `known` ones is asked for twice (None: any is taken).
    """
    done: list[str] = []
    left = list(rows[: budget or None])
    place = 0
    while place < len(left):
        row = left[place]
        _show(row)
        key = _typed(f"[{place + 1}/{len(left)}] {PROMPT} > ", at_end="q").lower()[:1]
        if key == "q":
            break
        if key == "u" and done:
            events.undo(done.pop(), by)
            place -= 1
        elif key == "s":
            left.append(left.pop(place))
        elif key == "t" or (key in KEYS and (key != "e" or row.suggestion is not None)):
            text = _typed("the right answer: ", at_end="") if key == "t" else None
            if text == "" or not _sure(row, text, known):
                continue
            events.add([mark(answer(row, KEYS.get(key, "edit"), by, answer=text))])
            done.append(row.example.id)
            place += 1
    out().print(f"{len(done):,} answers kept\n[dim]next: `assay build`[/]")


def _sure(row: Waiting, label: str | None, known: Collection[str] | None) -> bool:
    """Whether a typed label is one of the set, or is typed a second time."""
    if label is None or known is None or row.example.label is None or label in known:
        return True
    near = did_you_mean(label, sorted(known))
    again = _typed(f"no row has the label '{plain(label)}'{near} Type it again to take it, or nothing: ", at_end="")
    return again == label


def _typed(prompt: str, *, at_end: str) -> str:
    """What was typed, without blanks around it; `at_end` when there is nothing more to read."""
    try:
        return input(prompt).strip()
    except EOFError:
        return at_end
