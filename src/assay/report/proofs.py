"""What `assay prove` kept of a version, read for the report: effects of steps, curves, rows that hurt."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from assay.prove.arms import compared
from assay.report.figures import MINUS, percent, points, whole
from assay.report.visible import HIDDEN

ROWS = 12  # of the rows that hurt most, shown
ANSWERS = 6  # wrong answers shown, with the rows behind them
NUMBERS = ("value", "low", "high")
GROUPS = (  # directions of effects, under what heading they stand
    ("the whole curation, and controls", ("state", "control")),
    ("a step left out: curated - without it", ("leave-one-out",)), ("a step alone: with it - raw", ("add-one-in",)),
)  # fmt: skip


class Group(NamedTuple):
    """Effects of one direction, the largest first."""

    heading: str
    effects: list[Mapping[str, Any]]


def read_proofs(folder: Path, version: str, private: Collection[str] = ()) -> tuple[dict[str, Any], ...]:
    """The proofs of one version, in the order of their names; files that hold something else are passed over.

    The text of rows whose id is in `private` is hidden.
    """
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(body, dict) and body.get("version", version) == version and sound(body):
            found.append(_hidden(body, private))
    return tuple(found)


def sound(proof: Mapping[str, Any]) -> bool:
    """Whether a proof has the parts that are drawn, each with its interval."""
    kind = proof.get("kind")
    if kind == "steps":
        return _all_numbers(proof.get("effects")) and all("name" in effect for effect in proof["effects"])
    if kind == "size":
        curves = proof.get("curves")
        return (
            isinstance(curves, list)
            and bool(curves)
            and all(
                isinstance(curve, dict) and "arm" in curve and _all_numbers(curve.get("points"), "rows")
                for curve in curves
            )
        )
    if kind == "model":
        found = proof.get("contenders")
        return _all_numbers(found, "n") and all("name" in one and _versus(one) for one in proof["contenders"])
    rows = proof.get("rows")
    return (
        kind == "rows" and isinstance(rows, list) and all(isinstance(r, dict) and _number(r.get("harm")) for r in rows)
    )


def _versus(one: Mapping[str, Any]) -> bool:
    """Whether a contender's difference has its interval, where there is one."""
    against = one.get("tuned_minus_this")
    return against is None or (_all_numbers([against], "n") and isinstance(against.get("verdict"), str))


def _all_numbers(entries: Any, *more: str) -> bool:
    return (
        isinstance(entries, list)
        and bool(entries)
        and all(
            isinstance(entry, dict) and all(_number(entry.get(key)) for key in (*NUMBERS, *more)) for entry in entries
        )
    )


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def groups_of(proof: Mapping[str, Any]) -> list[Group]:
    """The effects of a proof of steps under their headings; directions nobody knows stand last."""
    effects: Sequence[Mapping[str, Any]] = proof.get("effects", ())
    known = {direction for _, directions in GROUPS for direction in directions}
    others = {str(effect.get("direction")) for effect in effects} - known
    made = [
        Group(heading, sorted((e for e in effects if e.get("direction") in directions), key=lambda e: -e["value"]))
        for heading, directions in (*GROUPS, *((other, (other,)) for other in sorted(others)))
    ]
    return [group for group in made if group.effects]


def told_name(effect: Mapping[str, Any]) -> str:
    """What an effect compares: told_name({"name": "random", "direction": "control"}) -> "curated - random"."""
    return compared(str(effect["name"]), str(effect.get("direction")))


def foretold(proof: Mapping[str, Any]) -> list[str]:
    """What a proof of size says of more rows, a sentence each; numbers it does not have are left out."""
    loss, more = proof.get("unit") == "nats", proof.get("more_rows")
    said = []
    rows = {str(curve["arm"]): max(point["rows"] for point in curve["points"]) for curve in proof["curves"]}
    worth = _read_off(proof.get("raw_rows_worth_the_curated_set"), whole)
    if worth and {"raw", "curated"} <= rows.keys():
        there = f"there are {whole(rows['raw'])} raw rows"
        said.append(f"The {whole(rows['curated'])} curated rows are worth {worth} raw rows; {there}.")
    found = proof.get("next_rows")
    for arm, gain in found.items() if isinstance(found, dict) and _number(more) else ():
        told = _read_off(gain, _fall if loss else points)
        start = gain.get("from_level") if isinstance(gain, dict) else None
        if told and _number(start) and _number(gain.get("from_rows")):
            level = f"{start:.3f} nats" if loss else percent(start)
            unit = "nats a token less" if loss else "points"
            said.append(
                f"The next {whole(more)} {arm} rows would bring {told} {unit}, from the {level} that the curve has at "
                f"{whole(gain['from_rows'])} rows."
            )
    return said


def _read_off(told: Any, form: Callable[[float], str]) -> str:
    """_read_off({"value": 2315, "low": 1176, "high": None}, whole) -> "2,315 (1,176 to more than can be foretold)"."""
    if not isinstance(told, dict) or not any(_number(told.get(key)) for key in NUMBERS):
        return "more than can be foretold in" if isinstance(told, dict) and form is whole else ""
    value, low, high = (form(told[k]) if _number(told.get(k)) else "more than can be foretold" for k in NUMBERS)
    return f"{value} ({low} to {high})"


def _fall(value: float) -> str:
    return f"{value:+.3f}".replace("-", MINUS)


def hurting(proof: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rows that hurt most, the worst first."""
    return sorted(proof.get("rows", ()), key=lambda row: -row["harm"])[:ROWS]


def _hidden(value: Any, private: Collection[str]) -> Any:
    """The proof with the texts of private rows hidden, wherever one is told."""
    if isinstance(value, list):
        return [_hidden(part, private) for part in value]
    if not isinstance(value, dict):
        return value
    secret = value.get("id") in private
    return {
        key: HIDDEN if secret and key in ("prompt", "answer") else _hidden(part, private) for key, part in value.items()
    }
