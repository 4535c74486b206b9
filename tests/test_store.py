"""The store: revisions, versions, and a crash between them."""

import os
from dataclasses import replace

import pytest

from assay.errors import AssayError, StoreError
from assay.records import NO_LINE, Example, Message, examples_from_arrow, to_arrow
from assay.report import _replace
from assay.sources.disk import write_bytes
from assay.store import Store, write_atomically


def row(name: str, label: str = "x") -> Example:
    return Example(name, "classify", (Message("user", f"text of {name}"), Message("assistant", label)), label=label)


def test_every_revision_stays_readable_as_it_was(tmp_path):
    store = Store(tmp_path / "tables")
    first = store.write("examples", to_arrow([row("a"), row("b")], "examples"), key="id")
    second = store.write("examples", to_arrow([row("b", "y"), row("c")], "examples"), key="id")
    assert {e.id: e.label for e in examples_from_arrow(store.read("examples", first))} == {"a": "x", "b": "x"}
    assert {e.id: e.label for e in examples_from_arrow(store.read("examples", second))} == {"b": "y", "c": "x"}


def test_a_table_of_an_older_release_gets_the_columns_it_lacks(tmp_path):
    store = Store(tmp_path / "tables")
    older = to_arrow([row("a"), row("b")], "examples").drop_columns("line")
    first = store.write("examples", older, key="id")
    second = store.write("examples", to_arrow([row("a"), replace(row("b"), line=7)], "examples"), key="id")
    assert [e.line for e in examples_from_arrow(store.read("examples", first))] == [NO_LINE, NO_LINE]
    assert {e.id: e.line for e in examples_from_arrow(store.read("examples", second))} == {"a": NO_LINE, "b": 7}


def test_a_crash_before_the_manifest_leaves_the_last_version_the_newest(tmp_path):
    store = Store(tmp_path / "tables")
    revision = store.write("examples", to_arrow([row("a")], "examples"), key="id")
    store.publish("v1", {"id": "v1", "created": "1"}, {"examples": revision})
    store.write("examples", to_arrow([row("b")], "examples"), key="id")  # and then the power goes
    again = Store(tmp_path / "tables")
    assert again.head() == "v1"
    committed = again.manifest("v1")["revisions"]["examples"]
    assert [e.id for e in examples_from_arrow(again.read("examples", committed))] == ["a"]
    newer = again.write("examples", to_arrow([row("c")], "examples"), key="id")
    assert [e.id for e in examples_from_arrow(again.read("examples", newer))] == ["c"]


def test_a_prefix_names_a_version_only_when_it_is_unique(tmp_path):
    store = Store(tmp_path / "tables")
    revision = store.write("examples", to_arrow([row("a")], "examples"), key="id")
    for name in ("aa1", "aa2", "b"):
        store.publish(name, {"id": name, "created": name}, {"examples": revision})
    assert store.manifest("b")["id"] == "b"
    with pytest.raises(StoreError, match="aa1, aa2"):
        store.manifest("aa")
    with pytest.raises(StoreError, match="assay log"):
        store.manifest("zz")


def test_an_empty_store_says_to_build_first(tmp_path):
    with pytest.raises(StoreError, match="assay build"):
        Store(tmp_path).manifest("")


def test_a_damaged_table_is_told_not_read_as_empty(tmp_path):
    store = Store(tmp_path / "tables")
    revision = store.write("examples", to_arrow([row("a")], "examples"), key="id")
    for file in (tmp_path / "tables" / "examples.lance" / "data").iterdir():
        file.write_bytes(b"garbage")
    with pytest.raises(StoreError, match="damaged"):
        store.read("examples", revision)


@pytest.mark.parametrize("write", [write_atomically, _replace, lambda path, text: write_bytes(path, text.encode())])
def test_a_pipe_is_never_replaced_by_a_file(tmp_path, write):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("pipe", "link"):
        with pytest.raises(AssayError, match="no regular file"):
            write(tmp_path / name, "text")
    assert (tmp_path / "pipe").is_fifo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "pipe"]


@pytest.mark.parametrize("name", ["", "abc"])
def test_before_the_first_commit_one_is_told_that_there_is_no_version_yet(tmp_path, name):
    with pytest.raises(StoreError, match="there is no version yet") as raised:
        Store(tmp_path / "tables").manifest(name)
    assert "assay build" in raised.value.hint


def test_a_damaged_manifest_is_named_and_hides_no_other_version(tmp_path):
    store = Store(tmp_path)
    revision = store.write("examples", to_arrow([row("a")], "examples"), key="id")
    for name in ("aa", "bb"):
        store.publish(name, {"id": name, "created": name}, {"examples": revision})
    (tmp_path / "versions" / "aa.json").write_text("[]", encoding="utf-8")
    assert [body["id"] for body in store.manifests()] == ["bb"]
    assert store.damaged() == ["aa"]
    with pytest.raises(StoreError, match="version aa: its manifest cannot be read"):
        store.manifest("aa")


def test_a_version_whose_head_cannot_be_written_is_not_listed(tmp_path):
    store = Store(tmp_path)
    revision = store.write("examples", to_arrow([row("a")], "examples"), key="id")
    (tmp_path / "HEAD").mkdir()
    with pytest.raises(StoreError):
        store.publish("aa", {"id": "aa", "created": "1"}, {"examples": revision})
    assert store.manifests() == []
    (tmp_path / "HEAD").rmdir()
    store.publish("aa", {"id": "aa", "created": "1"}, {"examples": revision})
    assert [body["id"] for body in store.manifests()] == ["aa"]
