"""Small sets with known faults, in every format the command line reads."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

ASKED = (
    "How do I pay a bill", "Where is my card", "My card was stolen yesterday", "What is the exchange rate for euros",
    "Why was my transfer declined", "Can I open a second account", "How long does a top up take",
    "Please close my account for good", "I forgot my passcode again", "Is there a fee for cash withdrawal",
)  # fmt: skip
WHERE = ("from abroad", "this morning", "on my phone", "for my daughter", "at the weekend", "in the app")
OF_CARDS = ("card", "passcode", "cash")
TEST = (("My new card has not come", "cards"), ("Send money to my brother", "payments"))

# a clean dozen, then: an exact repeat, spacing to mend, broken encoding to mend, an address to redact, no answer
DIALOGUES: tuple[tuple[str, str], ...] = (
    ("How do I reset the thermostat?", "Hold the round button for ten seconds until the light blinks."),
    ("Which filter fits model B?", "The square one with the blue frame, part 114."),
    ("Can I wash the cover?", "Yes, at forty degrees, and let it dry in the air."),
    ("Why does the fan rattle?", "A screw behind the grille is loose; tighten it by hand."),
    ("How often should I descale it?", "Every two months, or when the amber lamp stays lit."),
    ("What does error seven mean?", "The door is not closed; press until it clicks."),
    ("Where do I find the serial number?", "On a silver label under the base."),
    ("Is the battery replaceable?", "Yes, slide the tray out and put a new one in."),
    ("How loud is night mode?", "About thirty decibels, like a quiet library."),
    ("Does it work without wifi?", "Yes; only the timer in the app needs a network."),
    ("How long is the warranty?", "Two years from the day on the receipt."),
    ("Can I stack two units?", "No, the upper one would block the air inlet."),
    ("Can I stack two units?", "No, the upper one would block the air inlet."),
    ("What   is  the   voltage\u200b range?", "Between 220 and 240 volts."),
    ("Do you sell it in the cafÃ© colour?", "Yes, the cafÃ© colour is sold in stores."),
    ("Who repairs it in Lyon?", "Write to paul.martin@atelier-martin.fr and he will come by."),
    ("How heavy is the large one?", ""),
)


class Kind(NamedTuple):
    """A format in a shape: how to write pairs in it, and how to count what is there."""

    name: str  # of the file
    pack: Callable[[Sequence[tuple[str, str]]], bytes]
    count: Callable[[bytes], int]


def _jsonl(rows: Sequence[object]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _messages(pairs: Sequence[tuple[str, str]]) -> list[object]:
    return [{"messages": [{"role": "user", "content": q}, {"role": "assistant", "content": a}]} for q, a in pairs]


def _sharegpt(pairs: Sequence[tuple[str, str]]) -> bytes:
    rows = [{"conversations": [{"from": "human", "value": q}, {"from": "gpt", "value": a}]} for q, a in pairs]
    return json.dumps(rows, ensure_ascii=False, indent=2).encode()


def _alpaca(pairs: Sequence[tuple[str, str]]) -> bytes:
    return json.dumps([{"instruction": q, "input": "", "output": a} for q, a in pairs], ensure_ascii=False).encode()


def table(rows: Sequence[Sequence[str]], header: Sequence[str], delimiter: str = ",") -> bytes:
    """Rows as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([header, *rows])
    return text.getvalue().encode()


def _count_csv(data: bytes, delimiter: str = ",") -> int:
    return len(list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))) - 1


def _parquet(pairs: Sequence[tuple[str, str]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"prompt": [q for q, _ in pairs], "completion": [a for _, a in pairs]}), sink)
    return bytes(sink.getvalue())


def _count_parquet(data: bytes) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    return int(pq.read_table(pa.BufferReader(data)).num_rows)


def _lines(data: bytes) -> int:
    return len([json.loads(line) for line in data.decode().splitlines()])


KINDS: dict[str, Kind] = {
    "messages": Kind("chat.jsonl", lambda pairs: _jsonl(_messages(pairs)), _lines),
    "sharegpt": Kind("talks.json", _sharegpt, lambda data: len(json.loads(data))),
    "alpaca": Kind("alpaca.json", _alpaca, lambda data: len(json.loads(data))),
    "csv": Kind("labels.csv", lambda pairs: table(pairs, ("text", "label")), _count_csv),
    "tsv": Kind("labels.tsv", lambda pairs: table(pairs, ("text", "label"), "\t"), lambda data: _count_csv(data, "\t")),
    "parquet": Kind("pairs.parquet", _parquet, _count_parquet),
    "gzip": Kind(
        "chat.jsonl.gz",
        lambda pairs: gzip.compress(_jsonl(_messages(pairs))),
        lambda data: _lines(gzip.decompress(data)),
    ),
}


def tickets() -> list[tuple[str, str]]:
    """Sixty different questions to a bank, each "cards" or "payments"."""
    return [
        (f"{asked} {where}?", "cards" if any(word in asked for word in OF_CARDS) else "payments")
        for asked in ASKED
        for where in WHERE
    ]


def with_faults() -> list[tuple[str, str]]:
    """The sixty with a repeat, no label, another spelling of one, broken encoding, rude words, a test row."""
    rows = tickets()
    rows[7] = (rows[7][0], "")
    rows[11] = (rows[11][0], "Cards")
    rows[20] = ("Is the cafÃ© machine payment pending?", "payments")
    rows[40] = ("Why is my top up not here, you stupid idiots?", "payments")
    return [*rows, rows[3], TEST[0]]


def write_project(folder: Path, rows: Sequence[tuple[str, str]] | None = None, extra: str = "") -> Path:
    """A project over `with_faults()`, or other rows; `extra` is more of assay.yaml."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "train.csv").write_bytes(table(with_faults() if rows is None else rows, ("text", "label")))
    (folder / "data" / "test.csv").write_bytes(table(TEST, ("text", "label")))
    sources = "sources:\n  - path: data/train.csv\n  - {path: data/test.csv, split: test}\n"
    (folder / "assay.yaml").write_text(
        f"name: desk\ntask: classify\nsystem: Name the topic.\n{sources}{extra}", encoding="utf-8"
    )
    return folder
