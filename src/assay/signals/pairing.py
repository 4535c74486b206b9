"""How well each answer fits its prompt, measured by what is usual in this set.

Rows are numbered by their position in `Pairing.rows`, the rows that have an answer of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from math import log1p
from typing import TYPE_CHECKING, NamedTuple

from assay.signals.folding import fold, word_list, words

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

    from assay.signals.measured import Measured

WORDS = 4  # words an answer must have: shorter ones fit too many prompts
SHARED = 3  # rows with one answer from which it is a canned one, and fits by habit, not by content
REACH = 600  # characters of an answer that are looked at
STEM = 5  # letters by which words are one: "reset", "resetting"
TRAINING = 10_000  # rows the expected answer is learnt from
SAMPLE = 300  # rows that stand for all others
FOLDS = 5
RIDGE = 3.0  # penalty of the regression
OVERLAP, EXPECTED, FORM = 0.4, 0.6, 0.06  # weights beside a cosine of 1: shared rare words, expected answer, its form
CHUNK = 4096
_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s", re.MULTILINE)
_LINE = re.compile(r"\S[^\n]*")
_DIGIT = re.compile(r"\d")
_CODE = re.compile(r"[{};=<>]|\w\(\)")


class Scale(NamedTuple):
    """What to count from, and in what steps; both of shape (rows,)."""

    middle: np.ndarray
    step: np.ndarray


class Pairing:
    """The fit of any prompt of a set with any answer of it: 0 for a random pair, in standard deviations of those.

    The sum of three likenesses: cosine of the vectors, with the answer a ridge regression on the other rows expects for
    the prompt (its meaning, and its form: length, lists, digits, code), and of the rare words both sides use. Each sum
    is counted from how well this prompt and this answer fit anything.
    """

    def __init__(self, measured: Measured) -> None:
        import numpy as np

        self.measured = measured
        self.rows = np.array(_free(measured), dtype=np.int64)  # positions in the set, ascending
        self.rng = np.random.default_rng(measured.seed)

    @cached_property
    def own(self) -> np.ndarray:
        """The fit of each row's own pair; shape (rows,)."""
        import numpy as np

        return self.pairs(np.arange(len(self.rows)), np.arange(len(self.rows)))

    @cached_property
    def chance(self) -> np.ndarray:
        """The fit of random pairs of different rows, ascending; shape (at most 300 * 299,)."""
        import numpy as np

        some = self.rng.permutation(len(self.rows))[:SAMPLE]
        return np.sort(self.between(some, some)[~np.eye(len(some), dtype=bool)])

    def coupled(self, fits: np.ndarray) -> float:
        """The share of `fits`, shape (n,), that are better than a random pair is: 0.5 where nothing is echoed."""
        import numpy as np

        return float(np.searchsorted(self.chance, fits).mean() / len(self.chance))

    def between(self, prompts: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """The fit of every prompt with every answer of the rows given. Shape (prompts, answers)."""
        import numpy as np

        shared = (self._weighted(self._asked, prompts) @ self._weighted(self._said, answers).T).toarray()
        raw = self._left(prompts) @ self._right(answers).T + OVERLAP * np.sqrt(shared)
        p, a = self._backgrounds
        return np.asarray(
            (raw - p.middle[prompts][:, None]) / (2 * p.step[prompts][:, None])
            + (raw - a.middle[answers]) / (2 * a.step[answers])
        )

    def pairs(self, prompts: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """The fit of each prompt with the answer at the same place. Shape (n,)."""
        import numpy as np

        p, a = self._backgrounds
        out = np.empty(len(prompts))
        for at in range(0, len(prompts), CHUNK):
            i, j = prompts[at : at + CHUNK], answers[at : at + CHUNK]
            shared = self._weighted(self._asked, i).multiply(self._weighted(self._said, j)).sum(1)
            raw = (self._left(i) * self._right(j)).sum(1) + OVERLAP * np.sqrt(np.asarray(shared).ravel())
            out[at : at + CHUNK] = (raw - p.middle[i]) / (2 * p.step[i]) + (raw - a.middle[j]) / (2 * a.step[j])
        return out

    def shared(self, prompts: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """How much each prompt and the answer at the same place share, by rarity of the words; 0 to 1. Shape (n,)."""
        import numpy as np

        both = self._weighted(self._asked, prompts).multiply(self._weighted(self._said, answers))
        return np.asarray(both.sum(1), dtype=np.float64).ravel()

    @cached_property
    def _backgrounds(self) -> tuple[Scale, Scale]:
        """How well each prompt fits any answer, and each answer any prompt, shared words left out."""
        import numpy as np

        n = len(self.rows)
        some = self.rng.permutation(n)[:SAMPLE]
        left, right = self._left(some), self._right(some)
        scales = np.empty((4, n))
        for at in range(0, n, CHUNK):
            rows = np.arange(at, min(at + CHUNK, n))
            of_prompts, of_answers = self._left(rows) @ right.T, self._right(rows) @ left.T
            scales[:, rows] = of_prompts.mean(1), of_prompts.std(1), of_answers.mean(1), of_answers.std(1)
        scales[1::2] += 1e-6
        return Scale(scales[0], scales[1]), Scale(scales[2], scales[3])

    # --- meaning and form ---------------------------------------------------------------------------------------------

    def _left(self, rows: np.ndarray) -> np.ndarray:
        """Prompt vectors beside what the regression expects of the answer. Shape (rows, 2d + traits), float32."""
        import numpy as np

        vectors = self._prompts(rows)
        expected = np.empty((len(rows), self._weights.shape[2]), dtype=np.float32)
        for part in range(FOLDS):
            inside = rows % FOLDS == part
            expected[inside] = vectors[inside] @ self._weights[part]
        d = self.measured.encoder.dim
        return np.hstack([vectors[:, :d], EXPECTED * _unit(expected[:, :d]), FORM * expected[:, d:]])

    def _right(self, rows: np.ndarray) -> np.ndarray:
        """Answer vectors twice, beside the answers' form: as long as those of `_left`."""
        import numpy as np

        both = self._answers(rows)
        return np.hstack([both[:, : self.measured.encoder.dim], both])

    def _prompts(self, rows: np.ndarray) -> np.ndarray:
        """Prompt vectors from their mean, and a 1. Shape (rows, d + 1), float32."""
        import numpy as np

        vectors = self.measured.asked_vectors[self.rows[rows]] - self._middles[0]
        return np.hstack([_unit(vectors), np.ones((len(rows), 1), dtype=np.float32)])

    def _answers(self, rows: np.ndarray) -> np.ndarray:
        """Answer vectors from their mean, and the traits of form. Shape (rows, d + traits), float32."""
        import numpy as np

        vectors = self.measured.answer_vectors[self.rows[rows]] - self._middles[1]
        return np.hstack([_unit(vectors), self._forms[rows]])

    @cached_property
    def _middles(self) -> tuple[np.ndarray, np.ndarray]:
        """The mean prompt and the mean answer: what all rows share says nothing."""
        import numpy as np

        asked, said = self.measured.asked_vectors[self.rows], self.measured.answer_vectors[self.rows]
        return asked.mean(0, dtype=np.float32), said.mean(0, dtype=np.float32)

    @cached_property
    def _weights(self) -> np.ndarray:
        """Regression from prompt to answer, one a fold, each without the fold's rows. Shape (folds, d + 1, d + traits).

        The closed form of ridge regression; the sums over a fold's rows are taken off those over all.
        """
        import numpy as np

        rows = np.sort(self.rng.permutation(len(self.rows))[:TRAINING])
        x, y = self._prompts(rows), self._answers(rows)
        parts = [(x[rows % FOLDS == part], y[rows % FOLDS == part]) for part in range(FOLDS)]
        squares = np.stack([a.T @ a for a, _ in parts]).astype(np.float64)
        products = np.stack([a.T @ b for a, b in parts]).astype(np.float64)
        penalty = RIDGE * np.eye(x.shape[1])
        return np.stack([
            np.linalg.solve(squares.sum(0) - square + penalty, products.sum(0) - product)
            for square, product in zip(squares, products, strict=True)
        ]).astype(np.float32)  # fmt: skip

    @cached_property
    def _forms(self) -> np.ndarray:
        """Traits of the answers in standard deviations from their mean, at most 3. Shape (rows, traits)."""
        import numpy as np

        traits = np.array([form(self.measured.examples[row].answer[:REACH]) for row in self.rows.tolist()])
        scaled = (traits - traits.mean(0)) / (traits.std(0) + 1e-6)
        return np.asarray(np.clip(scaled, -3, 3), dtype=np.float32)

    # --- words --------------------------------------------------------------------------------------------------------

    @cached_property
    def _asked(self) -> list[set[str]]:
        return [stems(self.measured.prompts[row][: 4 * REACH]) for row in self.rows.tolist()]

    @cached_property
    def _said(self) -> list[set[str]]:
        return [stems(fold(self.measured.examples[row].answer[:REACH])) for row in self.rows.tolist()]

    @cached_property
    def _rarity(self) -> tuple[dict[str, int], np.ndarray]:
        """The column of each stem, and its weight: the log of one over the share of rows that use it."""
        import numpy as np

        weight = np.log(len(self.rows) / np.array(list(self._uses.values()), dtype=np.float64))
        return {stem: i for i, stem in enumerate(self._uses)}, weight

    @cached_property
    def _uses(self) -> Counter[str]:
        """In how many rows each stem stands."""
        return Counter(stem for asked, said in zip(self._asked, self._said, strict=True) for stem in asked | said)

    def rare(self, most: int) -> set[str]:
        """The stems that at most so many rows use."""
        return {stem for stem, rows in self._uses.items() if rows <= most}

    def _weighted(self, of: list[set[str]], rows: np.ndarray) -> csr_matrix:
        """The rarity of each stem of the rows, L2-normalised. Shape (rows, stems)."""
        import numpy as np
        from scipy.sparse import csr_matrix

        column, rarity = self._rarity
        at = [[column[stem] for stem in of[row]] for row in rows.tolist()]
        flat = np.array([i for row in at for i in row], dtype=np.int64)
        sizes = np.array([len(row) for row in at], dtype=np.int64)
        owner = np.repeat(np.arange(len(at)), sizes)
        lengths = np.sqrt(np.bincount(owner, weights=rarity[flat] ** 2, minlength=len(at)))
        weight = rarity[flat] / np.maximum(lengths[owner], 1e-9)
        return csr_matrix((weight, flat, np.concatenate([[0], np.cumsum(sizes)])), shape=(len(at), len(rarity)))


def form(answer: str) -> list[float]:
    """What an answer looks like: eleven traits that do not depend on what it says."""
    lines, spaces = len(_LINE.findall(answer)) or 1, answer.count(" ") + 1
    bare = answer.strip()
    return [
        log1p(len(answer)), log1p(lines), log1p(len(answer) / lines), len(_ITEM.findall(answer)) / lines,
        len(_DIGIT.findall(answer)) / max(1, len(answer)), float(bare.endswith((".", "!"))), float(bare.endswith("?")),
        float(bare.startswith(('"', "“", "'"))), answer.count(",") / spaces, float(_CODE.search(answer) is not None),
        log1p(answer.count(". ")),
    ]  # fmt: skip


def stems(folded: str) -> set[str]:
    """The beginnings of the words of a text that carry meaning: stems("reset the password") -> {"reset", "passw"}."""
    return {word[:STEM] for word in words(folded) if word not in word_list("light")}


def _free(measured: Measured) -> list[int]:
    """Rows whose answer is free text of their own: no label, not canned, not too short."""
    answers = [fold(example.answer[:REACH]) for example in measured.examples]
    counts = Counter(answers)
    return [
        row for row, answer in enumerate(answers)
        if measured.families[row] is None and len(answer.split()) >= WORDS and counts[answer] < SHARED
        and len(stems(measured.prompts[row][:REACH])) >= 2
    ]  # fmt: skip


def _unit(vectors: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))
