"""The learning-rate range test, with a tiny model: what it says is right, and nothing of it stays."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from models import tiny

from assay.doctor.rates import chart, rate_sign
from assay.models.base import Loaded
from assay.project import Project
from assay.recipe import Recipe, TrainSpec
from assay.train.rates import FEWEST, MOST, Sweep, steps_within, sweep

SPEC = TrainSpec(layers=1, rank=4, batch_size=4, max_tokens=128)


def curve(**more: object) -> Sweep:
    """Falls fastest near 1e-3, is lowest near 1e-2, and lost again from about 1e-1."""
    rates = tuple(10 ** (-5 + i / 5) for i in range(26))
    losses = tuple(3 / (1 + rate / 1e-3) + 0.3 + (5 * rate if rate > 0.02 else 0) for rate in rates)
    return replace(Sweep(rates, losses, losses, 3.3), **more)  # type: ignore[arg-type]


def sign(rate: float, found: Sweep) -> tuple[str, dict[str, float]]:
    spec = TrainSpec(learning_rate=rate)
    told = rate_sign(Project(Path(), Recipe(name="desk", train=spec)), found)
    return told.level, dict(told.setting)


def test_a_rate_far_too_high_and_far_too_low_are_red_with_the_rate_that_mends_it() -> None:
    found = curve()
    assert found.steepest == pytest.approx(1e-3, rel=0.6)
    assert found.diverges is not None
    assert 0.1 < found.diverges < 1
    suggested = {"train.learning_rate": found.suggested}
    assert sign(1e-3, found) == ("green", {})
    assert sign(1.0, found) == ("red", suggested)
    assert sign(1e-7, found) == ("red", suggested)
    unseen = replace(found, smoothed=tuple(min(loss, 0.31) if i > 15 else loss for i, loss in enumerate(found.losses)))
    assert unseen.diverges is None
    assert [sign(unseen.suggested * times, unseen)[0] for times in (1, 20, 200)] == ["green", "amber", "red"]  # type: ignore[operator]
    assert sign(found.diverges / 2, found) == ("amber", suggested)
    assert sign((found.suggested or 0) / 20, found) == ("amber", suggested)


def test_the_suggested_rate_stays_a_tenth_below_the_one_that_diverges() -> None:
    steep = (3.3, 3.3, 3.3, 3.2, 1.5, 0.9, 9.0)
    found = Sweep(tuple(10.0 ** -(6 - i) for i in range(7)), steep, steep, 3.3)
    assert found.diverges == 1.0
    assert found.steepest == pytest.approx(0.01)
    assert found.suggested == pytest.approx(0.01), "a hundredth of it is low enough"
    near = replace(found, rates=(1e-4, 2e-4, 4e-4, 1e-3, 2e-3, 4e-3, 5e-3))
    assert near.suggested == pytest.approx(5e-4)


def test_rows_that_no_rate_teaches_are_red_without_a_rate_to_set() -> None:
    flat = tuple(3.3 for _ in range(26))
    assert sign(1e-3, curve(losses=flat, smoothed=flat)) == ("red", {})


def test_the_chart_marks_the_recipe_and_the_suggestion() -> None:
    found = curve()
    told = chart(found, 1e-3)
    assert len(told) <= 18
    assert sum("the recipe" in line for line in told) == 1
    assert sum("suggested" in line for line in told) == 1
    assert sum("lost again" in line for line in told) == 1


def test_the_steps_fit_the_time() -> None:
    assert steps_within(60, 0.5) == MOST
    assert steps_within(60, 1.5) == 40
    assert steps_within(60, 60) == FEWEST


@pytest.mark.slow
def test_a_sweep_is_the_same_twice_learns_diverges_and_leaves_the_model_as_it_was(loaded: Loaded) -> None:
    import torch

    before = {name: weight.clone() for name, weight in loaded.model.named_parameters()}
    found = sweep(tiny.rows(24), loaded, SPEC, steps=30)
    assert found == sweep(tiny.rows(24), loaded, SPEC, steps=30)
    assert found.learns
    assert found.suggested is not None
    assert found.suggested > 1e-3, "a random model is far from where a small step would help"
    assert list(found.rates) == sorted(found.rates)
    assert all(map(math.isfinite, found.losses))
    after = dict(loaded.model.named_parameters())
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert not any(weight.requires_grad for weight in after.values())
    assert sign(found.suggested, found)[0] == "green"
    assert sign(1e-8, found)[0] == "red"
    assert sign(found.suggested * 1000, found)[0] == "red"
