"""An edit changes its own field; rows nobody touched come back as they were, to the type."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assay.errors import InputError
from assay.records import Example, Message
from assay.sources import read, write


def again(tmp_path: Path, record: dict[str, Any], change: dict[int, str], system: str = "") -> dict[str, Any]:
    path, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    path.write_text(json.dumps(record))
    got = read(path, system=system)
    write([example.with_text(change) for example in got.examples], out, got)
    written: dict[str, Any] = json.loads(out.read_text())
    return written


@pytest.mark.parametrize(
    ("record", "change", "field", "value"),
    [
        ({"n": 1, "text": "a", "label": 3}, {1: "4"}, "label", 4),
        ({"n": 1, "text": "a", "label": True}, {1: "false"}, "label", False),
        ({"n": None, "text": "a", "label": 3}, {1: "four"}, "label", "four"),
        ({"prompt": "a", "completion": None}, {0: "b"}, "prompt", "b"),
        ({"instruction": "Add.", "input": "1 2", "output": "3"}, {0: "Add up.\n\n1 2"}, "instruction", "Add up."),
        ({"instruction": "Add.", "input": "1 2", "output": "3"}, {0: "Add.\n\n1 and 2"}, "input", "1 and 2"),
        ({"question": "a?", "context": "b\n\nc", "answer": "d"}, {0: "a?\n\nb\n\ne"}, "context", "b\n\ne"),
        ({"system": "Be kind.", "prompt": "a", "completion": "b"}, {0: "Be brief."}, "system", "Be brief."),
    ],
)  # fmt: skip
def test_an_edit_changes_its_field_only(
    tmp_path: Path, record: dict[str, Any], change: dict[int, str], field: str, value: Any
) -> None:
    written = again(tmp_path, record, change)
    assert written == {**record, field: value}
    assert type(written[field]) is type(value)
    assert list(written) == list(record)


def test_an_edited_message_keeps_what_else_its_turn_holds(tmp_path: Path) -> None:
    record = {
        "messages": [
            {"role": "user", "content": "a", "name": "ana"},
            {"role": "assistant", "content": "b", "weight": 0},
        ]
    }
    written = again(tmp_path, record, {2: "c"}, system="Be kind.")
    assert written["messages"] == [
        {"role": "user", "content": "a", "name": "ana"},
        {"role": "assistant", "content": "c", "weight": 0},
    ]


@pytest.mark.parametrize(
    "line",
    [
        '{"text":"a","n":123456789012345678901234567890}',
        '{"text":"caf\\u00e9","x":NaN,"y":1.0,"z":-0.0}',
        '{"text": "café", "x": 0.30000000000000004, "deep": {"a": [1, null, true]}}',
    ],
)
def test_numbers_of_any_size_nan_and_the_spelling_of_the_file_come_back(tmp_path: Path, line: str) -> None:
    path, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    path.write_text(line + "\r\n", encoding="utf-8", newline="")
    got = read(path)
    write(got.examples, out, got)
    assert out.read_bytes() == path.read_bytes()


def test_an_example_from_elsewhere_is_written_in_the_shape_of_the_file(tmp_path: Path) -> None:
    path, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    path.write_text("n,text,label\n1,a,3\n")
    got = read(path, system="Sort.")
    new = Example(
        "x", "classify", (Message("system", "Sort."), Message("user", 'b, "c"'), Message("assistant", "4")), label="4"
    )
    write([*got.examples, new], out, got)
    assert out.read_text() == 'n,text,label\n1,a,3\n,"b, ""c""",4\n'
    assert read(out, system="Sort.").examples[1].digest == new.digest


def test_a_changed_weight_and_a_dropped_row_are_written(tmp_path: Path) -> None:
    path, out = tmp_path / "rows.json", tmp_path / "out.json"
    path.write_text(json.dumps({"v": 1, "data": [{"text": "a", "weight": 1}, {"text": "b", "weight": 1}]}, indent=2))
    got = read(path)
    write([replace(got.examples[1], weight=0.5)], out, got)
    assert json.loads(out.read_text()) == {"v": 1, "data": [{"text": "b", "weight": 0.5}]}
    assert out.read_text().startswith('{\n  "v"')


def test_the_output_keeps_the_format_of_the_input(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a"}')
    got = read(path)
    with pytest.raises(InputError, match="read from JSON Lines"):
        write(got.examples, tmp_path / "out.csv", got)
    write(got.examples, tmp_path / "out.jsonl.gz", got)
    assert str(read(tmp_path / "out.jsonl.gz").format) == "JSON Lines, gzip"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "mac_roman", "cp1251", "shift_jis", "big5"])
def test_an_old_encoding_is_detected_kept_and_left_when_it_cannot_hold_an_edit(tmp_path: Path, encoding: str) -> None:
    words = {"cp1251": "Где моя карта", "shift_jis": "カードが届きません", "big5": "我的卡片還沒有到，請問什麼時候會到"}
    text = words.get(encoding, "Où est ma “carte” ? L’été déjà")
    path, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    path.write_bytes(f"text,label\r\n{text},x\r\nplain,y\r\n".encode(encoding))
    got = read(path)
    assert got.examples[0].prompt == text
    assert got.format.encoding == encoding
    write(got.examples, out, got)
    assert out.read_bytes() == path.read_bytes()
    emoji = write([got.examples[0].with_text({0: "\N{GRINNING FACE}"})], out, got)
    assert emoji.encoding == (encoding if encoding in ("utf-8-sig", "utf-16") else "utf-8")
    assert read(out).examples[0].prompt == "\N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gb18030", "我的卡还没有到，什么时候会到"),
        ("euc_kr", "카드가 아직 도착하지 않았습니다"),
        ("euc_jp", "カードが届きません。いつ届きますか"),
        ("cp1250", "Mój błąd: nie mogę się zalogować, proszę o pomoc. Dziękuję, żółta kartka"),
        ("cp1253", "Καλημέρα, πού είναι η κάρτα μου"),
        ("cp1252", "Não, a SÃO PAULO ação; ¿dónde está? It costs £20 or 20€ – 5° warm"),
        ("mac_roman", "He held his sister’s hand"),
        ("utf-16-le", "plain words"),
        ("utf-16-be", "plain words"),
    ],
)
def test_an_encoding_is_told_by_what_the_text_then_says(tmp_path: Path, encoding: str, text: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(json.dumps({"text": text, "label": "x"}, ensure_ascii=False).encode(encoding))
    got = read(path)
    assert (got.examples[0].prompt, got.format.encoding) == (text, encoding)
