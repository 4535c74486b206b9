"""Looks at the test set: counted by its rows, never lost, never taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assay.project import Project
from assay.recipe import parse
from assay.records import Example, Message
from assay.scoring.looks import digest_of_test, looks_at, take_look


def rows(n: int) -> list[Example]:
    return [Example(f"t{i}", "generate", (Message("user", "?"), Message("assistant", str(i)))) for i in range(n)]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, parse({"name": "hr"}))


def test_each_look_is_counted_by_the_test_rows_it_was_taken_at(project: Project) -> None:
    assert [take_look(project, rows(3), "v1", "eval: raw", "rouge-l").times for _ in range(3)] == [1, 2, 3]
    other = take_look(project, rows(4), "v2", "eval: raw", "rouge-l")
    assert (other.times, other.project) == (1, 4)
    assert str(other) == "this test set has been looked at once (4 with other test rows)"
    assert looks_at(project, digest_of_test(rows(3)[::-1])).times == 3, "the order of the rows is no other test set"


def test_looks_of_several_evaluations_at_once_are_all_kept(project: Project) -> None:
    take_look(project, rows(2), "v", "eval", "accuracy")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: take_look(project, rows(2), "v", "eval", "accuracy"), range(8)))
    assert looks_at(project, digest_of_test(rows(2))).times == 9
    assert str(looks_at(project, digest_of_test(rows(2)))) == "this test set has been looked at 9 times"


def test_a_look_says_who_when_which_version_and_by_which_metric(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assay.db import open_events

    monkeypatch.setenv("ASSAY_WHO", "ana")
    take_look(project, rows(2), "v1", "eval: raw, curated", "accuracy")
    events = open_events(f"sqlite:///{project.people}")
    (look,) = events.looks()
    events.close()
    assert (look.who, look.version, look.what, look.metric, look.rows) == (
        "ana", "v1", "eval: raw, curated", "accuracy", 2,
    )  # fmt: skip
    assert look.looked_at.startswith("20")


def test_the_decisions_of_an_older_database_survive_the_new_table(tmp_path: Path) -> None:
    from sqlalchemy import create_engine, text

    from assay.db import open_events
    from assay.records import Decision

    path = tmp_path / "people.db"
    events = open_events(f"sqlite:///{path}")
    events.add([Decision("a", "d", "keep", "ok", "reviewer:ana")])
    events.close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE looks"))
        connection.execute(text("UPDATE alembic_version SET version_num = 'm001'"))
    engine.dispose()
    events = open_events(f"sqlite:///{path}")
    assert [decision.id for decision in events.current()] == ["a"]
    assert events.looks() == []
    events.close()
