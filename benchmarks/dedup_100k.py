"""Duplicates among 100,000 rows: how many planted copies are dropped, how many originals are lost, CPU and memory.

Rows are passages of public texts (health answers, court cases, instructions, service tickets of the shared data:
ASSAY_SHARED, or ../shared) no two of which share eight words in a row. 15% are copies that differ in looks, 15% copies
with 2 to 6% of the words edited, and 6% rows of template families that differ in a number or a name alone: those must
stay. The peer is datasketch's MinHash LSH with each pair verified, on a fifth of the rows, the two taking turns.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from benchmarks.result import Result, peak_gb, value

ROWS, FEWER, TURNS, SEED = 100_000, 20_000, 3, 0
EXACT, NEAR, FAMILY, MEMBERS = 0.15, 0.15, 0.06, 20  # shares of the rows; rows of a family
NAMES = ("Ana Reyes", "Bo Lind", "Carla Moss", "Dev Patel", "Eve Stone", "Farid Noor", "Greta Holm", "Hugo Blum")
KEPT = frozenset(
    {"cannot", "except", "neither", "never", "nobody", "nothing", "unless", "without"}
)  # they turn a sentence round
FILLERS = ("also", "really", "however", "still", "today", "perhaps", "now", "then")


class Row(NamedTuple):
    """A row and what it is: rows of one cluster say the same, and one of them must stay."""

    prompt: str
    answer: str
    cluster: int


class Found(NamedTuple):
    """What a tool made of the rows."""

    recall: float  # share of the planted copies that went
    lost: float  # share of the clusters of which no row stayed
    cpu: float  # seconds


def texts() -> Iterator[str]:
    """The public texts, whitespace folded."""
    data = Path(os.environ.get("ASSAY_SHARED", "../shared")) / "data"
    if not data.is_dir():
        raise SystemExit("the shared data is not here: set ASSAY_SHARED to the folder that holds data/")
    for name, key in (("health_medquad/medquad_dev.jsonl.gz", "answer"), ("legal_oyez/oyez_dev.jsonl.gz", "facts")):
        with gzip.open(data / name, "rt", encoding="utf-8") as lines:
            yield from (" ".join(str(json.loads(line).get(key) or "").split()) for line in lines)
    for name in ("random_9k.json", "dolly_3k.json"):
        for row in json.loads((data / "inst_alpagasus" / name).read_text(encoding="utf-8")):
            yield " ".join(str(row.get("output") or "").split())
    with gzip.open(data / "kb_it_tickets" / "tickets_dev.csv.gz", "rt", encoding="utf-8") as lines:
        yield from (" ".join(row[0].split()) for row in csv.reader(lines) if row)


def passages(rng: Random, count: int) -> list[str]:
    """Passages of 20 to 60 words, no two of which share eight words in a row."""
    seen: set[int] = set()
    found = []
    for text in texts():
        words = text.split()
        low = 0
        while low + 20 <= len(words):
            size = rng.randint(20, 60)
            passage = words[low : low + size]
            runs = {hash(tuple(word.lower() for word in passage[i : i + 8])) for i in range(len(passage) - 7)}
            if len(passage) >= 20 and runs.isdisjoint(seen):
                found.append(" ".join(passage))
            seen |= runs
            low += size
    if len(found) < count:
        raise SystemExit(f"{len(found):,} passages are too few for {count:,}")
    return rng.sample(found, count)


def rows_of(count: int, seed: int) -> list[Row]:
    """`count` rows in random order."""
    rng = Random(seed)
    members = int(count * FAMILY)
    copies = int(count * EXACT), int(count * NEAR)
    originals = count - members - sum(copies)
    drawn = passages(rng, originals + members // MEMBERS)
    rows = [Row(*_split(text), i) for i, text in enumerate(drawn[:originals])]
    for text in drawn[originals:]:
        for member in range(MEMBERS):
            about = f"Order {rng.randint(10_000, 99_999)} of {NAMES[member % len(NAMES)]}, item {member + 1}:"
            rows.append(Row(*_split(f"{about} {text}"), len(rows)))
    rows += [row._replace(prompt=_restyled(row.prompt, rng)) for row in rng.sample(rows[:originals], copies[0])]
    rows += [row._replace(prompt=_edited(row.prompt, rng)) for row in rng.sample(rows[:originals], copies[1])]
    rng.shuffle(rows)
    return rows


def _split(text: str) -> tuple[str, str]:
    """The first half of a passage as the prompt, the second as the answer."""
    words = text.split()
    cut = len(words) // 2
    return " ".join(words[:cut]), " ".join(words[cut:])


def _restyled(text: str, rng: Random) -> str:
    """The same words in other looks."""
    return rng.choice((text.upper(), text.lower(), f"  {text} ", text.replace(" ", "  "), f"{text} !!", f"{text}."))


def _edited(text: str, rng: Random) -> str:
    """2 to 6% of the words, at least one, mistyped, left out or joined by a filler; numbers, names, negations stay."""
    words = text.split()
    plain = [
        i for i, word in enumerate(words) if word.isalpha() and word.islower() and len(word) >= 5 and word not in KEPT
    ]
    for i in sorted(
        rng.sample(plain, min(len(plain), max(1, round(len(words) * rng.uniform(0.02, 0.06))))), reverse=True
    ):
        kind, at = rng.choice(("typo", "typo", "gone", "filler")), rng.randrange(1, len(words[i]) - 1)
        if kind == "typo":
            words[i] = words[i][:at] + words[i][at + 1] + words[i][at] + words[i][at + 2 :]
        elif kind == "gone":
            del words[i]
        else:
            words.insert(i, rng.choice(FILLERS))
    return " ".join(words)


def scored(rows: Sequence[Row], dropped: set[int], cpu: float) -> Found:
    """How many copies went, and how many clusters with them."""
    size, kept = (
        Counter(row.cluster for row in rows),
        Counter(r.cluster for i, r in enumerate(rows) if i not in dropped),
    )
    extra = sum(max(0, kept[cluster] - 1) for cluster in size)
    copies = sum(n - 1 for n in size.values())
    return Found(1 - extra / copies, sum(not kept[cluster] for cluster in size) / len(size), cpu)


def assay(rows: Sequence[Row], folder: Path) -> Found:
    """The duplicates rules of `assay check`, as a command: imports, reading and printing included."""
    path = folder / "rows.jsonl"
    lines = (json.dumps({"prompt": row.prompt, "completion": row.answer}) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "assay", "check", str(path), "--select", "D001,D002", "--format", "jsonl"]
    printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = [json.loads(line) for line in printed.splitlines()]
    dropped = {finding["row"] for finding in found if finding.get("action") == "drop"}
    return scored(rows, dropped, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def datasketch(rows: Sequence[Row]) -> Found:
    """MinHash LSH over sets of words, 128 permutations, as its documentation has it; pairs verified at 0.7."""
    from datasketch import MinHash, MinHashLSH

    before = resource.getrusage(resource.RUSAGE_SELF)
    index = MinHashLSH(threshold=0.7, num_perm=128)
    kept: dict[int, set[str]] = {}
    dropped: set[int] = set()
    for i, row in enumerate(rows):
        words = set(f"{row.prompt} {row.answer}".lower().split())
        sketch = MinHash(num_perm=128)
        sketch.update_batch([word.encode() for word in words])
        if any(len(words & kept[j]) >= 0.7 * len(words | kept[j]) for j in index.query(sketch)):
            dropped.add(i)
        else:
            kept[i] = words
            index.insert(i, sketch)
    after = resource.getrusage(resource.RUSAGE_SELF)
    return scored(rows, dropped, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def run() -> Result:
    """All rows once by Assay, a fifth of them by both in turns."""
    with tempfile.TemporaryDirectory() as folder:
        whole = assay(rows_of(ROWS, SEED), Path(folder))
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
        turns: dict[str, list[Found]] = defaultdict(list)
        for seed in range(TURNS):
            rows = rows_of(FEWER, SEED + 1 + seed)
            turns["assay"].append(assay(rows, Path(folder)))
            turns["datasketch"].append(datasketch(rows))
    ratio = [peer.cpu / own.cpu for own, peer in zip(turns["assay"], turns["datasketch"], strict=True)]
    seeds = [SEED + i for i in range(TURNS + 1)]
    return Result(ROWS, seeds, {
        "cpu_s": value(whole.cpu, "s"), "memory_gb": value(memory, "GB"),
        "recall": value(whole.recall, "share of the planted copies"),
        "originals_lost": value(whole.lost, "share of the clusters"),
        **_metrics(turns["assay"], "_20k"),
        "datasketch_cpu_over_ours_20k": value(statistics.median(ratio), "ratio", min(ratio), max(ratio)),
        "peak_memory_gb": value(peak_gb(), "GB, the benchmark included"),
    }, {"datasketch": {"version": version("datasketch"), "metrics": _metrics(turns["datasketch"], "_20k")}},
    )  # fmt: skip


def _metrics(found: Sequence[Found], suffix: str) -> dict[str, dict[str, Any]]:
    """Medians over the turns, with the least and the most."""
    units = {"recall": "share of the planted copies", "lost": "share of the clusters", "cpu": "s"}
    columns = {name: [getattr(turn, name) for turn in found] for name in units}
    names = {"recall": "recall", "lost": "originals_lost", "cpu": "cpu_s"}
    return {
        f"{names[name]}{suffix}": value(statistics.median(numbers), units[name], min(numbers), max(numbers))
        for name, numbers in columns.items()
    }
