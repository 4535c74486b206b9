"""`assay check` on a million short rows with planted faults: seconds, peak memory, and how many of the faults it finds.

ASSAY_BENCH_ROWS scales it down. The rows are the demo's messy ones with three to eight words put into each.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from random import Random

from assay.demo.mess import shipped
from assay.evaluate.stats import wilson
from benchmarks.result import Result, value

ROWS, SEED = 1_000_000, 0
SHARE = 0.005  # of the rows, of each fault
CODES: Mapping[str, tuple[str, ...]] = {  # what finds a fault; a repeat may be told on either of its rows
    "repeat": ("D001", "D002"), "personal": ("S001",), "empty": ("F001",), "mojibake": ("A001",),
    "markup": ("F004", "F005"),
}  # fmt: skip


def planted(path: Path, rows: int) -> dict[str, list[tuple[int, ...]]]:
    """Write the file; by kind the places of each fault: (row,), of a repeat (row, row it repeats)."""
    rng = Random(SEED)
    base = [(row.text, row.label) for row in shipped().rows]
    vocabulary = sorted({word for text, _ in base for word in text.split()})
    faults: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    fresh: tuple[int, str, str] | None = None
    with path.open("w", encoding="utf-8") as out:
        for row in range(rows):
            text, label = rng.choice(base)
            words = text.split()
            for _ in range(rng.randrange(3, 9)):
                words.insert(rng.randrange(len(words) + 1), rng.choice(vocabulary))
            text, kind = " ".join(words), rng.choice(list(CODES)) if rng.random() < SHARE * len(CODES) else ""
            if kind == "repeat" and fresh is not None:
                places: tuple[int, ...] = (row, fresh[0])
                text, label = f"  {fresh[1].upper()} ", fresh[2]
            else:
                places = (row,)
                fresh = (row, text, label) if not kind else fresh
            text = {
                "personal": f"{text} Write to {words[0].strip('.,?!').lower()}.{row}@mail-box.org",
                "empty": "", "mojibake": f"{text} itâ€™s the cafÃ©", "markup": f"<div class='q'><p>{text}</p></div>",
            }.get(kind, text)  # fmt: skip
            if kind:
                faults[kind].append(places)
            out.write(json.dumps({"text": text, "label": label}) + "\n")
    return faults


def run() -> Result:
    """One run of the whole command, with the default rules and the score card."""
    rows = int(os.environ.get("ASSAY_BENCH_ROWS", ROWS))
    with tempfile.TemporaryDirectory() as folder:
        path, printed = Path(folder) / "rows.jsonl", Path(folder) / "found.jsonl"
        faults = planted(path, rows)
        start = time.perf_counter()
        with printed.open("w", encoding="utf-8") as out:
            command = [sys.executable, "-m", "assay", "check", str(path), "--format", "jsonl"]
            done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, check=False)
        wall, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode not in (0, 1):
            raise SystemExit(f"check ended with {done.returncode}: {done.stderr[-2000:]}")
        found: dict[int, set[str]] = defaultdict(set)
        counts: Counter[str] = Counter()
        gone: set[int] = set()  # rows that left for what they had from the demo's mess: of no repeat is told there
        with printed.open(encoding="utf-8") as lines:
            for line in lines:
                finding = json.loads(line)
                found[finding["row"]].add(finding["code"])
                counts[finding["code"]] += 1
                if finding["action"] in ("drop", "hold") and finding["code"] not in CODES["repeat"]:
                    gone.add(finding["row"])
    faults["repeat"] = [places for places in faults["repeat"] if gone.isdisjoint(places)]
    told = {
        kind: wilson(sum(any(found[at] & set(CODES[kind]) for at in places) for places in listed), len(listed))
        for kind, listed in faults.items()
    }
    cpu = used.ru_utime + used.ru_stime
    return Result(rows, [SEED], {
        "seconds": value(wall, "s"), "cpu_s": value(cpu, "s"), "rows_per_cpu_second": value(rows / cpu, "rows/CPU-s"),
        "peak_memory_gb": value(used.ru_maxrss / 1e6, "GB"), "findings": value(counts.total(), "findings"),
        "crashed_rules": value(counts["F900"], "findings"),
        **{f"recall_{kind}": value(told[kind].value, "share of the planted", told[kind].low, told[kind].high)
           for kind in CODES},
    })  # fmt: skip
