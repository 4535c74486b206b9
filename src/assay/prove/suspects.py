"""Which rows hurt: how badly the answer of each is foretold by models and by neighbours that never saw it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assay import frames
from assay.encoders import WordLlama
from assay.prove.influence import Influence
from assay.prove.trace import Floats
from assay.records import Example
from assay.signals import Measured
from assay.signals.suspicion import FLOOR, suspicion

Doubles = NDArray[np.float64]
NATS = 0.05  # added to the loss of an answer: below it all are foretold alike
WEIGHT = 0.3  # of the model's surprise beside what vectors say: .1 to 1 ranked alike in two sets of labels, one of text
NEAR, ALIKE = 10, 2  # rows with the nearest prompts; of them, those whose answers are most like that of the row


def harm(found: Influence, rows: Sequence[Example]) -> Floats:
    """0 to 1, shape (rows,): the share of the rows that look less harmful.

    To what the cross-fitted models say is added what vectors say: where rows choose among labels the four witnesses
    that `wrong-label` asks, elsewhere whether the answers to the nearest prompts are like the answer of the row.
    """
    seen = surprise(found, rows).astype(np.float64)
    ranks = _ranks(_standard(unsupported(rows)) + WEIGHT * _standard(seen))
    for part in Measured(list(rows)).classifications:
        chance = suspicion(part).score
        odds = np.log(np.maximum(chance, 1e-6)) - np.log(np.maximum(1 - chance + FLOOR, 1e-6))
        ranks[part.rows] = _ranks(odds + WEIGHT * seen[part.rows])
    return np.asarray(ranks, dtype=np.float32)


def surprise(found: Influence, rows: Sequence[Example]) -> Floats:
    """How unlikely each answer is to the model that did not see the row, at the end of its run: shape (rows,).

    Of a label, the logarithm of its loss in nats; of free text, of the share of the base model's loss that is left, so
    that neither length nor manner of an answer counts.
    """
    left = np.log(np.maximum(found.held[-1], NATS) / np.maximum(found.held[0], NATS))
    nats = np.log(found.held[-1] * found.tokens + NATS)
    labelled = np.array([row.label is not None for row in rows])
    return np.asarray(np.where(labelled, nats, left), dtype=np.float32)


def unsupported(rows: Sequence[Example]) -> Doubles:
    """How unlike its answer those of the rows with the nearest prompts are, the two most like it: shape (rows,).

    Rows with the same prompt count as any others; the row itself does not.
    """
    encoder = WordLlama()
    answers = encoder.encode([row.answer for row in rows])
    near = frames.neighbours(encoder.encode([row.prompt for row in rows]), NEAR).rows
    alike = np.where(near < 0, -1.0, np.einsum("id,ikd->ik", answers, answers[near]))
    return np.asarray(1 - np.sort(alike, axis=1)[:, -ALIKE:].mean(axis=1), dtype=np.float64)


def _standard(values: Doubles) -> Doubles:
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-9))


def _ranks(score: Doubles) -> Doubles:
    """Mean rank of each among equals, 0 to 1."""
    from scipy.stats import rankdata

    return np.asarray((rankdata(score) - 1) / max(1, len(score) - 1))
