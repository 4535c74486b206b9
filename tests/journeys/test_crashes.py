"""Killed in the middle, or out of disk: the store stays readable, and the next run goes on to the same version."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from journeys import material
from journeys.conftest import Assay

KILL = "import os, signal\ndie = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)\n"
AT_WRITE = (  # before or after the Nth table of a commit is written
    "from assay.store import Store\nwrite, left = Store.write, [{n}]\n"
    "def stop(*a, **k):\n"
    "    left[0] -= 1\n"
    "    if {before} and left[0] == 0: die()\n"
    "    done = write(*a, **k)\n"
    "    if left[0] == 0: die()\n"
    "    return done\n"
    "Store.write = stop\n"
)
AT_FILE = (  # before or after the Nth small file (the manifest, then HEAD) is put in its place
    "import assay.store as store\nput, left = store.write_atomically, [{n}]\n"
    "def stop(*a, **k):\n"
    "    left[0] -= 1\n"
    "    if {before} and left[0] == 0: die()\n"
    "    put(*a, **k)\n"
    "    if left[0] == 0: die()\n"
    "store.write_atomically = stop\n"
)
STEPS = [AT_WRITE.format(n=n, before=False) for n in (1, 2, 3, 4)] + [
    AT_FILE.format(n=n, before=before) for n in (1, 2) for before in (True, False)
]


def edit(project: Assay) -> None:
    """Another text in the data, so that the next build has something to write."""
    data = project.folder / "data" / "train.csv"
    data.write_text(data.read_text(encoding="utf-8") + "Is my card contactless?,cards\n", encoding="utf-8")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, env: dict[str, str]) -> str:
    """The id of the edited project, built without a crash."""
    assay = Assay(material.write_project(tmp_path_factory.mktemp("calm") / "desk"), env)
    edit(assay)
    return str(assay.ok("build", "--json").json["id"])


@pytest.mark.parametrize(
    ("first", "step"), [*((False, step) for step in range(len(STEPS))), (True, 0), (True, 3), (True, 7)]
)
def test_a_build_killed_at_any_step_of_the_commit_leaves_a_store_that_goes_on(
    request: pytest.FixtureRequest, undisturbed: str, first: bool, step: int
) -> None:
    assay: Assay = request.getfixturevalue("project" if first else "built")
    before = [entry["id"] for entry in assay.ok("log", "--json").json]
    edit(assay)
    done = assay.script(KILL + STEPS[step], "build")
    assert done.returncode == -signal.SIGKILL, done.stderr
    after = [entry["id"] for entry in assay.ok("log", "--json").json]
    assert after in (before, [undisturbed, *before])
    if before:
        assert "dropped" in assay.ok("diff", "raw").out
    assert assay.ok("build", "--json").json["id"] == undisturbed
    assert assay.ok("log", "--json").json[0]["id"] == undisturbed
    assay.ok("diff", "raw")


@pytest.mark.parametrize("table", ["sources", "examples", "findings", "decisions"])
def test_a_table_whose_first_write_was_cut_off_is_written_again(project: Assay, undisturbed: str, table: str) -> None:
    edit(project)
    half = project.folder / ".assay" / "tables" / f"{table}.lance" / "data"
    half.mkdir(parents=True)
    (half / "0123.lance").write_bytes(b"half a file")
    assert project.ok("build", "--json").json["id"] == undisturbed


def test_builds_killed_at_random_moments_leave_a_store_that_goes_on(built: Assay, undisturbed: str) -> None:
    draw = random.Random(20)
    first = built.ok("log", "--json").json
    edit(built)
    killed = 0
    for _ in range(8):
        running = built.start("build")
        time.sleep(draw.uniform(0.1, 2.0))
        if running.poll() is None:
            os.kill(running.pid, signal.SIGKILL)
            killed += 1
        running.wait()
        assert built.ok("log", "--json").json[-1:] == first
    assert killed >= 1  # on a fast machine most of them end before they are killed
    assert built.ok("build", "--json").json["id"] == undisturbed


def test_ctrl_c_ends_a_build_without_noise_and_without_a_version(project: Assay) -> None:
    running = project.start("build")
    time.sleep(0.7)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=60) not in (0, 2)
    assert project.ok("log", "--json").json == []
    project.ok("build")


@pytest.mark.parametrize(("first", "room"), [(True, 4), (True, 40), (True, 120), (False, 4), (False, 40)])
def test_a_full_disk_is_told_and_after_freeing_it_the_build_goes_on(
    small_disk: Callable[[int], Path], built: Assay, env: dict[str, str], undisturbed: str, first: bool, room: int
) -> None:
    folder = small_disk(2048) / "desk"
    shutil.copytree(built.folder, folder, ignore=shutil.ignore_patterns(".assay") if first else None)
    full = Assay(folder, env)
    before = full.ok("log", "--json").json
    edit(full)
    fill(folder.parent, leave_kib=room)
    said = full.refused("build")
    assert re.search("free some disk space", said), said
    assert full.ok("log", "--json").json == before
    (folder.parent / "filler").unlink()
    assert full.ok("build", "--json").json["id"] == undisturbed
    assert [entry["id"] for entry in full.ok("log", "--json").json][1:] == [entry["id"] for entry in before]


def test_an_answer_that_finds_no_room_is_told_and_not_half_kept(
    small_disk: Callable[[int], Path], built: Assay, env: dict[str, str]
) -> None:
    folder = small_disk(2048) / "desk"
    shutil.copytree(built.folder, folder)
    full = Assay(folder, env)
    rows = full.ok("review", "--json").json
    lines = [f'{{"id": "{row["id"]}", "action": "edit", "answer": "{"x" * 9000}"}}\n' for row in rows]
    script = built.folder / "answers.jsonl"
    script.write_text("".join(lines), encoding="utf-8")
    fill(folder.parent, leave_kib=0)
    assert "free some disk space" in full.refused("review", "--by", "ana", "--script", script, "--new-labels")
    (folder.parent / "filler").unlink()
    assert full.ok("review", "--history").json == []
    assert f"{len(rows)} answers by ana" in full.ok("review", "--by", "ana", "--script", script, "--new-labels").out


@pytest.mark.parametrize("room", [0, 40, 100])
def test_fix_on_a_full_disk_writes_all_or_nothing(
    small_disk: Callable[[int], Path], env: dict[str, str], messy: Path, room: int
) -> None:
    disk = small_disk(256)
    assay = Assay(disk, env)
    shutil.copy(messy / "tickets.csv", disk)
    fill(disk, leave_kib=room)
    before = sorted(path.name for path in disk.iterdir())
    said = assay.refused("fix", "tickets.csv", "-o", "clean.csv", "--ledger", "ledger.jsonl")
    assert "No space left on device" in said
    assert sorted(path.name for path in disk.iterdir()) == before
    assert (disk / "tickets.csv").read_bytes() == (messy / "tickets.csv").read_bytes()


def fill(disk: Path, leave_kib: int) -> None:
    """Take all but so many KiB of a disk."""
    room = shutil.disk_usage(disk).free - leave_kib * 1024
    (disk / "filler").write_bytes(b"\0" * max(0, room))
