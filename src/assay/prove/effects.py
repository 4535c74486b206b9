"""From scores to effects: what a data decision was worth, with its interval, and the verdict."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from assay.evaluate import stats
from assay.evaluate.compare import ALPHA, about, verdict
from assay.evaluate.luck import Luck, luck_of, p_with_luck, widened
from assay.evaluate.resample import mean_of_reals
from assay.evaluate.stats import Floats, Metric
from assay.prove.arms import Arm, Kind
from assay.prove.metric import Measure
from assay.prove.scores import Scores, together
from assay.records import Example

SHARE = Measure("accuracy", "accuracy", "share")
Z = 1.96  # half a 95% interval, in standard errors
RANDOM = "random"  # the three draws as one arm
SAFETY = "keep: it costs this for safety"  # of a step that lowers the metric but is not there to raise it
SAME = "no measurable effect (the same training rows)"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision, or all of curation, did to the model: positive is better for the model."""

    name: str  # the step, or the arm of a state or control
    direction: Kind
    difference: Metric  # of the primary metric, on the same test rows, mean over paired seeds
    gold: Metric | None  # of the log-probability of the expected answer, nats
    p: float
    p_holm: float  # within its family: all step effects, or the states and controls
    seeds_better: int
    seeds: int
    verdict: str  # "keep", "drop", "no measurable effect (would need n more test rows)"; of states "better", "worse"
    rows: int  # training rows of the arm
    changed: int  # training rows it has that its counterpart has not, and the other way round
    by_row: float = 0.0  # standard deviation over test rows of what the two arms differ by
    written: Metric | None = None  # of the answers written, where that is not primary

    def as_dict(self) -> dict[str, Any]:
        """JSON, as the report reads it."""
        body = asdict(self)
        for name in ("difference", "gold", "written"):
            metric = getattr(self, name)
            body[name] = metric.as_dict() if metric is not None else None
        return {**body, **self.difference._asdict()}


def groups_of(test: Sequence[Example]) -> list[str]:
    """Rows that belong together are resampled together."""
    return [f"group:{row.group}" if row.group is not None else f"id:{row.id}" for row in test]


def effects(
    arms: Sequence[Arm], scored: Mapping[str, Scores], test: Sequence[Example], *, seed: int,
    safety: Collection[str] = (), asked: int = 0, measure: Measure = SHARE,
) -> list[Effect]:  # fmt: skip
    """Every effect there is between the arms, by the primary metric `measure`.

    `safety` names the steps that are not there to raise the metric.
    `asked` is how many step effects the correction counts: more than there are where others were looked at before.

    Of a step left out: curated minus the arm. Of a step put in alone: the arm minus raw. Of a control or state: curated
    minus the arm for those that curation must beat, the arm minus raw for those that must do nothing.
    """
    by_name = {arm.name: arm for arm in arms}
    draws = [arm for arm in arms if arm.name.startswith(f"{RANDOM} ")]
    groups = groups_of(test)
    pairs: list[tuple[Arm, Scores, Scores]] = []
    for arm in [*arms, *([replace(draws[0], name=RANDOM)] if draws else [])]:
        if not arm.against or arm in draws:
            continue
        if arm.name == RANDOM:
            ours, theirs = together([scored["curated"]] * len(draws)), together([scored[d.name] for d in draws])
        elif arm.against == "curated":
            ours, theirs = scored["curated"], scored[arm.name]
        else:
            ours, theirs = scored[arm.name], scored["raw"]
        pairs.append((arm, ours, theirs))
    repeats = np.concatenate([scored[name].primary for name in ("raw", "A/A") if name in scored])
    luck = luck_of(
        [
            ours.primary - theirs.primary
            for arm, ours, theirs in pairs
            if arm.name != RANDOM and len(ours.primary) == len(theirs.primary)  # draws differ by their rows, too
        ],
        repeats,
    )
    runs = len(scored["curated"].primary)  # the draws share the runs of the curated set: no more runs than these
    found = [
        _effect(arm, by_name[arm.against], ours, theirs, Given(groups, luck, runs, seed, measure))
        for arm, ours, theirs in pairs
    ]
    steps = [one for one in found if one[0].direction in ("leave-one-out", "add-one-in")]
    rest = [one for one in found if one[0].direction not in ("leave-one-out", "add-one-in")]
    return [*_judged(rest), *_judged(steps, safety, asked)]


class Given(NamedTuple):
    """What all effects of a proof have in common."""

    groups: Sequence[str]  # of each test row
    luck: Luck
    runs: int
    seed: int
    measure: Measure


class Doubt(NamedTuple):
    """Where the doubt about an effect comes from."""

    spread: float  # of a test row's difference, squared: what more rows would wear down
    luck: float  # variance by the luck of one pair of runs: what more seeds would wear down
    runs: int


