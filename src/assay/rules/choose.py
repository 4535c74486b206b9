"""From the recipe's settings to rules: every mistake told at once, with did-you-mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from assay.errors import Problem, RecipeError, mistakes
from assay.recipe import FILE, did_you_mean
from assay.rules import RULES, Rule, settings_of


def choose(
    settings: Mapping[str, Mapping[str, Any] | Literal["off"] | None], *, rules: Mapping[str, type[Rule]] = RULES
) -> list[Rule]:
    """The rules to run, in the order of the registry, with `settings` by name; "off" leaves one out.

    All but the optional ones run (see `is_optional`); those run where the settings name them.

    Raises:
        RecipeError: unknown rules, unknown settings, values of the wrong type or out of range, or an extra that is not
            installed: all of them.
    """
    known = {**{rule.code: name for name, rule in rules.items()}, **{name: name for name in rules}}
    problems = [
        Problem(
            f"{FILE}: rules",
            f"there is no rule '{name}'{did_you_mean(name, list(rules))}",
            "`assay explain` lists the rules",
        )
        for name in settings
        if name not in known
    ]
    wanted = {known[name]: value for name, value in settings.items() if name in known}
    chosen: list[Rule] = []
    for name, rule in rules.items():
        value = wanted.get(name)
        if value != "off" and not (is_optional(rule) and name not in wanted):
            problems += _missing(name, rule)
            made = _make(name, rule, value or {}, problems)
            chosen += [made] if made is not None else []
    if problems:
        raise RecipeError(f"{FILE}: {mistakes(problems)} in rules", problems=problems)
    return chosen


def is_optional(rule: type[Rule]) -> bool:
    """Whether a rule runs only where it is asked for: it costs much, needs an extra, or is right too seldom."""
    return bool(getattr(rule, "optional", False))


def lacking(rule: type[Rule]) -> list[str]:
    """The modules a rule needs that are not installed: lacking(Grammar) -> ["harper"], or []."""
    from importlib.util import find_spec

    return [module for module in getattr(rule, "needs", ())[:-1] if not find_spec(module)]


def _missing(name: str, rule: type[Rule]) -> list[Problem]:
    """That modules a rule needs are not installed, and what brings them."""
    modules = lacking(rule)
    if not modules:
        return []
    what = f"needs {' and '.join(modules)}, not installed"
    return [Problem(f"{FILE}: rules.{name}", what, f'pip install "assay[{getattr(rule, "needs", ("",))[-1]}]"')]


def _make(name: str, rule: type[Rule], settings: Mapping[str, Any], problems: list[Problem]) -> Rule | None:
    from pydantic import TypeAdapter, ValidationError

    fields = settings_of(rule)
    unknown = [key for key in settings if key not in fields]
    problems += [
        Problem(f"{FILE}: rules.{name}", f"{name} has no '{key}'{did_you_mean(key, list(fields))}") for key in unknown
    ]
    if unknown:
        return None
    try:
        made: Rule = TypeAdapter(rule).validate_python(dict(settings))
        beyond = _beyond(name, made, fields)
        problems += beyond
        return None if beyond else made
    except ValidationError as error:
        for mistake in error.errors():
            where = ".".join(str(part) for part in mistake["loc"])
            problems.append(
                Problem(f"{FILE}: rules.{name}.{where}", f"{mistake['msg'].lower()}; got {mistake['input']!r}")
            )
    return None


def _beyond(name: str, rule: Rule, defaults: Mapping[str, Any]) -> list[Problem]:
    """The numbers out of range: 0 to 1 where the default is a share or a score, else any that is not negative."""
    problems = []
    for key, default in defaults.items():
        top = 1.0 if isinstance(default, float) and default <= 1 else math.inf
        value = getattr(rule, key)
        number = isinstance(default, (int, float)) and not isinstance(default, bool)
        if number and not (0 <= value <= top and math.isfinite(value)):
            expected = "0 to 1" if top == 1 else "0 or more"
            what = f"expected a number of {expected}; got {value:g}"
            problems.append(Problem(f"{FILE}: rules.{name}.{key}", what, f"{default:g} is the default"))
    return problems
