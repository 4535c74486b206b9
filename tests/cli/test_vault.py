"""The vault: what surrogates stand for, for nobody without the key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assay.cli import vault
from assay.cli.app import app
from assay.errors import AssayError, InputError
from assay.rules.surrogates import KEY, NoKey

ONE, OTHER = "correct horse battery", "an altogether other key"
ROWS = [
    {"prompt": "Why was jo.doe@gmail.com written to twice?", "completion": "Because JO.DOE@gmail.com asked twice."},
    {"prompt": "Can you ring (415) 555-2671 about the lamp?", "completion": "We rang 415.555.2671 at noon.", "by": 7},
    {"prompt": "Is the café open on Sunday, too?", "completion": "No, it is closed\u2028on Sundays."},
]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(KEY, ONE)
    monkeypatch.chdir(tmp_path)
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS]
    Path("a.jsonl").write_text("".join(lines), encoding="utf-8")


def assay(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_what_is_put_back_is_the_file_byte_for_byte_and_the_vault_is_its_owners() -> None:
    done = assay("fix", "a.jsonl", "-o", "b.jsonl", "--vault", "v", "--select", "S001", "--ledger", "l.jsonl")
    assert done.exit_code == 0, done.output
    written = Path("b.jsonl").read_text(encoding="utf-8") + Path("l.jsonl").read_text(encoding="utf-8")
    assert "doe" not in written.lower()
    assert "2671" not in written
    assert "gmail" not in Path("v").read_text()
    assert Path("v").stat().st_mode & 0o077 == 0
    assert assay("fix", "b.jsonl", "-o", "c.jsonl", "--vault", "v", "--reveal").exit_code == 0
    assert Path("c.jsonl").read_bytes() == Path("a.jsonl").read_bytes()


def test_a_second_file_under_the_same_vault_gets_the_same_surrogates_and_adds_its_own() -> None:
    assay("fix", "a.jsonl", "-o", "b.jsonl", "--vault", "v", "--select", "S001")
    first = vault.load(Path("v"))
    Path("more.jsonl").write_text(json.dumps({"prompt": "jo.doe@gmail.com? ana@web.de?", "completion": "Both."}) + "\n")
    assay("fix", "more.jsonl", "-o", "out.jsonl", "--vault", "v", "--select", "S001")
    mail = next(made for made, value in first.items() if value == "jo.doe@gmail.com")
    assert mail in Path("out.jsonl").read_text()
    assert first.items() < vault.load(Path("v")).items()


def test_another_key_a_changed_vault_or_another_file_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vault.save(Path("v"), {"[SSN-BCDFGHJK]": "078-05-1120"})
    assert vault.load(Path("v")) == {"[SSN-BCDFGHJK]": "078-05-1120"}
    with pytest.raises(InputError, match="is no vault"):
        vault.load(Path("a.jsonl"))
    monkeypatch.setenv(KEY, OTHER)
    with pytest.raises(InputError, match="does not open it"):
        vault.load(Path("v"))
    monkeypatch.delenv(KEY)
    with pytest.raises(NoKey):
        vault.load(Path("v"))
    monkeypatch.setenv(KEY, ONE)
    Path("v").write_bytes(Path("v").read_bytes()[:-9] + b"AAAAAAAA\n")
    with pytest.raises(InputError, match="was changed"):
        vault.load(Path("v"))


def test_a_vault_is_never_written_over_another_file_nor_without_the_rule() -> None:
    before = Path("a.jsonl").read_bytes()
    for words in (("--vault", "a.jsonl"), ("--vault", "b.jsonl"), ("--vault", "v", "--select", "D"), ("--reveal",)):
        done = assay("fix", "a.jsonl", "-o", "b.jsonl", *words)
        assert isinstance(done.exception, AssayError), words
    assert Path("a.jsonl").read_bytes() == before
    assert [path.name for path in Path().iterdir()] == ["a.jsonl"]


def test_a_dry_run_writes_no_vault() -> None:
    assert assay("fix", "a.jsonl", "-o", "b.jsonl", "--vault", "v", "--select", "S001", "--dry-run").exit_code == 0
    assert not Path("v").exists()
