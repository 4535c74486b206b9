"""Projects with a known harm: the demo's clean rows, one fault planted in many of them, lesser ones in a few."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from random import Random

from assay import pipeline
from assay.demo.faults import IN_TEXT, words
from assay.demo.mess import read_rows
from assay.demo.truth import Row
from assay.project import Project, find
from assay.records import Example, Message

SYSTEM = "Answer with the intent of the message."
RECIPE = """\
name: planted
task: classify
system: Answer with the intent of the message.
sources:
  - path: train.csv
  - {path: test.csv, split: test}
model: smollm2-135m-instruct
train: {epochs: %s, layers: 4}
eval: {max_rows: %d}
"""
LESSER = 0.03  # of the rows, for each of the faults that do little


def example(name: str, row: Row) -> Example:
    """A row as an example of that id."""
    return Example(name, "classify", (Message("user", row.text), Message("assistant", row.label)), label=row.label)


def clean(per_class: int, seed: int) -> list[Row]:
    """So many training rows of each of the demo's twelve intents."""
    draw, rows = Random(f"clean {seed}"), read_rows("banking_train.csv")
    by_label = {label: [row for row in rows if row.label == label] for label in sorted({row.label for row in rows})}
    return [row for of in by_label.values() for row in draw.sample(of, min(per_class, len(of)))]


def wrong_labels(rows: Sequence[Row], share: float, seed: int) -> tuple[list[Row], set[int]]:
    """The rows with a share of the labels wrong, half of them one that people confuse it with; and which."""
    draw, labels = Random(f"wrong {seed}"), sorted({row.label for row in rows})
    near: dict[str, list[str]] = {label: [] for label in labels}
    for left, right in words()["confusable"]:
        near[left].append(right)
        near[right].append(left)
    planted = set(draw.sample(range(len(rows)), round(share * len(rows))))
    made = []
    for i, row in enumerate(rows):
        others = [label for label in labels if label != row.label]
        wrong = draw.choice(near[row.label] if near[row.label] and draw.random() < 0.5 else others)
        made.append(row._replace(label=wrong) if i in planted else row)
    return made, planted


def other_spellings(rows: Sequence[Row], share: float, seed: int) -> tuple[list[Row], set[int]]:
    """The rows with a share of the labels spelt another way; and which."""
    draw = Random(f"spelt {seed}")
    planted = set(draw.sample(range(len(rows)), round(share * len(rows))))
    spelt = [row._replace(label=draw.choice(words()["spellings"][row.label])) for row in rows]
    return [spelt[i] if i in planted else row for i, row in enumerate(rows)], planted


def lesser(rows: Sequence[Row], seed: int) -> list[Row]:
    """A few rows each with broken encoding, stray spacing, a person's data; and a few exact copies."""
    draw, made = Random(f"lesser {seed}"), list(rows)
    few = round(LESSER * len(rows))
    for fault in ("mojibake", "spacing", "pii"):
        for i in draw.sample(range(len(rows)), few):
            made[i] = made[i]._replace(text=IN_TEXT[fault](draw, made[i].text)[0])  # type: ignore[index]
    return [*made, *draw.sample(made, few)]


def project(
    folder: Path, rows: Sequence[Row], test: Sequence[Row], *, epochs: float = 3, test_rows: int = 0
) -> Project:
    """A project in a folder, built once by the rules alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in (("train.csv", rows), ("test.csv", test)):
        with (folder / name).open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows([Row("text", "category"), *part])
    (folder / "assay.yaml").write_text(RECIPE % (epochs, test_rows), encoding="utf-8")
    made = find(folder)
    pipeline.build(made, message="planted")
    return made
