"""The story the demo tells: the verbs in their order, run as you would type them, timed, and summed up."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from assay.cli.screen import out, plain, seconds
from assay.demo import mess, reviewer, truth
from assay.errors import AssayError

REVIEWER = "scripted"
SCRIPT = "reviewer.jsonl"


class Verb(NamedTuple):
    """One command of the story."""

    stage: str  # its name in the table of times
    words: tuple[str, ...]  # after `assay`
    why: str
    fine: tuple[int, ...] = (0,)  # exit statuses that are no failure


def before_review() -> list[Verb]:
    """Look, then build by the rules alone."""
    return [
        Verb("check", ("check", "data/tickets.csv", "--test", "data/test.csv"), "What is wrong with the file?", (0, 1)),
        Verb("build by rules", ("build", "-m", "what the rules alone leave"),
             "Let the rules repair, drop, and hold what is doubtful."),
    ]  # fmt: skip


def after_review(seeds: str = "") -> list[Verb]:
    """Replay the answers, see what changed, tune (once a seed), measure, report."""
    tuning = ("train", "--on", "all", *(("--seeds", seeds) if seeds else ()))
    return [
        Verb("review", ("review", "--by", REVIEWER, "--script", SCRIPT),
             "A person decides on what was held. Here a script stands in for the person: it knows what was planted and "
             "errs in 3% of its answers."),
        Verb("build with review", ("build", "-m", "rules and reviewer"),
             "Replay the answers; commit the curated version."),
        Verb("diff", ("diff", "raw", "--limit", "3"), "What changed between the rows as read and the curated version?"),
        Verb("train", tuning, "Tune the same model on four states of the data, at one budget of answer tokens."),
        Verb("eval", ("eval",), "Ask all of them, and the baselines, the same frozen test rows."),
        Verb("report", ("report", "--truth", "data/tickets.truth.jsonl"), "Everything on one page."),
    ]  # fmt: skip


def tell(folder: Path, seed: int, seeds: str = "") -> None:
    """Run the whole story in a folder, going on where an earlier run stopped.

    Raises:
        AssayError: a verb failed; what it said stands above.
    """
    start = time.monotonic()
    console = out()
    _prepare(folder, seed)
    console.print(
        f"[bold]Assay demo[/] in {plain(folder)}/: a support desk's messy tickets become a small model you can trust."
    )
    timings: list[tuple[str, float]] = []
    for verb in before_review():
        timings.append((verb.stage, _run(folder, verb)))
    if not (folder / SCRIPT).exists():  # an earlier run's answers stand: other ones would make another version
        _write_answers(folder)
    for verb in after_review(seeds):
        if verb.stage == "report":
            _keep_timings(folder, timings)
        timings.append((verb.stage, _run(folder, verb)))
    _keep_timings(folder, timings)
    _sum_up(folder, time.monotonic() - start, timings)


def _prepare(folder: Path, seed: int) -> None:
    if folder.exists() and not (folder / "assay.yaml").exists() and any(folder.iterdir()):
        raise AssayError(f"{folder} holds something else", hint="assay demo ANOTHER-FOLDER")
    mess.write(folder / "data", seed)
    for name in ("assay.yaml", "NOTICE.md"):
        text = (files("assay.demo") / "data" / name).read_text(encoding="utf-8")
        (folder / name).write_text(text, encoding="utf-8")


def _run(folder: Path, verb: Verb) -> float:
    """Run a verb as a command of its own, and say how long it took, in seconds."""
    console = out()
    console.print(f"\n[dim]{plain(verb.why)}[/]\n[bold cyan]$ assay {plain(shlex.join(verb.words))}[/]")
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "assay", *verb.words], cwd=folder, check=False)
    if done.returncode not in verb.fine:
        hint = f"cd {folder} && assay {shlex.join(verb.words)}; `assay demo {folder}` goes on from here"
        raise AssayError(f"the demo stopped: `assay {verb.words[0]}` ended with status {done.returncode}", hint=hint)
    return time.monotonic() - start


def _write_answers(folder: Path) -> None:
    """What the scripted reviewer would say to each row that waits, in the order of the queue."""
    from assay.cli.reviewing import waiting
    from assay.db import open_events
    from assay.project import find

    project = find(folder)
    events = open_events(f"sqlite:///{project.people}")
    try:
        rows = waiting(project, events)
    finally:
        events.close()
    examples = {row.example.id: row.example for row in rows}
    known = truth.read(folder / "data" / "tickets.truth.jsonl")
    answers = reviewer.answers([f for row in rows for f in row.findings], examples, known)
    reviewer.write(folder / SCRIPT, answers, examples)


def _keep_timings(folder: Path, timings: Sequence[tuple[str, float]]) -> None:
    (folder / ".assay" / "timings.json").write_text(json.dumps(timings), encoding="utf-8")


def _sum_up(folder: Path, took: float, timings: Sequence[tuple[str, float]]) -> None:
    console = out()
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    _show_ladder(report["ladder"], (report["evaluation"] or {}).get("pairs", []))
    console.print(
        "  [dim]`curated` rests on a scripted reviewer that knows what was planted; `rules` has no person in it[/]"
    )
    _show_planted(report["planted"] or [], report["good_rows_touched"])
    stages = ", ".join(f"{stage} {seconds(spent)}" for stage, spent in timings)
    console.print(f"\n[bold]Time[/]  {stages}; in all {seconds(took)}")
    console.print(f"[bold]Report[/]  {plain((folder / 'report.html').resolve())}")
    console.print(f"[dim]next: cd {plain(folder)} && assay serve; or on a file of your own: assay check train.jsonl[/]")


def _show_planted(faults: Sequence[Mapping[str, Any]], touched: Mapping[str, Any] | None) -> None:
    """How many planted faults the rules found, how often they were right, and how many good rows they touched."""
    console = out()
    console.print("\n[bold]What the rules found of what was planted[/]  (before any person looked)")
    for fault in faults:
        recall, precision = fault["recall"]["value"], fault["precision"]["value"]
        found = f"{fault['found']:>3} of {fault['planted']:>3}" if recall is not None else "not looked for"
        right = f"right in {precision:.0%} of {fault['flagged']}" if precision is not None else ""
        console.print(f"  {fault['fault'].replace('_', ' '):<16} {found:<15} [dim]{right}[/]")
    if touched and touched["value"] is not None:
        share = f"{touched['value']:.1%} ({touched['low']:.1%} to {touched['high']:.1%}, n = {touched['n']})"
        console.print(f"  good rows touched: {touched['count']}, {share}")


def _show_ladder(rungs: Sequence[Mapping[str, Any]], pairs: Sequence[Mapping[str, Any]]) -> None:
    """The rungs as bars, and what the curated set is worth against the other tuned rungs.

    Args:
        rungs: `ladder` of report.json.
        pairs: `evaluation.pairs` of report.json.
    """
    console = out()
    rows = max((rung["n"] for rung in rungs), default=0)
    console.print(
        f"\n[bold]What it did to the model[/]  (accuracy of what it writes, n = {rows} test rows, 95% interval)"
    )
    best = max((rung["value"] for rung in rungs), default=0.0)
    for rung in rungs:
        bar = "█" * round(24 * rung["value"])
        colour = "green" if rung["value"] == best else "white"
        interval = f"{rung['low']:.1%} to {rung['high']:.1%}, n = {rung['n']}"
        console.print(f"  {rung['name']:<10} [{colour}]{bar:<24}[/] {rung['value']:.1%}  [dim]{interval}[/]")
    for pair in pairs:
        if pair["a"] == "curated" and pair["b"] in ("raw", "random", "rules"):
            gain = f"{pair['difference']:+.1%} ({pair['low']:+.1%} to {pair['high']:+.1%})"
            console.print(f"  curated against {pair['b']}: {gain}: [bold]{plain(pair['verdict'])}[/]")
