"""`assay prove model`: the small tuned model against others that are prompted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from assay.prove.contenders import Plan
    from assay.prove.model import Duel


def model(
    against: Annotated[
        list[str] | None,
        typer.Option(
            help="Whom to hold it against, more than once: endpoint:NAME, endpoint-shots:NAME, a .gguf file, a folder, "
            "a hub id, or a rung. Left out: the base model prompted, and other models that eval.rungs names."
        ),
    ] = None,
    version: Annotated[str, typer.Option(help="Version id or prefix; the newest when left out.")] = "",
    rung: Annotated[str, typer.Option(help="The tuned model: curated, raw, rules or random.")] = "curated",
    rows: Annotated[int, typer.Option(min=0, help="Test rows to ask; 0: those of `assay eval`.")] = 0,
    few_shot_rows: Annotated[
        int, typer.Option(min=0, help="Of these, rows asked where a model on this machine reads examples; 0 for all.")
    ] = 80,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Who would be asked what, and at what cost.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The table as JSON.")] = False,
) -> None:
    """Small and tuned against large and prompted, on the same frozen test rows: quality, latency, memory, cost.

    A model that is named by itself is asked twice: told the task, and shown the five most similar training rows as
    well. An endpoint is any that speaks OpenAI's chat completions, at $ASSAY_ENDPOINT_URL (key: $ASSAY_ENDPOINT_KEY).
    Costs come from eval.prices or eval.machine_hour, or are not told. Answers are kept as they come: an interrupted
    proof goes on. It counts as a look at the test set.

    Example: assay prove model --against endpoint:gpt-4o-mini --against ./bigger.gguf
    """
    from assay.cli.screen import print_json, progress
    from assay.project import find
    from assay.prove import contenders
    from assay.prove import model as proving

    project = find(Path.cwd())
    planned = contenders.plan(
        project, version=version, rung=rung, against=against or (), rows=rows, few_shot_rows=few_shot_rows
    )
    if not json:
        tell_plan(planned)
    if dry_run:
        if json:
            print_json(proving.plan_as_dict(planned))
        return
    with progress("prove", quiet=json) as tell:
        duel = proving.prove(planned, progress=tell)
    print_json(proving.as_dict(duel)) if json else tell_duel(duel)


def tell_plan(planned: Plan) -> None:
    """Who will be asked how many rows, how long, at what cost."""
    from assay.cli.screen import out, plain, seconds

    console = out()
    console.print(
        f"{len(planned.test):,} test rows: differences below about {planned.smallest_effect:.1%} cannot be shown with "
        f"them; about {seconds(planned.seconds)} on two cores"
    )
    for one in planned.contenders:
        if one.asked:
            took = "for as long as it takes" if one.seconds is None else f"about {seconds(one.seconds)}"
            todo = f"{one.asked:,} rows, {took}" + (f", costs about {one.cost:.2g}" if one.cost is not None else "")
        else:
            todo = f"{one.rows:,} rows, " + ("by looking up" if one.kind == "lookup" else "answers are kept")
        note = f"  [yellow]{plain(one.note)}[/]" if one.note else ""
        console.print(f"  [dim]{plain(_named(one.name))}: {todo}[/]{note}")


def tell_duel(duel: Duel) -> None:
    """The table, what each difference comes to, and what the numbers are not."""
    from assay.cli.screen import out, plain

    console = out()
    console.print(f"[bold]{plain(duel.ladder.metric)}[/], 95% interval  [dim]{duel.looks}[/]")
    heads = ("p50 ms", "p95 ms", "timed", "memory", "weights", "tokens in/out", "1,000 requests")
    width = max(12, *(len(_named(one["name"])) for one in duel.contenders))
    console.print(
        f"[bold]{'':<{width}}  quality                      n  "
        + "  ".join(f"{head:>{_WIDTHS[i]}}" for i, head in enumerate(heads)) + "[/]"
    )  # fmt: skip
    for one in duel.contenders:
        quality = f"{one['value']:6.1%}  {one['low']:.1%} to {one['high']:.1%}"
        cells = "  ".join(f"{cell:>{_WIDTHS[i]}}" for i, cell in enumerate(_cells(one)))
        console.print(f"{plain(_named(one['name'])):<{width}}  {quality:<24} {one['n']:>5,}  {cells}")
    for one in duel.contenders:
        lost = [f"{one['unscored']:,} rows unscored"] if one["unscored"] else []
        lost += [f"{one['cut']:,} answers cut at the limit"] if one["cut"] else []
        if lost:
            console.print(f"  [yellow]{plain(_named(one['name']))}: {', '.join(lost)}[/]")
    for one in duel.contenders[1:]:
        console.print(_verdict(duel.plan.rung, one))
    console.print(
        "[dim]latency: one request at a time, from this machine; memory: weights and the cache of the longest request; "
        "a GGUF is run unpacked[/]"
    )
    if all(one["cost"] is None for one in duel.contenders):
        console.print("[dim]costs are not told: set eval.prices or eval.machine_hour in assay.yaml[/]")
    console.print(f"[dim]kept in {plain(duel.path)}; next: `assay report`[/]")


_WIDTHS = (7, 7, 5, 9, 9, 13, 14)


def _cells(one: dict[str, Any]) -> list[str]:
    timed, tokens = one["latency_ms"], one["tokens"]
    unknown = "not known" if one["kind"] == "endpoint" else "-"
    into, wrote = ("?" if tokens[side] is None else f"{tokens[side]:.0f}" for side in ("in", "out"))
    return [
        f"{timed['p50']:,.0f}" if timed else "-", f"{timed['p95']:,.0f}" if timed else "-",
        f"{timed['n']:,}" if timed else "-", _mb(one["memory_mb"]) or unknown, _mb(one["weights_mb"]) or unknown,
        f"{into} / {wrote}", "not told" if one["cost"] is None else f"{one['cost']:.3g}",
    ]  # fmt: skip


def _named(rung: str) -> str:
    """_named("model:/a/b/big.gguf") -> "model:big.gguf": a column has no room for folders."""
    kind, _, model = rung.partition(":")
    return f"{kind}:{Path(model).name}" if kind.startswith("model") and Path(model).name else rung


def _mb(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f} MB" if value >= 1 else f"{value:.1f} MB"


def _verdict(tuned: str, one: dict[str, Any]) -> str:
    from assay.cli.screen import plain

    told = one["tuned_minus_this"]
    if told is None:
        return f"  {plain(tuned)} - {plain(_named(one['name']))}: no row was answered by both"
    word = told["verdict"]
    said = f"{tuned} is {word}" if word in ("better", "worse") else word
    return (
        f"  {plain(tuned)} - {plain(_named(one['name']))}: {told['value']:+.1%} "
        f"({told['low']:+.1%} to {told['high']:+.1%}, n = {told['n']:,}): [bold]{plain(said)}[/]"
    )
