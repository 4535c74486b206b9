"""Rows that have each other's answers (A009), by the default vectors and by `minilm`, in general instruction sets.

Of 250 rows of each set 16 exchange their answers in pairs; the others, and the rows as they come, must not be told.
"""

from __future__ import annotations

import os
from dataclasses import replace
from random import Random

from assay.encoders import Encoder, named
from assay.records import Example
from assay.rules.swapped_answer import SwappedAnswer
from assay.signals import Measured
from assay.sources import read
from benchmarks.result import Result, value
from benchmarks.shared import shared_data, wilson

SETS = (
    "inst_alpagasus/random_9k.json", "inst_alpagasus/dolly_3k.json", "inst_alpagasus/claude_t45.json",
    "inst_alpaca_refined/fastchat_lima_1k.json", "inst_alpaca_refined/refined_alpaca_1k_longest.json",
)  # fmt: skip
SEEDS = tuple(range(int(os.environ.get("ASSAY_BENCH_SEEDS", "2"))))
ROWS, EXCHANGED = 250, 16


def run() -> Result:
    """Recall of the exchanged rows, and the share of the others that are held."""
    metrics, n = {}, 0
    for name in ("static", "minilm"):
        encoder, found, asked, false, right = named(name), 0, 0, 0, 0
        for path in SETS:
            rows = [row for row in read(shared_data() / path).examples if row.prompt.strip() and row.answer.strip()]
            rows = Random(0).sample(rows, min(ROWS, len(rows)))
            for seed in SEEDS:
                moved = Random(seed).sample(range(len(rows)), EXCHANGED)
                held = _held(exchange(rows, moved), encoder)
                wrong = {rows[i].id for i in moved}
                found, asked = found + len(held & wrong), asked + len(wrong)
                false, right = false + len(held - wrong), right + len(rows) - len(wrong)
        metrics[f"{name}.recall"] = value(found / asked, f"of {asked} exchanged rows", *wilson(found, asked))
        metrics[f"{name}.held_wrongly"] = value(false / right, f"of {right} right rows", *wilson(false, right))
        n = asked + right
    return Result(n, list(SEEDS), metrics)


def exchange(rows: list[Example], moved: list[int]) -> list[Example]:
    """The rows with the answers of `moved` exchanged, two by two."""
    out = [replace(row, label=None) for row in rows]
    for a, b in zip(moved[::2], moved[1::2], strict=True):
        out[a], out[b] = out[a].with_answer(rows[b].answer), out[b].with_answer(rows[a].answer)
    return out


def _held(rows: list[Example], encoder: Encoder | None) -> set[str]:
    return {found.id for found in SwappedAnswer().survey(Measured(rows, sharper=encoder)) if found.action == "hold"}
