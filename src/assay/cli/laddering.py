"""The ladder on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.cli.screen import out, plain, short

if TYPE_CHECKING:
    from assay.scoring import Scored


def show(scored: Scored) -> None:
    """The rungs with intervals, the paired tests, and what to do next."""
    ladder, console = scored.ladder, out()
    effect = ladder.smallest_effect
    console.print(f"{ladder.n:,} test rows: differences below about {effect.value:.1%} cannot be shown with them (80% power, "
                  f"models that differ on {effect.discordant:.0%} of the rows)")  # fmt: skip
    console.print("[bold]rung        written  95% interval       n   by choice  p50 ms  trained on[/]")
    for rung in ladder.standings:
        choice = f"{rung.choice.value:.1%}" if rung.choice else ""
        latency = f"{rung.latency_ms.p50:.0f}" if rung.latency_ms else ""
        rows = f"{rung.train_rows:,} rows" if rung.train_rows else ""
        metric = rung.metric
        console.print(
            f"{rung.name:<11} {metric.value:>7.1%}  {metric.low:.1%} to {metric.high:.1%} {metric.n:>6,}  {choice:>9}  {latency:>6}  {rows}"
        )
    for pair in ladder.pairs:
        metric = pair.difference
        console.print(f"  {pair.a} - {pair.b}: {metric.value:+.1%} ({metric.low:+.1%} to {metric.high:+.1%}), {pair.improved} rows better, "
                      f"{pair.regressed} worse: [bold]{plain(pair.verdict)}[/]")  # fmt: skip
    for row in ladder.rows.worst[:3]:
        console.print(
            f"  [dim]worst:[/] {plain(short(row.prompt, 80))} [dim]expected[/] {plain(row.expected)} [dim]wrote[/] {plain(short(row.written or '', 40))}"
        )
    if scored.missing:
        console.print(
            f"[yellow]not on the ladder: {', '.join(scored.missing)}[/]  [dim]assay train --on {','.join(scored.missing)}[/]"
        )
    console.print("[dim]next: `assay report`[/]")
