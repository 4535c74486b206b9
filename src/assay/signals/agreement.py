"""When two numbers of two texts say the same: in other units, another form, or with less of it said."""

from __future__ import annotations

from assay.signals.folding import word_list
from assay.signals.quantities import POUNDS, WORKING, Quantity

MONEY = ("dollar", "euro", "sterling", "yen", "rupee", "franc")
CONVERTED = 0.05  # share by which amounts in two units may differ: they are rounded
POUND = 453.59237  # grams


def agree(one: Quantity, other: Quantity) -> bool:
    """Whether two numbers say the same: "2 weeks" and "14 days", "$1.5k" and "1,500", "2008" and "July 31, 2008"."""
    if "date" in (one.kind, other.kind):
        return _dates_agree(one, other)
    if "clock" in (one.kind, other.kind) and "" in (one.kind, other.kind):
        return _whole_hours(one, other)
    if {one.kind, other.kind} == {"celsius", "fahrenheit"}:
        heat, cold = (one, other) if one.kind == "fahrenheit" else (other, one)
        return any(abs((f - 32) / 1.8 - c) <= 1 for f in heat.values for c in cold.values)
    if pounds := [q for q in (one, other) if not q.kind and q.noun in POUNDS]:
        return _pounds_agree(pounds[0], other if pounds[0] is one else one)
    if one.kind == other.kind and (
        one.unit != other.unit or one.noun.startswith(WORKING) != other.noun.startswith(WORKING)
    ):
        return any(abs(a - b) <= CONVERTED * max(abs(a), abs(b)) for a in one.base for b in other.base)
    if one.kind and other.kind and one.kind != other.kind and {one.kind, other.kind} != {"year", ""}:
        return False
    return any(abs(a - b) <= 1e-9 * max(1.0, abs(a)) for a in one.values for b in other.values)


def _pounds_agree(pounds: Quantity, other: Quantity) -> bool:
    """Whether pounds, of money or of weight, are the other amount."""
    if other.kind == "mass":
        return any(abs(a * POUND - b) <= CONVERTED * max(a * POUND, b) for a in pounds.values for b in other.base)
    return other.kind in ("", "sterling") and bool({*pounds.values} & {*other.values})


def _whole_hours(one: Quantity, other: Quantity) -> bool:
    clock, bare = (one, other) if one.kind == "clock" else (other, one)
    hours = {time % 720 for value in bare.values for time in (as_time(value),) if time >= 0}
    return not bare.kind and any(value % 720 in hours for value in clock.values)


def minutes_of(number: Quantity) -> list[float]:
    """The minutes of a time of day, also of one that is written like a number: of "at 9.05 and" 545."""
    if number.kind == "clock":
        return list(number.values)
    bare = not number.kind and (not number.noun or number.noun in word_list("light"))
    return [as_time(value) for value in number.values if bare and value != int(value) and as_time(value) >= 0]


def as_time(value: float) -> float:
    """The minutes of a time of day that is written as a number, -1 where it is none: as_time(5.45) -> 345."""
    hour, minute = int(value), round((value - int(value)) * 100, 6)
    return hour * 60 + minute if 0 <= hour <= 24 and minute < 60 and minute == int(minute) else -1


def _dates_agree(one: Quantity, other: Quantity) -> bool:
    """Whether two dates, or a date and a year, a day or a month, can be the same: what is not said agrees."""
    for a in one.values:
        for b in other.values:
            left, right = _parts(a, one.kind), _parts(b, other.kind)
            if all(x == y or not x or not y for x, y in zip(left, right, strict=True)):
                return True
            if "" in (one.kind, other.kind) and {a, b} & (
                {*_parts(a, one.kind)} if other.kind == "" else {*_parts(b, other.kind)}
            ):
                return True
    return False


def _parts(value: float, kind: str) -> tuple[int, int, int]:
    """Year, month and day, 0 where they are not said."""
    if kind == "date":
        return int(value) // 10_000, int(value) // 100 % 100, int(value) % 100
    return (int(value), 0, 0) if kind == "year" else (-1, -1, -1)
