"""How numbers are written: always with n and, where there is one, the 95% interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NBSP = "\u00a0"  # keeps "n = 480" on one line
MINUS = "\u2212"


def percent(value: float | None) -> str:
    """percent(0.9312) -> "93.1%"; None -> "n/a"."""
    return "n/a" if value is None else f"{value * 100:.1f}%"


def percent_range(low: float | None, high: float | None) -> str:
    """percent_range(0.908, 0.951) -> "90.8 to 95.1"; "" without an interval."""
    return "" if low is None or high is None else f"{low * 100:.1f} to {high * 100:.1f}"


def points(value: float | None) -> str:
    """A difference of two proportions: points(0.119) -> "+11.9"; points(-0.02) -> "−2.0"."""
    if value is None:
        return "n/a"
    rounded = round(value * 100, 1)
    return f"{'+' if rounded > 0 else MINUS if rounded < 0 else ''}{abs(rounded):.1f}"


def points_range(low: float | None, high: float | None) -> str:
    """points_range(0.093, 0.146) -> "+9.3 to +14.6"; "" without an interval."""
    return "" if low is None or high is None else f"{points(low)} to {points(high)}"


def decimal(value: float | None) -> str:
    """A signal between 0 and 1: decimal(0.954) -> "0.954"; None -> "n/a"."""
    return "n/a" if value is None else f"{value:.3f}"


def decimal_range(low: float | None, high: float | None) -> str:
    """decimal_range(0.94, 0.966) -> "0.940 to 0.966"; "" without an interval."""
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def whole(value: float | None) -> str:
    """whole(12345) -> "12,345"; None -> "n/a"."""
    return "n/a" if value is None else f"{value:,.0f}"


def rows(count: int) -> str:
    """rows(1) -> "1 row"; rows(1200) -> "1,200 rows"."""
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def p_value(value: float | None) -> str:
    """p_value(0.0234) -> "0.023"; p_value(0.00001) -> "< 0.001"; None -> "n/a"."""
    if value is None:
        return "n/a"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def log_probability(value: float | None) -> str:
    """log_probability(-6.2) -> "−6.20"; None -> "n/a"."""
    return "n/a" if value is None else f"{value:.2f}".replace("-", MINUS)


def two(first: float | None, second: float | None) -> str:
    """A pair of numbers: two(96.04, 143) -> "96.0 / 143.0"; a missing one is "n/a"."""
    return " / ".join("n/a" if number is None else f"{number:.1f}" for number in (first, second))


def duration(seconds: float) -> str:
    """duration(133.2) -> "2 min 13 s"; duration(4.26) -> "4.3 s"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def sentence(text: str) -> str:
    """A text with a capital at its beginning, the rest as it is: sentence("top ROUGE-L") -> "Top ROUGE-L"."""
    return text[:1].upper() + text[1:]


def of_proportion(figure: Mapping[str, Any]) -> str:
    """of_proportion({"value": .931, "low": .908, "high": .951, "n": 480}) -> "93.1% (90.8 to 95.1, n = 480)"."""
    inside = [percent_range(figure.get("low"), figure.get("high")), f"n{NBSP}={NBSP}{whole(figure.get('n'))}"]
    return f"{percent(figure.get('value'))} ({', '.join(part for part in inside if part)})"
