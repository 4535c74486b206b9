"""The thesis on real data: the same model on raw rows, on as many random ones, and on what the rules leave.

Four sets of the shared data (ASSAY_SHARED, or ../shared). BANKING77, CLINC150 and Symptom2Disease with planted faults:
15% wrong labels (half of them the most similar class), 10% other spellings of a label, 5% copies, 6% rows of another
set; HINT3's three shop bots as they were shipped, nothing planted. Test rows are never touched, and training rows
that they know are in no arm. Nobody reviews: what the rules hold is left out. And 1,000 clean rows of BANKING77 against
10,000 of which 40% are wrong.

`ASSAY_BENCH_TIERS=probe` leaves the tuned model out (then seconds instead of half an hour).
"""

from __future__ import annotations

import csv
import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np

from assay.encoders import WordLlama
from assay.passes import curate
from assay.prove.arms import Arm
from assay.prove.effects import Effect, effects
from assay.prove.probe import probe
from assay.prove.scores import Scores
from assay.prove.steps import AA_SEEDS, ALONE, PROBE_SEEDS
from assay.prove.tuned import Tuner
from assay.recipe import TrainSpec
from assay.records import Example, Message
from assay.rules.choose import choose
from benchmarks.result import Result, value
from benchmarks.shared import shared_data

TIERS = tuple(os.environ.get("ASSAY_BENCH_TIERS", "probe,lora").split(","))
CLASSES, PER_CLASS, TEST_ROWS = 12, 50, 400
WRONG, SPELT, COPIED, STRANGE = 0.15, 0.10, 0.05, 0.06
SPEC = TrainSpec(layers=4, epochs=4)
FEW, MANY, MOST_WRONG = 1000, 10_000, 0.4
SYSTEM = "Answer with the class of the message."
Rows = list[tuple[str, str]]  # text, label


class Set(NamedTuple):
    """Training rows as a user would have them, and clean test rows."""

    name: str
    train: list[Example]
    test: list[Example]


def run() -> Result:
    """Of each set and tier: accuracy of every arm, and the two differences."""
    metrics: dict[str, dict[str, Any]] = {}
    for one in _sets():
        done = curate([*one.train, *one.test], choose({}))
        leaked = {d.id for d in done.decisions if d.reason.startswith("L") and d.action == "drop"}
        curated = [row for row in done.kept if row.split == "train" and row.answer.strip()]
        raw = [row for row in one.train if row.answer.strip() and row.id not in leaked]
        arms = [
            Arm("raw", "state", "", "", raw), Arm("curated", "state", "raw", "", curated),
            *(Arm(f"random {n}", "control", "curated", "", Random(n).sample(raw, len(curated))) for n in (1, 2, 3)),
            Arm("A/A", "control", "raw", "", raw),
        ]  # fmt: skip
        for tier in TIERS:
            _tell(metrics, f"{tier}.{one.name}", arms, _scored(tier, arms, one.test), one.test)
    _few_against_many(metrics)
    return Result(TEST_ROWS, [0], metrics)


def _scored(tier: str, arms: Sequence[Arm], test: list[Example], budget: float = 0) -> dict[str, Scores]:
    """Every arm at the budget of the first."""
    if tier == "probe":
        encoder, spent = WordLlama(), budget or len(arms[0].examples)
        return {
            arm.name: probe(arm.examples, test, encoder, seeds=_seeds(arm, range(PROBE_SEEDS)), budget=spent)
            for arm in arms
        }
    with tempfile.TemporaryDirectory() as folder:
        tuner = Tuner("smollm2-135m-instruct", SPEC, test, system=SYSTEM, folder=Path(folder))
        tokens = round(budget) or round(SPEC.epochs * tuner.tokens(arms[0].examples))
        return {
            arm.name: tuner.scores(
                arm.examples, seeds=range(AA_SEEDS, AA_SEEDS + ALONE) if arm.name == "A/A" else [0], budget=tokens,
                told=lambda what, share: None,
            )
            for arm in arms
        }  # fmt: skip


def _seeds(arm: Arm, seeds: Sequence[int]) -> list[int]:
    return [seed + (AA_SEEDS if arm.name == "A/A" else 0) for seed in seeds]


def _tell(
    metrics: dict[str, dict[str, Any]], name: str, arms: Sequence[Arm], scored: dict[str, Scores], test: list[Example]
) -> None:
    for arm in arms[:2]:
        unit = f"accuracy, {len(arm.examples)} rows, n = {len(test)}"
        metrics[f"{name}.{arm.name}"] = value(float(scored[arm.name].mean().mean()), unit)
    for effect in effects(arms, scored, test, seed=0):
        if effect.name in ("curated", "random"):
            against = "raw" if effect.name == "curated" else "random"
            metrics[f"{name}.curated_over_{against}"] = _difference(effect)


def _difference(effect: Effect) -> dict[str, Any]:
    d = effect.difference
    return value(d.value, f"accuracy, p = {effect.p_holm:.3g} (Holm): {effect.verdict}", d.low, d.high)


