"""Examples to a file of the same format and shape: rows nobody touched come back equal, edits change their field only."""

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
from assay.sources.json_rows import KEY, write_json
from assay.sources.parquet_rows import write_parquet
from assay.sources.reading import Read
from assay.sources.rows import from_scratch, put_back


def write(examples: Iterable[Example], path: str | Path, like: Read) -> Format:
    """The examples in the format and shape of `like`, in one step; what was written (UTF-8 when the old encoding cannot hold it).

    Raises:
        InputError: the path names another format, or cannot be written: then nothing is.
    """
    target = Path(path)
    format = replace(like.format, gzip=target.suffix.lower() == ".gz")
    _same_format(target, format)
    records = [_record(example, like) for example in examples]
    if format.kind == "parquet":
        write_bytes(target, write_parquet(records, format))
        return format
    text = _text(records, format, like)
    try:
        data = text.encode(format.encoding)
    except UnicodeEncodeError:
        format = replace(format, encoding="utf-8")
        data = text.encode("utf-8", "backslashreplace")
    write_bytes(target, gzip.compress(data, mtime=0) if format.gzip else data)
    return format


def _same_format(path: Path, format: Format) -> None:
    name = path.with_suffix("") if format.gzip else path
    kind = SUFFIXES.get(name.suffix.lower())
    if kind is not None and kind != format.kind and {kind, format.kind} != {"json", "jsonl"}:
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
        return "".join(str(record["text"]) + format.newline for record in records)
    return write_json(records, format)


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value
