"""The same build on Ray: another scheduler, the same version."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from journeys.conftest import Assay


@pytest.fixture
def ray_folder() -> Iterator[Path]:
    """A folder for Ray's sockets: their paths must be short."""
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def processes_of(folder: Path) -> list[str]:
    """Processes that were started with this folder on their command line."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:  # it has ended meanwhile
            continue
    return [line for line in lines if str(folder) in line]


def test_the_demo_built_on_a_local_ray_is_the_same_version(
    tmp_path: Path, env: dict[str, str], messy: Path, ray_folder: Path
) -> None:
    pytest.importorskip("ray", reason="Ray is an extra: pip install 'assay[ray]'")
    desk = Assay(tmp_path / "desk", env)
    shutil.copytree(messy, desk.folder / "data")
    recipe = (files("assay.demo") / "data" / "assay.yaml").read_text(encoding="utf-8")
    (desk.folder / "assay.yaml").write_text(recipe, encoding="utf-8")
    native = desk.ok("build", "--json").json
    assert native["rows_in"] == 773

    shutil.rmtree(desk.folder / ".assay")
    small = {"RAY_TMPDIR": str(ray_folder), "RAY_DEFAULT_OBJECT_STORE_MAX_MEMORY_BYTES": "100000000",
             "RAY_USAGE_STATS_ENABLED": "0"}  # fmt: skip
    on_ray = Assay(desk.folder, env | small).ok("build", "--engine", "ray", "--json", limit_s=300).json
    assert list(ray_folder.glob("ray/session_2*")), "Ray was never started"
    assert on_ray == native

    until = time.monotonic() + 20
    while (left := processes_of(ray_folder)) and time.monotonic() < until:
        time.sleep(0.5)
    assert left == []
