"""`assay fix`: the same format out, every row accounted for, the original untouched."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from assay.cli import fixing
from assay.sources import read
from journeys import material
from journeys.conftest import Assay


def ledger_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("kind", material.KINDS)
def test_a_file_is_repaired_in_its_own_format_and_a_second_time_nothing_changes(assay: Assay, kind: str) -> None:
    name, pack, count = material.KINDS[kind]
    data = pack(material.DIALOGUES)
    (assay.folder / name).write_bytes(data)
    done = assay.ok("fix", name, "-o", f"out-{name}", "--ledger", "ledger.jsonl", "--json").json
    assert (assay.folder / name).read_bytes() == data

    outcomes = [line["outcome"] for line in ledger_of(assay.folder / "ledger.jsonl")]
    assert [line["row"] for line in ledger_of(assay.folder / "ledger.jsonl")] == list(range(17))
    assert {name: outcomes.count(name) for name in ("kept", "dropped", "held")} == {
        name: done[name] for name in ("kept", "dropped", "held")
    }
    assert (done["rows_in"], done["kept"], done["dropped"], done["held"], done["edited"]) == (17, 15, 2, 0, 3)
    assert {c["code"] for c in done["by_code"]} == {"A001", "A002", "D001", "F001", "S001"}

    written = (assay.folder / f"out-{name}").read_bytes()
    assert count(written) == 15
    read_back = read(assay.folder / f"out-{name}")
    assert read_back.shape == read(assay.folder / name).shape
    texts = [(e.prompt, e.answer) for e in read_back.examples]
    assert texts[:12] == list(material.DIALOGUES[:12])
    assert ("What is the voltage range?", "Between 220 and 240 volts.") in texts
    assert ("Do you sell it in the café colour?", "Yes, the café colour is sold in stores.") in texts
    assert not any("@" in answer for _, answer in texts)

    again = assay.ok("fix", f"out-{name}", "-o", f"again-{name}", "--json").json
    assert (again["kept"], again["edited"], again["by_code"]) == (15, 0, [])
    assert (assay.folder / f"again-{name}").read_bytes() == written


@pytest.mark.parametrize("tested", [True, False], ids=["with-test", "alone"])
def test_the_messy_file_is_settled_at_once_and_every_row_is_in_the_ledger(
    assay: Assay, messy: Path, tested: bool
) -> None:
    before = (messy / "tickets.csv").read_bytes()
    words = (*(("--test", messy / "test.csv") if tested else ()), "--json")
    done = assay.ok("fix", messy / "tickets.csv", "-o", "clean.csv", "--ledger", "ledger.jsonl", *words).json
    lines = ledger_of(assay.folder / "ledger.jsonl")
    assert [line["row"] for line in lines] == list(range(773))
    assert done["rows_in"] == done["kept"] + done["dropped"] + done["held"] == 773
    assert sum(line["edited"] for line in lines) == done["edited"] > 0
    assert all(line["decisions"] for line in lines if line["outcome"] != "kept" or line["edited"])
    assert len(read(assay.folder / "clean.csv").examples) == done["kept"]
    assert len(read(assay.folder / "clean.held.csv").examples) == done["held"]
    again = assay.ok("fix", "clean.csv", "-o", "again.csv", *words).json
    assert (again["edited"], again["dropped"], again["held"]) == (0, 0, 0)
    assert (assay.folder / "again.csv").read_bytes() == (assay.folder / "clean.csv").read_bytes()
    assert (messy / "tickets.csv").read_bytes() == before


def test_a_dry_run_shows_the_edits_and_what_goes_and_writes_only_the_ledger(assay: Assay) -> None:
    (assay.folder / "chat.jsonl").write_bytes(material.KINDS["messages"].pack(material.DIALOGUES))
    done = assay.ok("fix", "chat.jsonl", "-o", "out.jsonl", "--ledger", "ledger.jsonl", "--dry-run")
    assert "cafÃ©" in done.out
    assert "[EMAIL]" in done.out
    assert "would be dropped" in done.out
    shown = " ".join(done.out.split())
    assert "chat.jsonl:13 dropped: Can I stack two units?" in shown
    assert "chat.jsonl:12" in shown, "the twin that stays"
    assert "chat.jsonl:17 dropped: How heavy is the large one?" in shown
    assert sorted(path.name for path in assay.folder.iterdir()) == ["chat.jsonl", "ledger.jsonl"]
    assert len(ledger_of(assay.folder / "ledger.jsonl")) == 17
    assay.ok("fix", "chat.jsonl", "-o", "out.jsonl", "--dry-run")
    assert not (assay.folder / "out.jsonl").exists()


def test_a_dry_run_shows_the_first_rows_of_a_kind_and_counts_the_others(assay: Assay) -> None:
    rows = [("Can I stack two units?", "No, the upper one would block the air inlet.")] * 31
    (assay.folder / "chat.jsonl").write_bytes(material.KINDS["messages"].pack(rows))
    done = assay.ok("fix", "chat.jsonl", "-o", "out.jsonl", "--dry-run")
    assert done.out.count("dropped: ") == 20
    assert "and 10 more dropped" in done.out


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("chat.jsonl", ("-o", "chat.jsonl")),
        ("chat.jsonl", ("-o", "./sub/../chat.jsonl")),
        ("chat.jsonl", ("-o", "link.jsonl")),
        ("chat.jsonl", ("-o", "out.jsonl", "--ledger", "chat.jsonl")),
        ("chat.held.jsonl", ("-o", "chat.jsonl")),
        ("chat.jsonl", ("-o", "test.jsonl", "--test", "test.jsonl")),
        ("chat.jsonl", ("-o", "out.jsonl", "--ledger", "test.jsonl", "--test", "test.jsonl")),
        ("chat.jsonl", ("-o", "out.jsonl", "--ledger", "out.jsonl")),
    ],
)
def test_nothing_is_ever_written_over_what_was_read(assay: Assay, file: str, words: tuple[str, ...]) -> None:
    data = material.KINDS["messages"].pack(material.DIALOGUES)
    (assay.folder / "sub").mkdir()
    for name in ("chat.jsonl", "chat.held.jsonl", "test.jsonl"):
        (assay.folder / name).write_bytes(data)
    (assay.folder / "link.jsonl").symlink_to("chat.jsonl")
    assert "hint:" in assay.refused("fix", file, *words)
    assert all((assay.folder / name).read_bytes() == data for name in ("chat.jsonl", "chat.held.jsonl", "test.jsonl"))


def test_rows_that_cannot_be_read_stay_behind_and_are_accounted_for(assay: Assay) -> None:
    lines = material.KINDS["messages"].pack(material.DIALOGUES[:4]).decode().splitlines(keepends=True)
    (assay.folder / "chat.jsonl").write_text("".join([lines[0], "{broken\n", *lines[1:], "[]\n"]), encoding="utf-8")
    done = assay.ok("fix", "chat.jsonl", "-o", "out.jsonl", "--ledger", "ledger.jsonl")
    assert "6 rows in = 4 kept (0 repaired) + 0 dropped + 0 held + 2 that cannot be read" in done.out
    assert "chat.jsonl:2: not JSON" in done.out
    assert "chat.jsonl:6: " in done.out
    outcomes = {line["row"]: line["outcome"] for line in ledger_of(assay.folder / "ledger.jsonl")}
    assert outcomes == {0: "kept", 1: "unreadable", 2: "kept", 3: "kept", 4: "kept", 5: "unreadable"}


def test_an_output_in_another_format_or_a_missing_folder_is_refused(assay: Assay) -> None:
    (assay.folder / "chat.jsonl").write_bytes(material.KINDS["messages"].pack(material.DIALOGUES))
    assert "hint: give the output the suffix of the input" in assay.refused("fix", "chat.jsonl", "-o", "out.csv")
    assert "nowhere/out.jsonl: cannot be written" in assay.refused("fix", "chat.jsonl", "-o", "nowhere/out.jsonl")
    assert [path.name for path in assay.folder.iterdir()] == ["chat.jsonl"]


@pytest.mark.parametrize("words", [("-o", "pipe"), ("-o", "out.jsonl", "--ledger", "pipe")])
def test_an_output_that_is_no_regular_file_is_left_as_it_is(assay: Assay, words: tuple[str, ...]) -> None:
    (assay.folder / "chat.jsonl").write_bytes(material.KINDS["messages"].pack(material.DIALOGUES))
    os.mkfifo(assay.folder / "pipe")
    assert "no regular file" in assay.refused("fix", "chat.jsonl", *words)
    assert (assay.folder / "pipe").is_fifo()
    assert sorted(path.name for path in assay.folder.iterdir()) == ["chat.jsonl", "pipe"]


def test_a_secret_under_another_finding_is_named_and_written_nowhere(assay: Assay) -> None:
    rows = [
        {"prompt": "You stupid bastard, I will kill you", "completion": "The password is Kx9ZpQ2v7L, jo.doe@gmail.com"},
        {"prompt": "Where do I park?", "completion": "Behind the house, cafÃ©. The wifi password is Tr0ub4dor&3x."},
        {"prompt": "When do you open?", "completion": "At nine in the morning."},
    ]
    (assay.folder / "chat.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    done = assay.ok("fix", "chat.jsonl", "-o", "out.jsonl", "--ledger", "ledger.jsonl", "--json").json
    assert (done["kept"], done["held"]) == (1, 2)
    assert {"code": "S003", "name": "secret", "count": 1} in done["also_found"]
    first, second, third = ledger_of(assay.folder / "ledger.jsonl")
    assert {finding["code"] for finding in first["findings"]} == {"S001", "S002", "S003"}
    assert {finding["code"] for finding in second["findings"]} >= {"A001", "S003"}
    assert third["findings"] == []
    written = "".join((assay.folder / name).read_text() for name in ("out.jsonl", "out.held.jsonl", "ledger.jsonl"))
    assert not any(value in written for value in ("Kx9ZpQ2v7L", "Tr0ub4dor", "jo.doe"))
    assert "[SECRET]" in (assay.folder / "out.held.jsonl").read_text()


def test_the_words_that_change_in_a_long_text_are_shown_at_once() -> None:
    text = [f"word{i % 977}" for i in range(200_000)]
    start = time.process_time()
    one = fixing._marked(" ".join(text), " ".join([*text[:5], "new", *text[6:]]))
    every = fixing._marked(" ".join(text), " ".join(word + "x" for word in text))
    assert time.process_time() - start < 2
    assert "[-word5-] {+new+}" in one
    assert "words more" in every
    assert "only blanks change:[/] a··b⏎ -> a·b" in fixing._marked("a  b\n", "a b")
