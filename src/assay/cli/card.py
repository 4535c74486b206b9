"""The score card on a terminal: a line a dimension, and what to collect next."""

from __future__ import annotations

from collections.abc import Sequence

from assay.cli.screen import out, plain, short
from assay.gates import Failed
from assay.scorecard import DIMENSIONS, Card, Part

WISHES = 3  # shown; --json has them all


def show_card(card: Card, of: str) -> None:
    """Each dimension's score, its interval and what lies behind it; `of` says which rows these are."""
    console = out()
    console.print(
        f"\n[bold]Score card[/] of {of}, 0 to 100  [dim](its parts: --json; what they mean: docs/scorecard.md)[/]"
    )
    for name in DIMENSIONS:
        part = card.weakest(name)
        if part is None or part.value is None:
            why = next((part.why for part in card.of(name) if part.counts), "")
            console.print(f"  {name:<10} {'-':>5}  [dim]not measured: {plain(why)}[/]")
        else:
            console.print(
                f"  {name:<10} {_hundred(part.value):>5}  {_interval(part):<13} {plain(short(_behind(part), 150))}"
            )
    audited = next((part for part in card.parts if part.key == "error_rate" and part.value is not None), None)
    if audited is not None and audited.value is not None:
        rate, low, high = (100 * (1 - bound) for bound in (audited.value, audited.high or 0.0, audited.low or 0.0))
        console.print(
            f"  {'errors':<10} {rate:>4.1f}%  {low:.1f} to {high:.1f}%: estimated from {audited.n} reviewed rows"
        )
    else:
        console.print(
            "  [dim]counted is what rules found, of strangers about half: `assay review --sample 100` in a project "
            "estimates what they miss[/]"
        )
    for wish in card.wishes[:WISHES]:
        console.print(f"  [cyan]collect[/] {wish.rows:,} {plain(short(wish.what, 110))}  [dim]{plain(wish.why)}[/]")
    if len(card.wishes) > WISHES:
        console.print(f"  [dim]and {len(card.wishes) - WISHES:,} more things to collect: --json lists them[/]")


def show_failed(failed: Sequence[Failed]) -> None:
    """The gates that failed, with the rows."""
    for one in failed:
        out().print(f"[red]gate failed[/] {plain(str(one))}")


def _hundred(share: float) -> str:
    """_hundred(0.9999) -> "99.9": 100 is said of nothing but all."""
    return f"{min(100 * share, 99.9) if share < 1 else 100:.1f}"


def _interval(part: Part) -> str:
    return "" if part.low is None or part.high is None else f"{100 * part.low:.1f} to {100 * part.high:.1f}"


def _behind(part: Part) -> str:
    """What a score counts: "12 of 900 rows: A004 8, F001 4"."""
    if part.faults:
        codes = ", ".join(f"{code} {count:,}" for code, count in part.codes)
        return f"{len(part.rows):,} of {part.n:,} rows" + (f": {codes}" if codes else "")
    if part.key == "coverage":
        return f"{len(part.rows):,} of {part.n:,} targets have no row near them ({part.why}; a rough measure)"
    return f"{part.measure}: {part.why}"
