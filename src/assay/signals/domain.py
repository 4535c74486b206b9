"""The domain classifier: how probable it is that a text is about the domain and not about anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

FOLDS = 5
MOST = 2000  # texts of either side the model learns from, drawn by seed from more: beyond, only the time grows
PENALTY = 0.5  # on the squared weights of the regression, beside vectors of unit length
STEPS = 20  # of Newton's method; it settles in eight
BINS = 10  # of the calibration error


class Judged(NamedTuple):
    """What the classifier says, as log odds of the domain, both sides counted alike."""

    rows: np.ndarray  # shape (n,)
    inside: np.ndarray  # of what names the domain, each by a model that did not see it
    outside: np.ndarray  # the same of the background

    @property
    def calibration_error(self) -> float:
        """Mean distance between the probability told and the share that is inside, over ten equal bins, 0 to 1.

        Expected calibration error (Naeini et al. 2015) of what the models did not see, both sides weighing the same.
        """
        import numpy as np

        told = 1 / (1 + np.exp(-np.concatenate([self.inside, self.outside])))
        truth = np.repeat([1.0, 0.0], [len(self.inside), len(self.outside)])
        weight = np.repeat([0.5, 0.5], [len(self.inside), len(self.outside)])
        weight = weight / np.repeat([len(self.inside), len(self.outside)], [len(self.inside), len(self.outside)])
        bins = np.minimum((told * BINS).astype(np.int64), BINS - 1)
        gaps = np.bincount(bins, weights=weight * (told - truth), minlength=BINS)
        return float(np.abs(gaps).sum())


def judge(rows: np.ndarray, inside: np.ndarray, outside: np.ndarray, *, seed: int = 0) -> Judged:
    """Logistic regression of what names the domain against the background.

    Args:
        rows: shape (n, d), L2-normalised: what is asked about; the model sees none of it.
        inside: shape (at least 5, d): vectors of targets, or of rows known to be of the domain.
        outside: shape (at least 5, d): vectors of general text, or of rows known to be of no use.
        seed: of the folds.
    """
    import numpy as np

    random = np.random.default_rng(seed)
    drawn = [np.sort(random.permutation(len(side))[:MOST]) for side in (inside, outside)]
    features = np.concatenate([inside[drawn[0]], outside[drawn[1]]]).astype(np.float64)
    sizes = [len(rows) for rows in drawn]
    truth = np.repeat([1.0, 0.0], sizes)
    weight = np.repeat([0.5 / sizes[0], 0.5 / sizes[1]], sizes) * len(truth)
    fold = np.concatenate([random.permutation(size) % FOLDS for size in sizes])
    unseen = np.zeros(len(truth))
    for left_out in range(FOLDS):
        kept = fold != left_out
        model = _fitted(features[kept], truth[kept], weight[kept])
        unseen[~kept] = _scores(features[~kept], model)
    scale = _fitted(unseen[:, None], truth, weight)  # Platt scaling (1999), on what the models did not see
    whole = _fitted(features, truth, weight)
    said = [_scores(side.astype(np.float64), whole) for side in (rows, inside, outside)]
    said[1][drawn[0]], said[2][drawn[1]] = unseen[: sizes[0]], unseen[sizes[0] :]
    return Judged(*(_scores(scores[:, None], scale) for scores in said))


def _fitted(features: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The weights, the last one the intercept, by Newton's method. Shape (d + 1,)."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    wide = np.concatenate([features, np.ones((len(features), 1))], axis=1)
    model = np.zeros(wide.shape[1])
    ridge = np.full(len(model), PENALTY)
    ridge[-1] = 1e-6
    with threadpool_limits(1):
        for _ in range(STEPS):
            told = 1 / (1 + np.exp(-(wide @ model)))
            slope = wide.T @ (weight * (told - truth)) + ridge * model
            curve = (wide * (weight * told * (1 - told))[:, None]).T @ wide
            curve.flat[:: len(model) + 1] += ridge
            step = np.linalg.solve(curve, slope)
            model = model - step
            if float(np.abs(step).max()) < 1e-4:
                break
    return model


def _scores(features: np.ndarray, model: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray(features @ model[:-1] + model[-1])
