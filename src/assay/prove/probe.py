"""The cheap tier: a classifier on vectors, or the nearest answer, in place of a tuned model. Seconds, no torch."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence

import numpy as np

from assay.encoders import Encoder
from assay.errors import InputError
from assay.evaluate.scorers import TokenF1
from assay.evaluate.similarity import neighbours
from assay.evaluate.stats import Floats
from assay.prove.scores import Scores
from assay.records import Example

STRENGTH = 10.0  # C of the logistic regression, beside vectors of unit length
ITERATIONS = 200


def probe(
    examples: Sequence[Example], test: Sequence[Example], encoder: Encoder, *, seeds: Sequence[int], budget: float
) -> Scores:
    """What a probe trained on `examples` scores on `test`, once a seed.

    A seed draws how often each row counts (Poisson, mean 1), by the row's id: a row counts as often in every arm, so
    arms are paired. `budget` is the sum of these weights, the same for all arms, whatever their number of rows.

    Raises:
        InputError: no rows, or rows of one label only.
    """
    if not examples:
        raise InputError("an arm without rows")
    if test[0].task != "classify":
        return _nearest(examples, test, encoder, seeds)
    return _regression(examples, test, encoder, seeds, budget)


def _regression(
    examples: Sequence[Example], test: Sequence[Example], encoder: Encoder, seeds: Sequence[int], budget: float
) -> Scores:
    """Logistic regression: whether the most probable label is the right one, and how probable the right one is."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    labels = np.array([example.answer for example in examples])
    if len(set(labels.tolist())) < 2:
        raise InputError("an arm with one label only: there is nothing to tell apart")
    x, y = encoder.encode([e.prompt for e in examples]), encoder.encode([e.prompt for e in test])
    primary, gold = np.zeros((len(seeds), len(test))), np.full((len(seeds), len(test)), np.nan)
    for line, seed in enumerate(seeds):
        weights = np.array([_weight(example.id, seed) for example in examples], dtype=np.float64)
        used = weights > 0
        if len(set(labels[used].tolist())) < 2:  # a draw of very few rows: then each counts once
            weights, used = np.ones(len(examples)), np.ones(len(examples), dtype=bool)
        model = LogisticRegression(C=STRENGTH, max_iter=ITERATIONS)
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(x[used], labels[used], sample_weight=weights[used] * (budget / weights.sum()))
        chances = model.predict_log_proba(y)
        column = {label: i for i, label in enumerate(model.classes_.tolist())}
        best = model.classes_[chances.argmax(axis=1)]
        for i, example in enumerate(test):
            primary[line, i] = float(best[i] == example.answer)
            gold[line, i] = chances[i, column[example.answer]] if example.answer in column else np.nan
    return Scores(primary, gold)


def _nearest(examples: Sequence[Example], test: Sequence[Example], encoder: Encoder, seeds: Sequence[int]) -> Scores:
    """The answer of the most similar row: its token F1 with the expected one."""
    scorer, primary = TokenF1(), np.full((len(seeds), len(test)), np.nan)
    for line, seed in enumerate(seeds):
        pool = [example for example in examples if _weight(example.id, seed)] or list(examples)
        found = neighbours([e.prompt for e in test], [e.prompt for e in pool], encoder).row[:, 0]
        for i, (example, place) in enumerate(zip(test, found.tolist(), strict=True)):
            score = scorer.score(example, pool[place].answer)
            primary[line, i] = np.nan if score is None else score
    return Scores(primary, np.full_like(primary, np.nan))


def _weight(name: str, seed: int) -> int:
    """Poisson(1) by a hash of a row's id: the same in every arm."""
    draw = int.from_bytes(hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=8).digest(), "big") / 2**64
    return int(np.searchsorted(_POISSON, draw, side="right"))


_POISSON: Floats = np.cumsum([np.exp(-1.0) / float(np.prod(np.arange(1, k + 1, dtype=np.float64))) for k in range(12)])
