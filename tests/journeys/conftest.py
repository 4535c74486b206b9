"""The command line as a user meets it: `python -m assay` in a folder of its own, and the material it is tried on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from assay.demo import mess
from journeys import material


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every journey starts whole commands, a second or more each: none of them is a fast test."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.slow)


class Done(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def json(self) -> Any:
        """Standard output as one JSON value."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Assay:
    """`assay` in a folder. No command may ever show a traceback, nor send a raw control code to the terminal."""

    folder: Path
    env: dict[str, str]

    def __call__(self, *words: object, keys: str = "", limit_s: float = 120) -> Done:
        """Run to the end; `keys` is what is typed."""
        command = [sys.executable, "-m", "assay", *map(str, words)]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.env,
            input=keys.encode(),
            capture_output=True,
            timeout=limit_s,
            check=False,
        )
        told = Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
        assert "Traceback" not in told.err, told.err
        assert "\x1b" not in told.out + told.err
        return told

    def ok(self, *words: object, limit_s: float = 120) -> Done:
        """Run a command that must succeed."""
        done = self(*words, limit_s=limit_s)
        assert done.status == 0, done.out + done.err
        return done

    def refused(self, *words: object, limit_s: float = 120) -> str:
        """What a command says that must be refused with status 2: never without a way out."""
        done = self(*words, limit_s=limit_s)
        assert done.status == 2, done.out + done.err
        return " ".join(done.err.split())

    def start(self, *words: object) -> subprocess.Popen[bytes]:
        """Start a command, to be stopped in the middle; it hears Ctrl-C even where the tests run in the background."""
        command = [sys.executable, "-m", "assay", *map(str, words)]
        return subprocess.Popen(
            command, cwd=self.folder, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip

    def script(self, code: str, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run `assay` after a piece of Python that breaks something in it."""
        program = f"import sys\nsys.argv = ['assay', *{list(words)!r}]\n{code}\nfrom assay.cli import main\nmain()\n"
        return subprocess.run(
            [sys.executable, "-c", program], cwd=self.folder, env=self.env, capture_output=True, check=False
        )

    def at(self, folder: Path) -> Assay:
        """The same command in another folder."""
        return Assay(folder, self.env)


@pytest.fixture(scope="session")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A home of its own; one cache of converted models for the session; a network nobody may use."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "TMPDIR") if key in os.environ}
    home, cache = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("cache")
    return kept | {"HOME": str(home), "ASSAY_CACHE": str(cache), "HF_HUB_OFFLINE": "1", "COLUMNS": "120"}


@pytest.fixture
def assay(tmp_path: Path, env: dict[str, str]) -> Assay:
    """`assay` in an empty folder."""
    return Assay(tmp_path, env)


@pytest.fixture(scope="session")
def messy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo's messy tickets.csv and its test.csv."""
    folder = tmp_path_factory.mktemp("messy")
    mess.write(folder, 7)
    return folder


@pytest.fixture(scope="session")
def _first_built(tmp_path_factory: pytest.TempPathFactory, env: dict[str, str]) -> Path:
    folder = tmp_path_factory.mktemp("first") / "desk"
    material.write_project(folder)
    Assay(folder, env).ok("build", "-m", "first")
    return folder


@pytest.fixture
def project(tmp_path: Path, env: dict[str, str]) -> Assay:
    """`assay` in a small project that was never built."""
    material.write_project(tmp_path / "desk")
    return Assay(tmp_path / "desk", env)


@pytest.fixture
def built(tmp_path: Path, env: dict[str, str], _first_built: Path) -> Assay:
    """`assay` in a copy of a small project that was built once."""
    shutil.copytree(_first_built, tmp_path / "desk")
    return Assay(tmp_path / "desk", env)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Makes a disk of so many KiB; skips where one cannot be mounted."""
    mounted: list[Path] = []

    def mount(kib: int) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)]
        if not shutil.which("mount") or subprocess.run(words, capture_output=True, check=False).returncode:
            pytest.skip("a small disk needs the right to mount one")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)
