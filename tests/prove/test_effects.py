"""From scores to verdicts: what helps is kept, what must do nothing does nothing, safety is not judged by accuracy."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from conftest import labelled
from hypothesis import given
from hypothesis import strategies as st

from assay.evaluate.stats import Metric
from assay.prove.arms import Arm, Kind
from assay.prove.effects import Doubt, _said, effects, ranks_agree
from assay.prove.metric import Measure
from assay.prove.scores import Scores, together

TEST = [labelled(f"t{i}", f"text {i}", "x") for i in range(300)]


def scores(right: int, seeds: int = 3) -> Scores:
    """The first `right` rows are answered right, under every seed."""
    line = np.array([float(i < right) for i in range(len(TEST))])
    return Scores(np.stack([line] * seeds), np.log(np.clip(np.stack([line] * seeds), 0.1, 0.9)))


def arm(name: str, kind: Kind, against: str, step: str = "") -> Arm:
    return Arm(name, kind, against, step, [labelled(f"{name}{i}", f"row {i}", "x") for i in range(4)])


ARMS = [
    arm("raw", "state", ""), arm("curated", "state", "raw"),
    *[arm(f"random {n}", "control", "curated") for n in (1, 2, 3)], arm("A/A", "control", "raw"),
    arm("without wrong-label", "leave-one-out", "curated", "wrong-label"),
    arm("without pii", "leave-one-out", "curated", "pii"),
    arm("without spacing", "leave-one-out", "curated", "spacing"),
]  # fmt: skip
RIGHT = {
    "raw": 200, "curated": 250, "random 1": 190, "random 2": 195, "random 3": 200, "A/A": 200,
    "without wrong-label": 210, "without pii": 290, "without spacing": 250,
}  # fmt: skip


def found(**settings: Any) -> dict[tuple[str, str], Any]:
    scored = {name: scores(right) for name, right in RIGHT.items()}
    return {(e.name, e.direction): e for e in effects(ARMS, scored, TEST, seed=0, **settings)}


def test_a_step_that_helps_is_kept_and_one_that_does_nothing_has_no_effect() -> None:
    told = found()
    helps, nothing = told["wrong-label", "leave-one-out"], told["spacing", "leave-one-out"]
    assert (helps.verdict, round(helps.difference.value, 3)) == ("keep", round(40 / 300, 3))
    assert nothing.verdict.startswith("no measurable effect")
    assert nothing.difference.low < 0 < nothing.difference.high


def test_a_step_for_safety_is_never_dropped_because_it_costs_accuracy() -> None:
    assert found()["pii", "leave-one-out"].verdict == "drop"
    told = found(safety={"pii"})["pii", "leave-one-out"]
    assert told.verdict == "keep: it costs this for safety"
    assert told.difference.value < 0


def test_curated_is_compared_with_raw_and_with_the_mean_of_the_random_draws() -> None:
    told = found()
    assert round(told["curated", "state"].difference.value, 4) == round(50 / 300, 4)
    assert round(told["random", "control"].difference.value, 4) == round((250 - 195) / 300, 4)
    assert told["A/A", "control"].difference.value == 0


def test_with_one_seed_the_luck_comes_from_the_runs_on_the_same_rows_and_not_from_the_random_draws() -> None:
    scored = {name: scores(right, seeds=1) for name, right in RIGHT.items()}
    lucky = [scores(right, seeds=1) for right in (200, 230, 170)]
    scored["A/A"] = Scores(np.concatenate([s.primary for s in lucky]), np.concatenate([s.gold for s in lucky]))
    unsure = {e.name: e.difference for e in effects(ARMS, scored, TEST, seed=0)}
    scored["A/A"] = scores(200, seeds=3)
    sure = {e.name: e.difference for e in effects(ARMS, scored, TEST, seed=0)}
    for name in ("curated", "random", "wrong-label"):
        assert unsure[name].high - unsure[name].low > 1.5 * (sure[name].high - sure[name].low)


def test_steps_that_were_only_looked_at_elsewhere_cost_power_all_the_same() -> None:
    few, many = found()["wrong-label", "leave-one-out"], found(asked=40)["wrong-label", "leave-one-out"]
    assert many.p_holm > few.p_holm


def test_two_tiers_that_rank_alike_agree() -> None:
    told = list(found().values())
    assert ranks_agree(told, told) is None  # three steps are too few to rank
    arms = [*ARMS, *[arm(f"without s{n}", "leave-one-out", "curated", f"s{n}") for n in range(4)]]
    scored = {name: scores(right) for name, right in RIGHT.items()}
    scored |= {f"without s{n}": scores(249 - n) for n in range(4)}
    every = effects(arms, scored, TEST, seed=0)
    agreed = ranks_agree(every, every)
    assert agreed is not None
    assert agreed.value == 1.0


LOSS = Measure("gold-loss", "loss", "nats")


def nats(gain: float, noise: float, seed: int, runs: int = 1, luck: float = 0.0) -> Scores:
    """Minus losses of about 2 nats, lower by `gain`; every row has its own level, every run its own luck."""
    level, rng = np.random.default_rng(1).normal(-2, 0.5, len(TEST)), np.random.default_rng(seed)
    lucky = luck * np.array([0.0, 1.0, -1.0, 0.5, -0.5])[[(seed + run) % 5 for run in range(runs)]][:, None]
    line = level[None] + gain + lucky + rng.normal(0, noise, (runs, len(TEST)))
    return Scores(line, line * 10, line + 3)


def losses(**settings: Any) -> dict[tuple[str, str], Any]:
    gains = {"curated": 0.1, "without pii": 0.1, "without spacing": 0.095}
    scored = {name: nats(gains.get(name, 0.0), 0.1, seed=i, **settings) for i, name in enumerate(RIGHT)}
    if not settings:
        scored["A/A"] = together([nats(0.0, 0.1, seed) for seed in (90, 91, 92)])
    return {(e.name, e.direction): e for e in effects(ARMS, scored, TEST, seed=0, measure=LOSS)}


def test_of_a_loss_positive_is_better_and_small_effects_are_seen() -> None:
    told = losses()
    helps = told["wrong-label", "leave-one-out"]
    assert helps.verdict == "keep"
    assert 0.05 < helps.difference.low < 0.1 < helps.difference.high < 0.15
    assert helps.written is not None
    assert helps.written.value == pytest.approx(helps.difference.value)
    assert told["A/A", "control"].verdict.startswith("no measurable effect")
    assert LOSS.mean(np.array([-2.0] * 30), [str(i) for i in range(30)], 0).value == 2.0


def test_rows_that_would_be_needed_follow_from_the_spread_of_the_losses() -> None:
    from assay.evaluate import stats

    for value in (0.004, 0.012):
        said = _said(Metric(value, value - 0.02, value + 0.02, 300), 0.5, Doubt(0.04, 0.0, 1), 6)
        more = stats.rows_needed(value, 0.04, alpha=0.05 / 6) - 300
        told = int(said.split("about ")[1].split(" ")[0].replace(",", ""))
        assert told == pytest.approx(more, rel=0.05)


def test_where_luck_hides_an_effect_more_seeds_are_asked_for_and_not_more_rows() -> None:
    said = _said(Metric(0.1, -0.1, 0.3, 300), 0.4, Doubt(0.01, 0.01, 1), 6)
    assert said.endswith("more seeds)")
    seeds = int(said.split("about ")[1].split(" ")[0])
    assert 5 < seeds < 30


@given(
    st.floats(0.002, 0.05), st.floats(1e-4, 0.1), st.floats(1e-7, 1e-2), st.integers(1, 10), st.integers(50, 2000),
    st.integers(1, 20),
)  # fmt: skip
def test_with_the_rows_and_seeds_asked_for_the_effect_would_be_shown(
    value: float, spread: float, luck: float, runs: int, n: int, tested: int
) -> None:
    from assay.evaluate import stats

    said = _said(Metric(value, value - 0.1, value + 0.1, n), 0.9, Doubt(spread, luck, runs), tested)
    wanted = {what: int(many.replace(",", "")) for many, what in re.findall(r"([\d,]+) more (test row|seed)", said)}
    assert wanted
    rows, seeds = n + wanted.get("test row", 0), runs + wanted.get("seed", 0)
    least = value / stats.smallest_effect(1, 1.0, alpha=0.05 / tested)  # standard error that gives 80% power
    error = (spread / rows + luck / seeds) ** 0.5
    assert error <= 1.06 * least  # two digits are told


def test_numbers_of_seeds_are_told_by_two_digits() -> None:
    said = _said(Metric(0.001, -0.1, 0.1, 10_000), 0.9, Doubt(1e-6, 0.02, 3), 7)
    told = re.search(r"about ([\d,]+) more seeds\)$", said)
    assert told
    assert int(told[1].replace(",", "")) % 1000 == 0


def test_arms_of_the_same_rows_and_runs_have_no_interval_and_are_told_as_the_same() -> None:
    scored = {name: scores(right) for name, right in RIGHT.items()}
    same = [replace(one, examples=ARMS[1].examples) if one.step == "spacing" else one for one in ARMS]
    told = {e.name: e for e in effects(same, scored, TEST, seed=0)}["spacing"]
    assert told.changed == 0
    assert told.difference[:3] == (0.0, 0.0, 0.0)
    assert told.verdict == "no measurable effect (the same training rows)"
    apart = found()["spacing", "leave-one-out"]
    assert apart.difference.low < 0 < apart.difference.high, "rows differ, though no answer does"


def test_the_same_run_twice_differs_by_nothing_at_all() -> None:
    scored = {name: nats(0.0, 0.1, seed=0) for name in RIGHT}
    for effect in effects(ARMS, scored, TEST, seed=0, measure=LOSS):
        assert effect.difference[:3] == (0.0, 0.0, 0.0)
        assert effect.verdict == "no measurable effect (no difference seen)"
