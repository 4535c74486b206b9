"""What CI reads: SARIF with what its schema requires and stable fingerprints, JUnit, annotations; gates in all."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assay.cli.bare import Looked, look
from assay.cli.formats import github, junit, sarif
from assay.passes import quiet
from assay.records import Finding
from assay.rules.choose import choose

ROWS = [
    {"prompt": "How do I pay?", "completion": "Open Payments and choose who to pay."},
    {"prompt": "Where is my card?", "completion": "It is on its way, in the post."},
    {"prompt": "How do I pay?", "completion": "Open Payments and choose who to pay."},
    {"prompt": "Is it open?", "completion": ""},
    {"prompt": "Is it shut?", "completion": ""},
]


def looked(path: Path, rows: list[dict[str, str]] = ROWS, gates: dict[str, str] | None = None) -> Looked:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    rules = [rule for rule in choose({}) if rule.code in ("F001", "D001")]
    return look([path], rules, test=None, shape="", progress=quiet, gates=gates or {}, scored=False)


@pytest.fixture
def gated(tmp_path: Path) -> Looked:
    return looked(tmp_path / "a b.jsonl", gates={"duplicates": "0", "empty-answer": "< 10%", "coverage": "> 80%"})


def required(body: dict[str, Any]) -> None:
    """The properties the schema of SARIF 2.1.0 requires, and the types and values it allows for those that are used."""
    assert body["version"] == "2.1.0"
    assert body["$schema"].startswith("https://")
    for run in body["runs"]:
        driver = run["tool"]["driver"]
        assert isinstance(driver["name"], str)
        assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"]), "uniqueItems"
        assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
        for rule in driver["rules"]:
            assert isinstance(rule["id"], str)
            assert all(
                isinstance(rule[key]["text"], str) for key in ("shortDescription", "fullDescription") if key in rule
            )
        for result in run["results"]:
            assert isinstance(result["message"]["text"], str)
            assert result["level"] in ("none", "note", "warning", "error")
            assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
            assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
            for location in result["locations"]:
                place = location["physicalLocation"]
                assert re.fullmatch(r"[\w.~:/?#@!$&'()*+,;=%-]+", place["artifactLocation"]["uri"])
                assert place.get("region", {"startLine": 1})["startLine"] >= 1


def test_sarif_has_what_the_schema_requires_and_a_result_for_each_finding_and_gate(gated: Looked) -> None:
    body = sarif(gated)
    required(body)
    results = body["runs"][0]["results"]
    ids = [result["ruleId"] for result in results]
    assert ids == [f.code for f in gated.findings] + ["gate/duplicates", "gate/empty-answer", "gate/coverage"]
    duplicates, empty, coverage = results[-3:]
    assert [one["level"] for one in (duplicates, empty, coverage)] == ["error"] * 3
    assert [place["physicalLocation"]["region"]["startLine"] for place in empty["locations"]] == [4, 5]
    assert coverage["locations"] == []
    assert "a%20b.jsonl" in empty["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def prints(seen: Looked) -> dict[str, str]:
    results = sarif(seen)["runs"][0]["results"]
    return {result["partialFingerprints"]["assay/v1"]: result["ruleId"] for result in results}


def test_a_fingerprint_stays_when_the_row_moves_and_goes_when_its_text_does(tmp_path: Path) -> None:
    first = prints(looked(tmp_path / "a.jsonl"))
    moved = prints(looked(tmp_path / "b.jsonl", [{"prompt": "Hello?", "completion": "Good day to you."}, *ROWS]))
    assert moved == first
    assert len(first) == 3, "two alike findings on unlike rows are two"
    changed = prints(looked(tmp_path / "c.jsonl", [*ROWS[:4], {"prompt": "Is it locked?", "completion": ""}]))
    assert len(first.keys() & changed.keys()) == 2


def test_the_line_of_a_csv_row_is_below_its_header_and_parquet_has_none(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("prompt,completion\nWhere?,Here it is today.\nWhen?,\n", encoding="utf-8")
    rules = [rule for rule in choose({}) if rule.code == "F001"]
    seen = look([path], rules, test=None, shape="", progress=quiet, scored=False)
    (result,) = sarif(seen)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}
    assert ",line=3," in github(seen)[0]
    path = path.with_suffix(".parquet")
    pq.write_table(pa.table({"prompt": ["Where?", "When?"], "completion": ["Here it is today.", ""]}), path)
    packed = look([path], rules, test=None, shape="", progress=quiet, scored=False)
    (result,) = sarif(packed)["runs"][0]["results"]
    assert packed.findings[0].place == f"{path}[1]"
    assert "region" not in result["locations"][0]["physicalLocation"]


def test_lines_are_those_of_an_editor_where_cells_span_several_and_messages_say_them_too(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('prompt,completion\n"Where\nis\nit, please?",Here it is today.\n\n'
                    "When?,\n\"Where\nis\nit, please?\",Here it is today.\n", encoding="utf-8")  # fmt: skip
    rules = [rule for rule in choose({}) if rule.code in ("F001", "D001")]
    seen = look([path], rules, test=None, shape="", progress=quiet, scored=False)
    lines = {r["ruleId"]: r["locations"][0]["physicalLocation"]["region"] for r in sarif(seen)["runs"][0]["results"]}
    assert lines["F001"] == {"startLine": 6}
    repeat = next(f for f in seen.findings if f.code == "D001")
    twin = {0: 2, 2: 7}[2 - repeat.row]
    assert lines["D001"] == {"startLine": {0: 2, 2: 7}[repeat.row]}
    (said,) = (line for line in github(seen) if "D001" in line)
    assert f"a.csv:{twin}: same prompt" in said
    assert [f.row for f in seen.findings if f.code == "F001"] == [1], "the JSON counts rows from 0"


def test_junit_counts_gates_and_lists_their_rows(gated: Looked) -> None:
    suite = ElementTree.fromstring(junit(gated))  # our own output
    cases = list(suite.iter("testcase"))
    assert suite.get("tests") == str(len(cases)) == str(len(gated.findings) + 3)
    assert suite.get("failures") == str(len(list(suite.iter("failure"))))
    failed = {case.get("name"): case.find("failure") for case in cases if case.get("classname") == "gate"}
    assert set(failed) == {"duplicates", "empty-answer", "coverage"}
    assert failed["empty-answer"] is not None
    assert (failed["empty-answer"].text or "").count("a b.jsonl:") == 2


def test_annotations_tell_gates_as_errors(gated: Looked) -> None:
    lines = github(gated)
    assert sum(line.startswith("::error title=gate ") for line in lines) == 3
    assert all("\n" not in line for line in lines)


def test_hostile_text_breaks_no_format(gated: Looked) -> None:
    bad = "\x00\x1b[31m]]></testcase>\n::error::x\ud800%0A\u2028\u202e\uffff=cmd|' /C calc'!A0"
    found = Finding("F001", "empty-answer", bad, "answer", "hold", "error", 1.0, bad, uri=bad, row=2)
    seen = gated._replace(findings=[found], failed=(gated.failed[0]._replace(what=bad, rows=(bad, f"{bad}[1]")),))
    required(json.loads(json.dumps(sarif(seen)).encode("utf-8")))
    ElementTree.fromstring(junit(seen).encode("utf-8"))
    assert all(line.startswith("::error ") and "\n" not in line for line in github(seen))
    assert not any(c in "".join(github(seen)) for c in "\x00\x1b\ud800\u2028\u202e")
