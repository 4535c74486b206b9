"""The ladder on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.cli.screen import out, plain, short

if TYPE_CHECKING:
    from assay.evaluate.ladder import Ladder, Pair, Row, Standing
    from assay.evaluate.measures import Measure
    from assay.evaluate.slices import Slice
    from assay.scoring import Scored

ONE_RUN = "one training seed: the intervals carry the test rows, not the luck of training (`assay train --seeds 0,1,2`)"
CORRECTED = "differences with their own 95% intervals; p is corrected for all that are asked about (Holm) and decides"
WORST = 6  # parts of the test set shown, the lowest first
CLASSES = 5  # labels shown, the least recognised first


def show(scored: Scored) -> None:
    """The rungs with intervals, the paired tests, what else was measured, and what to do next."""
    ladder, console = scored.ladder, out()
    effect = ladder.smallest_effect
    console.print(
        f"{ladder.n:,} test rows: differences below about {effect.value:.1%} cannot be shown with them (80% power, "
        f"models that differ on {effect.discordant:.0%} of the rows)"
    )
    console.print(f"[dim]primary metric: {plain(ladder.metric)}; {scored.looks}[/]")
    console.print("[bold]rung        written  95% interval       n   by choice  p50 ms  trained on[/]")
    for rung in ladder.standings:
        console.print(_standing(rung))
    if ladder.pairs:
        console.print(f"  [dim]{CORRECTED}[/]")
    for pair in ladder.pairs:
        console.print(_pair(pair))
    if any(len(rung.seeds) == 1 and rung.answer_tokens for rung in ladder.standings):
        console.print(f"  [dim]{ONE_RUN}[/]")
    _show_more(ladder)
    if scored.judged:
        console.print(_judged(scored.judged))
    wrong = [row for row in ladder.rows.worst if row.written.strip() != row.expected.strip()]
    for row in wrong[:3]:
        console.print(_worst(row))
    last = ladder.standings[-1]
    if wrong and last.answer_tokens:
        taught = f"assay prove rows --rung {plain(last.name)} --answer {plain(wrong[0].id)}"
        console.print(f"  [dim]the rows that taught it: `{taught}`[/]")
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
    unscored = f"  [yellow]{rung.unscored:,} unscored[/]" if rung.unscored else ""
    cost = f"  {rung.cost:.3g} per 1,000" if rung.cost is not None else ""
    unscored += f"  [yellow]{rung.cut:,} cut at the limit[/]" if rung.cut else ""
    return f"{plain(rung.name):<11} {written}  {choice:>9}  {latency:>6}  {rows}{cost}{unscored}"


def _pair(pair: Pair) -> str:
    metric = pair.difference
    return (
        f"  {plain(pair.a)} - {plain(pair.b)}: {metric.value:+.1%} ({metric.low:+.1%} to {metric.high:+.1%}), "
        f"{pair.improved} rows better, {pair.regressed} worse, {_p(pair)}: [bold]{plain(pair.verdict)}[/]"
    )


def _p(pair: Pair) -> str:
    from assay.report.figures import p_value

    said = p_value(pair.p_holm)
    return f"p {said}" if said.startswith("<") else f"p = {said}"


def _show_more(ladder: Ladder) -> None:
    """Of the last rung: the other metrics, the labels it knows least, and the parts of the test set it fails on."""
    console, last = out(), ladder.standings[-1]
    others = [measure for measure in last.measures if measure.key != ladder.primary and measure.metric]
    if others:
        console.print(f"[bold]{plain(last.name)}, other metrics[/]  [dim](all rungs: --json)[/]")
    for measure in others:
        console.print(f"  {_measure(measure)}")
    labels = sorted(last.classes, key=lambda one: one.recall.value)[:CLASSES]
    if labels:
        console.print("[bold]labels it recognises least[/]")
    for one in labels:
        value, low, high, n = one.recall
        few = "  [yellow]too few rows[/]" if one.few else ""
        console.print(f"  {plain(short(one.label, 40)):<40} {value:.1%} ({low:.1%} to {high:.1%}, n = {n:,}){few}")
    parts = sorted((part for part in last.slices if part.metric), key=lambda part: (part.few, _value(part)))
    if parts:
        console.print("[bold]parts of the test set, the weakest first[/]")
    for part in parts[:WORST]:
        console.print(f"  {_part(part)}")
    if len(parts) > WORST:
        small = sum(part.few for part in parts)
        console.print(f"  [dim]and {len(parts) - WORST:,} more, {small:,} with too few rows: --json has them all[/]")


def _value(part: Slice) -> float:
    return part.metric.value if part.metric else 0.0


def _measure(measure: Measure) -> str:
    assert measure.metric is not None
    value, low, high, n = measure.metric
    unscored = f", {measure.unscored:,} unscored" if measure.unscored else ""
    lower = ", lower is better" if measure.better == "lower" else ""
    numbers = (
        f"{value:.2f} ({low:.2f} to {high:.2f}" if measure.unit == "nats" else f"{value:.1%} ({low:.1%} to {high:.1%}"
    )
    return f"{measure.title}: {numbers}, n = {n:,}{unscored}{lower})"


def _part(part: Slice) -> str:
    assert part.metric is not None
    value, low, high, n = part.metric
    few = "  [yellow]too few rows[/]" if part.few else ""
    name = plain(short(f"{part.kind}: {part.name}", 44))
    return f"{name:<44} {value:.1%} ({low:.1%} to {high:.1%}, n = {n:,}){few}"


def _judged(found: dict[str, object]) -> str:
    """One line of what the judge said, and how far it can be believed."""
    from assay.report.figures import of_proportion

    def told(key: str) -> str:
        value = found[key]
        return of_proportion(value).replace("\u00a0", " ") if isinstance(value, dict) else "not measured"

    people = found["people"]
    agreed = "not held against people"
    if isinstance(people, dict) and people["kappa"] is not None:
        agreed = f"agrees with people on {told('people')}, kappa {people['kappa']:.2f}"
    return (
        f"[bold]judge {plain(found['model'])}[/] prefers {plain(found['a'])} to {plain(found['b'])} on {told('wins')}; "
        f"at equal length {told('even')}; same verdict in both orders {told('consistent')}; {found['unread']} rows "
        f"unread; {agreed}"
    )


def _worst(row: Row) -> str:
    prompt, written = plain(short(row.prompt, 80)), plain(short(row.written or "", 40))
    expected = plain(short(row.expected, 60))
    return f"  [dim]worst:[/] {plain(row.id)} {prompt} [dim]expected[/] {expected} [dim]wrote[/] {written}"
