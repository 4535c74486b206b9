"""CSV and TSV: delimiter, quoting and header detected; rows of another width and quotes that never close are named."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from assay.errors import InputError
from assay.sources.encoding import Text
from assay.sources.formats import Format, Loaded, Row
from assay.sources.json_rows import fault_in, meaning

_SAMPLE = 64 * 1024  # characters looked at to find the delimiter
_CELL = 1 << 30  # characters a cell may hold; the standard limit of 131,072 is less than one long document


def read_csv(path: Path, text: Text, format: Format, known: frozenset[str], wanted: Sequence[str] = ()) -> Loaded:
    """The rows of a table. `known` are column names that tell a header, `wanted` those the user named.

    Raises:
        InputError: no row at all.
    """
    quoted, delimiter = _dialect(text.text[:_SAMPLE], path.name.lower().removesuffix(".gz").endswith(".tsv"))
    format = replace(
        format, delimiter=delimiter, quoted=quoted, newline="\r\n" if "\r\n" in text.text[:_SAMPLE] else "\n"
    )
    rows = _cells(text.text, delimiter, quoted)
    if not rows:
        raise InputError(f"{path}: is empty", hint="expected at least one row")
    first = rows[0].cells
    header = not rows[0].problem and _is_header(first, [row.cells for row in rows[1:1001]], known, wanted)
    width = len(first) if header else _width(rows).cells
    names = tuple(first) if header else tuple(f"column_{i + 1}" for i in range(width))
    keys = unique(names)
    return Loaded(
        [
            Row(row.at, None, "repeats the header") if header and row.cells == first else _row(row, keys, text.clean)
            for row in rows[header:]
        ],
        replace(format, header=header, columns=names if header else ()),
    )


class _Width(NamedTuple):
    cells: int  # of most records
    records: int  # that have this many


def _width(lines: Sequence[_Line]) -> _Width:
    widths = Counter(len(line.cells) for line in lines if not line.problem)
    return _Width(*widths.most_common(1)[0]) if widths else _Width(0, 0)


class _Line(NamedTuple):
    """The cells of one record and the line it starts on."""

    at: int
    cells: list[str]
    problem: str = ""


def _row(line: _Line, keys: Sequence[str], clean: bool) -> Row:
    if line.problem:
        return Row(line.at, None, line.problem)
    if len(line.cells) != len(keys):
        return Row(line.at, None, f"has {len(line.cells)} cells; expected {len(keys)}; met {meaning(line.cells)}")
    fault = "" if clean else fault_in(line.cells)
    return Row(line.at, None, fault) if fault else Row(line.at, dict(zip(keys, line.cells, strict=True)))


def unique(names: Sequence[str]) -> list[str]:
    """unique(["a", "a", ""]) -> ["a", "a.2", ""]: a key for every column."""
    keys: dict[str, None] = {}
    seen: Counter[str] = Counter()
    for name in names:
        key = name
        while key in keys:
            seen[name] += 1
            key = f"{name}.{seen[name] + 1}"
        keys[key] = None
    return list(keys)


def _cells(text: str, delimiter: str, quoted: bool) -> list[_Line]:
    """Every record with its first line. A line that breaks the quoting is one bad record; reading goes on after it."""
    csv.field_size_limit(_CELL)
    lines = io.StringIO(text, newline="").readlines()
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    found: list[_Line] = []
    start = 0
    while start < len(lines):
        # Going back to the next line stays linear: a quote that opens ends at the next line with an odd number of them,
        # so that a stretch is read twice at most; and no slice is copied.
        rest = map(lines.__getitem__, range(start, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True, quoting=quoting)
        at = start
        try:
            for cells in reader:
                if cells:
                    found.append(_Line(at + 1, cells))
                at = start + reader.line_num
            start = at
        except csv.Error as error:
            what = (
                "a quote opens here and never closes" if "end of data" in str(error) else "a quote closes inside a cell"
            )
            shown = meaning(lines[at].rstrip("\r\n"))
            found.append(_Line(at + 1, [], f"{what}; met {shown}; expected quotes inside a cell to be doubled"))
            start = at + 1
    return found


def _dialect(sample: str, tabs: bool) -> tuple[bool, str]:
    """Whether quotes quote, and the delimiter: the one that gives most lines one width above one cell."""
    whole = sample if len(sample) < _SAMPLE else sample[: sample.rfind("\n") + 1] or sample
    best, choice = 0.0, (True, "\t" if tabs else ",")
    for delimiter in "\t,;|" if tabs else ",;\t|":
        quoted = _quotes(whole, delimiter)
        lines = _cells(whole, delimiter, quoted)
        width, count = _width(lines)
        if width > 1 and count / len(lines) > best:
            best, choice = count / len(lines), (quoted, delimiter)
    return choice


def _quotes(sample: str, delimiter: str) -> bool:
    """Whether a '"' at the start of a cell opens a quote: not when most such lines then break."""
    opened = len(re.findall(rf'^(?:"|.*{re.escape(delimiter)}")', sample, re.MULTILINE))
    broken = sum(bool(line.problem) for line in _cells(sample, delimiter, True)) if opened else 0
    return broken * 2 <= opened


def _is_header(
    first: Sequence[str], below: Sequence[Sequence[str]], known: frozenset[str], wanted: Sequence[str]
) -> bool:
    """Whether the first row names the columns: it holds names we know or were told, or nothing speaks against it."""
    names = [normal(cell) for cell in first]
    if wanted and set(wanted) <= set(first):
        return True
    if any(name in known for name in names) and all(len(cell) <= 60 for cell in first):
        return True
    if not below or len(set(names)) < len(names) or not all(names):
        return False
    if any(_number(cell) or len(cell) > 40 or len(cell.split()) > 3 or cell.rstrip()[-1:] in ".?!" for cell in first):
        return False
    columns = zip(*[row for row in below if len(row) == len(first)], strict=True)
    return not any(cell in column for cell, column in zip(first, columns, strict=False))


def normal(name: str) -> str:
    """A column name as the shapes know it: normal(" Intent Name") -> "intent_name"."""
    return name.strip().casefold().replace(" ", "_").replace("-", "_")


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def write_csv(records: Iterable[Mapping[str, Any]], format: Format, keys: Sequence[str]) -> str:
    """The text of a table of these records: every cell reads back equal."""
    lines = [_line(format.columns, format)] if format.header else []
    lines += [_line([_cell(record.get(key, "")) for key in keys], format) for record in records]
    return "".join(lines)


def _cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)


def _line(cells: Sequence[str], format: Format) -> str:
    special = (format.delimiter, "\n", "\r", '"') if format.quoted else (format.delimiter, "\n", "\r")
    marked = [any(sign in cell for sign in special) for cell in cells]
    if any(marked) and not format.quoted:
        worst = cells[marked.index(True)]
        raise InputError(
            f"the file does not quote cells, and one now holds a delimiter or a line end: {meaning(worst)}"
        )
    written = ['"' + cell.replace('"', '""') + '"' if mark else cell for cell, mark in zip(cells, marked, strict=True)]
    if len(written) == 1 and not written[0]:
        written = ['""']
    return format.delimiter.join(written) + format.newline
