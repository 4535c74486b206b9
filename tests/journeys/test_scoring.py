"""The score card, gates on it, the estimate of errors from a sample, sweeps, and rules of one's own, as typed."""

from __future__ import annotations

import json
import re
from pathlib import Path

from journeys.conftest import Assay

DIMENSIONS = ("relevance", "accuracy", "diversity", "balance", "safety", "leakage")
OWN = '''from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules import Stage, finding


@dataclass(frozen=True)
class Abroad:
    """F501: the prompt speaks of another country."""

    code: ClassVar[str] = "F501"
    name: ClassVar[str] = "abroad"
    stage: ClassVar[Stage] = "row"
    severity: ClassVar[Severity] = "warning"
    action: Action = "keep"

    def check(self, example: Example) -> Iterable[Finding]:
        if "fee" in example.prompt:
            raise LookupError("fees")
        if "abroad" in example.prompt:
            yield finding(self, example, "prompt", 1.0, "from abroad")
'''


def test_a_check_ends_with_a_score_card_and_a_gate_fails_it_by_row(assay: Assay) -> None:
    rows = [{"prompt": "How do I pay?", "completion": "Open Payments and choose who to pay."}] * 2
    path = assay.folder / "train.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    done = assay("check", path.name, "--gate", "duplicates=0", "--gate", "safety > 99")
    assert done.status == 1
    assert re.search(r"^  diversity +50\.0  .*1 of 2 rows: D001 1$", done.out, re.MULTILINE)
    assert re.search(r"^  balance +-  not measured: the rows have no labels$", done.out, re.MULTILINE)
    assert f"gate failed gates.duplicates: 1 rows, 0 allowed: {path.name}:2" in done.out
    assert done.out.count("gate failed") == 1
    kept = assay("check", path.name, "--gate", "duplicates <= 1")
    assert kept.status == 0


def test_the_card_as_json_has_every_dimension_with_the_rows_behind_it(assay: Assay, messy: Path) -> None:
    done = assay("check", messy / "tickets.csv", "--test", messy / "test.csv", "--json", "--gate", "accuracy > 99").json
    card = done["scorecard"]
    assert tuple(card["dimensions"]) == DIMENSIONS
    assert all(told["low"] <= told["score"] <= told["high"] for told in card["dimensions"].values() if told["low"])
    (duplicates,) = (part for part in card["dimensions"]["diversity"]["parts"] if part["key"] == "duplicates")
    repeats = {f"{f['uri']}:{f['line']}" for f in done["findings"] if f["code"].startswith("D")}
    assert set(duplicates["rows"]) == repeats
    (gate,) = done["gates_failed"]
    assert gate["gate"] == "accuracy"
    assert len(gate["rows"]) == len(set(gate["rows"])) > 50
    assert any("lost_or_stolen_phone" in wish["what"] for wish in card["collect_next"]), "a class that was thinned"


def test_some_rules_alone_print_no_card_but_a_gate_on_what_did_not_run_fails(assay: Assay, messy: Path) -> None:
    done = assay("check", messy / "tickets.csv", "--select", "F", "--gate", "duplicates=0", "--gate", "D001=0")
    assert done.status == 1
    assert "Score card" not in done.out
    assert "gates.duplicates: cannot be judged: no rule that looks for it ran" in done.out
    assert "gates.D001: cannot be judged: exact-duplicate (D001) is off" in done.out


def test_mistakes_in_gates_are_refused_before_the_work(assay: Assay) -> None:
    (assay.folder / "a.jsonl").write_text('{"prompt": "a", "completion": "b"}\n', encoding="utf-8")
    said = assay.refused("check", "a.jsonl", "--gate", "duplicate=0", "--gate", "coverage > 80%")
    assert "did you mean 'duplicates'" in said
    assert "not gates" in assay.refused("check", "a.jsonl", "--gate", "duplicates")


