"""Which rows hurt: how badly the answer of each is foretold by models and by neighbours that never saw it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assay.prove.influence import Influence
from assay.prove.trace import Floats
from assay.records import Example
from assay.signals import Measured
from assay.signals.suspicion import FLOOR, suspicion

NATS = 0.05  # added to the loss of an answer: below it all are foretold alike
WEIGHT = 0.3  # of the model's surprise beside the log odds of the vectors: .1 to 1 ranked alike in two sets of labels


def harm(found: Influence, rows: Sequence[Example]) -> Floats:
    """0 to 1, shape (rows,): the share of the rows that look less harmful.

    Where rows choose among labels, what four witnesses on vectors say of a label (the same that `wrong-label` asks) is
    added to what the cross-fitted models say; elsewhere the models speak alone.
    """
    score = surprise(found, rows).astype(np.float64)
    ranks = _ranks(score)
    for part in Measured(list(rows)).classifications:
        chance = suspicion(part).score
        odds = np.log(np.maximum(chance, 1e-6)) - np.log(np.maximum(1 - chance + FLOOR, 1e-6))
        ranks[part.rows] = _ranks(odds + WEIGHT * score[part.rows])
    return np.asarray(ranks, dtype=np.float32)


def surprise(found: Influence, rows: Sequence[Example]) -> Floats:
    """How unlikely each answer is to the model that did not see the row, at the end of its run: shape (rows,).

    Of a label, the logarithm of its loss in nats; of free text, of the share of the base model's loss that is left, so
    that neither length nor manner of an answer counts.
    """
    left = np.log(found.held[-1] / np.maximum(found.held[0], NATS))
    nats = np.log(found.held[-1] * found.tokens + NATS)
    labelled = np.array([row.label is not None for row in rows])
    return np.asarray(np.where(labelled, nats, left), dtype=np.float32)


def _ranks(score: np.ndarray) -> np.ndarray:
    """Mean rank of each among equals, 0 to 1."""
    from scipy.stats import rankdata

    return np.asarray((rankdata(score) - 1) / max(1, len(score) - 1))
