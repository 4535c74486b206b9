"""The parts of a set that choose among few labels, and how probable each label is on each row."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from assay import frames
from assay.records import Example
from assay.signals.families import Families, label_families
from assay.signals.folding import fold
from assay.signals.suspicion import Suspicion, suspicion

if TYPE_CHECKING:
    import numpy as np

FEW = 0.34  # labels a row beyond which answers are free text
LABEL_WORDS = 6  # words a label has at most, where nothing says that it is one
LEAST = 20  # rows that share an instruction before their short answers are taken for labels
_HUMP, _WORD = re.compile(r"(?<=[a-z])(?=[A-Z])"), re.compile(r"[^\W_]+")


class Classification:
    """Rows that choose among few labels. Arrays run over `rows`."""

    def __init__(
        self, rows: np.ndarray, labels: Sequence[str], texts: Sequence[str], vectors: np.ndarray, copies: np.ndarray,
        near: Callable[[], frames.Neighbours], encode: Callable[[list[str]], np.ndarray], seed: int,
    ) -> None:  # fmt: skip
        self.rows = rows  # positions in the set, ascending, int64
        self.labels = list(labels)  # as written
        self.texts = list(texts)  # what is classified, folded
        self.vectors = vectors  # of the texts, shape (rows, d)
        self.copies = copies  # group of texts that say the same, of each row
        self._near_in_set = near  # the nearest rows of each row of the set
        self._encode = encode  # makes vectors of texts
        self.seed = seed

    @cached_property
    def spoken(self) -> bool:
        """Whether the labels are canned sentences: they have spellings, but may rest on what no prompt says."""
        return sum(map(_sentence, self.labels)) > 0.5 * len(self.labels)

    @cached_property
    def spellings(self) -> Families:
        """Which label belongs to which family."""
        return label_families(self.labels, self.vectors)

    @cached_property
    def families(self) -> list[str]:
        """The canonical label of each row."""
        return [self.spellings.canonical[label] for label in self.labels]

    @cached_property
    def classes(self) -> list[str]:
        """The canonical labels, sorted."""
        return sorted(set(self.families))

    @cached_property
    def codes(self) -> np.ndarray:
        """The position in `classes` of each row's label. int64."""
        import numpy as np

        at = {name: i for i, name in enumerate(self.classes)}
        return np.array([at[family] for family in self.families], dtype=np.int64)

    @cached_property
    def distinct(self) -> tuple[np.ndarray, np.ndarray]:
        """The first row of each text and class, and for each row the place of its own among them. int64, ascending."""
        import numpy as np

        pairs = np.stack([self.copies, self.codes], axis=1)
        _, first, place = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
        order = np.argsort(first)
        rank = np.empty(len(first), dtype=np.int64)
        rank[order] = np.arange(len(first))
        return first[order], rank[place.ravel()]

    @cached_property
    def _views(self) -> tuple[frames.Picked, np.ndarray]:
        """The distinct rows in meanings and in words. Shapes (distinct, d) and (distinct, at most 256)."""
        first = self.distinct[0]
        words = frames.lexical_vectors([self.texts[i] for i in first.tolist()], seed=self.seed)
        return frames.Picked(self.vectors, first), words

    @cached_property
    def _near(self) -> tuple[frames.Neighbours, frames.Neighbours]:
        """The nearest distinct rows of each, in meanings and in words."""
        import numpy as np

        first, near = self.rows[self.distinct[0]], self._near_in_set()
        place = np.full(len(near.rows) + 1, -1, dtype=np.int32)  # the last one is that of no row
        place[first] = np.arange(len(first))
        meaning = frames.Neighbours(place[near.rows[first]], near.similarity[first])
        return meaning, frames.neighbours(self._views[1], near.rows.shape[1])

    def _models(self, voters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        meaning, words = self._views
        codes = self.codes[self.distinct[0]]
        ridge = frames.ridge_probabilities(meaning, words, codes, voters)
        return ridge, frames.discriminant_probabilities(meaning, codes, voters)

    @cached_property
    def _first_models(self) -> tuple[np.ndarray, np.ndarray]:
        import numpy as np

        return self._models(np.ones(len(self.distinct[0]), dtype=bool))

    def witnesses(self, voters: np.ndarray) -> list[np.ndarray]:
        """What two models and two kinds of neighbours believe of each distinct row, without it: (distinct, classes).

        `voters`: which of the distinct rows they may learn from, bool.
        """
        codes = self.codes[self.distinct[0]]
        votes = [frames.label_votes(near, codes, voters) for near in self._near]
        return [*(self._first_models if voters.all() else self._models(voters)), *votes]

    @cached_property
    def named(self) -> np.ndarray:
        """How probable each class is by its name alone, of each distinct row: (distinct, classes)."""
        names = self._encode([_spoken(name) for name in self.classes])
        return frames.name_probabilities(self._views[0], names, self.codes[self.distinct[0]])

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Shape (rows, classes): of each class, the mean of two models that saw neither the row nor its copies."""
        import numpy as np

        ridge, discriminant = self._first_models
        return np.asarray(((ridge + discriminant) / 2)[self.distinct[1]])

    @cached_property
    def suspicion(self) -> Suspicion:
        """How suspect each row's label is; what it was told from, but for the probabilities, is let go."""
        found, _ = suspicion(self), self.probabilities
        for name in ("_views", "_near", "_first_models", "named"):
            self.__dict__.pop(name, None)
        return found


def classifications(
    examples: Sequence[Example],
    texts: Sequence[str],
    vectors: np.ndarray,
    copies: Callable[[], np.ndarray],
    near: Callable[[], frames.Neighbours],
    encode: Callable[[list[str]], np.ndarray],
    seed: int,
) -> list[Classification]:
    """The labelled rows as one part; as others, unlabelled rows that share an instruction and few short answers.

    All arguments are of all examples. Which texts are copies and which rows are near is asked where there are labels;
    `encode` makes vectors of the labels' names.
    """
    import numpy as np

    parts = [[i for i, example in enumerate(examples) if example.label is not None]]
    parts += _short_answers(examples)
    out = []
    for rows in parts:
        labels = [examples[i].label or examples[i].answer for i in rows]
        if rows and len({fold(label) for label in labels}) <= max(2, FEW * len(rows)):
            at = np.array(rows, dtype=np.int64)
            said = [texts[i] for i in rows]
            of_rows = vectors if len(at) == len(vectors) else vectors[at]
            out.append(Classification(at, labels, said, of_rows, copies()[at], near, encode, seed))
    return out


def _spoken(name: str) -> str:
    """A label as words: _spoken("cardNotWorking_yet") -> "card not working yet"."""
    return " ".join(_WORD.findall(_HUMP.sub(" ", name))).lower()


def _short_answers(examples: Sequence[Example]) -> list[list[int]]:
    """Unlabelled rows by shared first line, where nearly all of them answer with a short form that others use too."""
    groups: dict[str, list[int]] = defaultdict(list)
    for i, example in enumerate(examples):
        if example.label is None and example.answered:
            head, _, tail = example.prompt.partition("\n")
            groups[head if tail.strip() else ""].append(i)
    return [rows for rows in groups.values() if len(rows) >= LEAST and _closed([examples[i].answer for i in rows])]


def _closed(answers: list[str]) -> bool:
    """Whether nearly all answers are short and each form is used again and again."""
    spare = 0.1 * len(answers)
    for answer in answers:  # of most sets the first few tell
        spare -= len(answer.split()) > 2 * LABEL_WORDS
        if spare < 0:
            return False
    forms = Counter(fold(answer) for answer in answers)
    common = sum(n for form, n in forms.items() if n >= 5 and 0 < len(form.split()) <= LABEL_WORDS)
    return common >= 0.9 * len(answers) and len(forms) <= 0.2 * len(answers) and len(forms) >= 2


def _sentence(answer: str) -> bool:
    """_sentence("Mirror coated, ready to collect.") -> True; ("Card arrival") and ("Yes.") -> False."""
    return answer.rstrip().endswith((".", "!", "?")) and len(answer.split()) >= 3


def has_labels(examples: Sequence[Example]) -> bool:
    """Whether any rows may choose among few labels."""
    return any(example.label is not None for example in examples) or bool(_short_answers(examples))