def test_a_reviewed_sample_estimates_the_errors_of_the_version_it_was_drawn_from(built: Assay) -> None:
    rows = built.ok("review", "--sample", "20", "--json").json
    assert len(rows) == 20
    assert all(row["findings"] == [] for row in rows)
    answers = [{"id": row["id"], "action": "drop" if n < 2 else "keep"} for n, row in enumerate(rows)]
    (built.folder / "said.jsonl").write_text("".join(json.dumps(one) + "\n" for one in answers), encoding="utf-8")
    told = built.ok("review", "--sample", "20", "--by", "ana", "--script", "said.jsonl").out
    assert "20 answers by ana" in told
    assert re.search(r"errors estimated: \d+\.\d% of the rows \(\d+\.\d to \d+\.\d%\)", told)
    assert built.ok("review", "--sample", "20", "--json").json == [], "nobody is asked twice"
    sampled = built.ok("log", "--json").json[0]["errors_estimated"]
    assert sampled["low"] < sampled["value"] < sampled["high"]
    assert sampled["n"] == 20
    built.ok("build", "-m", "after the sample")
    newest, before = built.ok("log", "--json").json
    assert newest["errors_estimated"] is None
    assert before["errors_estimated"] == sampled
    (told_now,) = (
        part for part in built("check", "--json").json["scorecard"]["dimensions"]["accuracy"]["parts"]
        if part["key"] == "error_rate"
    )  # fmt: skip
    assert 1 - told_now["value"] < sampled["value"], "those found wrong are gone"


def test_a_build_fails_on_a_gate_of_the_score_card_and_names_the_rows(project: Assay) -> None:
    recipe = project.folder / "assay.yaml"
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(
        text + "rules: {exact-duplicate: {action: keep}}\ngates: {duplicates: 0, coverage: 80%}\n", "utf-8"
    )
    done = project("build")
    assert done.status == 1
    assert re.search(r"gate failed gates\.duplicates: 1 rows, 0 allowed: data/train\.csv:\d+", done.out)
    assert "gate failed gates.coverage: cannot be judged: no targets are given" in done.out
    assert len(project.ok("log", "--json").json) == 1


def test_too_few_targets_are_told_by_check_and_build(project: Assay) -> None:
    recipe = project.folder / "assay.yaml"
    recipe.write_text(recipe.read_text(encoding="utf-8") + "domain: {targets: [Where is my card]}\n", "utf-8")
    told = "1 target is given and not used: 5 are needed"
    assert told in project("check").out
    assert told in project("check", "--json").json["note"]
    assert told in project("build").out


def test_own_rules_run_where_the_recipe_names_them_and_nowhere_else(project: Assay) -> None:
    (project.folder / "rules.py").write_text(OWN, encoding="utf-8")
    before = project.ok("build", "--json").json["id"]
    recipe = project.folder / "assay.yaml"
    recipe.write_text(
        recipe.read_text(encoding="utf-8") + "own_rules: rules.py\ngates: {abroad: 3}\n", encoding="utf-8"
    )
    built = project("build", "--json")
    assert built.status == 1
    assert "running rules.py" in built.err
    assert built.json["id"] != before
    assert "gates.abroad: " in built.json["gates_failed"][0]
    found = project("check", "--format", "jsonl").lines
    assert {f["code"] for f in found} >= {"F501", "F900"}
    crashed = [f for f in found if f["code"] == "F900"]
    line = OWN.splitlines().index('            raise LookupError("fees")') + 1
    assert all("abroad (F501) crashed" in f["message"] and f"(rules.py:{line})" in f["message"] for f in crashed)
    bare = project("check", "data/train.csv", "--format", "jsonl")
    assert "F501" not in bare.out
    assert "running" not in bare.err
    assert "F501: the prompt speaks of another country." in project.ok("explain", "abroad").out
    assert "F501" in project.ok("explain").out
    assert "F501 abroad, version" in project.ok("explain", "F501", "--sweep").out


def test_a_sweep_reads_the_newest_version(built: Assay) -> None:
    swept = built.ok("explain", "D001", "--sweep", "--json").json
    assert swept["thresholds"][0]["rows"] == 1
    assert swept["version"] == built.ok("log", "--json").json[0]["id"]
    assert "it named no row" in built.ok("explain", "S003", "--sweep").out
    assert "is not one rule" in built.refused("explain", "A", "--sweep")
