"""Gates: limits on what the rules find and on the score card. Beyond one, a build or check fails and names the rows."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from assay.errors import AssayError, Problem, RecipeError, mistakes
from assay.recipe import FILE, did_you_mean
from assay.records import SETTLED, Example, Finding
from assay.rules import RULES, Rule
from assay.rules.run import CRASHED, silenced
from assay.scorecard import DIMENSIONS, KEYS, Card, Part

LIMIT = re.compile(r"^\s*(<=|>=|<|>)?\s*(\d+(?:\.\d+)?)\s*(%?)\s*$")
TYPED = re.compile(r"^\s*([A-Za-z][\w-]*)\s*(?:=\s*)?([<>]?=?\s*\d.*)$")
OFF = "switch it on under `rules:`, by --select or --ignore, or take the gate away"
SHOWN = 10  # rows named in a message; programs get them all
Gates = Mapping[str, str | float]


class Limit(NamedTuple):
    """What one gate allows."""

    key: str  # a rule's name, a part of the score card or a dimension
    sign: str  # "<", "<=", ">", ">=" or "" for the usual one: at most so many faults, at least so much of the good
    value: float  # rows, or a share: 0 to 1
    share: bool  # whether it was written in percent

    def allows(self, measured: float, *, good: bool) -> bool:
        """Whether a number keeps within the limit."""
        sign = self.sign or (">=" if good else "<=")
        slack = 1e-9  # so that 0.8 of 100 is 80%
        if sign == "<=":
            return measured <= self.value + slack
        if sign == ">=":
            return measured >= self.value - slack
        return measured < self.value - slack if sign == "<" else measured > self.value + slack


class Failed(NamedTuple):
    """A gate that was not kept."""

    gate: str
    what: str  # what was found and what is allowed
    rows: tuple[str, ...]  # the places of the rows behind it, "train.csv[12]"

    def __str__(self) -> str:
        shown = ", ".join(self.rows[:SHOWN])
        more = f" and {len(self.rows) - SHOWN} more" if len(self.rows) > SHOWN else ""
        return f"gates.{self.gate}: {self.what}" + (f": {shown}{more}" if shown else "")


def passed(
    gates: Gates, findings: Sequence[Finding], kept: Sequence[Example], card: Card | None = None, *,
    rules: Mapping[str, type[Rule]] = RULES, ran: Collection[str] | None = None, repaired: bool = True,
) -> list[Failed]:  # fmt: skip
    """The gates that fail.

    Keys are rule names or codes, parts of the score card (`duplicates`, `coverage`) or its dimensions; values are
    counts ("0"), shares ("< 1%") or scores ("> 80"). Counts the rows still in the set that have such a finding: those
    dropped, held, settled by a person or, where `repaired`, mended do not count. What was not measured fails: what no
    rule of `ran` looked for (their names; None: all ran), and what the card has no number for.

    Raises:
        RecipeError: as `limits`.
    """
    failed = []
    inside = {example.id for example in kept} | {""}
    standing = [
        f for f in findings
        if f.id in inside and not (repaired and f.action == "edit") and SETTLED not in f.evidence
    ]  # fmt: skip
    crashed = silenced(findings)
    for gate, limit in limits(gates, rules).items():
        if limit.key in rules and ran is not None and limit.key not in ran:
            failed.append(Failed(gate, f"cannot be judged: {limit.key} ({rules[limit.key].code}) is off: {OFF}", ()))
        elif limit.key in rules and rules[limit.key].code in crashed:
            failed.append(Failed(gate, f"cannot be judged: {limit.key} ({rules[limit.key].code}) crashed", ()))
        elif limit.key in rules and (unjudged := _unjudged(findings, inside, rules[limit.key].code)):
            what = f"cannot be judged: {limit.key} ({rules[limit.key].code}) crashed on {len(unjudged):,} rows"
            failed.append(Failed(gate, what, unjudged))
        elif limit.key in rules:
            rows = tuple(sorted({f.place for f in standing if f.name == limit.key}))
            failed += _counted(gate, limit, rows, len(kept))
        else:
            failed += _of_card(gate, limit, card)
    return failed


def _unjudged(findings: Sequence[Finding], inside: Collection[str], code: str) -> tuple[str, ...]:
    """The rows still in the set on which a rule crashed: that it found nothing there says nothing."""
    crashed = (f for f in findings if f.code == CRASHED and f.id and f.id in inside and f.evidence.get("rule") == code)
    return tuple(sorted({f.place for f in crashed}))


def on_card(gates: Gates) -> bool:
    """Whether a gate asks for the score card."""
    return any(key in KEYS for key in gates)


def _counted(gate: str, limit: Limit, rows: tuple[str, ...], n: int) -> list[Failed]:
    """A limit on faults: how many rows, or which share of `n`, have them."""
    measured = len(rows) / max(1, n) if limit.share else len(rows)
    if limit.allows(measured, good=False) or not rows:
        return []
    allowed = f"{limit.sign or ''} {100 * limit.value:g}%".strip() if limit.share else f"{limit.value:g}"
    return [Failed(gate, f"{len(rows)} rows, {allowed} allowed", rows)]


def _of_card(gate: str, limit: Limit, card: Card | None) -> list[Failed]:
    part = None if card is None else _part(limit.key, card)
    if part is None or part.value is None:
        why = part.why if part else "nothing of this dimension was measured"
        return [Failed(gate, f"cannot be judged: {why}", ())]
    if part.faults and limit.key not in DIMENSIONS:
        return _counted(gate, limit, part.rows, part.n)
    measured = 1 - part.value if limit.key == "error_rate" else part.value
    wanted = limit._replace(value=limit.value if limit.share else limit.value / 100)
    if wanted.allows(measured, good=limit.key != "error_rate"):
        return []
    sign = limit.sign or (">=" if limit.key != "error_rate" else "<=")
    behind = f" ({part.why or part.measure})"
    return [Failed(gate, f"{100 * measured:.1f}%, {sign} {100 * wanted.value:g}% asked{behind}", part.rows)]


def _part(key: str, card: Card) -> Part | None:
    """The part a key names; of a dimension its weakest, or the reason why it has none."""
    if key not in DIMENSIONS:
        return next((part for part in card.parts if part.key == key), None)
    unmeasured = [part for part in card.of(key) if part.counts]
    return card.weakest(key) or (unmeasured[0] if unmeasured else None)


def limits(gates: Gates, rules: Mapping[str, type[Rule]] = RULES) -> dict[str, Limit]:
    """The gates, read: what a build asks for before it starts.

    Raises:
        RecipeError: gates on what does not exist, or limits that are not numbers; all of them.
    """
    names = {**{key: key for key in KEYS}, **{rule.code: name for name, rule in rules.items()}, **{n: n for n in rules}}
    found, wrong = {}, list[Problem]()
    for key, limit in gates.items():
        match = LIMIT.match(str(limit))
        if key not in names:
            near = did_you_mean(key, list(names))
            hint = f"a rule, its code, or one of {', '.join(KEYS)}"
            wrong.append(Problem(f"{FILE}: gates", f"there is no rule or measure '{key}'{near}", hint))
        elif match is None:
            what = f'expected a count (0) or a share ("< 1%"); got {limit!r}'
            wrong.append(Problem(f"{FILE}: gates.{key}", what))
        elif match[3] and float(match[2]) > 100:
            wrong.append(Problem(f"{FILE}: gates.{key}", f"expected a share of 0% to 100%; got {limit!r}"))
        else:
            share = bool(match[3])
            value = float(match[2]) / 100 if share else float(match[2])
            found[key] = Limit(names[key], match[1] or "", value, share)
    if wrong:
        raise RecipeError(f"{FILE}: {mistakes(wrong)} in gates", problems=wrong)
    return found


def typed(texts: Sequence[str]) -> dict[str, str]:
    """Gates from the command line: typed(["duplicates=0", "A004 < 1%"]) -> {"duplicates": "0", "A004": "< 1%"}.

    Raises:
        AssayError: texts that are no gates; all of them.
    """
    found, wrong = {}, list[Problem]()
    for text in texts:
        match = TYPED.match(text)
        if match is None:
            wrong.append(Problem(text, "expected a name and a limit", 'such as --gate "duplicates=0"'))
        else:
            found[match[1]] = match[2].strip()
    if wrong:
        raise AssayError("not gates", problems=wrong)
    return found
