"""One file to Examples: every row that enters comes out, as an example or as a named problem."""

from __future__ import annotations

import glob
import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assay.errors import InputError, Problem
from assay.records import NO_LINE, Example, Message, Split, Task, canonical_json
from assay.sources.csv_rows import read_csv
from assay.sources.disk import bytes_of
from assay.sources.encoding import Text, text_of
from assay.sources.formats import SUFFIXES, Format, Loaded, Row, kind_of
from assay.sources.json_rows import fault_in, read_json, read_jsonl
from assay.sources.leftover import unused
from assay.sources.parquet_rows import read_parquet
from assay.sources.rows import Unfit, body_of
from assay.sources.shapes import COLUMNS, Shape, detect, parse_mapping

LINED = ("jsonl", "csv", "text")  # kinds of files whose records begin on lines of their own
_LIST_OF_OBJECTS = re.compile(r"\s*\[\s*\{")


@dataclass(frozen=True)
class Read:
    """What a file held. `rows == len(examples) + len(problems)`: nothing is lost quietly."""

    examples: list[Example]
    problems: list[Problem]  # where each is: FILE:LINE, or FILE:RECORD where a row is not a line
    shape: Shape
    format: Format
    rows: int  # records in the file, bad ones included
    path: str = ""  # as given
    licence: str = ""
    system: str = ""  # put in front of rows without a system message; not written back
    records: Mapping[str, dict[str, Any]] = field(default_factory=dict, repr=False)  # by example id, as they stood
    bad: tuple[int, ...] = ()  # 0-based record of each problem
    bad_lines: tuple[int, ...] = ()  # line of each problem, from 1; NO_LINE where records are no lines

    def __str__(self) -> str:
        bad = f", {len(self.problems)} of them unreadable" if self.problems else ""
        return f"{self.path}: {self.rows} rows{bad}; {self.format}; shape {self.shape}"


def read(
    path: str | Path, *, shape: str = "", task: Task | None = None, split: Split = "train", licence: str = "",
    system: str = "", name: str = "",
) -> Read:  # fmt: skip
    """The examples of one file; `FILE.json#key` picks one of several lists in it.

    `shape` is a name or a mapping (`prompt=body,answer=reply`); detected when empty. `task`: the shape tells when None.
    `name` is what ids made from the content hang on: the path relative to the project; the file's own name when empty.

    Raises:
        InputError: no such file, no usable format or shape, or not one row that can be read.
    """
    uri = str(path)
    file, _, part = uri.partition("#") if "#" in uri and not Path(uri).exists() else (uri, "", "")
    data = bytes_of(Path(file))
    loaded = _load(Path(file), data, part, shape)
    good = [row for row in loaded.rows if row.record is not None]
    if not good:
        problems = [Problem(f"{uri}:{row.at}", row.problem) for row in loaded.rows]
        what = f"none of its {len(problems)} rows can be read" if problems else "holds no rows"
        raise InputError(f"{uri}: {what}", problems=problems)
    found = detect([row.record for row in good if row.record is not None], uri, shape)
    _refuse_doubled(uri, loaded.format.columns, found)
    source = name or Path(file).name + (f"#{part}" if part else "")
    return _examples(loaded, found, uri, source, task, split, licence, system)


def _refuse_doubled(uri: str, columns: Sequence[str], shape: Shape) -> None:
    """Two columns of one name, of which the shape takes one: nobody knows which was meant.

    Raises:
        InputError: there are such columns; all of them.
    """
    used = set(shape.columns.values())
    problems = [
        Problem(f"{uri}:1", f"{count} columns are named '{name}'", "rename or remove all but one")
        for name, count in Counter(columns).items()
        if count > 1 and name in used
    ]
    if problems:
        raise InputError(f"{uri}: which column is meant?", problems=problems)


def _load(path: Path, data: bytes, part: str, shape: str) -> Loaded:
    kind = kind_of(path, data[:4096])
    if kind == "parquet":
        return read_parquet(path, data)
    text = text_of(path, data)
    if not text.text.strip():
        raise InputError(f"{path}: is empty", hint="expected at least one row")
    format = Format(kind, encoding=text.encoding, gzip=path.suffix.lower() == ".gz")
    if kind == "json":
        return read_json(path, text, format, part)
    if kind == "jsonl":
        return _listed_lines(path, text, format) or read_jsonl(text, format)
    if kind == "csv":
        return read_csv(path, text, format, COLUMNS, list(parse_mapping(shape).values()))
    return _text_lines(text, format)


def _listed_lines(path: Path, text: Text, format: Format) -> Loaded | None:
    """One JSON list of objects under a .jsonl name, as some tools write it; None when it is not that."""
    if not _LIST_OF_OBJECTS.match(text.text):
        return None
    try:
        return read_json(path, text, replace(format, kind="json"))
    except InputError:
        return None


def _text_lines(text: Text, format: Format) -> Loaded:
    newline = "\r\n" if "\r\n" in text.text else "\n"
    rows = []
    for number, line in enumerate(text.text.split(newline), 1):
        fault = "" if text.clean else fault_in(line)
        if line.strip():
            rows.append(Row(number, None, fault) if fault else Row(number, {"text": line}))
    return Loaded(rows, replace(format, newline=newline))