def _effect(arm: Arm, against: Arm, ours: Scores, theirs: Scores, given: Given) -> tuple[Effect, Doubt]:
    """The effect, not yet corrected for the others, and where the doubt about it comes from."""
    groups, luck, runs, seed, measure = given
    left, right = ours.mean(), theirs.mean()
    both = [int(i) for i in np.flatnonzero(~np.isnan(left) & ~np.isnan(right))]
    inside = [groups[i] for i in both]
    by_rows = measure.difference(left[both], right[both], inside, seed)
    trained_apart = not np.array_equal(ours.primary, theirs.primary, equal_nan=True)
    difference = widened(by_rows, luck, runs) if trained_apart else by_rows
    p = stats.paired_p(left[both], right[both], inside, seed=seed)
    p = p_with_luck(p, by_rows, luck, runs) if trained_apart else p
    per_seed = np.nanmean(ours.primary - theirs.primary, axis=1)
    name, changed = arm.step or arm.name, _changed(arm, against)
    if not changed and not trained_apart:
        difference = Metric(0.0, 0.0, 0.0, by_rows.n)  # one run, not two that happen to agree
    doubt = Doubt(_spread(left[both] - right[both], by_rows, measure), luck.variance if trained_apart else 0.0, runs)
    written = None
    if ours.written is not None and theirs.written is not None:
        written = _beside(ours.written, theirs.written, groups, seed)
    return Effect(
        name, arm.kind, difference, _beside(ours.gold, theirs.gold, groups, seed), p, p, int((per_seed > 0).sum()),
        len(per_seed), "", len(arm.examples), changed, float((left[both] - right[both]).std()), written,
    ), doubt  # fmt: skip


def _spread(differences: Floats, by_rows: Metric, measure: Measure) -> float:
    """Of right and wrong the mean square, as McNemar's test has it; of reals the variance, as groups leave it."""
    if not measure.loss:
        return float((differences**2).mean())
    return by_rows.n * ((by_rows.high - by_rows.low) / 2 / Z) ** 2


def _beside(ours: Floats, theirs: Floats, groups: Sequence[str], seed: int) -> Metric | None:
    """The difference of another metric, by the test rows alone; None where no row has it."""
    change = ours.mean(axis=0) - theirs.mean(axis=0)
    both = [int(i) for i in np.flatnonzero(~np.isnan(change))]
    return mean_of_reals(change[both], [groups[i] for i in both], seed=seed) if both else None


def _changed(arm: Arm, against: Arm) -> int:
    mine = {(example.id, example.digest) for example in arm.examples}
    other = {(example.id, example.digest) for example in against.examples}
    return len({name for name, _ in mine ^ other})


def _judged(family: Sequence[tuple[Effect, Doubt]], safety: Collection[str] = (), asked: int = 0) -> list[Effect]:
    """Corrected for the others of the family (Holm), those asked about elsewhere included, and said in words."""
    tested = max(asked, len(family))
    corrected = stats.holm([*(effect.p for effect, _ in family), *[1.0] * (tested - len(family))])[: len(family)]
    judged = []
    for (effect, doubt), p in zip(family, corrected, strict=True):
        same = not effect.changed and not any(effect.difference[:3])
        said = SAME if same else _said(effect.difference, p, doubt, tested)
        if effect.direction in ("leave-one-out", "add-one-in"):
            said = {"better": "keep", "worse": SAFETY if effect.name in safety else "drop"}.get(said, said)
        judged.append(replace(effect, p_holm=p, verdict=said))
    return judged


def _said(difference: Metric, p: float, doubt: Doubt, tested: int) -> str:
    """The verdict; where nothing was shown: how many more test rows, seeds, or both would show a difference like this.

    With 80% power, at the level that is left of 5% by the number of effects asked about. Rows wear down what test rows
    differ by, seeds the luck of training; of the variance that may be left, luck gets at most half by rows alone.
    """
    if p < ALPHA or abs(difference.value) <= 1e-9 or doubt.luck <= 0:
        return verdict(difference, p, doubt.spread, tested)
    allowed = (abs(difference.value) / stats.smallest_effect(1, 1.0, alpha=ALPHA / tested)) ** 2
    rows, luck = doubt.spread / difference.n, doubt.luck / doubt.runs
    if rows <= allowed / 2:
        need = _more(seeds=doubt.luck / (allowed - rows) - doubt.runs)
    elif luck <= allowed / 2:
        need = _more(rows=doubt.spread / (allowed - luck) - difference.n)
    else:
        need = _more(doubt.spread / (allowed / 2) - difference.n, doubt.luck / (allowed / 2) - doubt.runs)
    return f"no measurable effect (would need about {need})"


def _more(rows: float = 0.0, seeds: float = 0.0) -> str:
    """_more(190.2, 3.1) -> "200 more test rows and 4 more seeds"."""
    wanted = [(rows, "test row"), (seeds, "seed")]
    said = [
        f"{(n := about(max(1, math.ceil(many)))):,} more {what}{'s' * (n != 1)}" for many, what in wanted if many > 0
    ]
    return " and ".join(said) or "1 more seed"


def ranks_agree(one: Sequence[Effect], other: Sequence[Effect]) -> Metric | None:
    """Kendall's tau-b of the step effects of two tiers, with a 95% bootstrap interval over steps; None below four."""
    from scipy.stats import kendalltau

    values = {(e.name, e.direction): e.difference.value for e in other}
    pairs: list[tuple[float, float]] = [
        (e.difference.value, values[e.name, e.direction])
        for e in one
        if e.direction in ("leave-one-out", "add-one-in") and (e.name, e.direction) in values
    ]
    if len(pairs) < 4:
        return None
    table: Floats = np.array(pairs)
    tau = float(kendalltau(table[:, 0], table[:, 1]).statistic)
    if np.isnan(tau):
        return None
    rng = np.random.default_rng(0)
    drawn = [table[rng.integers(0, len(table), len(table))] for _ in range(1000)]
    taus = [float(kendalltau(d[:, 0], d[:, 1]).statistic) for d in drawn]
    low, high = np.nanquantile(taus, [0.025, 0.975])
    return Metric(tau, min(tau, float(low)), max(tau, float(high)), len(table))
