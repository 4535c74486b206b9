"""Label errors of public test sets, counted by confident learning; noise planted in BANKING77, found and removed."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import numpy as np

from assay.evaluate.stats import paired_difference
from assay.records import Example, Message
from assay.rules.wrong_label import WrongLabel
from assay.signals import Measured
from benchmarks.result import value
from benchmarks.shared import shared_data, wilson
from benchmarks.tables.intents import Vectors, accuracy, banking, probe, right

Metrics = dict[str, dict[str, Any]]
FLAGGED = {"imdb": 1310, "20news": 93}  # Northcutt, Athalye, Mueller 2021: test labels flagged
CONFIRMED = {"imdb": 725, "20news": 82}  # of which people did not confirm the label
RATES = (0.1, 0.2, 0.4)
PEOPLE = 3  # of five, who must have chosen the label for it to be confirmed


def released() -> tuple[Metrics, Metrics]:
    """Ours and cleanlab's: how many labels the released out-of-fold probabilities speak against, and people too."""
    from cleanlab.filter import find_label_issues

    ours: Metrics = {}
    peer: Metrics = {}
    folder = shared_data() / "err_label_errors"
    for name in ("imdb", "20news"):
        believed = np.load(folder / f"{name}_test_set_pyx.npy", allow_pickle=False).astype(np.float64).clip(0, 1)
        believed /= believed.sum(1, keepdims=True)
        labels = np.load(folder / f"{name}_test_set_original_labels.npy", allow_pickle=False)
        told = f"labels of {len(labels)}"
        ours[f"c1.{name}.estimated"] = value(estimated_errors(believed, labels), told, published=FLAGGED[name])
        issues = find_label_issues(labels, believed, filter_by="prune_by_noise_rate", n_jobs=1)
        peer[f"c1.{name}.flagged"] = value(int(issues.sum()), told, published=FLAGGED[name])
        seen = json.loads((folder / f"{name}_mturk.json").read_text(encoding="utf-8"))
        wrong = sum(one["mturk"]["given"] < PEOPLE for one in seen)
        ours[f"c1.{name}.confirmed"] = value(wrong, f"labels of {len(seen)} judged", published=CONFIRMED[name])
    return ours, peer


def estimated_errors(believed: np.ndarray, labels: np.ndarray) -> float:
    """How many labels are wrong by the confident joint (Northcutt, Jiang, Chuang 2021).

    A row counts for the likeliest of the classes that it is believed to be in as much as their own rows are on average;
    the counts of each label are scaled to its number of rows. `believed` has shape (n, classes), out of fold.
    """
    classes = believed.shape[1]
    usual = np.array([believed[labels == j, j].mean() for j in range(classes)])
    open_to = np.where(believed >= usual - 1e-9, believed, -1.0)  # a mean of equals may come out above them
    counted = open_to.max(1) >= 0
    joint = np.zeros((classes, classes))
    np.add.at(joint, (labels[counted], open_to.argmax(1)[counted]), 1)
    joint *= (np.bincount(labels, minlength=classes) / np.maximum(joint.sum(1), 1))[:, None]
    return float(joint.sum() - np.trace(joint))


def planted(vectors: Vectors) -> tuple[Metrics, Metrics]:
    """Ours and cleanlab's: accuracy on untouched test rows of noisy labels, and with those found left out."""
    train, test = banking()
    seen, asked = vectors.of(train.texts), vectors.of(test.texts)
    ours: Metrics = {}
    peer: Metrics = {}

    def judged(keep: np.ndarray, labels: np.ndarray) -> np.ndarray:
        return right(probe(seen[keep], labels[keep].tolist()), asked, test.labels)

    for rate in RATES:
        labels = np.array(flipped(train.labels, rate, seed=0))
        wrong = labels != np.array(train.labels)
        name = f"noise.{rate:.0%}"
        noisy = judged(np.ones(len(labels), dtype=bool), labels)
        ours[f"{name}.as_it_is"] = accuracy(noisy)
        ours[f"{name}.without_all_wrong"] = accuracy(judged(~wrong, labels))
        for metrics, held in ((ours, _held(train.texts, labels, vectors)), (peer, _issues(seen, labels))):
            without = judged(~held, labels)
            metrics[f"{name}.without_found"] = accuracy(without)
            metrics[f"{name}.gain"] = _difference(without, noisy)
            metrics[f"{name}.precision"] = _share(wrong[held])
            metrics[f"{name}.recall"] = _share(held[wrong])
    return ours, peer


def flipped(labels: list[str], rate: float, *, seed: int) -> list[str]:
    """The labels, a share of them exchanged for another one drawn at random."""
    rng, classes = Random(seed), sorted(set(labels))
    chosen = set(rng.sample(range(len(labels)), round(rate * len(labels))))
    return [rng.choice([c for c in classes if c != label]) if i in chosen else label for i, label in enumerate(labels)]


def _held(texts: list[str], labels: np.ndarray, vectors: Vectors) -> np.ndarray:
    """What A004 would set aside, bool."""
    examples = [
        Example(f"r{i:05}", "classify", (Message("user", text), Message("assistant", label)), label=label)
        for i, (text, label) in enumerate(zip(texts, labels.tolist(), strict=True))
    ]
    measured = Measured(examples, encoder=vectors.encoder)
    measured.__dict__ |= {"encoder": vectors.encoder, "vectors": vectors.of(texts)}
    judged = WrongLabel().judge(measured.classifications[0])
    assert judged is not None
    return judged.wrong


def _issues(seen: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """What cleanlab would remove, by out-of-fold probabilities of the same probe, bool."""
    from cleanlab.filter import find_label_issues
    from sklearn.model_selection import StratifiedKFold

    classes, codes = np.unique(labels, return_inverse=True)
    believed = np.zeros((len(labels), len(classes)))
    for learnt, left in StratifiedKFold(5, shuffle=True, random_state=0).split(seen, codes):
        believed[left] = probe(seen[learnt], codes[learnt]).predict_proba(seen[left])
    return np.asarray(find_label_issues(codes, believed, n_jobs=1))


def _difference(a: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    found = paired_difference(a, b)
    return value(found.value, f"accuracy gained, n = {found.n}", found.low, found.high)


def _share(hits: np.ndarray) -> dict[str, Any]:
    return value(float(hits.mean()), f"share, n = {len(hits)}", *wilson(int(hits.sum()), len(hits)))
