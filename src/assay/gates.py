"""Gates: limits of the recipe on what the rules find. A build beyond one fails, and names the rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from assay.errors import Problem, RecipeError
from assay.recipe import FILE, did_you_mean
from assay.records import SETTLED, Example, Finding
from assay.rules import RULES

LIMIT = re.compile(r"^\s*(?:<=?\s*)?(\d+(?:\.\d+)?)\s*(%?)\s*$")


class Limit(NamedTuple):
    """What one gate allows."""

    rule: str  # its name
    value: float  # rows, or a share of the rows kept
    share: bool


def passed(gates: Mapping[str, str | float], findings: Sequence[Finding], kept: Sequence[Example]) -> list[Problem]:
    """The gates that fail. `duplicates: 0`-style keys are rule names or codes; values are counts or shares ("< 1%").

    Counts the rows still in the version that have such a finding: those dropped, held, repaired or settled by a person
    do not count.

    Raises:
        RecipeError: as `limits`.
    """
    failed = []
    inside = {example.id for example in kept} | {""}
    standing = [f for f in findings if f.id in inside and f.action != "edit" and SETTLED not in f.evidence]
    for key, limit in limits(gates).items():
        rows = sorted({f"{f.uri}[{f.row}]" for f in standing if f.name == limit.rule})
        if len(rows) > (limit.value * len(kept) if limit.share else limit.value):
            shown = ", ".join(rows[:10]) + (f" and {len(rows) - 10} more" if len(rows) > 10 else "")
            allowed = f"{100 * limit.value:g}%" if limit.share else f"{limit.value:g}"
            failed.append(Problem(f"gates.{key}", f"{len(rows)} rows, {allowed} allowed: {shown}"))
    return failed


def limits(gates: Mapping[str, str | float]) -> dict[str, Limit]:
    """The gates, read: what a build asks for before it starts.

    Raises:
        RecipeError: gates on rules that do not exist, or limits that are not numbers; all of them.
    """
    names = {**{rule.code: name for name, rule in RULES.items()}, **{name: name for name in RULES}}
    found, mistakes = {}, []
    for key, limit in gates.items():
        match = LIMIT.match(str(limit))
        if key not in names:
            mistakes.append(Problem(f"{FILE}: gates", f"there is no rule '{key}'{did_you_mean(key, list(names))}"))
        elif match is None:
            mistakes.append(Problem(f"{FILE}: gates.{key}", f'expected a count (0) or a share ("< 1%"); got {limit!r}'))
        else:
            share = bool(match[2])
            found[key] = Limit(names[key], float(match[1]) / 100 if share else float(match[1]), share)
    if mistakes:
        raise RecipeError(f"{FILE}: {len(mistakes)} mistakes in gates", problems=mistakes)
    return found
