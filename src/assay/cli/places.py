"""Where rows are, as people and editors read it: FILE:LINE where a row has lines, FILE[ROW] where it has none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.sources import Read

LINED = ("jsonl", "csv", "text")


class Places:
    """The lines of the rows of some files. Rows count from 0, as in the JSON; lines from 1, as in an editor."""

    def __init__(self, reads: Iterable[Read]) -> None:
        self._lines = {read.path: read.lines for read in reads if read.format.kind in LINED and not read.format.gzip}
        files = "|".join(re.escape(path) for path in sorted(self._lines, key=len, reverse=True))
        self._named = re.compile(rf"({files})\[(\d+)\]") if files else None

    def line(self, uri: str, row: int) -> int | None:
        """The line a row begins on, from 1; None where rows are no lines: Parquet, JSON, packed files."""
        lines = self._lines.get(uri, ())
        return lines[row] if 0 <= row < len(lines) else None

    def at(self, uri: str, row: int) -> str:
        """at("train.csv", 12) -> "train.csv:14"; "rows.parquet[12]" where there are no lines."""
        line = self.line(uri, row)
        if line is not None:
            return f"{uri}:{line}"
        return f"{uri}[{row}]" if row >= 0 else uri or "dataset"

    def told(self, text: str) -> str:
        """A sentence with the rows it names told by line: "repeats train.csv[3]" -> "repeats train.csv:5"."""
        return text if self._named is None else self._named.sub(lambda m: self.at(m[1], int(m[2])), text)
