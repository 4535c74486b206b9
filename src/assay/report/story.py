"""The report's first sentences, put together from its numbers: what the data was, what changed, what that did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from assay.report.contents import Ledger, ReportContents
from assay.report.figures import NBSP, of_proportion, points, points_range, rows, whole

Rung = Mapping[str, Any]
TUNED = ("raw", "random", "rules", "curated")
BY_REVIEWER = ("curated",)  # rungs that rest on human decisions: the reviewer's note is shown with them


class Story(NamedTuple):
    """Four short texts: a headline, and an answer to each of the three first questions."""

    headline: str
    data: str
    change: str
    effect: str


def story(contents: ReportContents) -> Story:
    """The story of one report."""
    return Story(_headline(contents.ladder), _data(contents), _change(contents.ledger), _effect(contents.ladder))


def rungs_of(ladder: Mapping[str, Any] | None) -> list[Rung]:
    """The rungs, best first."""
    return sorted((ladder or {}).get("ladder", ()), key=lambda rung: -rung["value"])


def pair_of(ladder: Mapping[str, Any] | None, a: str, b: str) -> Mapping[str, Any] | None:
    """The paired test of `a` against `b`, if it was made."""
    return next((pair for pair in (ladder or {}).get("pairs", ()) if (pair["a"], pair["b"]) == (a, b)), None)


def _headline(ladder: Mapping[str, Any] | None) -> str:
    for name, learnt in (("curated", "curated rows"), ("rules", "rows the rules left")):
        pair = pair_of(ladder, name, "raw")
        if pair is None:
            continue
        if pair["verdict"] in ("better", "worse"):
            return f"Tuned on the {learnt}, the same model {_change_of(ladder, pair)}."
        return (
            f"Tuned on the {learnt} or on the raw ones, the model does equally well, as far as this test set can tell."
        )
    if rungs_of(ladder):
        return f"Best so far: {rungs_of(ladder)[0].get('title') or rungs_of(ladder)[0]['name']}."
    return "What the data was, and what was done to it."


def _change_of(ladder: Mapping[str, Any] | None, pair: Mapping[str, Any]) -> str:
    """_change_of(classify, +11.9 points) -> "is right 11.9 points more often"; texts have a metric instead."""
    by, more = points(pair["difference"])[1:], pair["verdict"] == "better"
    if (ladder or {}).get("task", "classify") == "classify":
        return f"is right {by} points {'more' if more else 'less'} often"
    return (
        f"gains {by} points of {(ladder or {}).get('metric')}"
        if more
        else f"loses {by} points of {(ladder or {}).get('metric')}"
    )


def _data(contents: ReportContents) -> str:
    test = (contents.ladder or {}).get("n")
    held_out = f", and {whole(test)} test {'row' if test == 1 else 'rows'} that no rule touched" if test else ""
    files = len(contents.sources)
    origin = f" Read from {files} {'file' if files == 1 else 'files'}." if files else ""
    return f"{rows(contents.ledger.rows_in)} to learn from{held_out}.{origin}"


def _change(ledger: Ledger) -> str:
    if not ledger.dropped + ledger.held + ledger.edited:
        return "Nothing: every row was kept as it was."
    return (
        f"{rows(ledger.dropped)} dropped, {whole(ledger.held)} held for a person, {whole(ledger.kept)} kept, "
        f"{whole(ledger.edited)} of them edited."
    )


def _effect(ladder: Mapping[str, Any] | None) -> str:
    rungs = {rung["name"]: rung for rung in rungs_of(ladder)}
    if not rungs:
        return "Not measured: no model was evaluated for this report."
    best = next((rungs[name] for name in ("curated", "rules", "raw") if name in rungs), None) or rungs_of(ladder)[0]
    what = "right on" if (ladder or {}).get("task", "classify") == "classify" else (ladder or {}).get("metric", "")
    said = f"{best.get('title') or best['name']}: {what} {of_proportion(best)}."
    return f"{said[:1].upper()}{said[1:]}{_gap(pair_of(ladder, best['name'], 'raw'))}"


def _gap(pair: Mapping[str, Any] | None) -> str:
    if pair is None:
        return ""
    rests = f"{points_range(pair['low'], pair['high'])}, n{NBSP}={NBSP}{whole(pair['n'])}"
    return f" Against the raw rows: {points(pair['difference'])} points ({rests})."
