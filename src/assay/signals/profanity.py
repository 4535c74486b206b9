"""How profane a text is to the linear classifier of alt-profanity-check: its own numbers, without scikit-learn.

Importing scikit-learn costs more than judging ten thousand rows, and of it only a sum of weights is needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

_TOKEN = re.compile(r"\b\w\w+\b")  # that of scikit-learn's vectorisers


class _Model(NamedTuple):
    """A classifier fitted five times on TF-IDF, each fit with its own calibration."""

    columns: dict[str, int]  # term -> its number
    rarity: np.ndarray  # inverse document frequency, shape (terms,)
    weights: np.ndarray  # shape (terms, fits)
    intercept: np.ndarray  # shape (fits,)
    slope: np.ndarray  # of the calibration (Platt, 1999), shape (fits,)
    offset: np.ndarray  # shape (fits,)


class _Record:
    """Stands for an object of scikit-learn: it holds what that held, and can do nothing."""


def profanity(texts: Sequence[str]) -> np.ndarray:
    """How probable it is that each text is profane: what `profanity_check.predict_prob` says. Shape (n,), 0 to 1."""
    import numpy as np

    model = _model()
    rows, found = list[int](), list[int]()
    for row, text in enumerate(texts):
        for token in _TOKEN.findall(text.lower()):
            column = model.columns.get(token)
            if column is not None:
                rows.append(row)
                found.append(column)
    packed, counts = np.unique(np.array(rows, np.int64) << 32 | np.array(found, np.int64), return_counts=True)
    row, column = packed >> 32, packed & 0xFFFFFFFF
    values = counts * model.rarity[column]
    lengths = np.sqrt(np.bincount(row, values**2, len(texts)))
    values /= lengths[row]
    fits = range(len(model.intercept))
    scores = np.stack([np.bincount(row, values * model.weights[column, k], len(texts)) for k in fits], axis=1)
    odds = model.slope * (scores + model.intercept) + model.offset
    return np.asarray((1 / (1 + np.exp(odds))).mean(1))


@cache
def _model() -> _Model:
    """The weights in the installed package."""
    from importlib.util import find_spec
    from pathlib import Path

    import numpy as np

    package = find_spec("profanity_check")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("No module named 'profanity_check'", name="profanity_check")
    data = Path(package.origin).parent / "data"
    terms, classifier = _numbers_in(data / "vectorizer.joblib"), _numbers_in(data / "model.joblib")
    fits = classifier.calibrated_classifiers_
    scales = [fit.calibrators[0] for fit in fits]
    return _Model(
        {str(term): int(column) for term, column in terms.vocabulary_.items()},
        np.asarray(terms._tfidf.idf_),
        np.stack([fit.estimator.coef_[0] for fit in fits], axis=1),
        np.array([fit.estimator.intercept_[0] for fit in fits]),
        np.array([scale.a_ for scale in scales]),
        np.array([scale.b_ for scale in scales]),
    )  # fmt: skip


def _numbers_in(path: Path) -> Any:
    """What a file of the package holds: arrays, plain values, and records in the place of scikit-learn's objects."""
    from joblib.numpy_pickle import NumpyUnpickler  # type: ignore[import-untyped]

    class Numbers(NumpyUnpickler):  # type: ignore[misc]  # joblib has no types
        def find_class(self, module: str, name: str) -> Any:
            if module.startswith("sklearn."):
                return _Record
            if module.partition(".")[0] not in ("joblib", "numpy"):
                raise ValueError(f"{path}: holds {module}.{name}; expected a fitted classifier")
            return super().find_class(module, name)

    with path.open("rb") as file:
        return Numbers(str(path), file, ensure_native_byte_order=True).load()
