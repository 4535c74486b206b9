"""Rules from a recipe: a setting that cannot be meant is refused with what to type."""

from __future__ import annotations

import pytest

from assay.errors import RecipeError
from assay.recipe import parse
from assay.rules import RULES, settings_of
from assay.rules.choose import choose, lacking


@pytest.mark.parametrize(
    ("rule", "key", "value", "expected"),
    [
        ("near-duplicate", "threshold", 7.0, "expected a number of 0 to 1; got 7"),
        ("wrong-label", "threshold", -0.1, "expected a number of 0 to 1; got -0.1"),
        ("imbalance", "share", float("nan"), "expected a number of 0 to 1; got nan"),
        ("off-domain", "threshold", float("inf"), "expected a number of 0 or more; got inf"),
    ],
)
def test_a_number_out_of_range_is_refused(rule: str, key: str, value: float, expected: str) -> None:
    with pytest.raises(RecipeError) as raised:
        choose({rule: {key: value}})
    (problem,) = raised.value.problems
    assert (problem.where, problem.what) == (f"assay.yaml: rules.{rule}.{key}", expected)
    assert "is the default" in problem.hint


def test_the_defaults_of_every_rule_and_the_ends_of_a_range_are_accepted() -> None:
    installed = {name: settings_of(rule) for name, rule in RULES.items() if not lacking(rule)}
    assert [rule.name for rule in choose(installed)] == list(installed)
    choose({"near-duplicate": {"threshold": 1.0}, "offensive": {"threshold": 0}, "off-domain": {"threshold": 4.0}})


@pytest.mark.parametrize("value", ["no", False, 3])
def test_a_rule_that_is_neither_set_nor_off_is_told_how_to_leave_it_out(value: object) -> None:
    with pytest.raises(RecipeError) as raised:
        parse({"name": "x", "rules": {"wrong-label": value}})
    (problem,) = raised.value.problems
    assert problem.where == "assay.yaml: rules.wrong-label"
    assert problem.what.endswith(f"got {value!r}")
    assert problem.hint == "write off to leave it out"
