"""Laws of the readers: nothing is lost quietly, what is written reads back equal, ids are stable, no bytes crash."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.errors import InputError
from assay.records import Example, Message
from assay.sources import Read, read, write

QUICK = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = st.text(st.characters(codec="utf-8"), max_size=30)
SAID = WORDS.filter(lambda text: bool(text.strip()))
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), WORDS, st.lists(st.integers(), max_size=2)
)
EXTRA = st.fixed_dictionaries({"note": VALUES, "by": WORDS})
TURN = st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant"]), "content": WORDS})
SAYS = st.fixed_dictionaries({"from": st.sampled_from(["human", "gpt", "system"]), "value": WORDS})
ANSWER = st.one_of(WORDS, st.none(), st.booleans(), st.integers())


def rows_of(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.builds(lambda row, extra: {**row, **extra}, st.fixed_dictionaries(fields), EXTRA)
    return st.lists(row, min_size=1, max_size=6)


SHAPES = {
    "messages": rows_of(messages=st.lists(TURN, min_size=1, max_size=4)),
    "sharegpt": rows_of(conversations=st.lists(SAYS, min_size=1, max_size=4)),
    "alpaca": rows_of(instruction=WORDS, input=WORDS, output=ANSWER),
    "prompt-completion": rows_of(prompt=WORDS, completion=ANSWER),
    "question-answer": rows_of(question=WORDS, answer=ANSWER, context=WORDS),
    "input-output": rows_of(input=WORDS, output=ANSWER),
    "summary": rows_of(document=WORDS, summary=ANSWER),
    "text-label": rows_of(text=WORDS, label=st.one_of(st.integers(), WORDS)),
    "text": rows_of(text=WORDS),
}
FLAT = [name for name in SHAPES if name not in ("messages", "sharegpt")]


def save_jsonl(rows: list[dict[str, Any]], path: Path) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8", newline="")


def save_json(rows: list[dict[str, Any]], path: Path) -> None:
    path.write_text(json.dumps(rows), encoding="utf-8", newline="")


def save_around(rows: list[dict[str, Any]], path: Path) -> None:
    path.write_text(json.dumps({"made": "today", "data": rows}), encoding="utf-8", newline="")


def save_table(rows: list[dict[str, Any]], path: Path, delimiter: str, encoding: str) -> None:
    def cell(value: Any) -> str:
        return '"' + ("" if value is None else str(value)).replace('"', '""') + '"'

    lines = [rows[0].keys(), *(row.values() for row in rows)]
    text = "".join(delimiter.join(map(cell, line)) + "\r\n" for line in lines)
    path.write_bytes(text.encode(encoding))


def save_parquet(rows: list[dict[str, Any]], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = [{k: v if isinstance(v, (list, str)) and k != "note" else str(v) for k, v in row.items()} for row in rows]
    pq.write_table(pa.Table.from_pylist(texts), path)


FORMATS: dict[str, Callable[[list[dict[str, Any]], Path], None]] = {
    "rows.jsonl": save_jsonl,
    "rows.json": save_json,
    "around.json": save_around,
    "rows.csv": lambda rows, path: save_table(rows, path, ",", "utf-8"),
    "bom.csv": lambda rows, path: save_table(rows, path, ";", "utf-8-sig"),
    "rows.tsv": lambda rows, path: save_table(rows, path, "\t", "utf-8"),
    "wide.csv": lambda rows, path: save_table(rows, path, ",", "utf-16"),
    "rows.parquet": save_parquet,
}
PAIRS = [(shape, name) for name in FORMATS for shape in (FLAT if name.endswith(("csv", "tsv")) else SHAPES)]


def same(left: Read, right: Read) -> None:
    assert [vars_of(e) for e in right.examples] == [vars_of(e) for e in left.examples]
    assert list(right.records.values()) == list(left.records.values())
    kinds = [[type(value) for value in record.values()] for record in left.records.values()]
    assert [[type(value) for value in record.values()] for record in right.records.values()] == kinds
    assert [list(record) for record in right.records.values()] == [list(record) for record in left.records.values()]


def vars_of(example: Example) -> tuple[Any, ...]:
    return (
        example.digest,
        example.messages,
        example.label,
        example.context,
        example.weight,
        example.group,
        example.extra,
    )


def test_the_pairs_cover_every_shape_and_format() -> None:
    assert {shape for shape, _ in PAIRS} == set(SHAPES)
    assert {name for _, name in PAIRS} == set(FORMATS)
    assert len(PAIRS) == 4 * len(SHAPES) + 4 * len(FLAT)


@pytest.mark.parametrize(("shape", "name"), PAIRS)
@QUICK
@given(data=st.data())
def test_what_is_read_and_written_reads_back_equal(shape: str, name: str, data: st.DataObject, tmp_path: Path) -> None:
    rows = data.draw(SHAPES[shape])
    path = tmp_path / name
    FORMATS[name](rows, path)
    first = read(path, system="Answer briefly.")
    assert first.shape.name == shape
    assert first.rows == len(rows) == len(first.examples)
    out = tmp_path / f"again-{name}"
    write(first.examples, out, first)
    same(first, read(out, system="Answer briefly."))


@pytest.mark.parametrize(("shape", "name"), PAIRS)
@QUICK
@given(data=st.data())
def test_an_edit_reads_back_and_changes_its_own_field_only(
    shape: str, name: str, data: st.DataObject, tmp_path: Path
) -> None:
    path, out = tmp_path / name, tmp_path / f"again-{name}"
    FORMATS[name](data.draw(SHAPES[shape]), path)
    first = read(path, system="Answer briefly.")
    edited = []
    for example in first.examples:
        places = [i for i, m in enumerate(example.messages) if m != Message("system", "Answer briefly.")]
        edited.append(example.with_text({data.draw(st.sampled_from(places)): data.draw(SAID)}) if places else example)
    write(edited, out, first)
    again = read(out, system="Answer briefly.", shape=shape)
    assert [e.messages for e in again.examples] == [e.messages for e in edited]
    assert [e.label for e in again.examples] == [e.label for e in edited]
    assert [e.extra for e in again.examples] == [e.extra for e in edited]


@QUICK
@given(
    rows=SHAPES["text-label"],
    lines=st.lists(st.sampled_from(["{", '{"text": 1', "[]", "7", '{"a": 1}', "nul"]), max_size=4),
)
def test_every_row_is_an_example_or_a_named_problem(
    rows: list[dict[str, Any]], lines: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "mixed.jsonl"
    whole = [json.dumps(row) for row in rows for _ in range(5)] + lines
    path.write_text("\n".join(whole), encoding="utf-8", newline="")
    got = read(path)
    assert (got.rows, len(got.problems), len(got.bad)) == (len(whole), len(lines), len(lines))
    assert got.rows == len(got.examples) + len(got.problems)
    assert [p.where for p in got.problems] == [f"{path}:{len(whole) - len(lines) + i + 1}" for i in range(len(lines))]
    assert sorted([*got.bad, *(e.row for e in got.examples)]) == list(range(len(whole)))


@QUICK
@given(rows=SHAPES["question-answer"], data=st.data())
def test_ids_do_not_change_when_rows_are_reordered_or_added(
    rows: list[dict[str, Any]], data: st.DataObject, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    save_jsonl(rows, path)
    ids = [example.id for example in read(path).examples]
    assert len(set(ids)) == len(rows)
    save_jsonl([{**rows[0], "question": "new"}, *data.draw(st.permutations(rows))], path)
    assert set(ids) <= {example.id for example in read(path).examples}


@pytest.mark.parametrize(
    "name", ["a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt", "a.parquet", "a.jsonl.gz", "a.unknown"]
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from([b"", b"PAR1", b"\x1f\x8b\x08", b"text,label\n", b'{"text": "a"}\n', b"[", b"\xff\xfe", b'"']),
    data=st.data(),
)
def test_no_bytes_raise_anything_but_an_input_error(
    name: str, head: bytes, data: st.DataObject, tmp_path: Path
) -> None:
    alphabet = st.sampled_from(list(b'{}[]",:;\t\n\r\\ \x00\xe9\xff\x80\xc3\xa9abtext12nN-."'))
    body = data.draw(st.one_of(st.binary(max_size=200), st.lists(alphabet, max_size=200).map(bytes)))
    path = tmp_path / name
    path.write_bytes(head + body)
    try:
        got = read(path)
    except InputError:
        return
    assert got.rows == len(got.examples) + len(got.problems)
    write(got.examples, tmp_path / f"again-{name}", got)
