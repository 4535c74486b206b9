"""The numbers of a text with what they count: figures and words, dates, times of day, years, amounts and units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
DATE = re.compile(
    rf"\b{_MONTH}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?!\d|:|\s?%)(?:,?\s+(\d{{4}})\b)?"
    rf"|\b(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH}\b\.?(?:,?\s+(\d{{4}})\b)?"
    rf"|\b{_MONTH}\.?,?\s+(\d{{4}})\b"
    r"|\b(\d{4})-(\d{2})-(\d{2})\b"
    r"|(?<![\d/.])(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})(?![\d/])"
    r"|(?<![\d/.])(0?[1-9]|1[0-2])/(\d{4})(?![\d/])",
    re.IGNORECASE,
)
CLOCK = re.compile(
    r"(?<![\d:.])(\d{1,2})(?:[:.](\d{2}))?\s?([ap])\.?m\b\.?|(?<![\d:.])(\d{1,2}):(\d{2})(?![\d:])", re.IGNORECASE
)
TOLD_HOUR = re.compile(
    r"\b(?:(?P<noon>noon|midday)|(?P<midnight>midnight)|(?P<hour>\d{1,2}|[a-z]{3,6})\s?o['’]?clock"
    r"|(?P<part>half past|(?:a )?quarter past|(?:a )?quarter to) (?P<base>\d{1,2}|[a-z]{3,6}))\b",
    re.IGNORECASE,
)
HOUR_CUES = ("noon", "midday", "midnight", "clock", "half past", "quarter ")
FIGURE = re.compile(
    r"(?<![\w.,])(?<![A-Z]-)(?P<money>(?:US\$|[$€£¥₹]|(?:USD|EUR|GBP|CHF|JPY|INR)\b)\s?)?"
    r"(?P<digits>\d{1,3}(?:[,'’ \u00a0\u202f]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)*)"
    r"(?P<nth>(?:st|nd|rd|th)\b)?(?P<half>\s?½)?"
    r"(?:\s?(?P<times>k|K|M|mn|bn|thousand|million|billion|trillion|hundred|dozen|lakh|crore)\b|(?P<mega>m)\b)?"
)
TIMES = {
    "k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "dozen": 12, "hundred": 1e2, "thousand": 1e3, "million": 1e6,
    "billion": 1e9, "trillion": 1e12, "lakh": 1e5, "crore": 1e7,
}  # fmt: skip
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[%‰$€£¥₹¢]|°\s?[CF]\b|[µμ]g\b")
UNIT = re.compile(r"[\s)-]?\s?(%|‰|km/h|°\s?[CF]\b|¢|€|£|[µμ]?[^\W\d_]+)")
RANGE = re.compile(r"\s?(?:-|–|to|or|and|bis|à|a|\()\s?$", re.IGNORECASE)
LIST_MARK = re.compile(r"(?:\A|\n|[.:;,]\s)[\s(*#-]*\Z")  # what stands before the number of a list's item
LISTED = re.compile(r"[.):]\s*\D")
AND_HALF = re.compile(r"\s+and a half\b", re.IGNORECASE)
WORKING = ("business", "working")  # days of which a week has five
POUNDS = ("pound", "pounds")  # of money or of weight
SKIPPED = {"business", "working", "calendar", "consecutive", "full", "more", "or", "additional", "whole"}
NO_NUMBER = {"a", "an", "once", "second", "null", "sei", "dos", "mil", "elf"}  # mostly other words than numbers
_LETTERS = re.compile(r"[^\W\d_]+")
LONGEST = 18  # characters of figures, or words, that are one number; longer ones are something else
YEARS = range(1500, 2101)


class Quantity(NamedTuple):
    """A number in a text."""

    start: int  # characters from the beginning, unit included
    end: int
    number: tuple[int, int]  # where the number itself stands, without its unit
    values: tuple[float, ...]  # what it may say: "1.000" is 1 or 1000; of a date year*10000 + month*100 + day
    kind: str  # "time", "mass", ... of units; "date", "clock", "year"; "" for a bare number
    unit: float  # how many of the first unit of its kind its own is; 1 for others
    noun: str  # the word behind it, in small letters; "" when none follows

    @property
    def base(self) -> tuple[float, ...]:
        """The values in the first unit of their kind; of working days also with the weekends between them."""
        plain = tuple(value * self.unit for value in self.values)
        return (*plain, *(value * 1.4 for value in plain)) if self.noun.startswith(WORKING) else plain


@cache
def _units() -> dict[str, tuple[str, float]]:
    out = {}
    for line in files(__package__).joinpath("words", "units.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, size, *names = line.split()
            out.update({name: (kind, float(size)) for name in names})
    return out


@cache
def _number_words() -> dict[str, float]:
    out = {}
    for line in files(__package__).joinpath("words", "numbers.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            value, *names = line.split()
            out.update({name: float(value) for name in names})
    return out


def quantities(text: str) -> list[Quantity]:
    """The numbers of a text in order: quantities("pay $5 within 30 days") -> 5 of "dollar", 30 of "time".

    List marks at the beginning of a line are none, nor are figures within names ("B12").
    """
    found: list[Quantity] = []
    taken = bytearray(len(text))
    for read in (_dates, _clocks, _told_hours, _figures, _spelt):
        for number in read(text):
            if not any(taken[number.start : number.end]):
                taken[number.start : number.end] = b"\x01" * (number.end - number.start)
                found.append(number)
    return _ranged(text, sorted(found))


def in_figures(text: str) -> str:
    """The text with its numbers in words as figures: in_figures("twenty-five days, one week") -> "25 days, 1 week"."""
    if _number_words().keys().isdisjoint(_LETTERS.findall(text.lower())):
        return text
    out = text
    for number in reversed(list(_spelt(text))):
        start, end = number.number
        if text[start:end].lower() not in NO_NUMBER:
            out = f"{out[:start]}{number.values[0]:.15g}{out[end:]}"
    return out


def _dates(text: str) -> Iterator[Quantity]:
    for m in DATE.finditer(text):
        a = m.groups()
        if a[0] or a[4]:
            month, day, year = (a[0], a[1], a[2]) if a[0] else (a[4], a[3], a[5])
            values = [_date(year, _month(month), int(day))]
        elif a[6]:
            values = [_date(a[7], _month(a[6]), 0)]
        elif a[8]:
            values = [_date(a[8], int(a[9]), int(a[10]))]
        elif a[14]:
            values = [_date(a[15], int(a[14]), 0)]
        else:
            year = a[13] if len(a[13]) == 4 else ("19" if int(a[13]) > 40 else "20") + a[13]
            pairs = {(int(a[11]), int(a[12])), (int(a[12]), int(a[11]))}
            values = [_date(year, month, day) for month, day in sorted(pairs) if month <= 12]
        if values and all(value % 100 <= 31 for value in values):
            yield Quantity(*m.span(), m.span(), tuple(values), "date", 1.0, "")


def _month(name: str) -> int:
    return MONTHS.index(name[:3].lower()) + 1


def _date(year: str | None, month: int, day: int) -> float:
    return float(int(year or 0) * 10_000 + month * 100 + day)


def _clocks(text: str) -> Iterator[Quantity]:
    for m in CLOCK.finditer(text):
        hour, minute = int(m[1] or m[4]), int(m[2] or m[5] or 0)
        if hour > 24 or minute > 59:
            continue
        half = (m[3] or "").lower()  # "a" before noon, "p" after it
        late = 12 if half == "p" and hour < 12 else -12 if half == "a" and hour == 12 else 0
        values = {float((hour + late) * 60 + minute)} | (set() if m[3] else {float((hour % 12 + 12) * 60 + minute)})
        yield Quantity(*m.span(), m.span(), tuple(sorted(values)), "clock", 1.0, "")


def _told_hours(text: str) -> Iterator[Quantity]:
    """Times of day in words: "noon", "7 o'clock", "half past seven"."""
    small = text.lower()
    if not any(cue in small for cue in HOUR_CUES):
        return
    for m in TOLD_HOUR.finditer(text):
        if m["noon"] or m["midnight"]:
            values: tuple[float, ...] = (720.0,) if m["noon"] else (0.0, 1440.0)
        else:
            said = (m["hour"] or m["base"]).lower()
            hour = float(said) if said.isdigit() else _number_words().get(said, 0.0)
            part = (m["part"] or "").lower()
            minute = 30 if part.startswith("half") else -15 if part.endswith("to") else 15 if part else 0
            if hour not in range(1, 25):
                continue
            values = tuple(sorted((at + minute) % 1440 for at in (hour % 12 * 60, hour % 12 * 60 + 720)))
        yield Quantity(*m.span(), m.span(), values, "clock", 1.0, "")


def _figures(text: str) -> Iterator[Quantity]:
    for m in FIGURE.finditer(text):
        if text[m.end() : m.end() + 1].isalpha() and not UNIT.match(text, m.end()):
            continue
        listed = LIST_MARK.search(text[max(0, m.start() - 4) : m.start()]) and LISTED.match(text, m.end())
        if listed or len(m["digits"]) > LONGEST:
            continue
        times = TIMES.get((m["times"] or ("mn" if m["money"] and m["mega"] else "")).lower(), 1.0)
        values = tuple(dict.fromkeys((value + (0.5 if m["half"] else 0)) * times for value in _readings(m["digits"])))
        kind, size, noun, end = _unit(text, m.end(), (m["money"] or "").strip(), beside=True)
        if m["nth"]:
            kind, size = "", 1.0
        elif (
            not kind
            and not m["times"]
            and m["digits"].isdigit()
            and int(m["digits"]) in YEARS
            and len(m["digits"]) == 4
            and not noun.endswith("s")
        ):
            kind = "year"
        yield Quantity(m.start(), end, (m.start("digits"), m.end()), values, kind, size, noun)


def _readings(digits: str) -> list[float]:
    """What figures may say: _readings("1,000") -> [1000.0]; "1.000" -> [1.0, 1000.0]; "3,5" -> [3.5]."""
    plain = re.sub(r"['’ \u00a0\u202f]", "", digits)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        return [float(plain.replace(",", ""))]
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", plain):
        whole = float(plain.replace(".", "").replace(",", "."))
        return [float(plain), whole] if plain.count(".") == 1 and "," not in plain else [whole]
    if re.fullmatch(r"\d+[.,]\d+|\d+", plain):
        return [float(plain.replace(",", "."))]
    return [float(part) for part in re.split(r"[.,]", plain)[:1]]


def _unit(text: str, at: int, money: str = "", *, beside: bool) -> tuple[str, float, str, int]:
    """The kind, size and name of the unit behind a number, and where it ends; the next word, when it is no unit."""
    units = _units()
    if money:
        return (*units[money], "", at)
    m = UNIT.match(text, at)
    if m is None:
        return "", 1.0, "", at
    first = m[1]
    name = first if first in units and (beside or (len(first) > 1 and first.islower())) else first.lower()
    if name in units and (len(name) > 1 or not name.isalpha() or first == name):
        return (*units[name], name, m.end())
    if name in SKIPPED and (after := UNIT.match(text, m.end())) and after[1].lower() in units and len(after[1]) > 1:
        told = f"{name} {after[1].lower()}" if name in WORKING else after[1].lower()
        return (*units[after[1].lower()], told, after.end())
    if name == "per" and text[m.end() :].lstrip()[:4].lower() == "cent":
        return "share", 1.0, "percent", m.end() + 5
    return "", 1.0, name, m.end() if name in POUNDS else at


def _spelt(text: str) -> Iterator[Quantity]:
    """Numbers in words; "one" and "a" only before a unit."""
    known, run = _number_words(), list[re.Match[str]]()
    for m in [*re.finditer(r"[^\W\d_]+", text), None]:
        if m is not None and (m.group().lower() in known or (run and m.group().lower() in ("and", "a"))):
            joined = not run or not text[run[-1].end() : m.start()].strip(" -\u2010")
            if joined:
                run.append(m)
                continue
        yield from _spelt_run(text, run)
        run = [m] if m is not None and m.group().lower() in known else []
        if m is not None and not run and m.group().lower() in ("a", "an"):
            kind, size, noun, end = _unit(text, m.end(), beside=False)
            if kind == "time" and noun != "second":
                half = AND_HALF.match(text, end)
                value, end = (1.5, half.end()) if half else (1.0, end)
                yield Quantity(m.start(), end, m.span(), (value,), kind, size, noun)


def _spelt_run(text: str, run: list[re.Match[str]]) -> Iterator[Quantity]:
    known = _number_words()
    while run and run[-1].group().lower() in ("and", "a"):
        run = run[:-1]
    if not run or len(run) > LONGEST:
        return
    words = [m.group().lower() for m in run if m.group().lower() in known]
    total, part = 0.0, 0.0
    for word in words:
        value = known[word]
        if value >= 1000:
            total, part = total + max(1.0, part) * value, 0.0
        elif value == 100:
            part = max(1.0, part) * 100
        elif 1 <= part < 10 and value >= 10:
            part = part * 100 + value if len(words) == 2 else part + value  # "nineteen eighty" is told below
        elif 10 <= part < 100 and value >= 10:
            part = part * 100 + value
        else:
            part += value
    value, stop = total + part, run[-1].end()
    if half := AND_HALF.match(text, stop):
        value, stop = value + 0.5, half.end()
    kind, size, noun, end = _unit(text, stop, beside=False)
    if words == ["one"] and not kind:
        return
    if not kind and int(value) in YEARS and len(words) > 1 and "thousand" not in words[1:]:
        kind = "year"
    yield Quantity(run[0].start(), max(end, stop), (run[0].start(), stop), (value,), kind, size, noun)


def _ranged(text: str, found: list[Quantity]) -> list[Quantity]:
    """The first number of a range has the unit of the second: "3 to 4 weeks"."""
    out = found[:]
    for i in range(len(out) - 2, -1, -1):
        here, after = out[i], out[i + 1]
        if (
            not here.kind
            and after.kind not in ("", "date", "clock", "year")
            and RANGE.fullmatch(text[here.number[1] : after.start])
        ):
            out[i] = here._replace(kind=after.kind, unit=after.unit, noun=after.noun)
    return out
