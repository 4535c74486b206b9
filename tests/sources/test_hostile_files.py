"""Files nobody would write on purpose: each is refused or read, with every bad line named."""

from __future__ import annotations

import gzip
import json
import os
import time
from pathlib import Path
from random import Random

import pytest

from assay.errors import InputError
from assay.sources import Read, files_of, read, read_all, read_documents, write

GOOD = '{"text": "where is my card", "label": "arrival"}'


def read_lines(tmp_path: Path, *lines: str, name: str = "rows.jsonl") -> Read:
    path = tmp_path / name
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    return read(path)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"text": "a", "label": "b", "text": "c"}', "the key 'text' is given twice"),
        ('{"text": "a", "label": "b", "by": {"x": 1, "x": 2}}', "the key 'x' is given twice"),
        ('{"text": "a", "label": NaN}', "'label' is a number nan; expected text"),
        ('{"text": "a", "label": ["b"]}', "'label' is a list ['b']; expected text"),
        ('{"text": "a"}', "has no 'label'; found text"),
        ('{"text": "\\ud800", "label": "b"}', "a lone surrogate U+D800"),
        ('{"text": "a\x00", "label": "b"}', "not JSON"),
        ('{"text": "a", "label": "b"', "the line ends too early"),
        ('{"text": "a", "label": "b', "the line ends too early"),
        ('{"text": "a", "label": "b", "deep": ' + "[" * 150 + "]" * 150 + "}", "nested more than 100 levels"),
        ('{"text": "a", "label": "b", "deep": ' + "[" * 90_000 + "]" * 90_000 + "}", "nested too deeply"),
        ('{"text": "a", "label": ' + "9" * 5000 + "}", "not JSON"),
        ("null", "met null; expected an object"),
        ("[1, 2]", "met a list [1, 2]; expected an object"),
        ('{"messages": [{"role": "user", "content": "a"}]}', "has no 'text'"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_kept(tmp_path: Path, line: str, expected: str) -> None:
    got = read_lines(tmp_path, GOOD, line, GOOD)
    assert [problem.where for problem in got.problems] == [f"{tmp_path / 'rows.jsonl'}:2"]
    assert expected in got.problems[0].what
    assert [example.row for example in got.examples] == [0, 2]
    assert got.bad == (1,)


def test_a_row_with_both_text_and_messages_is_read_by_the_shape_of_the_file(tmp_path: Path) -> None:
    chat = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    got = read_lines(tmp_path, json.dumps(chat), json.dumps({**chat, "text": "a b"}))
    assert (got.shape.name, got.examples[1].extra) == ("messages", '{"text":"a b"}')


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        (b"\x00" * 50, "is empty"),
        (b"PK\x03\x04 and more", "a zip archive"),
        (b"\x80\x04\x95pickle", "a pickle, which is never loaded"),
        (bytes(range(256)) * 20, "looks binary"),
        (b"PAR1 but no table", "damaged Parquet"),
        (b"\x1f\x8b\x08 but no gzip", "damaged gzip"),
        (b"hello\nthere", "none of its 2 rows can be read"),
    ],
)
def test_a_file_that_is_no_rows_is_refused(tmp_path: Path, data: bytes, expected: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(data)
    with pytest.raises(InputError, match=expected):
        read(path)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl", "rows.txt"])
def test_random_bytes_are_in_no_encoding(tmp_path: Path, name: str, seed: int) -> None:
    path = tmp_path / name
    path.write_bytes(Random(seed).randbytes(5000))
    with pytest.raises(InputError, match="looks binary"):
        read(path)


def test_a_stray_control_code_makes_no_binary_of_an_old_export(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes("text,label\nDas Gerät\x1a ist\x00 defekt,Rückgabe\n".encode("cp1252"))
    assert read(path).format.encoding == "cp1252"


def test_a_missing_file_a_folder_and_an_unknown_kind_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.xyz").write_text("hello")
    for path, expected in (
        (tmp_path / "none.csv", "no such file"),
        (tmp_path, "is a folder"),
        (tmp_path / "notes.xyz", "unknown kind"),
    ):
        with pytest.raises(InputError, match=expected):
            read(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(GOOD)
    path.chmod(0)
    with pytest.raises(InputError, match="Permission denied"):
        read(path)


def test_a_gzip_bomb_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(b" " * (64 << 20)))
    with pytest.raises(InputError, match="refused as a possible bomb"):
        read(path)


def test_a_gzip_cut_short_is_refused_and_a_whole_one_of_several_parts_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    packed = gzip.compress(f"{GOOD}\n".encode())
    path.write_bytes(packed + packed)
    assert read(path).rows == 2
    path.write_bytes(packed[:-9])
    with pytest.raises(InputError, match="damaged gzip"):
        read(path)


def test_csv_rows_of_another_width_and_open_quotes_are_named_by_line(tmp_path: Path) -> None:
    lines = ["text,label", "a,b", "a", "a,b,c", '"two\nlines",b', '"open,b', "c,d", '"x"y,b', "e,f", '"g, h",i']
    got = read_lines(tmp_path, *lines, name="rows.csv")
    assert [(e.prompt, e.label) for e in got.examples] == [
        ("a", "b"),
        ("two\nlines", "b"),
        ("c", "d"),
        ("e", "f"),
        ("g, h", "i"),
    ]
    assert [problem.where.rpartition(":")[2] for problem in got.problems] == ["3", "4", "7", "9"]
    assert [problem.what.split(";")[0] for problem in got.problems[:2]] == ["has 1 cells", "has 3 cells"]
    assert all("quote" in problem.what for problem in got.problems[2:])


def test_many_broken_quotes_take_linear_time(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + 'a,"b"\n' * 12_000 + '"x"",b\n' * 60_000 + '"b\n')
    start = time.process_time()
    got = read(path)
    assert got.format.quoted
    assert len(got.problems) > 50_000
    assert time.process_time() - start < 5


def test_a_stray_byte_names_its_line_and_leaves_the_file_utf8(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes("text,label\ncafé crème,é\n".encode() + b"caf\xe9,x\n" + "thé,y\n".encode())
    got = read(path)
    assert [e.prompt for e in got.examples] == ["café crème", "thé"]
    assert str(got.problems[0]).startswith(f"{path}:3: holds byte 0xE9, which is not UTF-8")


def test_a_file_with_a_header_or_an_empty_list_only_holds_no_rows(tmp_path: Path) -> None:
    for name, text in (("rows.csv", "text,label\n"), ("rows.json", "[]"), ("rows.json", '{"data": []}')):
        (tmp_path / name).write_text(text)
        with pytest.raises(InputError, match=r"no rows|no list of rows"):
            read(tmp_path / name)


def test_repeated_and_empty_column_names_come_back(tmp_path: Path) -> None:
    path, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    path.write_text("text,label,,note,note\na,b,,1,2\n")
    got = read(path)
    assert got.examples[0].extra == '{"":"","note":"1","note.2":"2"}'
    write(got.examples, out, got)
    assert out.read_text() == path.read_text()


def test_json_that_is_cut_off_says_where(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(f"[\n{GOOD},\n{GOOD}")
    with pytest.raises(InputError, match="line 3"):
        read(path)


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    got = read_lines(tmp_path, GOOD)
    out = tmp_path / "out.jsonl"
    out.write_text("before")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        write(got.examples, out, got)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "rows.jsonl"]
    assert out.read_text() == "before"


def test_a_folder_is_read_file_by_file_and_all_bad_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.jsonl").write_text(GOOD)
    (tmp_path / "b" / "a.jsonl").write_text(GOOD)
    (tmp_path / ".hidden.csv").write_text("x")
    first, second = read_all(tmp_path)
    assert first.examples[0].id != second.examples[0].id
    assert [got.path for got in read_all(str(tmp_path / "*.jsonl"))] == [str(tmp_path / "a.jsonl")]
    (tmp_path / "c.csv").write_text("one,two\n1,2\n")
    (tmp_path / "d.json").write_text("{")
    with pytest.raises(InputError) as caught:
        read_all(tmp_path)
    assert len(caught.value.problems) == 2
    with pytest.raises(InputError, match="no data file here"):
        files_of(str(tmp_path / "*.parquet"))


def test_documents_keep_their_paragraphs(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes("# Leave\r\n\r\nTen days.\r\n".encode("utf-8-sig"))
    (tmp_path / "b.txt").write_text("Plain.")
    (tmp_path / "c.pdf").write_text("no")
    first, second = read_documents(tmp_path, licence="CC0-1.0")
    assert (first.text, first.licence, second.text) == ("# Leave\n\nTen days.\n", "CC0-1.0", "Plain.")
    (tmp_path / "d.txt").write_bytes(b"%PDF-1.4")
    with pytest.raises(InputError, match="is a PDF"):
        read_documents(tmp_path / "d.txt")


def test_two_columns_of_the_name_that_is_read_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label,text\na,b,c\n")
    with pytest.raises(InputError, match="2 columns are named 'text'"):
        read(path)


def test_a_header_in_the_middle_of_a_table_is_named_and_no_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label\na,b\ntext,label\nc,d\n")
    got = read(path)
    assert [e.prompt for e in got.examples] == ["a", "c"]
    assert [str(problem) for problem in got.problems] == [f"{path}:3: repeats the header"]
    assert got.rows == 3


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a system without such devices")
def test_a_device_that_never_ends_is_refused_behind_a_link_too(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").symlink_to("/dev/zero")
    with pytest.raises(InputError, match="is a device"):
        read(tmp_path / "rows.jsonl")
