"""What kind of file it is and how its rows lie in it: detected, stated, and enough to write such a file again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from assay.errors import InputError

Kind = Literal["jsonl", "json", "csv", "parquet", "text"]
SUFFIXES: dict[str, Kind] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
    ".txt": "text",
}  # fmt: skip
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class Format:
    """How the rows lie in the file: everything `write` needs to write such a file again."""

    kind: Kind
    encoding: str = "utf-8"
    gzip: bool = False
    newline: str = "\n"
    delimiter: str = ","  # CSV
    quoted: bool = True  # CSV: whether '"' quotes a cell
    header: bool = True  # CSV: whether the first line names the columns
    columns: tuple[str, ...] = ()  # CSV: the header as it stands, repeats included
    element: Literal["object", "array", "string"] = "object"  # JSON: what one row is
    container: Literal["list", "key", "mapping"] = "list"  # JSON: [rows], {"data": [rows]} or {"id": row}
    key: str = ""  # JSON: of the list, in a "key" container
    outer: str = "{}"  # JSON: the whole object around the list, the list left empty
    compact: bool = False  # JSON: {"a":1} rather than {"a": 1}
    ascii: bool = False  # JSON: other letters written as \u escapes
    indent: int | None = None  # JSON: spaces a level
    schema: Any = field(default=None, repr=False)  # Parquet: pyarrow.Schema

    def __str__(self) -> str:
        name = {"jsonl": "JSON Lines", "json": "JSON", "csv": "CSV", "parquet": "Parquet", "text": "lines of text"}[
            self.kind
        ]
        parts = [name]
        if self.kind == "csv":
            parts[0] = "TSV" if self.delimiter == "\t" else "CSV"
            parts += [_DELIMITERS[self.delimiter]] if self.delimiter not in ",\t" else []
            parts += [] if self.header else ["no header"]
        parts += [self.encoding] if self.kind != "parquet" and self.encoding != "utf-8" else []
        return ", ".join(parts + (["gzip"] if self.gzip else []))


class Row(NamedTuple):
    """One record of a file, good or bad: a bad one says why."""

    at: int  # 1-based: line of JSON Lines, CSV and text; number of the record in JSON and Parquet
    record: dict[str, Any] | None
    problem: str = ""


class Loaded(NamedTuple):
    """Every record of a file in its order, and how they lay in it."""

    rows: list[Row]
    format: Format


def kind_of(path: Path, head: bytes) -> Kind:
    """The format by suffix (.gz left off), else by the first bytes.

    Raises:
        InputError: neither says.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    name = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    known = SUFFIXES.get(name.suffix.lower())
    if known:
        return known
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start in (b"{", b"["):
        return "json"
    raise InputError(
        f"{path}: unknown kind of file '{name.suffix or name.name}'",
        hint=f"Assay reads {', '.join(SUFFIXES)} and .gz of them: rename or convert the file",
    )
