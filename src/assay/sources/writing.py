"""Examples to a file of the same format and shape: untouched rows come back equal, an edit changes its field only."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assay.errors import InputError
from assay.records import Example
from assay.sources.csv_rows import unique, write_csv
from assay.sources.disk import write_bytes
from assay.sources.formats import SUFFIXES, Format
from assay.sources.json_rows import KEY, meaning, write_json
from assay.sources.parquet_rows import write_parquet
from assay.sources.reading import Read
from assay.sources.rows import from_scratch, put_back


def write(examples: Iterable[Example], path: str | Path, like: Read) -> Format:
    """Write the examples in the format and shape of `like`, in one step.

    Returns what was written: UTF-8 where the old encoding cannot hold an edit.

    Raises:
        InputError: the path names another format, or cannot be written: then nothing is.
    """
    target = Path(path)
    format = replace(like.format, gzip=target.suffix.lower() == ".gz")
    _same_format(target, format, Path(like.path.partition("#")[0]))
    records = [_record(example, like) for example in examples]
    if format.kind == "parquet":
        write_bytes(target, write_parquet(records, format))
        return format
    text = _text(records, format, like)
    try:
        data = text.encode(format.encoding)
    except UnicodeEncodeError:
        format = replace(format, encoding="utf-8")
        data = _utf8(target, text)
    write_bytes(target, gzip.compress(data, mtime=0) if format.gzip else data)
    return format


def _utf8(path: Path, text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        shown = ascii(text[max(0, error.start - 20) : error.end + 20])
        raise InputError(f"{path}: a row holds a lone surrogate, which is no text: {shown}") from None


def _suffix(path: Path) -> str:
    return (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()


def _same_format(path: Path, format: Format, read: Path) -> None:
    kind = SUFFIXES.get(_suffix(path))
    if kind is not None and kind != format.kind and _suffix(path) != _suffix(read):
        raise InputError(
            f"{path}: the rows were read from {format}, and are written as they were",
            hint="give the output the suffix of the input",
        )


def _record(example: Example, like: Read) -> dict[str, Any]:
    record = like.records.get(example.id)
    if record is None:
        sample = next(iter(like.records.values()), {})
        new = from_scratch(example, like.shape, sample, like.system)
        return {KEY: example.id, **new} if like.format.container == "mapping" else new
    return put_back(example, record, like.shape, like.system)


def _text(records: Sequence[dict[str, Any]], format: Format, like: Read) -> str:
    if format.kind == "csv":
        keys = unique(format.columns) if format.header else list(next(iter(like.records.values()), {}))
        return write_csv([{k: _cell(v) for k, v in record.items()} for record in records], format, keys)
    if format.kind == "text":
        return "".join(_plain(str(record["text"]), format) + format.newline for record in records)
    return write_json(records, format)


def _plain(line: str, format: Format) -> str:
    if format.newline in line or not line.strip():
        raise InputError(f"a line of text cannot be blank or hold a line end: {meaning(line)}")
    return line


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value
