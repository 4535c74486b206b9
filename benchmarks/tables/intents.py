"""BANKING77 and CLINC150 as published, their vectors, and the probe that is trained on them."""

from __future__ import annotations

import csv
import json
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from assay.encoders import Encoder
from benchmarks.result import value
from benchmarks.shared import shared_data, wilson

VARIANTS = ("full", "small", "imbalanced", "oos_plus")  # of CLINC150
OUTSIDE = "oos"  # the label of queries that no intent of CLINC150 covers
INVERSE_PENALTY = 10.0  # chosen on the validation rows of CLINC150 Small among 10, 30, 100


class Rows(NamedTuple):
    """Texts and their labels."""

    texts: list[str]
    labels: list[str]


class Parts(NamedTuple):
    """The rows to learn from, and those to be judged by."""

    train: Rows
    test: Rows


@lru_cache(maxsize=1)
def banking() -> Parts:
    """The official split: 10,003 and 3,080 rows, 77 intents."""
    return Parts(*(_csv(f"kb_banking77/{part}.csv") for part in ("train", "test")))


def few_shot(shots: int) -> Rows:
    """The published choice of 5 or 10 rows a class of BANKING77."""
    texts, labels = (
        (shared_data() / "kb_banking77" / "fewshot" / f"train_{shots}.{part}").read_text(encoding="utf-8").splitlines()
        for part in ("seq.in", "label")
    )
    return Rows(texts, labels)


@lru_cache(maxsize=len(VARIANTS))
def clinc(variant: str) -> Parts:
    """A published variant of CLINC150 and its official test rows: 4,500 in scope, then 1,000 outside."""
    names = ("full_train_val", "full_test") if variant == "full" else (variant,)
    body: dict[str, list[list[str]]] = {}
    for name in names:
        body |= json.loads((shared_data() / "kb_clinc150" / f"data_{name}.json").read_text(encoding="utf-8"))
    return Parts(_rows(body["train"] + body["oos_train"]), _rows(body["test"] + body["oos_test"]))


def within(rows: Rows) -> Rows:
    """The rows that some intent covers."""
    return _rows([[text, label] for text, label in zip(rows.texts, rows.labels, strict=True) if label != OUTSIDE])


class Vectors:
    """The vectors of texts, each distinct text read once."""

    def __init__(self, encoder: Encoder, texts: Sequence[str]) -> None:
        self.encoder = encoder
        distinct = list(dict.fromkeys(texts))
        self._at = {text: i for i, text in enumerate(distinct)}
        self._vectors = encoder.encode(distinct)

    def of(self, texts: Sequence[str]) -> np.ndarray:
        """Shape (n, dim), float32."""
        return self._vectors[[self._at[text] for text in texts]]


def probe(vectors: np.ndarray, labels: Sequence[Any]) -> Any:
    """A logistic regression."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    with warnings.catch_warnings(), threadpool_limits(1):  # two threads wait for each other beside a busy neighbour
        warnings.simplefilter("ignore")  # that it stopped before it converged
        return LogisticRegression(C=INVERSE_PENALTY, max_iter=300).fit(vectors, labels)


def right(model: Any, vectors: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """Whether the model is right on each row, bool."""
    return np.asarray(model.predict(vectors) == np.array(labels))


def accuracy(found: np.ndarray, *, published: float | None = None, unit: str = "accuracy") -> dict[str, Any]:
    """The share of rows that are right with its Wilson interval, beside what was published."""
    n = len(found)
    return value(float(found.mean()), f"{unit}, n = {n}", *wilson(int(found.sum()), n), published=published)


def draws(found: Sequence[np.ndarray], *, published: float | None = None) -> dict[str, Any]:
    """The mean accuracy of several draws by chance, from the smallest to the largest."""
    means = [float(one.mean()) for one in found]
    told = f"mean accuracy of {len(means)} draws, smallest to largest, n = {len(found[0])}"
    return value(float(np.mean(means)), told, min(means), max(means), published=published)


def _rows(pairs: Sequence[Sequence[str]]) -> Rows:
    return Rows([text for text, _ in pairs], [label for _, label in pairs])


def _csv(path: str) -> Rows:
    with (shared_data() / path).open(encoding="utf-8", newline="") as lines:
        return _rows([[row["text"], row["category"]] for row in csv.DictReader(lines)])
