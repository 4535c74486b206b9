"""Rows of three public sets, and the defects of `defect_curves`, each planted at a rate by a seed."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from random import Random
from string import ascii_lowercase
from typing import NamedTuple

import numpy as np

from assay.encoders import WordLlama
from benchmarks.shared import shared_data
from benchmarks.tables.intents import Rows, banking, clinc

TARGETS = 60  # queries that say what the set is about: of the training split, neither trained on nor tested


class Row(NamedTuple):
    """One training row, as it came and as it should be."""

    text: str
    label: str
    right: str | None  # the label it should carry; None where the row should not be there


class Bench(NamedTuple):
    """One set: rows to draw from by class, frozen test rows, queries that say what it is about, rows of elsewhere."""

    name: str
    pool: Mapping[str, list[str]]
    size: int  # training rows of a class
    test: Rows
    targets: list[str]
    strange: list[str]
    alike: Mapping[str, list[str]]  # the two classes most like each


Plant = Callable[[Bench, Random, float], list[Row]]


def benches() -> list[Bench]:
    """20 intents of BANKING77, 30 rows each; the 30 of CLINC150 on banks and cards, 20 each; 22 conditions, 18 each."""
    bank, intents, triage = banking(), clinc("full"), _conditions()
    money = {label: rows for label, rows in _by_label(intents.train).items() if label in _about_money()}
    train, test = ({label: rows[part] for label, rows in triage.items()} for part in (slice(12, None), slice(12)))
    return [
        _bench("banking77", _by_label(bank.train), _by_label(bank.test), 20, 30, _texts(triage)),
        _bench("clinc150", money, _by_label(intents.test), 30, 20, _texts(triage)),
        _bench("symptom2disease", train, test, 22, 18, bank.train.texts),
    ]


def clean(bench: Bench, rng: Random, _rate: float = 0.0) -> list[Row]:
    """The rows of a seed, without a defect."""
    return [Row(text, label, label) for label in bench.pool for text in rng.sample(bench.pool[label], bench.size)]


def wrong_at_random(bench: Bench, rng: Random, rate: float) -> list[Row]:
    """Labels exchanged for any other."""
    others = {label: [other for other in bench.pool if other != label] for label in bench.pool}
    return _changed(bench, rng, rate, lambda row: row._replace(label=rng.choice(others[row.label])))


def wrong_among_alike(bench: Bench, rng: Random, rate: float) -> list[Row]:
    """Labels exchanged for one of the two classes most like the right one."""
    return _changed(bench, rng, rate, lambda row: row._replace(label=rng.choice(bench.alike[row.label])))


def contradictory(bench: Bench, rng: Random, rate: float) -> list[Row]:
    """Rows replaced by copies of others that carry another label."""
    rows = clean(bench, rng)

    def other(_: Row) -> Row:
        row = rng.choice(rows)
        return Row(_copy(row.text, rng), rng.choice(bench.alike[row.label]), None)

    return _changed(bench, rng, rate, other, rows)


def repeated(bench: Bench, rng: Random, rate: float) -> list[Row]:
    """Rows replaced by copies of a few others: one row in twenty is repeated again and again."""
    rows = clean(bench, rng)
    few = rng.sample(rows, max(1, len(rows) // 20))

    def again(_: Row) -> Row:
        row = rng.choice(few)
        return Row(_copy(row.text, rng), row.label, None)

    return _changed(bench, rng, rate, again, rows)


def off_domain(bench: Bench, rng: Random, rate: float) -> list[Row]:
    """Rows replaced by rows of another set, under a label of this one."""
    classes = list(bench.pool)
    return _changed(bench, rng, rate, lambda _: Row(rng.choice(bench.strange), rng.choice(classes), None))


def misspelt(bench: Bench, rng: Random, rate: float) -> list[Row]:
    """One slip of the keys in every second word."""
    return _changed(bench, rng, rate, lambda row: row._replace(text=_slips(row.text, rng)))


def imbalanced(bench: Bench, rng: Random, rate: float) -> list[Row]:
    """Rows of one half of the classes replaced by further rows of the other half: at 40%, a class has 20% or 180%."""
    classes = list(bench.pool)
    rng.shuffle(classes)
    rich, moved = set(classes[: len(classes) // 2]), round(2 * rate * bench.size)
    sizes = {label: bench.size + (moved if label in rich else -moved) for label in bench.pool}
    return [Row(text, label, label) for label, n in sizes.items() for text in rng.sample(bench.pool[label], n)]


DEFECTS: dict[str, Plant] = {
    plant.__name__: plant
    for plant in (wrong_at_random, wrong_among_alike, contradictory, repeated, off_domain, misspelt, imbalanced)
}


def _changed(
    bench: Bench, rng: Random, rate: float, change: Callable[[Row], Row], rows: Sequence[Row] | None = None
) -> list[Row]:
    """A share of the rows changed, drawn by chance."""
    kept = clean(bench, rng) if rows is None else list(rows)
    chosen = set(rng.sample(range(len(kept)), round(rate * len(kept))))
    return [change(row) if i in chosen else row for i, row in enumerate(kept)]


def _copy(text: str, rng: Random) -> str:
    """The text as another person would type it."""
    bare = text.rstrip(".?!")
    return rng.choice([text, text.lower(), bare, f"{bare}??", f"hi, {text[0].lower()}{text[1:]}"])


def _slips(text: str, rng: Random) -> str:
    words = text.split()
    for i in rng.sample(range(len(words)), (len(words) + 1) // 2):
        word, at = words[i], rng.randrange(len(words[i]))
        drop, swap = word[:at] + word[at + 1 :], word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
        words[i] = rng.choice([drop, swap, word[:at] + rng.choice(ascii_lowercase) + word[at + 1 :]]) or word
    return " ".join(words)


def _bench(
    name: str,
    train: Mapping[str, list[str]],
    test: Mapping[str, list[str]],
    classes: int,
    size: int,
    strange: list[str],
) -> Bench:
    rng, most = Random(7), round(1.8 * size)
    wide = sorted(label for label, rows in train.items() if len(rows) >= most)
    labels = sorted(rng.sample(wide, classes))
    left = {label: rng.sample(train[label], len(train[label])) for label in labels}
    pool = {label: rows[:most] for label, rows in left.items()}
    spare = [text for label, rows in left.items() for text in rows[len(pool[label]) :]]
    targets = rng.sample(spare, min(TARGETS, len(spare)))
    asked = [(text, label) for label in labels for text in test[label]]
    return Bench(name, pool, size, Rows([t for t, _ in asked], [c for _, c in asked]), targets, strange, _alike(pool))


def _alike(pool: Mapping[str, list[str]]) -> dict[str, list[str]]:
    centres = np.stack([WordLlama().encode(texts).mean(0) for texts in pool.values()])
    near = centres @ centres.T / np.outer(*[np.linalg.norm(centres, axis=1)] * 2) - 2 * np.eye(len(pool))
    labels = list(pool)
    return {label: [labels[j] for j in np.argsort(-near[i])[:2]] for i, label in enumerate(labels)}


def _by_label(rows: Rows) -> dict[str, list[str]]:
    out: dict[str, list[str]] = defaultdict(list)
    for text, label in zip(rows.texts, rows.labels, strict=True):
        out[label].append(text)
    return out


def _texts(by_label: Mapping[str, list[str]]) -> list[str]:
    return [text for rows in by_label.values() for text in rows]


def _about_money() -> set[str]:
    """The intents of two neighbouring domains of CLINC150."""
    domains = json.loads((shared_data() / "kb_clinc150" / "domains.json").read_text(encoding="utf-8"))
    return {intent for domain in ("banking", "credit_cards") for intent in domains[domain]}


def _conditions() -> dict[str, list[str]]:
    """Symptom2Disease without its repeats; the first twelve of each condition become the test rows."""
    with (shared_data() / "triage_symptom2disease" / "Symptom2Disease.csv").open(encoding="utf-8", newline="") as lines:
        seen = dict.fromkeys((row["text"], row["label"]) for row in csv.DictReader(lines))
    return _by_label(Rows([text for text, _ in seen], [label for _, label in seen]))
