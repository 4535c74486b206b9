"""From influence to the rows that hurt, to those behind a wrong answer, and to questions for people."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import labelled, qa
from models import tiny

from assay import pipeline
from assay.cli import prove_rows
from assay.cli.reviewing import waiting
from assay.db import open_events
from assay.errors import InputError
from assay.evaluate.rungs import Answer
from assay.evaluate.rungs import Rung as Answers
from assay.project import Project, find
from assay.prove import rows as proving
from assay.prove import told
from assay.prove.influence import Influence
from assay.prove.shortlist import nearest_first, shortlist
from assay.prove.suspects import harm, surprise
from assay.records import Example
from assay.review import answer
from assay.store import Store

WORDS = ("parcel late", "parcel lost", "card blocked", "card stolen", "pin forgotten", "pin wrong")


def measured(rows: list[Example], held: list[float], asked: int = 0) -> Influence:
    n = len(rows)
    base, end = np.full(n, 4.0), np.array(held)
    table = np.stack([base, end]).astype(np.float32)
    among = np.full((n, n), np.nan, dtype=np.float32)
    return Influence(
        table, table, among, np.zeros((n, asked), dtype=np.float32), np.zeros(n, dtype=np.float32),
        np.full(n, 2.0, dtype=np.float32),
    )  # fmt: skip


def planned(rows: list[Example], wrong: list[proving.Wrong], folder: Path) -> proving.Plan:
    spec = proving.spec_for(len(rows), seed=0)
    return proving.Plan("v1", "raw", rows, len(rows), wrong, True, spec, folder, folder / "rows-v1-raw.json")


def three() -> list[Example]:
    return [qa("a", "how late?", "two days"), qa("b", "how long?", "a week"), qa("c", "how much?", "ten euros")]


def test_free_text_is_judged_by_the_share_of_the_first_loss_that_is_left() -> None:
    rows = three()
    found = measured(rows, [1.0, 3.0, 2.0])
    assert np.argsort(-surprise(found, rows)).tolist() == [1, 2, 0]
    longer = found._replace(tokens=np.array([900.0, 1.0, 1.0], dtype=np.float32))
    assert np.array_equal(surprise(found, rows), surprise(longer, rows))


def test_a_label_unlike_its_neighbours_and_unlikely_to_the_models_hurts_most() -> None:
    rows = [labelled(f"r{i}", f"{WORDS[i % 6]} {i}", WORDS[i % 6].split()[0]) for i in range(48)]
    rows[13] = rows[13].with_answer("card")  # "parcel lost"
    score = harm(measured(rows, [0.1] * 13 + [2.0] + [0.1] * 34), rows)
    assert int(score.argmax()) == 13
    assert ((score >= 0) & (score <= 1)).all()


def test_an_answer_that_no_near_question_has_hurts_most() -> None:
    told_apart = [("late parcel", "It comes within two days."), ("blocked card", "Call the bank to unblock it.")]
    rows = [qa(f"r{i}", f"{told_apart[i % 2][0]} number {i}?", told_apart[i % 2][1]) for i in range(24)]
    rows[7] = rows[7].with_answer("It comes within two days.")
    assert int(harm(measured(rows, [1.0] * 24), rows).argmax()) == 7


def test_each_row_names_those_it_hurts_the_most_hurt_first(tmp_path: Path) -> None:
    rows = three()
    found = measured(rows, [1.0, 3.0, 2.0])
    found.among[1] = [-0.5, np.nan, -2.0]
    found.among[0] = [np.nan, 1.0, 2.0]
    body = told.as_dict(proving.judge(planned(rows, [], tmp_path), found))
    ranked = {one["id"]: one for one in body["rows"]}
    assert [why["test_id"] for why in ranked["b"]["why"]] == ["c", "a"]
    assert ranked["a"]["why"] == []
    harms = [one["harm"] for one in body["rows"]]
    assert harms == sorted(harms, reverse=True)
    json.dumps(body, allow_nan=False)


def test_a_wrong_answer_is_laid_to_the_rows_that_make_it_likelier_than_the_right_one(tmp_path: Path) -> None:
    rows = three()
    found = measured(rows, [1.0, 1.0, 1.0], asked=2)
    found.asked[:] = [[5.0, 6.0], [2.0, -1.0], [1.0, 0.0]]  # on what was written, on what was expected
    wrong = proving.Wrong(qa("t", "how far?", "a mile"), "a week")
    (taught,) = proving.judge(planned(rows, [wrong], tmp_path), found).answers
    assert [one.row.id for one in taught.by] == ["b", "c"]
    assert taught.by[0].influence == pytest.approx(3.0)


def test_the_nearest_rows_of_every_query_come_first() -> None:
    rows = [qa(f"r{i}", text, "x") for i, text in enumerate(["my parcel is late", "red wine", "parcel lost", "a dog"])]
    assert nearest_first(["where is my parcel", "white wine"], rows, 2) == [0, 1]
    assert nearest_first([], rows, 2) == []


@pytest.mark.parametrize("label", ["same", None])
def test_rows_that_nothing_tells_apart_are_all_as_harmful(label: str | None) -> None:
    rows = [replace(qa(f"r{i}", "\ud800 what?", "that"), label=label) for i in range(20)]
    assert set(harm(measured(rows, [1.0] * 20), rows).tolist()) == {0.5}


def test_a_shortlist_has_the_doubtful_rows_and_as_many_others() -> None:
    rows = [labelled(f"r{i}", f"{WORDS[i % 6]} {i}", WORDS[i % 6].split()[0]) for i in range(60)]
    rows[13] = rows[13].with_answer("card")
    chosen = shortlist(rows, 20, seed=0)
    assert len(set(chosen)) == 20
    assert 13 in chosen[:10]
    assert chosen == shortlist(rows, 20, seed=0)


# --- a whole project ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is built and has, as far as files tell, its raw rung trained."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("project")
    model = tiny.save(folder / "model")
    for name, count in (("train", 24), ("test", 30)):
        rows = tiny.rows(count)[-6:] if name == "test" else tiny.rows(count)
        lines = [json.dumps({"text": row.prompt, "label": row.label}) for row in rows]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "assay.yaml").write_text(
        f"name: tiny\nmodel: {model}\nsources:\n  - path: train.jsonl\n  - {{path: test.jsonl, split: test}}\n"
        "rules: {near-duplicate: off, off-domain: off, test-leakage: off}\n"
    )
    made = find(folder)
    version = pipeline.build(made).version.id
    card = made.runs / f"raw-{version}-s0" / "adapter" / "assay.json"
    card.parent.mkdir(parents=True)
    card.write_text("{}")
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Project:
    return find(shutil.copytree(built, tmp_path / "project"))


def evaluated(project: Project) -> list[Example]:
    """As if `assay eval` had been run: the first test row is answered wrongly."""
    store = Store(project.tables)
    kept = proving.dataset.load_rows(store, proving.dataset.load_version(store)).kept
    test = [row for row in kept if row.split == "test"]
    said = [Answer(row.id, "pin" if i == 0 and row.label != "pin" else row.label) for i, row in enumerate(test)]
    (project.state / "answers").mkdir(exist_ok=True)
    rung = Answers("raw", (0,), (tuple(said),))
    (project.state / "answers" / "raw-0.json").write_text(json.dumps(rung.as_dict()), encoding="utf-8")
    return test


@pytest.mark.slow
def test_one_command_leads_from_a_wrong_answer_to_rows_in_the_review_queue(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    test = evaluated(project)
    monkeypatch.chdir(project.root)
    show(rung="raw", answer=test[0].id, to_review=True)
    said = capsys.readouterr().out
    assert "taught by" in said
    body = json.loads(next((project.state / "prove").glob("rows-*-raw.json")).read_text(encoding="utf-8"))
    assert (body["kind"], body["n"], len(body["rows"])) == ("rows", 24, 24)
    assert [one["test_id"] for one in body["answers"]] == [test[0].id]
    behind = {one["id"] for one in body["answers"][0]["by"]}
    events = open_events(f"sqlite:///{project.people}")
    queued = [row for row in waiting(project, events) if row.findings[0].code == "P001"]
    assert {row.example.id for row in queued} == behind
    assert "it taught the model 'pin'" in queued[0].findings[0].message
    events.add([answer(queued[0], "drop", "ana")])
    left = {row.example.id for row in waiting(project, events)}
    assert queued[0].example.id not in left
    events.close()
    dropped = pipeline.build(project)
    assert queued[0].example.id not in {row.id for row in dropped.curated.kept}


@pytest.mark.slow
def test_a_kept_proof_is_shown_and_not_made_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated(project)
    first = proving.prove(project, proving.plan(project, rung="raw"))

    def never(*_: object) -> Influence:
        raise AssertionError

    monkeypatch.setattr(proving, "_trace", never)
    assert proving.prove(project, proving.plan(project, rung="raw")) == first
    with pytest.raises(AssertionError):
        proving.prove(project, proving.plan(project, rung="raw", seed=1))


@pytest.mark.slow
def test_a_test_row_that_is_right_or_unknown_has_nobody_behind_it(project: Project) -> None:
    test = evaluated(project)
    with pytest.raises(InputError, match="is answered rightly"):
        proving.plan(project, rung="raw", answer=test[1].id)
    with pytest.raises(InputError, match="is not a test row"):
        proving.plan(project, rung="raw", answer="nobody")
    with pytest.raises(InputError, match="has not answered"):
        proving.plan(project, rung="curated", answer=test[0].id)


@pytest.mark.slow
def test_a_set_too_small_to_hold_rows_out_is_refused(project: Project) -> None:
    lines = (project.root / "train.jsonl").read_text(encoding="utf-8").splitlines()
    (project.root / "train.jsonl").write_text("\n".join(lines[:5]) + "\n", encoding="utf-8")
    pipeline.build(project)
    with pytest.raises(InputError, match="5 different prompts"):
        proving.plan(project, rung="raw")


@pytest.mark.slow
def test_answers_older_than_the_run_are_not_taken_for_its_own(project: Project) -> None:
    evaluated(project)
    assert proving.plan(project, rung="raw").evaluated
    path = project.state / "answers" / "raw-0.json"
    os.utime(path, (0, 0))
    assert not proving.plan(project, rung="raw").evaluated


@pytest.mark.slow
def test_what_would_be_traced_is_told_without_tracing(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.root)
    show(rung="raw", dry_run=True, json=True, limit=20)
    body = json.loads(capsys.readouterr().out)
    assert (body["n"], body["of"]) == (20, 24)
    assert body["seconds"] > 0


def show(**given: object) -> None:
    settings = {
        "version": "", "rung": "curated", "answer": "", "wrong": False, "top": 5, "to_review": False, "limit": 1000,
        "seed": 0, "dry_run": False, "json": False,
    }  # fmt: skip
    prove_rows.rows(**{**settings, **given})  # type: ignore[arg-type]


def test_a_row_that_has_changed_since_is_not_asked_about(tmp_path: Path) -> None:
    from assay.review import ask_about, asked_about

    row = labelled("r0", "where is it", "card")
    ranked = {"harm": 1.0, "held_out_loss": 2.0, "confidence": 0.1, "forgotten": 0}
    ask_about(tmp_path / "review.json", [(row, told._finding(row, ranked, "it hurts"))])
    (finding,) = asked_about(tmp_path / "review.json", [row])
    assert (finding.code, finding.message, finding.score) == ("P001", "it hurts", 1.0)
    assert asked_about(tmp_path / "review.json", [replace(row.with_answer("pin"))]) == []
    assert asked_about(tmp_path / "none.json", [row]) == []
    (tmp_path / "review.json").write_text('[{"id": 3}]')
    assert asked_about(tmp_path / "review.json", [row]) == []
