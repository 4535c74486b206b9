"""Several processes that train together: the line that launches them, and whether this is one of them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

from assay.cli.screen import err, plain


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
    kept = [word for word in arguments if not word.startswith("--processes=")]
    if "--processes" in kept:
        at = kept.index("--processes")
        del kept[at : at + 2]
    run = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    return [*run, "-m", "assay", *kept]


def elsewhere(arguments: Sequence[str] = ("train",)) -> str:
    """What to type for several machines, or with a configuration of accelerate's."""
    return shlex.join(["accelerate", "launch", "--config_file", "YOURS.yaml", "-m", "assay", *arguments])


def launch(processes: int) -> None:
    """Run this command in several processes, and end as they end. The line is told, to be typed elsewhere."""
    line = launch_line(processes, sys.argv[1:])
    err().print(f"[dim]{plain(shlex.join(line))}[/]")
    status = subprocess.run(line, check=False).returncode
    if status:
        sys.exit(2)
