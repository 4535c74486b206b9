from __future__ import annotations

from pathlib import Path

import pytest

from assay.errors import InputError
from assay.sources import reference_lines


def test_queries_lines_paragraphs_and_rows_are_read_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\ufeffWhere is my card?\n\n  Top up failed \n", encoding="utf-8")
    (tmp_path / "b.md").write_text(
        "---\ntitle: x\n---\n# Leave\n\nYou have [25 days](https://example.com) of **annual** leave.\n\n"
        "```sh\nrm -rf a b c d\n```\n\n- Ask your manager\n  two weeks before.\n",
        encoding="utf-8",
    )
    (tmp_path / "c.csv").write_text("text,label\nReset my pin please,pin\n,empty\n", encoding="utf-8")
    assert reference_lines(tmp_path, ["How do I open report.csv", "a.txt", "b.md", "c.csv"], "domain.targets") == [
        "How do I open report.csv", "Where is my card?", "Top up failed", "You have 25 days of annual leave.",
        "Ask your manager two weeks before.", "Reset my pin please",
    ]  # fmt: skip


@pytest.mark.parametrize("entry", ["absent.txt", "absent.md", "absent.jsonl", "folder.txt"])
def test_what_is_not_there_is_told_with_its_key(tmp_path: Path, entry: str) -> None:
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(InputError, match=f"domain.control: no such file '{entry}'"):
        reference_lines(tmp_path, [entry], "domain.control")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Où est ma carte ?".encode("latin-1"))
    with pytest.raises(InputError, match="UTF-8"):
        reference_lines(tmp_path, ["a.txt"], "domain.targets")


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_a_file_without_a_query_is_told_with_its_key(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("\n  \n", encoding="utf-8")
    with pytest.raises(InputError, match=f"domain.targets: there is no query in '{name}'"):
        reference_lines(tmp_path, [name], "domain.targets")
