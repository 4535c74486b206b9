"""CLINC150, table 2, and the few-shot rows of BANKING77: simple classifiers on published splits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.tables.intents import (
    OUTSIDE,
    VARIANTS,
    Rows,
    Vectors,
    accuracy,
    banking,
    clinc,
    few_shot,
    probe,
    right,
)  # fmt: skip

Metrics = dict[str, dict[str, Any]]
Predict = Callable[[list[str]], np.ndarray]
# Larson et al. 2019, table 2: in-scope accuracy and out-of-scope recall of a linear SVM on bags of words
SVM = {"full": (0.910, 0.145), "small": (0.896, 0.186), "imbalanced": (0.899, 0.160), "oos_plus": (0.901, 0.298)}
# the same: a network of one hidden layer on vectors of whole sentences
MLP = {"full": (0.935, 0.474), "small": (0.915, 0.522), "imbalanced": (0.925, 0.356)}
FEW = {5: 0.7775, 10: 0.8519}  # of USE + ConveRT on the same rows, as Zhang et al. 2020 report them


def bag_of_words() -> Metrics:
    """The linear SVM on the words of CLINC150, official test rows, all four variants."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.svm import LinearSVC

    metrics: Metrics = {}
    for variant in VARIANTS:
        train, test = clinc(variant)
        words = CountVectorizer(binary=True, token_pattern=r"\b\w+\b")
        model = LinearSVC(random_state=0).fit(words.fit_transform(train.texts), train.labels)
        found = np.asarray(model.predict(words.transform(test.texts)))
        metrics |= _scopes(f"c2.svm.{variant}", test, found, SVM[variant])
    return metrics


def on_vectors(vectors: Vectors) -> Metrics:
    """Logistic regression on vectors: CLINC150 and, of BANKING77, 5 rows a class, 10, and all."""
    metrics: Metrics = {}
    for variant in VARIANTS:
        train, test = clinc(variant)
        model = probe(vectors.of(train.texts), train.labels)
        found = np.asarray(model.predict(vectors.of(test.texts)))
        metrics |= _scopes(f"c2.vectors.{variant}", test, found, MLP.get(variant))
    test = banking().test
    for name, rows, published in (
        ("5_shot", few_shot(5), FEW[5]), ("10_shot", few_shot(10), FEW[10]), ("all_rows", banking().train, None),
    ):  # fmt: skip
        model = probe(vectors.of(rows.texts), rows.labels)
        metrics[f"c3.{name}"] = accuracy(right(model, vectors.of(test.texts), test.labels), published=published)
    return metrics


def _scopes(name: str, test: Rows, found: np.ndarray, published: tuple[float, float] | None) -> Metrics:
    labels = np.array(test.labels)
    hits, outside = found == labels, labels == OUTSIDE
    accurate, recalled = published or (None, None)
    return {
        f"{name}.in_scope": accuracy(hits[~outside], published=accurate),
        f"{name}.out_of_scope": accuracy(hits[outside], published=recalled, unit="recall"),
    }