def _examples(
    loaded: Loaded, shape: Shape, uri: str, name: str, task: Task | None, split: Split, licence: str, system: str
) -> Read:
    ids = _ids(loaded.rows, shape, name)
    examples: list[Example] = []
    problems: list[Problem] = []
    bad: list[tuple[int, int]] = []  # record, line
    records: dict[str, dict[str, Any]] = {}
    front = (Message("system", system),) if system else ()
    lined = loaded.format.kind in LINED and not loaded.format.gzip
    for number, (row, id) in enumerate(zip(loaded.rows, ids, strict=True)):
        line = row.at if lined else NO_LINE
        if row.record is None:
            problems.append(Problem(f"{uri}:{row.at}", row.problem))
            bad.append((number, line))
            continue
        try:
            body = body_of(row.record, shape)
        except Unfit as why:
            problems.append(Problem(f"{uri}:{row.at}", str(why)))
            bad.append((number, line))
            continue
        own = body.messages
        messages = own if not front or own[0].role == "system" else front + own
        kind = task or _task(body.label, own)
        label = body.label if kind != "classify" or body.label is not None else _last(own)
        records[id] = row.record
        examples.append(
            Example(
                id=id,
                task=kind,
                messages=messages,
                label=label if kind == "classify" else None,
                context=body.context,
                weight=body.weight,
                split=split,
                group=body.group,
                uri=uri,
                row=number,
                extra=unused(row.record, shape),
                rests_on_prompt=shape.rests_on_prompt,
                line=line,
            )
        )
    if not examples:
        raise InputError(f"{uri}: none of its {len(problems)} rows fits the shape {shape}", problems=problems)
    return Read(
        examples, problems, shape, loaded.format, len(loaded.rows), uri, licence, system, records,
        tuple(record for record, _ in bad), tuple(line for _, line in bad),
    )  # fmt: skip


def _task(label: str | None, messages: Sequence[Message]) -> Task:
    if label is not None:
        return "classify"
    return "chat" if sum(message.role == "user" for message in messages) > 1 else "generate"


def _last(messages: Sequence[Message]) -> str | None:
    return messages[-1].content if messages[-1].role == "assistant" else None


def _ids(rows: Sequence[Row], shape: Shape, name: str) -> list[str]:
    """An id a row: its own when every row has one and no two share it, else a hash of what it says."""
    column = shape.columns.get("id")
    good = [row.record for row in rows if row.record is not None]
    if column is not None:
        own = [record.get(column) for record in good]
        if all(isinstance(id, (str, int)) and not isinstance(id, bool) and id != "" for id in own) and len(
            {str(id) for id in own}
        ) == len(own):
            return ["" if row.record is None else str(row.record[column]) for row in rows]
    seen: Counter[str] = Counter()
    ids = []
    for row in rows:
        if row.record is None:
            ids.append("")
            continue
        id = hashlib.sha256(f"{name}\n{_canonical(row.record)}".encode()).hexdigest()[:16]
        seen[id] += 1
        ids.append(id if seen[id] == 1 else f"{id}-{seen[id]}")
    return ids


def _canonical(record: Mapping[str, Any]) -> str:
    try:
        return canonical_json(record)
    except TypeError:  # Parquet holds dates, bytes and decimals
        return canonical_json(
            {key: value if isinstance(value, (str, int, float)) else str(value) for key, value in record.items()}
        )


def files_of(path: str | Path) -> list[Path]:
    """The data files of a file, folder (and what lies below it) or glob, in the order of their names.

    Raises:
        InputError: there is none.
    """
    given = Path(path)
    if given.is_dir():
        found = [file for file in _visible(given) if _readable(file)]
    elif glob.has_magic(str(path)) and not given.exists():
        found = [Path(file) for file in glob.glob(str(path), recursive=True) if Path(file).is_file()]
    else:
        return [given]
    if not found:
        raise InputError(f"{path}: no data file here", hint=f"Assay reads {', '.join(SUFFIXES)} and .gz of them")
    return sorted(found, key=lambda file: file.as_posix())


def others_in(path: str | Path) -> list[Path]:
    """The visible files of a folder that hold no rows by their names: Assay leaves them out."""
    return sorted(file for file in _visible(Path(path)) if not _readable(file)) if Path(path).is_dir() else []


def _visible(folder: Path) -> list[Path]:
    """The files of a folder and below it, none of them hidden."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return [file for file in files if not any(part.startswith(".") for part in file.relative_to(folder).parts)]


def _readable(file: Path) -> bool:
    name = file.with_suffix("") if file.suffix.lower() == ".gz" else file
    return name.suffix.lower() in SUFFIXES


def read_all(
    path: str | Path, *, shape: str = "", task: Task | None = None, split: Split = "train", licence: str = "",
    system: str = "",
) -> list[Read]:  # fmt: skip
    """The files of a folder or glob (or one file), each as `read` gives it.

    Raises:
        InputError: from the files that cannot be read, all of them at once.
    """
    found: list[Read] = []
    failed: list[InputError] = []
    for file in files_of(path):
        try:
            name = file.relative_to(path).as_posix() if Path(path).is_dir() else ""
            found.append(read(file, shape=shape, task=task, split=split, licence=licence, system=system, name=name))
        except InputError as error:
            failed.append(error)
    if len(failed) == 1:
        raise failed[0]
    if failed:
        problems = [Problem(error.what, "; ".join(map(str, error.problems[:3])), error.hint) for error in failed]
        raise InputError(f"{path}: {len(failed)} files cannot be read", problems=problems)
    return found


def distinct(examples: Sequence[Example]) -> list[Example]:
    """The same examples with ids made unique across files: the second "a" becomes "a@train.csv"."""
    seen: set[str] = set()
    made = []
    for example in examples:
        name, again = example.id, 1
        while name in seen:
            name = f"{example.id}@{example.uri}" + (f"-{again}" if again > 1 else "")
            again += 1
        seen.add(name)
        made.append(replace(example, id=name) if name != example.id else example)
    return made
