"""What a report calls the data as it came is just that: the rows as read, before any rule or person."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from assay import dataset
from assay.cli.bare import look
from assay.dataset import Rows
from assay.db import open_events
from assay.passes import quiet
from assay.pipeline import build, rules_of
from assay.project import Project, find
from assay.prove.arms import arms_of, past_of
from assay.records import Decision, Example, Message
from assay.report.dimensions import cards
from assay.report.gather import gather
from assay.runs import rungs
from assay.store import Store

THINGS = {"card": "my card is lost", "fee": "why this fee", "loan": "i want a loan", "bill": "the bill is wrong"}
WHERE = ("since monday", "in the shop", "abroad", "on the phone app", "at the bank", "for my sister", "at night")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """56 rows of four labels, eight of them wrong, two without an answer, repeats, and one known to the test."""
    rows = [(f"{said} {where} {time}", label) for label, said in THINGS.items() for where in WHERE
            for time in ("again", "number 2")]  # fmt: skip
    labels = list(THINGS)
    rows = [(text, labels[(labels.index(label) + 1) % 4] if i % 7 == 3 else label)
            for i, (text, label) in enumerate(rows)]  # fmt: skip
    rows += [("what of this", ""), ("and of that", ""), rows[0], (f"  {rows[5][0].upper()}", rows[5][1])]
    test = [(f"{said} today", label) for label, said in THINGS.items()] + [rows[10]]
    for name, found in (("train", rows), ("test", test)):
        lines = [json.dumps({"text": text, "label": label}) for text, label in found]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    recipe = "name: x\ntask: classify\nsources:\n  - path: train.jsonl\n  - path: test.jsonl\n    split: test\n"
    (tmp_path / "assay.yaml").write_text(recipe, encoding="utf-8")
    return find(tmp_path)


def _decided(project: Project, seed: int) -> list[Decision]:
    """What somebody says of every other row: other labels, rows left out, rows kept, a row added."""
    rows = _rows(project)
    draw = Random(seed)
    made = []
    for row in (row for row in rows.kept if row.split == "train" and draw.random() < 0.5):
        action = draw.choice(("edit", "edit", "drop", "keep"))
        after = _labelled(row, draw.choice(list(THINGS))) if action == "edit" else None
        made.append(Decision(row.id, row.digest, action, "review", "ana", {}, after))
    fresh = replace(_labelled(rows.kept[0], "fee"), id="new", uri="", row=-1)
    return [*made, Decision("new", fresh.digest, "add", "review", "ana", {}, fresh)]


def _labelled(row: Example, label: str) -> Example:
    return replace(row, messages=(*row.messages[:-1], Message("assistant", label)), label=label)


def _rows(project: Project) -> Rows:
    store = Store(project.tables)
    return dataset.load_rows(store, dataset.load_version(store))


def _reviewed(project: Project, seed: int) -> None:
    decisions = _decided(project, seed)
    events = open_events(f"sqlite:///{project.people}")
    events.add(decisions)
    events.close()
    build(project)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_card_of_the_data_as_it_came_is_that_of_a_check_whatever_people_decided(project, seed):
    build(project)
    rules = rules_of(project)
    checked = look([project.root / "train.jsonl"], rules, test=project.root / "test.jsonl", shape="", progress=quiet)
    _reviewed(project, seed)
    rows = _rows(project)
    assert any(decision.human and decision.action == "edit" for decision in rows.decisions)
    assert any(found.code == "A004" for found in checked.findings)
    before = cards(rows, project, "").before

    def told(card):
        return [part._replace(rows=(), why="") for part in card.parts]

    assert told(before) == told(checked.card)


@pytest.mark.slow
def test_the_findings_of_a_report_are_those_of_the_data_as_it_came_though_people_mended_them(project):
    build(project)
    first = {group.code: group.count for group in gather(project).findings}
    _reviewed(project, 1)
    later = {group.code: group.count for group in gather(project).findings}
    assert first["A004"] == 8
    assert {code: count for code, count in first.items() if later.get(code, 0) < count} == {}


@pytest.mark.slow
def test_every_raw_arm_holds_the_rows_and_labels_of_the_file_whatever_people_decided(project):
    lines = (project.root / "train.jsonl").read_text(encoding="utf-8").splitlines()
    filed = sorted((row["text"], row["label"]) for row in map(json.loads, lines))
    build(project)
    _reviewed(project, 2)
    rows = _rows(project)
    past = past_of(rows, rules_of(project))
    raw = next(arms_of(past, [], 0, lambda _: None)).examples
    (rung,) = rungs(project, ["raw"], [0])

    def pairs(examples):
        return sorted((example.prompt, example.answer) for example in examples if example.split == "train")

    assert pairs(dataset.as_read(rows).kept) == pairs(rows.read) == filed
    assert pairs(rung.examples) == [pair for pair in filed if pair[1]]
    known = {example.prompt for example in rows.read if example.id in past.leaked}
    assert pairs(raw) == [pair for pair in filed if pair[1] and pair[0] not in known]
