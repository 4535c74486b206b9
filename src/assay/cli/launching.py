"""Several processes that train together: the line that launches them, and whether this is one of them."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from assay.cli.screen import err, plain

_GRACE = 2.0  # seconds that the other processes have to fail for the same reason, before they are stopped


class Launched(NamedTuple):
    """This process among those launched together."""

    rank: int = 0
    size: int = 1

    def __bool__(self) -> bool:
        """Whether there are others."""
        return self.size > 1

    @property
    def first(self) -> bool:
        """Whether this one speaks."""
        return self.rank == 0


def launched() -> Launched:
    """What torchrun or accelerate told this process."""
    return Launched(int(os.environ.get("RANK") or 0), int(os.environ.get("WORLD_SIZE") or 1))


def launch_line(processes: int, arguments: Sequence[str]) -> list[str]:
    """The command that runs `assay` with these arguments in so many processes.

    launch_line(2, ["train", "--processes", "2"]) -> [python, "-m", "torch.distributed.run", ..., "assay", "train"]
    """
    run = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    return [*run, "-m", "assay", *without_processes(arguments)]


def without_processes(arguments: Sequence[str]) -> list[str]:
    """without_processes(["train", "--processes", "2", "--json"]) -> ["train", "--json"]"""
    kept = [word for word in arguments if not word.startswith("--processes=")]
    if "--processes" in kept:
        at = kept.index("--processes")
        del kept[at : at + 2]
    return kept


def elsewhere(arguments: Sequence[str] = ("train",)) -> str:
    """What to type for several machines, or with a configuration of accelerate's."""
    return shlex.join(["accelerate", "launch", "--config_file", "YOURS.yaml", "-m", "assay", *arguments])


def launch(processes: int) -> None:
    """Run this command in several processes, and end as they end: when one fails, the others are stopped.

    The first speaks; what another says is told only where it failed alone. The line told does the same by torchrun.
    """
    err().print(f"[dim]{processes} processes, as by: {plain(shlex.join(launch_line(processes, sys.argv[1:])))}[/]")
    words = [sys.executable, "-m", "assay", *without_processes(sys.argv[1:])]
    with tempfile.TemporaryFile() as others:
        running = [
            subprocess.Popen(
                words, env=_env(rank, processes), stdout=None if rank == 0 else subprocess.DEVNULL,
                stderr=None if rank == 0 else others,
            )
            for rank in range(processes)
        ]  # fmt: skip
        try:
            failed = _first_failure(running)
        finally:
            for child in running:
                child.terminate()
            for child in running:
                child.wait()
        if failed is None:
            return
        if failed > 0 and running[0].returncode <= 0:
            others.seek(0)
            sys.stderr.write(others.read().decode("utf-8", "replace"))
    sys.exit(2)


def _first_failure(running: Sequence[subprocess.Popen[bytes]]) -> int | None:
    """The rank of the first process that fails, once those that fail for the same reason had time to say so."""
    while any(child.poll() is None for child in running):
        if any(child.returncode for child in running):
            time.sleep(_GRACE)
            break
        time.sleep(0.05)
    return next((rank for rank, child in enumerate(running) if child.poll()), None)


def _env(rank: int, processes: int) -> dict[str, str]:
    own = {
        "RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": processes, "LOCAL_WORLD_SIZE": processes,
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": _port(),
    }  # fmt: skip
    threads = {"OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // processes))}
    return threads | dict(os.environ) | {name: str(value) for name, value in own.items()}


@cache
def _port() -> int:
    """One that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
