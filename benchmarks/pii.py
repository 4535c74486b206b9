"""Personal data found by S001 in the 100 sentences of presidio-research, and false alarms on ordinary questions.

Reads qa_pii_presidio and kb_banking77 of the shared data folder. Names, places, organisations and addresses that nobody
is said to live at are no task of the rule; they are counted neither as found nor as missed, but a span elsewhere is a
false alarm.
"""

from __future__ import annotations

import csv
import json
import time
from collections import Counter

from assay.rules.pii import personal_spans
from benchmarks.result import Result, peak_gb, value
from benchmarks.shared import shared_data, wilson

# What presidio-research calls the kinds that the rule looks for.
KINDS = {
    "CREDIT_CARD": "card", "EMAIL_ADDRESS": "mail", "PHONE_NUMBER": "phone", "US_SSN": "ssn", "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip",
}  # fmt: skip


def run() -> Result:
    """Recall by kind, precision over all spans, false alarms per 1,000 support questions, microseconds a sentence."""
    data = shared_data()
    rows = json.loads((data / "qa_pii_presidio" / "generated_small.json").read_text(encoding="utf-8"))
    found, wanted = Counter[str](), Counter[str]()
    right = spans = 0
    start = time.process_time()
    for row in rows:
        mine = personal_spans(row["full_text"])
        gold = [(s["entity_type"], s["start_position"], s["end_position"]) for s in row["spans"]]
        spans += len(mine)
        right += sum(any(m.start < end and begin < m.end for _, begin, end in gold) for m in mine)
        for kind, begin, end in gold:
            if kind in KINDS:
                wanted[KINDS[kind]] += 1
                found[KINDS[kind]] += any(m.start < end and begin < m.end for m in mine)
    seconds = time.process_time() - start
    with (data / "kb_banking77" / "train.csv").open(encoding="utf-8") as file:
        questions = [row["text"] for row in csv.DictReader(file)]
    alarms = sum(bool(personal_spans(question)) for question in questions)
    metrics = {f"recall.{kind}": _share(found[kind], n) for kind, n in sorted(wanted.items())}
    metrics |= {
        "recall": _share(sum(found.values()), sum(wanted.values())),
        "precision": _share(right, spans),
        "false_alarms_per_1000_banking77": value(1000 * alarms / len(questions), f"rows, n = {len(questions)}"),
        "us_per_sentence": value(1e6 * seconds / len(rows), "us CPU"),
        "peak_memory_gb": value(peak_gb(), "GB"),
    }
    return Result(len(rows), [], metrics)


def _share(hits: int, n: int) -> dict[str, object]:
    low, high = wilson(hits, n)
    return value(hits / n if n else 0.0, f"share, n = {n}", low, high)
