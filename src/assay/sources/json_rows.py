"""JSON Lines and JSON: records from text and text from records. orjson where it loses nothing, else the standard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import orjson

from assay.errors import InputError
from assay.sources.encoding import Text
from assay.sources.formats import Format, Loaded, Row

MAX_DEPTH = 100  # levels of nesting in a row; real rows have under ten
_KEY = re.compile(r'"\s*:')
_LONG_NUMBER = re.compile(r"\d{17}")  # orjson reads integers beyond 64 bits as floats


class Doubled(dict[str, Any]):
    """An object that gives a key twice: JSON readers keep the last and lose the others quietly."""

    key = ""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    doubled = Doubled(found)
    doubled.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return doubled


def parse(text: str) -> Any:
    """A JSON value, integers of any size and NaN kept, repeated keys marked as `Doubled`.

    Raises:
        ValueError: not JSON, or nested too deeply.
    """
    if not _LONG_NUMBER.search(text):
        try:
            value = orjson.loads(text)
        except ValueError:
            value = None
        else:
            if len(_KEY.findall(text)) == _keys(value):
                return value
    try:
        return json.loads(text, object_pairs_hook=_pairs)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _keys(value: Any) -> int:
    """How many keys a value holds, at any depth: _keys({"a": [{"b": 1}]}) -> 2."""
    count, rest = 0, [value]
    while rest:
        part = rest.pop()
        if isinstance(part, dict):
            count += len(part)
            rest += [inner for inner in part.values() if isinstance(inner, (dict, list))]
        elif isinstance(part, list):
            rest += [inner for inner in part if isinstance(inner, (dict, list))]
    return count


def fault_in(value: Any) -> str:
    """Why a parsed row cannot be kept as it is, or "": a repeated key, nesting beyond `MAX_DEPTH`, no Unicode."""
    level = [value]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for part in level:
            if isinstance(part, str):
                if not part.isascii() and not _unicode(part):
                    return f"holds {_stray(part)}; expected Unicode text"
            elif isinstance(part, dict):
                if isinstance(part, Doubled):
                    return f"the key '{part.key}' is given twice; expected once"
                inner += part.keys()
                inner += part.values()
            elif isinstance(part, list):
                inner += part
        if not inner:
            return ""
        level = inner
    return f"nested more than {MAX_DEPTH} levels deep"


def _unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _stray(text: str) -> str:
    point = next(ord(letter) for letter in text if "\ud800" <= letter <= "\udfff")
    return (
        f"byte 0x{point - 0xDC00:02X}, which is not UTF-8"
        if 0xDC80 <= point <= 0xDCFF
        else f"a lone surrogate U+{point:04X}"
    )


def meaning(value: Any) -> str:
    """A value as an error shows it: meaning([1, 2]) -> "a list [1, 2]"."""
    names = {dict: "an object", list: "a list", str: "text", bool: "a truth value", int: "a number", float: "a number"}
    if value is None:
        return "null"
    shown = repr(value)
    return f"{names.get(type(value), type(value).__name__)} {shown if len(shown) <= 60 else shown[:57] + '...'}"


def _row(at: int, value: Any, element: str) -> Row:
    met = {"dict": "object", "Doubled": "object", "list": "array", "str": "string"}.get(type(value).__name__)
    fault = (
        f"met {meaning(value)}; expected {'an' if element in ('object', 'array') else 'a'} {element}"
        if met != element
        else ""
    )
    fault = fault or fault_in(value)
    if fault:
        return Row(at, None, fault)
    if element == "object":
        return Row(at, value)
    return Row(
        at, {"text": value} if element == "string" else {f"column_{i + 1}": cell for i, cell in enumerate(value)}
    )


def _element(values: Sequence[Any]) -> Literal["object", "array", "string"]:
    """What most rows are."""
    objects, arrays, strings = (sum(isinstance(v, kind) for v in values) for kind in (dict, list, str))
    return "object" if objects >= max(arrays, strings) else "array" if arrays >= strings else "string"


def read_jsonl(text: Text, format: Format) -> Loaded:
    """One JSON value a line; blank lines are no rows; what does not parse is a bad row with its line."""
    lines = text.text.split("\n") if "\n" in text.text or "\r" not in text.text else text.text.split("\r")
    parsed: list[tuple[int, Any, str]] = []
    for at, line in enumerate(lines, 1):
        if not line or line.isspace():
            continue
        try:
            parsed.append((at, parse(line), ""))
        except ValueError as error:
            parsed.append((at, None, _syntax(line, error)))
    element = _element([value for _, value, fault in parsed[:1000] if not fault])
    rows = [Row(at, None, fault) if fault else _row(at, value, element) for at, value, fault in parsed]
    return Loaded(rows, replace(style(text.text, format), element=element))


def _syntax(line: str, error: ValueError) -> str:
    shown = line.strip()
    shown = repr(shown if len(shown) <= 60 else shown[:57] + "...")
    if isinstance(error, json.JSONDecodeError):
        ended = error.pos >= len(line.rstrip()) or error.msg.startswith("Unterminated")
        what = "the line ends too early" if ended else error.msg.lower()
        return f"not JSON: {what} at column {error.colno}; met {shown}"
    return f"not JSON: {str(error).splitlines()[0][:100]}; met {shown}"


def style(text: str, format: Format) -> Format:
    """How the file spells JSON, so that a row written back looks as it did."""
    head = text[:100_000]
    indent = re.search(r"^[\[{]\s*\n( *)", head)
    return replace(
        format,
        compact='": ' not in head,
        ascii=head.isascii() and re.search(r"\\u[0-9a-fA-F]{4}", head) is not None,
        indent=len(indent[1]) or None if indent and format.kind == "json" else None,
        newline="\r\n" if "\r\n" in head else "\n",
    )


def read_json(path: Path, text: Text, format: Format, part: str = "") -> Loaded:
    """A list of rows, an object around one list of rows (`part` picks the key), an object of rows by id, or JSON Lines.

    Raises:
        InputError: not JSON, or no list of rows in it.
    """
    try:
        value = parse(text.text)
    except ValueError as error:
        if _is_lines(text.text):
            return read_jsonl(text, replace(format, kind="jsonl"))
        place = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        what = error.msg.lower() if isinstance(error, json.JSONDecodeError) else str(error)[:100]
        raise InputError(
            f"{path}: not JSON: {what}{place}", hint="was it cut off? one row a line (.jsonl) can be read in part"
        ) from None
    format = style(text.text, format)
    if isinstance(value, list) and not part:
        return _listed(value, format)
    if isinstance(value, dict):
        return _inside(path, value, format, part)
    raise InputError(f"{path}: holds {meaning(value)}; expected a list of rows")


def _listed(values: list[Any], format: Format) -> Loaded:
    element = _element(values[:1000])
    return Loaded([_row(i + 1, v, element) for i, v in enumerate(values)], replace(format, element=element))


def _is_lines(text: str) -> bool:
    first = text.lstrip().split("\n", 1)[0].strip()
    if not (first.startswith("{") and first.endswith("}")):
        return False
    try:
        return isinstance(parse(first), dict)
    except ValueError:
        return False


def _inside(path: Path, value: dict[str, Any], format: Format, part: str) -> Loaded:
    lists = [
        key for key, inner in value.items() if isinstance(inner, list) and inner and isinstance(inner[0], (dict, list))
    ]
    lists = [key for key in lists if key == part] if part else lists
    if len(lists) == 1:
        (key,) = lists
        loaded = _listed(value[key], format)
        outer = json.dumps({**value, key: []}, ensure_ascii=False)
        return Loaded(loaded.rows, replace(loaded.format, container="key", key=key, outer=outer))
    if not part and not lists and len(value) > 1 and all(isinstance(inner, dict) for inner in value.values()):
        rows = [_row(i + 1, inner, "object") for i, inner in enumerate(value.values())]
        ids = dict(zip((row.at for row in rows), value, strict=True))
        marked = [
            row._replace(record={KEY: ids[row.at], **row.record}) if row.record is not None else row for row in rows
        ]
        return Loaded(marked, replace(format, container="mapping"))
    if not part and not lists and any(isinstance(inner, str) for inner in value.values()):
        return _listed([value], replace(format, kind="jsonl", indent=None))
    if lists or part:
        known = [key for key, inner in value.items() if isinstance(inner, list)]
        hint = f"name one after a #: {path}#{known[0]}" if known else ""
        raise InputError(f"{path}: which list of rows? found {', '.join(map(repr, known)) or 'none'}", hint=hint)
    raise InputError(f"{path}: no list of rows in this object; its keys: {', '.join(list(value)[:10])}")


KEY = "\0key"  # field that carries the key of a row of an object of rows; never written


def dump(value: Any, format: Format, indent: int | None = None) -> str:
    """A JSON text in the style of the file: integers of any size and NaN as they are."""
    separators = (",", ":") if format.compact else (", " if indent is None else ",", ": ")
    return json.dumps(value, ensure_ascii=format.ascii, separators=separators, indent=indent)


def _bare(record: Mapping[str, Any], format: Format) -> Any:
    if format.element == "string":
        return record["text"]
    if format.element == "array":
        return list(record.values())
    return {key: value for key, value in record.items() if key != KEY}


def write_json(records: Iterable[Mapping[str, Any]], format: Format) -> str:
    """The text of a JSON or JSON Lines file of these records."""
    if format.kind == "jsonl":
        return "".join(dump(_bare(record, format), format) + format.newline for record in records)
    rows: Any
    if format.container == "mapping":
        rows = {record[KEY]: _bare(record, format) for record in records}
    else:
        rows = [_bare(record, format) for record in records]
    if format.container == "key":
        rows = {**json.loads(format.outer), format.key: rows}
    return dump(rows, format, format.indent) + "\n"
