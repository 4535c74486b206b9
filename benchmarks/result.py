"""What a benchmark gives: named numbers with intervals, and those of the peers measured beside it."""

from __future__ import annotations

import datetime
import json
import os
import platform
import resource
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Result:
    """The outcome of one benchmark. `metrics`: key -> value(value, low, high, unit)."""

    n: int
    seeds: list[int]
    metrics: dict[str, dict[str, Any]]
    peers: dict[str, dict[str, Any]] = field(default_factory=dict)


def value(
    value: float, unit: str, low: float | None = None, high: float | None = None, *, published: float | None = None
) -> dict[str, Any]:
    """One number; without an interval it is a single measurement or a count. `published`: by others."""
    number = {"value": value, "low": low, "high": high, "unit": unit}
    return number if published is None else {**number, "published": published}


def peak_gb() -> float:
    """Largest resident memory of this process and of its children so far, in GB."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1e6


def save(name: str, result: Result) -> Path:
    """Write results/NAME.json."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    machine = {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()}
    body = {
        "name": name, "date": datetime.datetime.now(datetime.UTC).date().isoformat(), "commit": commit,
        "machine": machine, "n": result.n, "seeds": result.seeds, "metrics": result.metrics, "peers": result.peers,
    }  # fmt: skip
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    return path
