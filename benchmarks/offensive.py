"""S002 on the tweets of Davidson et al. 2017 whose annotators all agree, beside the plain classifier at the same data.

Reads qa_offensive of the shared data folder. The tweets hold much slang that offends nobody in particular; the rule
looks for what is said to someone, and puts precision first. The classifier (alt-profanity-check) was trained on these
tweets among others, so its recall here is no fair one.
"""

from __future__ import annotations

import csv
import gzip
import time
from collections.abc import Sequence
from random import Random

from assay.records import Example, Message
from assay.rules.offensive import Offensive, probabilities
from benchmarks.result import Result, peak_gb, value
from benchmarks.shared import shared_data, wilson

SEED, MOST = 0, 4_000  # tweets of each side


def run() -> Result:
    """Recall on offensive and hateful tweets, false alarms on harmless ones, precision at equal shares, speed."""
    path = shared_data() / "qa_offensive" / "labeled_dev.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if _agreed(row)]
    rng = Random(SEED)
    sides = {side: [r["tweet"] for r in rows if r["class"] in side] for side in ("01", "0", "2")}
    texts = {side: rng.sample(tweets, min(MOST, len(tweets))) for side, tweets in sides.items()}
    start = time.process_time()
    mine = {side: _flagged(tweets) for side, tweets in texts.items()}
    seconds = time.process_time() - start
    theirs = {side: sum(p >= 0.5 for p in probabilities(tweets)) for side, tweets in texts.items()}
    n = sum(map(len, texts.values()))
    metrics = _metrics(mine, texts) | {
        "us_per_tweet": value(1e6 * seconds / n, "us CPU"),
        "peak_memory_gb": value(peak_gb(), "GB"),
    }
    peers = {"alt-profanity-check": {"version": "1.9", "metrics": _metrics(theirs, texts)}}
    return Result(n, [SEED], metrics, peers)


def _agreed(row: dict[str, str]) -> bool:
    return int(row["count"]) in (int(row["hate_speech"]), int(row["offensive_language"]), int(row["neither"]))


def _flagged(texts: Sequence[str]) -> int:
    examples = [Example(str(i), "generate", (Message("user", text),)) for i, text in enumerate(texts)]
    return sum(map(bool, Offensive().check_batch(examples)))


def _metrics(flagged: dict[str, int], texts: dict[str, list[str]]) -> dict[str, dict[str, object]]:
    recall, alarms = flagged["01"] / len(texts["01"]), flagged["2"] / len(texts["2"])
    return {
        "recall.offensive": _share(flagged["01"], len(texts["01"])),
        "recall.hateful": _share(flagged["0"], len(texts["0"])),
        "false_alarms": _share(flagged["2"], len(texts["2"])),
        "precision_at_equal_shares": value(recall / (recall + alarms), "share"),
    }


def _share(hits: int, n: int) -> dict[str, object]:
    low, high = wilson(hits, n)
    return value(hits / n, f"share, n = {n}", low, high)
