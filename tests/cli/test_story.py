"""The demo's summary reads report.json as it is written."""

import json
from pathlib import Path

import pytest
from report.sample import sample

from assay.cli.story import _sum_up
from assay.report.twin import as_dict


def test_the_summary_shows_every_rung_and_what_the_curated_set_is_worth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twin = as_dict(sample())
    (tmp_path / "report.json").write_text(json.dumps(twin), encoding="utf-8")
    _sum_up(tmp_path, 75.0, [("check", 4.2)])
    shown = capsys.readouterr().out
    assert [rung["name"] for rung in twin["ladder"] if rung["name"] not in shown] == []
    worth = [p for p in twin["evaluation"]["pairs"] if p["a"] == "curated" and p["b"] in ("raw", "random", "rules")]
    assert len(worth) > 1
    for pair in worth:
        assert f"curated against {pair['b']}: {pair['difference']:+.1%}" in shown
    assert "in all 1m15s" in shown


def test_a_report_without_an_evaluation_is_summed_up_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "report.json").write_text(json.dumps(as_dict(sample(ladder=None))), encoding="utf-8")
    _sum_up(tmp_path, 1.0, [])
    assert "report.html" in capsys.readouterr().out
