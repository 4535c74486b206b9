"""The newest finished run of a rung: runs lie in folders called RUNG-VERSION-sSEED."""

from __future__ import annotations

import re
from pathlib import Path

from assay.errors import ModelError
from assay.models.adapter import CARD
from assay.recipe import did_you_mean
from assay.runs import TUNED

_NAME = re.compile(r"(?P<rung>.+?)-(?P<version>[^-]+)-s(?P<seed>\d+)")


def newest(runs: Path, rung: str) -> Path:
    """The adapter folder of the newest finished run of `rung`.

    Raises:
        ModelError: there is none; says which there are, and which can be resumed.
    """
    found = [
        (match["rung"], path)
        for path in sorted(runs.glob("*"))
        if path.is_dir() and (match := _NAME.fullmatch(path.name))
    ]
    finished = [adapter for name, path in found if name == rung and (adapter := adapter_in(path))]
    if finished:
        return max(finished, key=lambda folder: ((folder / CARD).stat().st_mtime_ns, folder.name))
    others = sorted({name for name, path in found if adapter_in(path)})
    if any(name == rung for name, _ in found):
        raise ModelError(f"no run of '{rung}' is finished", hint=f"`assay train --on {rung}` resumes it")
    what = f"; there are {', '.join(others)}{did_you_mean(rung, others)}" if others else ""
    hint = f"`assay train --on {rung}` makes one" if rung in TUNED else f"rungs that are trained: {', '.join(TUNED)}"
    raise ModelError(f"there is no run of '{rung}'{what}", hint=hint)


def adapter_in(run: Path) -> Path | None:
    """The adapter folder of a run, or None while it is not finished: `run`/adapter, or `run` itself."""
    return next((folder for folder in (run / "adapter", run) if (folder / CARD).is_file()), None)
