"""Rows per second of `assay check` on a 10,000-row file, from the command line to the last finding, three times."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import astuple
from pathlib import Path
from random import Random

from assay.demo.mess import shipped
from benchmarks.result import Result, peak_gb, value

ROWS, RUNS, SEED = 10_000, 3, 0


def messy_file(path: Path) -> None:
    """The demo's messy rows repeated with two words changed in each, so that they are no copies of one another."""
    rng = Random(SEED)
    base = [tuple(row) if isinstance(row, tuple) else astuple(row) for row in shipped().rows]
    vocabulary = sorted({word for text, _ in base for word in text.split()})
    with path.open("w", encoding="utf-8") as out:
        for i in range(ROWS):
            text, label = base[i % len(base)]
            words = text.split()
            for _ in range(2):
                words.insert(rng.randrange(len(words) + 1), rng.choice(vocabulary))
            out.write(json.dumps({"text": " ".join(words), "label": label}) + "\n")


def run() -> Result:
    """Wall and CPU seconds of the whole command, imports included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        messy_file(path)
        walls, cpus, firsts = [], [], []
        for _ in range(RUNS):
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            command = [sys.executable, "-m", "assay", "check", str(path), "--format", "jsonl"]
            with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ}) as process:
                assert process.stdout is not None
                process.stdout.readline()
                firsts.append(time.perf_counter() - start)
                process.stdout.read()
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            walls.append(time.perf_counter() - start)
            cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    wall, cpu = statistics.median(walls), statistics.median(cpus)
    return Result(ROWS, [SEED], {
        "rows_per_second": value(ROWS / wall, "rows/s", ROWS / max(walls), ROWS / min(walls)),
        "rows_per_cpu_second": value(ROWS / cpu, "rows/CPU-s", ROWS / max(cpus), ROWS / min(cpus)),
        "first_finding_s": value(statistics.median(firsts), "s", min(firsts), max(firsts)),
        "peak_memory_gb": value(peak_gb(), "GB"),
    })  # fmt: skip
