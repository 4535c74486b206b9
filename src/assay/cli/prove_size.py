"""`assay prove size`: more rows or better rows?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from assay.prove.curve import Foretold, Gain
    from assay.prove.metric import Measure
    from assay.prove.size import Point, Sizes


def size(
    version: Annotated[str, typer.Option(help="Version id or prefix; the newest when left out.")] = "",
    tier: Annotated[str, typer.Option(help="probe (seconds) or lora (minutes).")] = "probe",
    seeds: Annotated[str, typer.Option(help="Seeds by comma: ten in the probe, the recipe's in LoRA.")] = "",
    shares: Annotated[str, typer.Option(help="Shares of the rows by comma.")] = "0.1,0.25,0.5,1",
    layers: Annotated[int, typer.Option(min=0, help="Top layers to tune; 0: those of the recipe.")] = 4,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="What would be trained, and how long.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The curves as JSON.")] = False,
) -> None:
    """Learning curves of the raw and of the curated rows: how many raw rows the curated set is worth, and what the
    next thousand of either would bring.

    Every point trains one budget of answer tokens, so that what differs is the rows. A power law that ends in a floor
    is fitted through the points; its intervals come from resampled test rows, and no gain is larger than the error.

    Example: assay prove size
    """
    from assay.cli.screen import out, print_json, progress, seconds
    from assay.cli.training import seeds_of
    from assay.errors import AssayError
    from assay.project import find
    from assay.prove import size as proving

    if tier not in ("probe", "lora"):
        raise AssayError(f"--tier: expected probe or lora, got '{tier}'")
    numbers = seeds_of(seeds)
    try:
        parts = tuple(float(share) for share in shares.split(",") if share.strip())
    except ValueError:
        raise AssayError(f"--shares: expected numbers by comma, got '{shares}'", hint="--shares 0.1,0.5,1") from None
    if len(set(parts)) < 2 or not all(0 < part <= 1 for part in parts):
        raise AssayError(f"--shares: expected two or more between 0 and 1, got '{shares}'")
    project = find(Path.cwd())
    train = project.recipe.train
    spec = train.model_copy(update={"layers": layers or train.layers})
    planned = proving.plan(project, version=version, tier=tier, seeds=numbers, shares=parts, spec=spec)  # type: ignore[arg-type]
    if not json:
        what = "probes on vectors" if tier == "probe" else f"runs of LoRA on the top {spec.layers} layers"
        out().print(f"{planned.runs} {what}: about {seconds(planned.seconds)}")
    if dry_run:
        if json:
            print_json({"version": planned.version, "runs": planned.runs, "seconds": round(planned.seconds)})
        return
    with progress("prove", quiet=json) as tell:
        found = proving.prove(project, planned, progress=tell)
    print_json(proving.as_dict(found)) if json else tell_sizes(found)


def tell_sizes(found: Sizes) -> None:
    """The curves, and the two answers."""
    from assay.cli.screen import out, plain
    from assay.prove.size import MORE

    console, planned = out(), found.plan
    measure = planned.measure
    highest = max(point.metric.value for points in found.curves.values() for point in points) if measure.loss else 1
    lower = ", lower is better" if measure.loss else ""
    console.print(
        f"\n[bold]{measure.title}[/]{lower}  n = {len(planned.test)}, "
        f"{len(planned.seeds)} seed{'s' * (len(planned.seeds) != 1)}, 95% interval"
    )
    for state, points in found.curves.items():
        for point in points:
            m = point.metric
            bar = "█" * round(24 * m.value / max(highest, 1e-9))
            console.print(
                f"  {state:<8} {point.rows:>7,} rows  {bar:<24} {measure.say(m.value):>6}  "
                f"[dim]{measure.say(m.low)} to {measure.say(m.high)}[/]"
            )
    curated = len(planned.rows["curated"])
    told = found.equal
    if told.value is None:
        said = "more raw rows than the curve can foretell"
    else:
        said = f"about {told.value:,.0f} raw rows{_range(told, '{:,.0f}')}"
    console.print(f"\nthe {curated:,} curated rows are worth {said}; there are {len(planned.rows['raw']):,} raw rows")
    for state, gain in found.more.items():
        console.print(f"the next {MORE:,} {state} rows would bring {_said(gain, found.curves[state][-1], measure)}")
    console.print(
        "[dim]read off a power law, beyond what was measured: the intervals carry the test rows, not "
        "the doubt about the law[/]"
    )
    console.print(f"[dim]kept in {plain(found.path)}; next: `assay prove steps`, `assay report`[/]")


def _said(more: Gain, last: Point, measure: Measure) -> str:
    """_said(...) -> "+3.9% (+2.1% to +4.6%), from the 95.1% that the curve has at 191 rows"."""
    form, unit = ("{:+.3f}", " nats a token less") if measure.loss else ("{:+.1%}", "")
    value = more.gain.value or 0.0
    return (
        f"{form.format(value)}{_range(more.gain, form)}{unit}, from the {measure.say(measure.level(more.start))} that "
        f"the curve has at {last.rows:,} rows"
    )


def _range(told: Foretold, form: str) -> str:
    high = "more than can be foretold" if told.high is None else form.format(told.high)
    low = form.format(told.low) if told.low is not None else "?"
    return f" ({low} to {high})"
