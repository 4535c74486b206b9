"""Which numbers follow from others: sums, differences, shares, spans of time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, pairwise

from assay.signals.agreement import MONEY, minutes_of
from assay.signals.quantities import RANGE, Quantity

FEW = 10  # numbers of a text in which an amount may leave out its currency
TERMS = 40  # numbers of a text that are reckoned with in pairs: beyond, every small number would be a sum
BILL = 6  # amounts of which any may be added up
COUNTABLE = 20  # things up to which an answer may have counted
NAN = float("nan")
DAY = 86400.0  # seconds
HALF_DAY = 720.0  # minutes: which half is seldom said twice
PLAIN = 2001  # the year of dates without one: no leap year
PARTS = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "double": 2.0, "twice": 2.0, "triple": 3.0}
PERIODS = (4.0, 7.0, 12.0, 24.0, 30.0, 52.0, 60.0, 365.0)  # of one unit of time in another, for rates
# What an amount is counted by: "5 mg/kg", "$3 per person"
BY = re.compile(r"\s?(?:/|\b(?:per|each|every|an?)\s)\s?([^\W\d_]+)", re.IGNORECASE)
HOURS = (
    (re.compile(r"\bthree[ -]quarters of an hour\b", re.IGNORECASE), 45.0),
    (re.compile(r"\bhalf[ -](?:an? )?hour\b", re.IGNORECASE), 30.0),
    (re.compile(r"(?<!three )(?<!three-)\bquarter[ -](?:of an )?hour\b", re.IGNORECASE), 15.0),
)  # minutes
BESIDE = re.compile(r",?\s*(?:and\s+)?")  # what stands between the parts of one span: "2 h 45 min"
RATE = re.compile(r"\b(?:per|each|every|a) (?:second|minute|hour|day|week|month|quarter|year)\b", re.IGNORECASE)


class Reckoned:
    """What follows from the numbers of a source, its question and the other numbers of the answer.

    Always sums and differences of two of a kind, sums of the items of a bill, what is missing to a hundred percent,
    percents of amounts (also taken off and put on), spans between dates and times, shares that words name ("half")
    or the question does ("for 8 people"), numbers within a range, products with a number that the answer names, or
    a span where the source has a rate ("a year"), an amount by unit with a number of that unit ("5 mg/kg", "20
    kg"), and a rate by period where the question names a span (`timed`). Where the prompt asks how many, `counted`,
    also products, shares, rates by period, and small counts.
    """

    def __init__(
        self, source: str, held: Sequence[Quantity], asked: Sequence[Quantity], said: Sequence[Quantity], counted: bool,
        timed: bool = False,
    ) -> None:  # fmt: skip
        small = source.lower()
        self.known = [*held, *asked][:TERMS]
        self.said = said
        self.counted = counted
        self.parts = [share for word, share in PARTS.items() if word in small]
        self.rated = bool(RATE.search(source))
        self.parts += [q.values[0] / k.values[0] for q in asked for k in held if not q.kind + k.kind and k.values[0]]
        self.rates = [
            (k, q.values[0]) for k in held if (by := BY.match(source, k.end)) is not None
            for q in self.known if q is not k and q.noun and _one_unit(q.noun, by[1].lower())
        ]  # fmt: skip
        self.minutes = [k.base[0] / 60 for k in self.known if k.kind == "time"]
        self.minutes += [length for said_so, length in HOURS if said_so.search(source)]
        self.minutes += [
            (a.base[0] + b.base[0]) / 60 for a, b in pairwise(held)
            if a.kind == b.kind == "time" and BESIDE.fullmatch(source[a.end : b.start])
        ]  # fmt: skip
        self.periods = PERIODS if self.rated and timed else ()
        if counted and self.rated:
            self.parts += [*PERIODS, *(1 / period for period in PERIODS)]
        self.ranges = [
            (low, high) for low, high in pairwise(held)
            if low.end <= high.start and RANGE.fullmatch(source[low.number[1] : high.start])
        ]  # fmt: skip

    def holds(self, number: Quantity) -> bool:
        """Whether a number follows from the others."""
        if self.counted and not number.kind and max(number.values) <= COUNTABLE:
            return True
        if number.kind == "date":
            return self._dated(number)
        if self._timed(number):
            return True
        bases, values = _rounded(number.base), _rounded(number.values)
        followed = any(round(base, 6) in bases or round(value, 6) in values for base, value in self._follows(number))
        return followed or self._spans(number)

    def _follows(self, number: Quantity) -> Iterator[tuple[float, float]]:
        """What follows, as an amount in the first unit of the kind and as a bare number; NaN where it is neither."""
        alike = [k for k in self.known if k.kind == number.kind]
        yield from ((k.base[0] * part, k.values[0] * part) for k in self.known for part in self.parts)
        yield from ((k.base[0] * times, NAN) for k, times in self.rates if k.kind == number.kind)
        yield from ((k.base[0] * times, NAN) for k in alike for times in self.periods if number.kind != "time")
        shares = [k.values[0] / 100 for k in self.known if k.kind == "share"]
        yield from (
            (k.base[0] * part, NAN) for k in alike for share in shares for part in (share, 1 - share, 1 + share)
            if number.kind != "share"
        )  # fmt: skip
        if number.kind == "share":
            yield from ((100 - k.values[0], NAN) for k in self.known)
        for a, b in combinations(alike, 2):
            yield a.base[0] + b.base[0], NAN
            yield abs(a.base[0] - b.base[0]), NAN
        if len(alike) <= BILL and (number.kind in MONEY or self.counted):
            terms = (some for n in range(3, len(alike) + 1) for some in combinations(alike, n))
            yield from ((sum(k.base[0] for k in some), NAN) for some in terms)
        named = [
            q for q in self.said if q is not number and (not q.kind or (q.kind == "time" != number.kind and self.rated))
        ]
        yield from ((k.base[0] * q.values[0], NAN) for k in alike for q in named)
        yield from self._unnamed(number)
        loose = [k for k in self.known if self.counted or {k.kind, number.kind} <= {"", "year", "time"}]
        for a, b in combinations(loose, 2):
            if a.kind != b.kind or not a.kind or self.counted or number.kind == "":
                yield NAN, a.values[0] + b.values[0]
                yield NAN, abs(a.values[0] - b.values[0])
            if self.counted:
                yield from ((NAN, value) for value in _products(a.values[0], b.values[0]))
                yield from ((value, NAN) for value in _products(a.base[0], b.base[0]))
        yield from (
            (NAN, value) for low, high in self.ranges for value in number.values
            if low.values[0] < value < high.values[0]
        )  # fmt: skip

    def _unnamed(self, number: Quantity) -> Iterator[tuple[float, float]]:
        """Sums and differences of two amounts of which one leaves out its currency: "15, and a fee of 2 euros"."""
        if number.kind in (*MONEY, "") and len(self.known) <= FEW:
            for a, b in combinations((k for k in self.known if k.kind in (*MONEY, "")), 2):
                if (a.kind == "") != (b.kind == ""):
                    yield NAN, a.values[0] + b.values[0]
                    yield NAN, abs(a.values[0] - b.values[0])

    def _spans(self, number: Quantity) -> bool:
        """Whether a span of time lies between two dates or two times of day."""
        if number.kind != "time":
            return False
        days = sorted(value for k in self.known if k.kind == "date" for value in k.values if _ordinal(value))
        clocks = [value for k in self.known if k.kind == "clock" for value in k.values]
        slack = max(2 * DAY, number.unit)
        dated = any(abs(gap * DAY - number.base[0]) <= slack for a, b in combinations(days, 2) for gap in _apart(a, b))
        return dated or any(abs(abs(a - b) * 60 - number.base[0]) < 1 for a, b in combinations(clocks, 2))

    def _timed(self, number: Quantity) -> bool:
        """Whether a time of day lies a span of the source after or before another one."""
        there = [value for k in self.known for value in minutes_of(k)]
        here = {value % HALF_DAY for value in minutes_of(number)}
        return any((at + sign * span) % HALF_DAY in here for at in there for span in self.minutes for sign in (1, -1))

    def _dated(self, number: Quantity) -> bool:
        """Whether a date lies a span of the source after or before another one."""
        spans = [k.base[0] / DAY for k in self.known if k.kind == "time"]
        here = [value for value in number.values if _ordinal(value)]
        there = [value for k in self.known if k.kind == "date" for value in k.values if _ordinal(value)]
        gaps = [gap for a in here for b in there for gap in _apart(a, b)]
        return any(abs(gap - span) <= 2 for gap in gaps for span in spans)


def _one_unit(one: str, other: str) -> bool:
    """Whether two names are of one unit, one or many: "person"/"persons"."""
    return one.rstrip("s") == other.rstrip("s")


def _rounded(values: Sequence[float]) -> set[float]:
    return {round(value, 6) for value in values}


def _products(a: float, b: float) -> Iterator[float]:
    yield a * b
    yield from (n / d * by for n, d in ((a, b), (b, a)) for by in (1, 100) if d)


def _apart(one: float, other: float) -> list[int]:
    """The days between two dates; both ways round the year where one of them has none."""
    if one >= 10_000 and other >= 10_000:
        return [abs(_ordinal(one) - _ordinal(other))]
    gap = abs(_ordinal(one % 10_000) - _ordinal(other % 10_000))
    return [gap, 365 - gap]


def _ordinal(value: float) -> int:
    """The number of a day, 0 for what is no date; one without a day is its month's first, without a year of 2001."""
    year, month, day = int(value) // 10_000 or PLAIN, int(value) // 100 % 100, int(value) % 100
    try:
        return date(year, month, max(1, day)).toordinal()
    except ValueError:
        return 0