def _few_against_many(metrics: dict[str, dict[str, Any]]) -> None:
    """A thousand clean rows against ten thousand noisy ones of all 77 intents, at one budget."""
    rows = _csv("kb_banking77/train.csv", "text", "category")
    test = _examples(Random(1).sample(_csv("kb_banking77/test.csv", "text", "category"), 1000), "test")
    clean = _examples(Random(0).sample(rows, FEW), "train")
    noisy = _examples(_wrong(rows[:MANY], MOST_WRONG, 0), "train")
    arms = [Arm("noisy", "state", "", "", noisy), Arm("clean", "state", "noisy", "", clean)]
    for tier in TIERS:
        budget = float(FEW) if tier == "probe" else 0.0
        if tier == "lora":  # passes over the clean rows: the many are then seen about once
            with tempfile.TemporaryDirectory() as folder:
                tuner = Tuner("smollm2-135m-instruct", SPEC, test, system=SYSTEM, folder=Path(folder))
                budget = 2 * SPEC.epochs * tuner.tokens(clean)
        scored = _scored(tier, arms, test, budget)
        named = {"raw": scored["noisy"], "curated": scored["clean"]}
        pair = [Arm("raw", "state", "", "", noisy), Arm("curated", "state", "raw", "", clean)]
        (effect,) = effects(pair, named, test, seed=0)
        for name, scores in scored.items():
            size = FEW if name == "clean" else len(noisy)
            unit = f"accuracy, {size} rows, n = {len(test)}"
            metrics[f"{tier}.few_against_many.{name}"] = value(float(scores.mean().mean()), unit)
        metrics[f"{tier}.few_against_many.clean_over_noisy"] = _difference(effect)


def _sets() -> Iterator[Set]:
    banking = (_csv("kb_banking77/train.csv", "text", "category"), _csv("kb_banking77/test.csv", "text", "category"))
    clinc = _clinc()
    triage = _split(_csv("triage_symptom2disease/Symptom2Disease.csv", "text", "label"))
    for name, (train, test), others in (
        ("banking77", banking, clinc[0]), ("clinc150", clinc, triage[0]), ("symptom2disease", triage, banking[0]),
    ):  # fmt: skip
        chosen = set(Random(name).sample(sorted({label for _, label in train}), CLASSES))
        rows = _thinned([row for row in train if row[1] in chosen])
        asked = [row for row in test if row[1] in chosen]
        made = _messy(rows, Random(name).sample(others, 200), name)
        yield Set(
            name, _examples(made, "train"), _examples(Random(0).sample(asked, min(TEST_ROWS, len(asked))), "test")
        )
    for bot in ("curekart", "powerplay11", "sofmattress"):
        train = _csv(f"kb_hint3/v1/{bot}_train.csv", 0, 1)
        known = {label for _, label in train}
        test = [row for row in _csv(f"kb_hint3/v2/{bot}_test.csv", 0, 1) if row[1] in known]
        yield Set(f"hint3_{bot}", _examples(train, "train"), _examples(test, "test"))


def _thinned(rows: Rows) -> Rows:
    by_label = {label: [row for row in rows if row[1] == label] for label in sorted({label for _, label in rows})}
    return [row for label, of in by_label.items() for row in Random(label).sample(of, min(PER_CLASS, len(of)))]


def _split(rows: Rows) -> tuple[Rows, Rows]:
    """A third for the test; no text stands in both."""
    texts = sorted({text for text, _ in rows})
    asked = set(Random("test").sample(texts, len(texts) // 3))
    return [row for row in rows if row[0] not in asked], [row for row in rows if row[0] in asked]


def _messy(rows: Rows, others: Rows, seed: str) -> Rows:
    draw = Random(seed)
    made = _wrong(rows, WRONG, hash_of(seed))
    for i in draw.sample(range(len(made)), round(SPELT * len(made))):
        text, label = made[i]
        made[i] = (text, draw.choice(_spellings(label)))
    made += draw.sample(made, round(COPIED * len(made)))
    labels = sorted({label for _, label in rows})
    made += [(text, draw.choice(labels)) for text, _ in others[: round(STRANGE * len(made))]]
    return draw.sample(made, len(made))


def hash_of(name: str) -> int:
    """The same small number for a name on every machine."""
    return sum(name.encode())


def _spellings(label: str) -> list[str]:
    words = re.split(r"[_\s]+", label.strip("?"))
    return [
        " ".join(words).title(),
        "-".join(words).lower(),
        "".join(w.capitalize() for w in words),
        label.upper() + ".",
    ]


def _wrong(rows: Rows, share: float, seed: int) -> Rows:
    """A share of the labels wrong: half the most similar class by its mean vector, half any other."""
    draw, labels = Random(seed), sorted({label for _, label in rows})
    vectors, place = WordLlama().encode([text for text, _ in rows]), {label: i for i, label in enumerate(labels)}
    means = np.stack([vectors[[i for i, (_, of) in enumerate(rows) if of == label]].mean(0) for label in labels])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    likeness = means @ means.T - 2 * np.eye(len(labels))
    made = list(rows)
    for i in draw.sample(range(len(rows)), round(share * len(rows))):
        text, label = rows[i]
        nearest = labels[int(likeness[place[label]].argmax())]
        made[i] = (text, nearest if draw.random() < 0.5 else draw.choice([other for other in labels if other != label]))
    return made


def _examples(rows: Sequence[tuple[str, str]], split: Any) -> list[Example]:
    return [
        Example(f"{split}{i}", "classify", (Message("user", text), Message("assistant", label)), label=label,
                split=split, uri=f"{split}.csv", row=i)
        for i, (text, label) in enumerate(rows)
    ]  # fmt: skip


def _csv(name: str, text: str | int, label: str | int) -> Rows:
    with (shared_data() / name).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    columns = [rows[0].index(part) if isinstance(part, str) else part for part in (text, label)]
    return [(row[columns[0]], row[columns[1]]) for row in rows[1:] if len(row) > max(columns)]


def _clinc() -> tuple[Rows, Rows]:
    folder = shared_data() / "kb_clinc150"
    train = json.loads((folder / "data_full_train_val.json").read_text(encoding="utf-8"))["train"]
    test = json.loads((folder / "data_full_test.json").read_text(encoding="utf-8"))["test"]
    return [tuple(row) for row in train], [tuple(row) for row in test]  # type: ignore[misc]
