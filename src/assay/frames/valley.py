"""Where a function with one valley is least. scipy knows too; importing its optimizers takes a fifth of a second."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

GOLDEN = (3 - math.sqrt(5)) / 2
ROUNDED = 1.5e-8  # steps smaller than this share of a place change nothing: the root of what float64 can tell apart


class _Seen(NamedTuple):
    """A place the function was asked at."""

    at: float
    value: float


def lowest(of: Callable[[float], float], low: float, high: float, within: float) -> float:
    """The place between `low` and `high` where `of` is least, off by at most some `within`.

    Each step goes to the bottom of the parabola through the three best places, or else by golden section into the wider
    side (Brent: Algorithms for Minimization without Derivatives, 1973, chapter 5).
    """
    first = low + GOLDEN * (high - low)
    best = second = third = _Seen(first, of(first))
    step = before = 0.0
    while True:
        middle, least = (low + high) / 2, ROUNDED * abs(best.at) + within / 3
        if abs(best.at - middle) <= 2 * least - (high - low) / 2:
            return best.at
        over, under = _parabola(best, second, third)
        inside = under * (low - best.at) < over < under * (high - best.at)
        if abs(before) > least and inside and abs(over) < abs(under * before) / 2:
            before, step = step, over / under
            if min(best.at + step - low, high - best.at - step) < 2 * least:
                step = math.copysign(least, middle - best.at)
        else:
            before = (low if best.at >= middle else high) - best.at
            step = GOLDEN * before
        at = best.at + math.copysign(max(abs(step), least), step)
        new = _Seen(at, of(at))
        if (new.value <= best.value) == (at >= best.at):  # the lower of the two is on the right
            low = min(at, best.at)
        else:
            high = max(at, best.at)
        if new.value <= best.value:
            best, second, third = new, best, second
        elif new.value <= second.value or second.at == best.at:
            second, third = new, second
        elif new.value <= third.value or third.at in (best.at, second.at):
            third = new


def _parabola(best: _Seen, second: _Seen, third: _Seen) -> tuple[float, float]:
    """How far the bottom of the parabola through three places lies from the best, as a numerator and a denominator."""
    one = (best.at - second.at) * (best.value - third.value)
    other = (best.at - third.at) * (best.value - second.value)
    over, under = (best.at - third.at) * other - (best.at - second.at) * one, 2 * (other - one)
    return (-over, under) if under > 0 else (over, -under)
