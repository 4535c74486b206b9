"""`assay new`: what it writes can be taken at its word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from assay.cli.app import app
from assay.cli.new import TEMPLATES
from assay.cli.pages import key_page
from assay.errors import AssayError
from assay.gates import limits


def test_every_gate_the_template_suggests_exists() -> None:
    text = (TEMPLATES / "classify" / "assay.yaml").read_text(encoding="utf-8")
    suggested = re.findall(r"^#  (.*)$", text.partition("gates:")[2], flags=re.MULTILINE)
    assert [limit.key for limit in limits(YAML().load("\n".join(suggested))).values()] == [
        "wrong-label",
        "near-duplicate",
    ]


def test_the_page_on_gates_gives_an_example_that_can_be_used() -> None:
    page = key_page("gates")
    assert page is not None
    example = re.search(r"\{.*\}", page.text.splitlines()[0])
    assert example is not None
    assert len(limits(YAML().load(example[0]))) == 4


def test_the_next_step_can_be_pasted_into_a_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "cd 'my $HOME' && assay build" in CliRunner().invoke(app, ["new", "my $HOME"]).output


@pytest.mark.parametrize("name", ["", " "])
def test_a_project_without_a_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    error = CliRunner().invoke(app, ["new", name]).exception
    assert isinstance(error, AssayError)
    assert "needs a name" in error.what
    assert not list(tmp_path.iterdir())


def test_a_name_with_dots_makes_no_folder_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "cd x && assay build" in CliRunner().invoke(app, ["new", "bad/../x"]).output
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
