"""`assay prove steps`: what each rule, and what people said, did to the model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from assay.prove.effects import Effect
    from assay.prove.metric import Measure
    from assay.prove.steps import Plan, Proof


def steps(
    version: Annotated[str, typer.Option(help="Version id or prefix; the newest when left out.")] = "",
    by: Annotated[str, typer.Option(help="rule, or dimension: what counts as one step.")] = "rule",
    tier: Annotated[str, typer.Option(help="probe (about a minute), lora (longer), or both.")] = "both",
    seeds: Annotated[str, typer.Option(help="Training seeds of the real tier, by comma.")] = "0",
    layers: Annotated[int, typer.Option(min=0, help="Top layers to tune; 0: those of the recipe.")] = 4,
    epochs: Annotated[float, typer.Option(min=0, help="Passes over the raw rows; 0: those of the recipe.")] = 0,
    natural: Annotated[
        bool, typer.Option("--natural", help="Each arm trains its own passes, not one budget of answer tokens for all.")
    ] = False,
    top: Annotated[
        int, typer.Option(min=0, help="Steps the real tier looks at, those largest in the probe; 0: all.")
    ] = 6,
    least: Annotated[int, typer.Option(min=0, help="Rows a rule must decide on to be a step; 0: 1 in 100.")] = 0,
    written: Annotated[
        bool, typer.Option("--written", help="Of texts: also write every answer and score it; slow.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="What would be trained, how long, the smallest effect it could show.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The proof as JSON.")] = False,
) -> None:
    """Leave out one data decision after the other, put each in alone, train, and test on the same frozen rows.

    Beside them always: raw, curated, three random parts of the raw rows as large as curated, one of them as long, an
    edit that means nothing, and raw under other seeds; the last two must come out null. A step is kept or dropped only
    where its interval says so after correction for how many were asked about. An interrupted proof goes on.

    Example: assay prove steps --tier probe
    """
    from assay.cli.screen import print_json, progress
    from assay.cli.training import seeds_of
    from assay.errors import AssayError
    from assay.project import find
    from assay.prove import steps as proving

    tiers = {"probe": ("probe",), "lora": ("lora",), "both": ("probe", "lora")}.get(tier)
    if tiers is None:
        raise AssayError(f"--tier: expected probe, lora or both, got '{tier}'")
    if by not in ("rule", "dimension"):
        raise AssayError(f"--by: expected rule or dimension, got '{by}'")
    numbers = seeds_of(seeds) or (0,)
    project = find(Path.cwd())
    train = project.recipe.train
    given = {"layers": layers or train.layers, "epochs": epochs or train.epochs}
    with progress("plan", quiet=json) as tell:
        planned = proving.plan(
            project, version=version, by=by, least=least, tiers=tiers, seeds=numbers,  # type: ignore[arg-type]
            budget="natural" if natural else "equal", top=top, spec=train.model_copy(update=given),
            written=written, progress=tell,
        )  # fmt: skip
    if not json:
        tell_plan(planned)
    if dry_run:
        if json:
            print_json(plan_as_dict(planned))
        return
    with progress("prove", quiet=json) as tell:
        proof = proving.prove(project, planned, progress=tell)
    print_json(proving.as_dict(proof)) if json else tell_proof(proof)


def plan_as_dict(planned: Plan) -> dict[str, object]:
    """What will be trained, as JSON."""
    return {
        "version": planned.version, "test_rows": len(planned.test), "runs": planned.runs,
        "seconds": round(planned.seconds), "leaked_rows_in_no_arm": planned.leaked,
        "smallest_effect": planned.smallest.value, "spread": planned.spread, "spread_measured": planned.measured,
        "steps": [{"name": step.name, "codes": sorted(step.codes), "rows": step.rows} for step in planned.steps],
        "arms": [{"name": arm.name, "kind": arm.kind, "rows": len(arm.examples)} for arm in planned.arms],
    }  # fmt: skip


def tell_plan(planned: Plan) -> None:
    """What will be trained, how long it takes, what it can show."""
    from assay.cli.screen import out, plain, seconds
    from assay.prove.metric import measure_of

    console = out()
    console.print(f"[bold]{len(planned.steps)} steps[/] of version {planned.version}, by the training rows decided on:")
    for step in planned.steps:
        codes = f" ({', '.join(sorted(step.codes))})" if step.codes else ""
        console.print(f"  {plain(step.name)}{codes}: {step.rows:,} rows")
    if planned.leaked:
        console.print(f"{planned.leaked:,} training rows that test rows know are in no arm: they would flatter each")
    raw, curated = planned.arms[0], planned.arms[1]
    spec = planned.spec
    few = f" for the {planned.top} steps largest there" if len(planned.chosen()) < len(planned.arms) else ""
    real = (
        f"LoRA{few} on the top {spec.layers} layers, {spec.epochs:g} passes, {planned.runs} runs"
        if planned.runs
        else ""
    )
    each = f", asking the {len(planned.test):,} test rows included" if planned.runs else ""
    said = ", ".join(filter(None, ("probes on vectors" if "probe" in planned.tiers else "", real)))
    console.print(
        f"{len(planned.arms)} arms (raw {len(raw.examples):,} rows, curated {len(curated.examples):,}), {said}: "
        f"about {seconds(planned.seconds)}{each}"
    )
    measure = measure_of(planned.test[0].task, planned.tiers[-1])
    usual = "10% of the rows answered differently"
    if planned.spread is not None:
        how = "as in the last proof" if planned.measured else "assumed"
        usual = (
            f"differences that spread by {planned.spread:.2f} nats a token, {how}; the luck of training comes on top"
        )
    unit = " nats a token" if measure.loss else ""
    console.print(
        f"smallest effect {planned.smallest.n:,} independent test rows can show for {len(planned.steps)} steps: "
        f"{measure.say(planned.smallest.value)}{unit} (80% power, {usual}; Holm over {2 * len(planned.steps)} effects)"
    )
    if planned.test[0].task != "classify" and "probe" in planned.tiers:
        console.print(
            "[dim]of texts the probe is a weak stand-in: it gives the answer of the most similar training row, so it "
            "sees which answers are there, not how well a model learns from them; --tier lora for the model[/]"
        )


UNMOVED = (
    "where no answer changed at all, the interval is what no differing row of n leaves open: wider than where some did"
)
NAMES = {"probe": "probe on vectors", "lora": "LoRA"}


def tell_proof(proof: Proof) -> None:
    """The effects of every tier, and how far the tiers agree."""
    from assay.cli.screen import out, plain
    from assay.prove.arms import PEOPLE
    from assay.prove.metric import measure_of

    console = out()
    for tier, found in proof.effects.items():
        seeds = len(proof.plan.seeds) if tier == "lora" else found[0].seeds
        measure = measure_of(proof.plan.test[0].task, tier)
        lower = ", lower is better; effects: by how much it falls, so + is better" if measure.loss else ""
        console.print(
            f"\n[bold]{NAMES[tier]}[/]  ({measure.title}{lower}; n = {len(proof.plan.test)}, "
            f"{seeds} seed{'s' * (seeds != 1)}, 95% interval)"
        )
        levels = proof.levels[tier]
        for name in ("raw", "curated"):
            m = levels[name]
            console.print(
                f"  {name:<34} {measure.say(m.value):>6}  [dim]{measure.say(m.low)} to {measure.say(m.high)}[/]"
            )
        for title, kinds in (
            ("curation, and what must do nothing", ("state", "control")),
            ("step left out: curated - without it", ("leave-one-out",)), ("step alone: with it - raw", ("add-one-in",)),
        ):  # fmt: skip
            console.print(f"  [dim]{title}[/]")
            rows = [effect for effect in found if effect.direction in kinds]
            if title.startswith("step"):
                rows.sort(key=lambda effect: -effect.difference.value)
            for effect in rows:
                console.print(_line(effect, measure))
            if kinds == ("add-one-in",) and any(step.name == PEOPLE for step in proof.plan.steps):
                console.print(f"    [dim]{PEOPLE}: not alone: they answer what rules bring them; left out, above[/]")
        if any(effect.changed and effect.difference.low < effect.difference.value == 0 for effect in found):
            console.print(f"  [dim]{UNMOVED}[/]")
    if proof.agreement:
        tau = proof.agreement
        console.print(
            f"\nthe probe ranks the steps as LoRA does: Kendall's tau {tau.value:+.2f} ({tau.low:+.2f} to "
            f"{tau.high:+.2f}, {tau.n} effects)"
        )
    console.print(f"[dim]kept in {plain(proof.path)}; next: `assay report`, or leave out what is dropped: "
                  "`rules: {NAME: off}` in assay.yaml[/]")  # fmt: skip


def _line(effect: Effect, measure: Measure) -> str:
    from assay.cli.screen import plain
    from assay.prove.arms import compared
    from assay.report.figures import p_value

    d, p = effect.difference, p_value(effect.p_holm)
    name = compared(effect.name, effect.direction)
    colour = {"keep": "green", "better": "green", "drop": "red", "worse": "red"}.get(effect.verdict, "dim")
    value, low, high = (measure.say(number, signed=True) for number in (d.value, d.low, d.high))
    written = f"  [dim]written {effect.written.value:+.1%}[/]" if effect.written else ""
    return (
        f"    {plain(name):<32} {value:>6}  [dim]{low} to {high}, p {p if p.startswith('<') else f'= {p}'}, "
        f"{effect.changed:,} training rows differ[/]  [{colour}]{effect.verdict}[/]{written}"
    )
