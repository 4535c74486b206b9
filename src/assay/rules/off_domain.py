"""R001: rows of another domain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.relevance import distances

if TYPE_CHECKING:
    import numpy as np


AT_HOME = (
    0.4  # cosine to the targets, or to the centre of the set, from which a row belongs however alike the others are
)


@dataclass(frozen=True)
class OffDomain:
    """R001: the row is about something else than the rest.

    What it does: with `targets` in the recipe, compares each prompt with its nearest targets, and counts from how
    alike the targets are among themselves. Without, counts from the bulk of the set: a row must be far from its centre
    and from every dense region. A row is left alone when its label speaks for it: other rows of the label stand out in
    the same way, or the models name its label from its text; and so is a row that is much like the set, though the
    others are even more so. A set without a domain of its own, such as a broad
    collection of instructions, gets no finding.

    Why is this bad: rows of another domain take the budget of rows that matter, and teach answers nobody will ask for.

    Example: "what is the weather in Lisbon" among queries about bank cards
    """

    code: ClassVar[str] = "R001"
    name: ClassVar[str] = "off-domain"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "warning"

    threshold: float = 2.5  # robust standard deviations from the usual, of rows whose label does not speak for them
    unlabelled_threshold: float = 3.5  # the same of rows without a label, in a set without targets
    most: float = 0.15  # share of rows from which they are a part of a set without targets, and nothing is said
    action: Action = "hold"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding for each row far from the domain."""
        import numpy as np

        far = distances(measured)
        if not far.compact:
            return
        labelled = np.array([family is not None for family in measured.families])
        limit = np.where(labelled | bool(measured.targets), self.threshold, self.unlabelled_threshold)
        beyond = (far.deviations <= -limit) & (far.similarity < AT_HOME)
        suspects = np.flatnonzero(beyond & ~_spoken_for(measured, beyond))
        if not measured.targets and len(suspects) > self.most * len(measured.examples):
            return
        for row in suspects.tolist():
            deviation = float(-far.deviations[row])
            yield finding(
                self, measured.examples[row], "prompt", 1 - 0.5 ** (deviation / limit[row]),
                f"is about something else: {deviation:.1f} deviations from the usual",
                evidence={
                    "deviations": round(deviation, 2), "similarity": round(float(far.similarity[row]), 3),
                    "measured_against": "targets" if measured.targets else "the set itself",
                    "nearest": _nearest(measured, row),
                },
            )  # fmt: skip


def _spoken_for(measured: Measured, far: np.ndarray) -> np.ndarray:
    """Rows whose label says that they belong: it is at home and expected by the models, or it is a large part itself.

    A label is at home when it has ten rows and most of them are not far. A tenth of the set that is far as a whole is a
    part of it, unless targets say otherwise.
    """
    import numpy as np

    spoken = np.zeros(len(measured.examples), dtype=bool)
    for part in measured.classifications:
        size = np.bincount(part.codes, minlength=len(part.classes))
        away = np.bincount(part.codes, weights=far[part.rows], minlength=len(part.classes)) >= 0.5 * size
        home = (size >= 10) & ~away & (len(part.classes) > 1)
        large = (size >= 0.1 * len(part.rows)) & away & (not measured.targets)
        expected = part.probabilities[np.arange(len(part.rows)), part.codes] >= 0.5
        spoken[part.rows] = (home[part.codes] & expected) | large[part.codes]
    return spoken


def _nearest(measured: Measured, row: int) -> list[str]:
    """The prompts of the two nearest rows, and their most frequent label."""
    near = [int(i) for i in measured.neighbours.rows[row] if i >= 0]
    texts = [measured.examples[i].prompt[:100] for i in near[:2]]
    labels = Counter(measured.families[i] for i in near[:10] if measured.families[i] is not None)
    return texts + [f"label of most: {label}" for label, _ in labels.most_common(1)]
