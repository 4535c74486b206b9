"""The ladder on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.cli.screen import out, plain, short

if TYPE_CHECKING:
    from assay.evaluate.ladder import Pair, Row, Standing
    from assay.scoring import Scored


def show(scored: Scored) -> None:
    """The rungs with intervals, the paired tests, and what to do next."""
    ladder, console = scored.ladder, out()
    effect = ladder.smallest_effect
    console.print(
        f"{ladder.n:,} test rows: differences below about {effect.value:.1%} cannot be shown with them (80% power, "
        f"models that differ on {effect.discordant:.0%} of the rows)"
    )
    console.print("[bold]rung        written  95% interval       n   by choice  p50 ms  trained on[/]")
    for rung in ladder.standings:
        console.print(_standing(rung))
    for pair in ladder.pairs:
        console.print(_pair(pair))
    for row in ladder.rows.worst[:3]:
        console.print(_worst(row))
    if scored.missing:
        names = scored.missing
        console.print(f"[yellow]not on the ladder: {', '.join(names)}[/]  [dim]assay train --on {','.join(names)}[/]")
    console.print("[dim]next: `assay report`[/]")


def _standing(rung: Standing) -> str:
    metric = rung.metric
    choice = f"{rung.choice.value:.1%}" if rung.choice else ""
    latency = f"{rung.latency_ms.p50:.0f}" if rung.latency_ms else ""
    rows = f"{rung.train_rows:,} rows" if rung.train_rows else ""
    written = f"{metric.value:>7.1%}  {metric.low:.1%} to {metric.high:.1%} {metric.n:>6,}"
    return f"{rung.name:<11} {written}  {choice:>9}  {latency:>6}  {rows}"


def _pair(pair: Pair) -> str:
    metric = pair.difference
    return (
        f"  {pair.a} - {pair.b}: {metric.value:+.1%} ({metric.low:+.1%} to {metric.high:+.1%}), "
        f"{pair.improved} rows better, {pair.regressed} worse: [bold]{plain(pair.verdict)}[/]"
    )


def _worst(row: Row) -> str:
    prompt, written = plain(short(row.prompt, 80)), plain(short(row.written or "", 40))
    return f"  [dim]worst:[/] {prompt} [dim]expected[/] {plain(row.expected)} [dim]wrote[/] {written}"
