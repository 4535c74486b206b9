"""How probable each label is on each row, by witnesses that never heard what the row itself is labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.frames.large import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from assay.frames.large import Picked
    from assay.frames.vectors import Neighbours

CHUNK = 4096  # rows at once: what is held of a large set is two arrays of (rows, classes)
SHRINKAGE = 0.3  # of the covariance towards a multiple of the identity
SPARE = 2  # rows that stand at the mean of all in each class, so that a small class is not where its one row stands
PENALTY = 3.0  # of ridge regression, beside vectors of unit length
SHARPNESS = 12.0  # its flat scores times this are log odds
CLOSENESS = 4  # power of the similarity a neighbour's vote is worth
EXACTLY = 0.05  # to which that factor is told
FITTED = 2000  # rows by which it is told how much the names of classes say, evenly spaced


def ridge_probabilities(
    meaning: np.ndarray | Picked, lexical: np.ndarray, labels: np.ndarray, voters: np.ndarray
) -> np.ndarray:
    """The probability of each class for each row, by ridge regression of one-hot labels on both views without the row.

    Leaving a row out is exact and costs no second fit: (prediction - h * label) / (1 - h), where h is the row's
    leverage (Allen's PRESS, 1974).

    Args:
        meaning: shape (n, d), float32: encoder's vectors.
        lexical: shape (n, l), float32: `lexical_vectors`.
        labels: shape (n,), integers 0..classes-1.
        voters: shape (n,), bool: the rows to learn from; at least one.

    Returns:
        Shape (n, classes), float32, rows sum to 1.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    classes, size = int(labels.max()) + 1, meaning.shape[1] + lexical.shape[1] + 1
    normal, moments = np.zeros((size, size)), np.zeros((size, classes))
    with threadpool_limits(1):  # threads that wait for each other in so small a product cost more than they save
        for part in _parts(len(labels)):
            x, y = _views(meaning[part], lexical[part])[voters[part]], labels[part][voters[part]]
            normal += x.T @ x
            moments += x.T @ np.eye(classes, dtype=np.float32)[y]
        normal.flat[:: size + 1] += PENALTY
        inverse = np.linalg.inv(normal)
        weights, inverse = (inverse @ moments).astype(np.float32), inverse.astype(np.float32)
        out = np.empty((len(labels), classes), dtype=np.float32)
        for part in _parts(len(labels)):
            x, at = _views(meaning[part], lexical[part]), np.arange(len(labels[part]))
            leverage = np.where(voters[part], np.minimum(((x @ inverse) * x).sum(1), 0.999), 0.0)
            scores = x @ weights
            scores[at, labels[part]] -= leverage
            out[part] = _softmax(SHARPNESS * scores / (1 - leverage)[:, None])
    return out


def discriminant_probabilities(meaning: np.ndarray | Picked, labels: np.ndarray, voters: np.ndarray) -> np.ndarray:
    """The probability of each class for each row: a Gaussian per class with one shared covariance, without the row.

    Arguments and result are those of `ridge_probabilities`. The row is taken out of the mean of its class and, by the
    formula of Sherman and Morrison (1950), out of the covariance; what it gave to the shrinkage and to the mean of all
    stays.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    classes, voting = int(labels.max()) + 1, int(voters.sum())
    sizes = np.bincount(labels[voters], minlength=classes)
    sums = np.zeros((classes, meaning.shape[1]))
    with threadpool_limits(1):
        for part in _parts(len(labels)):
            sums += np.eye(classes)[labels[part][voters[part]]].T @ meaning[part][voters[part]]
        means = (sums + SPARE * sums.sum(0) / voting) / (sizes + SPARE)[:, None]
        inverse = np.linalg.inv(_covariance(meaning, labels, voters, means))
        turned = means @ inverse
        among = turned @ means.T  # m_j S^-1 m_k
        out = np.empty((len(labels), classes), dtype=np.float32)
        for part in _parts(len(labels)):
            x, y, voice = meaning[part].astype(np.float64), labels[part], voters[part].astype(np.float64)
            at, own = np.arange(len(y)), among[y, y]
            to_means, to_self = x @ turned.T, ((x @ inverse) * x).sum(1)
            # u = x - m_y, what leaves the covariance; `lost` of u u' comes back into its inverse
            self_u, u_u = to_self - to_means[at, y], to_self - 2 * to_means[at, y] + own
            u_means = to_means - among[y]
            gone = voice * (1 - SHRINKAGE) * (sizes[y] + SPARE) / (np.maximum(sizes[y] - voice, 0) + SPARE) / voting
            lost = gone / np.maximum(1 - gone * u_u, 1e-6)
            step = voice / (np.maximum(sizes[y] - voice, 0) + SPARE)  # m_y without the row is m_y - step * u
            near, length = to_means + (lost * self_u)[:, None] * u_means, np.diag(among) + lost[:, None] * u_means**2
            own_u = u_means[at, y] - step * u_u
            near[at, y] = to_means[at, y] - step * self_u + lost * self_u * own_u
            length[at, y] = own - 2 * step * u_means[at, y] + step**2 * u_u + lost * own_u**2
            prior = np.repeat(sizes[None, :].astype(np.float64), len(y), axis=0)
            prior[at, y] -= voice
            out[part] = _softmax(near - 0.5 * length + np.log(prior + 1))
    return out


def _covariance(meaning: np.ndarray | Picked, labels: np.ndarray, voters: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Of the voters around the means of their classes, shrunk."""
    import numpy as np

    scatter = np.zeros((meaning.shape[1], meaning.shape[1]))
    for part in _parts(len(labels)):
        rest = (meaning[part] - means[labels[part]])[voters[part]]
        scatter += rest.T @ rest
    out = (1 - SHRINKAGE) * scatter / voters.sum()
    out.flat[:: len(out) + 1] += SHRINKAGE * np.trace(scatter) / (voters.sum() * len(out)) + 1e-6
    return np.asarray(out)


def label_votes(near: Neighbours, labels: np.ndarray, voters: np.ndarray) -> np.ndarray:
    """The share of each class among the nearest rows that vote, weighted by similarity.

    Args:
        near: of each row; -1 where there is none.
        labels: shape (n,), integers 0..classes-1.
        voters: shape (n,), bool.

    Returns:
        Shape (n, classes), float32; rows sum to 1, or to 0 where nobody votes.
    """
    import numpy as np

    classes, out = int(labels.max()) + 1, []
    for part in blocks(len(labels)):
        rows, at = near.rows[part], np.maximum(near.rows[part], 0)
        weight = np.where((rows >= 0) & voters[at], np.maximum(near.similarity[part], 0.0) ** CLOSENESS, 0.0)
        cell = np.arange(len(rows))[:, None] * classes + labels[at]
        votes = np.bincount(cell.ravel(), weight.ravel(), len(rows) * classes).reshape(-1, classes).astype(np.float32)
        out.append(votes / np.maximum(votes.sum(1, keepdims=True), 1e-9))
    return np.concatenate(out)


def name_probabilities(meaning: np.ndarray | Picked, names: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The probability of each class for each row, by how near the row is to what the class is called.

    Similarities count from the mean of each class over all rows, times the one factor that makes the labels likeliest;
    where names say nothing about the rows it is 0, and so no class is likelier than another.

    Args:
        meaning: shape (n, d), float32, L2-normalised.
        names: shape (classes, d), float32, L2-normalised: of the names of the classes.
        labels: shape (n,), integers 0..classes-1.

    Returns:
        Shape (n, classes), float32, rows sum to 1.
    """
    import numpy as np

    near = np.concatenate([meaning[part] @ names.T for part in blocks(len(labels))])
    near -= near.mean(0)
    some = slice(None, None, max(1, len(labels) // FITTED))
    return _softmax(likeliest_factor(near[some], labels[some]) * near).astype(np.float32)


def likeliest_factor(scores: np.ndarray, labels: np.ndarray) -> float:
    """The factor of the scores, from 0 to twice `SHARPNESS`, under which the labels are likeliest beside their shares.

    The likelihood has one top; halving the range where it still rises needs no optimiser, whose import takes longer.
    """
    import numpy as np

    shares = np.log(np.bincount(labels, minlength=scores.shape[1]) / len(labels) + 1e-9)
    own = scores[np.arange(len(labels)), labels].mean()
    low, high = 0.0, 2 * SHARPNESS
    while high - low > EXACTLY:
        middle = (low + high) / 2
        expected = (_softmax(middle * scores + shares) * scores).sum(1).mean()
        low, high = (middle, high) if expected < own else (low, middle)
    return (low + high) / 2 if low else 0.0


def _parts(n: int) -> Iterator[slice]:
    return (slice(low, min(low + CHUNK, n)) for low in range(0, n, CHUNK))


def _views(meaning: np.ndarray, lexical: np.ndarray) -> np.ndarray:
    """Both views side by side, and a one."""
    import numpy as np

    return np.hstack([meaning, lexical, np.ones((len(meaning), 1), dtype=np.float32)])


def _softmax(scores: np.ndarray) -> np.ndarray:
    import numpy as np

    odds = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(odds / odds.sum(1, keepdims=True))
