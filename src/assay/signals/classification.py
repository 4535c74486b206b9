"""The parts of a set that choose among few labels, and how probable each label is on each row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from assay import frames
from assay.records import Example
from assay.signals.families import Families, label_families
from assay.signals.folding import fold

if TYPE_CHECKING:
    import numpy as np

FEW = 0.34  # labels a row beyond which answers are free text
LABEL_WORDS = 6  # words a label has at most, where nothing says that it is one
LEAST = 20  # rows that share an instruction before their short answers are taken for labels


class Classification:
    """Rows that choose among few labels. Arrays run over `rows`."""

    def __init__(
        self, rows: np.ndarray, labels: Sequence[str], texts: Sequence[str], vectors: np.ndarray, clusters: np.ndarray,
        seed: int,
    ) -> None:  # fmt: skip
        self.rows = rows  # positions in the set, ascending, int64
        self.labels = list(labels)  # as written
        self.texts = list(texts)  # what is classified, folded
        self.vectors = vectors  # of the texts, shape (rows, d)
        self.clusters = clusters  # near-duplicate group of each row: never straddles folds
        self.seed = seed

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
    def probabilities(self) -> np.ndarray:
        """Shape (rows, classes): of each class, by models that saw neither the row nor its near-duplicates."""
        lexical = frames.lexical_vectors(self.texts, seed=self.seed)
        return frames.label_probabilities(self.vectors, lexical, self.codes, self.clusters, seed=self.seed)


def classifications(
    examples: Sequence[Example], texts: Sequence[str], vectors: np.ndarray, clusters: np.ndarray, seed: int
) -> list[Classification]:
    """The labelled rows as one part; as others, unlabelled rows that share an instruction and few short answers."""
    import numpy as np

    parts = [[i for i, example in enumerate(examples) if example.label is not None]]
    parts += _short_answers(examples)
    out = []
    for rows in parts:
        labels = [examples[i].label or examples[i].answer for i in rows]
        if rows and len({fold(label) for label in labels}) <= max(2, FEW * len(rows)):
            at = np.array(rows, dtype=np.int64)
            out.append(Classification(at, labels, [texts[i] for i in rows], vectors[at], clusters[at], seed))
    return out


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
    if sum(len(answer.split()) <= 2 * LABEL_WORDS for answer in answers) < 0.9 * len(answers):
        return False  # told before anything is folded
    forms = Counter(fold(answer) for answer in answers)
    common = sum(n for form, n in forms.items() if n >= 5 and 0 < len(form.split()) <= LABEL_WORDS)
    return common >= 0.9 * len(answers) and len(forms) <= 0.2 * len(answers) and len(forms) >= 2


def has_labels(examples: Sequence[Example]) -> bool:
    """Whether any rows may choose among few labels."""
    return any(example.label is not None for example in examples) or bool(_short_answers(examples))
