"""Published tables on label errors, intents, noise, selection, thinning and drift, run again beside what was published.

Vectors are those of the default encoder and, where its wheel is installed, of MiniLM. Needs the shared data, and the
extra `bench` for cleanlab.
"""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import Any

from assay.encoders import Encoder, MiniLM, WordLlama, installed
from benchmarks.result import Result, value
from benchmarks.tables import choosing, classifiers, drift, label_noise
from benchmarks.tables.intents import VARIANTS, Vectors, banking, clinc, few_shot

Metrics = dict[str, dict[str, Any]]


def run() -> Result:
    """Every table with the vectors of every encoder there is; the number published stands beside ours."""
    begun = time.process_time()
    metrics, peer = label_noise.released()
    metrics |= classifiers.bag_of_words()
    texts = [text for parts in (banking(), *map(clinc, VARIANTS)) for rows in parts for text in rows.texts]
    texts += [text for shots in classifiers.FEW for text in few_shot(shots).texts]
    encoders: list[Encoder] = [WordLlama(), *([MiniLM()] if installed() else [])]
    for encoder in encoders:
        found, beside = _on(Vectors(encoder, texts))
        metrics |= {f"{encoder.name}.{key}": number for key, number in found.items()}
        peer |= {f"{encoder.name}.{key}": number for key, number in beside.items()}
    metrics["cpu_s"] = value(time.process_time() - begun, "CPU-seconds of all tables")
    peers: Metrics = {
        "cleanlab": {"version": version("cleanlab"), **peer},
        "scikit-learn": {"version": version("scikit-learn")},
    }
    return Result(len(set(texts)), [0], metrics, peers)


def _on(vectors: Vectors) -> tuple[Metrics, Metrics]:
    metrics, peer = label_noise.planted(vectors)
    for table in (
        classifiers.on_vectors, choosing.budgets, choosing.difficulty, choosing.thinning, drift.noticed
    ):  # fmt: skip
        metrics |= table(vectors)
    return metrics, peer
