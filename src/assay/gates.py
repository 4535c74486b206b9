"""Gates: limits of the recipe on what the rules find. A build beyond one fails, and names the rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assay.errors import Problem, RecipeError
from assay.recipe import FILE, did_you_mean
from assay.records import Example, Finding
from assay.rules import RULES

SETTLED = "settled by"  # the evidence key that says a person has the last word on a finding
LIMIT = re.compile(r"^\s*(?:<=?\s*)?(\d+(?:\.\d+)?)\s*(%?)\s*$")


def passed(gates: Mapping[str, str | float], findings: Sequence[Finding], kept: Sequence[Example]) -> list[Problem]:
    """The gates that fail. `duplicates: 0`-style keys are rule names or codes; values are counts or shares ("< 1%").

    Counts the rows still in the version that have such a finding: those dropped, held, repaired or settled by a person
    do not count.

    Raises:
        RecipeError: gates on rules that do not exist, or limits that are not numbers; all of them.
    """
    names = {**{rule.code: name for name, rule in RULES.items()}, **{name: name for name in RULES}}
    failed, mistakes = [], []
    inside = {example.id for example in kept} | {""}
    standing = [f for f in findings if f.id in inside and f.action != "edit" and SETTLED not in f.evidence]
    for key, limit in gates.items():
        match = LIMIT.match(str(limit))
        if key not in names:
            mistakes.append(Problem(f"{FILE}: gates", f"there is no rule '{key}'{did_you_mean(key, list(names))}"))
        elif match is None:
            mistakes.append(Problem(f"{FILE}: gates.{key}", f'expected a count (0) or a share ("< 1%"); got {limit!r}'))
        else:
            rows = sorted({f"{f.uri}[{f.row}]" for f in standing if f.name == names[key]})
            allowed = float(match[1]) / 100 * len(kept) if match[2] else float(match[1])
            if len(rows) > allowed:
                shown = ", ".join(rows[:10]) + (f" and {len(rows) - 10} more" if len(rows) > 10 else "")
                failed.append(Problem(f"gates.{key}", f"{len(rows)} rows, {limit} allowed: {shown}"))
    if mistakes:
        raise RecipeError(f"{FILE}: {len(mistakes)} mistakes in gates", problems=mistakes)
    return failed
