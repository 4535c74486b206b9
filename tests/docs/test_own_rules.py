"""The tutorial on own rules does what it says: its files are written, its code is run, its commands are typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from assay.rules.own import own_rules

PAGE = Path(__file__).parents[2] / "docs" / "own-rules.md"
BLOCK = re.compile(r"(?:<!-- (file|append): (\S+) -->\n)?```(\w+)\n(.*?)```", re.DOTALL)


class Block(NamedTuple):
    """One block of code of the page."""

    how: str  # "file", "append" or "" where it is only to be run
    file: str
    language: str
    text: str


def blocks() -> list[Block]:
    return [Block(*found) for found in BLOCK.findall(PAGE.read_text(encoding="utf-8"))]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the files of the page, as far as they are written before anything is appended."""
    for block in blocks():
        if block.how == "file":
            path = tmp_path / block.file
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
    return tmp_path


def append(project: Path) -> None:
    for block in blocks():
        if block.how == "append":
            path = project / block.file
            path.write_text(path.read_text(encoding="utf-8") + block.text, encoding="utf-8")


def test_the_page_writes_a_recipe_rows_and_rules() -> None:
    assert {block.file for block in blocks() if block.how} == {"assay.yaml", "data/train.csv", "rules.py"}
    assert sum(block.language == "sh" for block in blocks()) == 2


def test_its_rules_keep_the_laws(project: Path) -> None:
    assert list(own_rules(project, "rules.py")) == ["promised-day"]
    append(project)
    assert list(own_rules(project, "rules.py")) == ["promised-day", "one-opening"]


def test_its_other_code_runs(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(project))
    shown = [block.text for block in blocks() if block.language == "python" and not block.how]
    assert len(shown) == 2
    for text in shown:
        exec(compile(text, str(PAGE), "exec"), {})
    sys.modules.pop("rules", None)


@pytest.mark.slow
def test_its_commands_say_what_it_shows(project: Path) -> None:
    commands = [line for block in blocks() if block.language == "sh" for line in block.text.splitlines()]
    expected = [line for block in blocks() if block.language == "text" for line in block.text.splitlines()]
    told = "".join(run(project, line) for line in commands)
    for line in expected:
        assert line in told
    assert "promises a day" in told
    assert "running rules.py: this project's own rules, with your rights" in told
    assert re.search(r"F501  promised-day +hold +2\n", told)
    append(project)
    assert "D501 one-opening  1 info" in run(project, "assay check --select D501")


def run(folder: Path, line: str) -> str:
    """What a command of the page prints, on both streams."""
    words = re.findall(r'"([^"]*)"|(\S+)', line)
    assert words[0][1] == "assay"
    command = [sys.executable, "-m", "assay", *(quoted or bare for quoted, bare in words[1:])]
    env = {**os.environ, "COLUMNS": "160", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
