"""R001: rows of another domain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.relevance import NATURAL, distances, nearness

if TYPE_CHECKING:
    import numpy as np


AT_HOME = (
    0.4  # cosine to the targets, or to the centre of the set, from which a row belongs however alike the others are
)
SMALL = 200  # rows that no template made, below which a label is no licence to be stricter


@dataclass(frozen=True)
class OffDomain:
    """R001: the row is about something else than the rest.

    What it does: with `targets` in the recipe, asks how near each prompt stands to them, what a classifier of the
    targets against the `control` (general text where the recipe names none) says, and how much more probable its words
    are in the domain; it counts from what the same signs say of each target without itself. Without targets, counts
    from the bulk of the set: a row must be far from its centre and from every dense region, no nearer to the others
    than general text is, and in words the others do not use. A row is left alone when its label speaks for it: other
    rows of the label stand out in the same way, or the models name its label from its text; and so is a row that is
    much like the set, though the others are even more so. Without targets, a set without a domain of its own, such as a
    broad collection of instructions, gets no finding, and neither does one in which fewer than 50 rows were made by no
    template: how far a right row may lie from templates nobody can tell. On nine domains of real rows with 5% strangers
    it held 42% of these without targets, 97% of what it held being strangers, and 63% with 40 targets, 88% of them.

    Why is this bad: rows of another domain take the budget of rows that matter, and teach answers nobody will ask for.

    Example: "what is the weather in Lisbon" among queries about bank cards
    """

    code: ClassVar[str] = "R001"
    name: ClassVar[str] = "off-domain"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "warning"

    threshold: float = 2.5  # robust standard deviations from the usual, of rows whose label does not speak for them
    targets_threshold: float = 3.0  # the same of rows without a label, in a set with targets
    unlabelled_threshold: float = 3.5  # the same without targets, and of all rows of a small set
    most: float = 0.15  # share of the rows no template made, from which they are a part of the set, but for targets
    action: Action = "hold"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding for each row far from the domain."""
        import numpy as np

        far = distances(measured)
        if not far.compact:
            return
        near, natural = nearness(measured), int(far.natural.sum())
        aimed = near is not None
        limit = self._limits(measured, natural, aimed)
        beyond = (far.deviations <= -limit) & (far.similarity < AT_HOME)
        suspects = np.flatnonzero(beyond & ~_spoken_for(measured, beyond, aimed))
        if len(suspects) > self.most * natural and (natural < NATURAL or not aimed):
            return
        for row in suspects.tolist():
            deviation = float(-far.deviations[row])
            evidence = {
                "deviations": round(deviation, 2), "similarity": round(float(far.similarity[row]), 3),
                "measured_against": "the set itself" if near is None else "targets", "nearest": _nearest(measured, row),
            }  # fmt: skip
            said = f"is about something else: {deviation:.1f} deviations from the usual"
            if near is not None:
                evidence["nearest_target"] = round(float(near.largest[row]), 3)
            if near is not None and near.percentile is not None:
                share = float(near.percentile[row])
                evidence["control_percentile"] = round(share, 3)
                said += f", nearer to the targets than {share:.0%} of what is known to be of no use"
            score = 1 - 0.5 ** (deviation / limit[row])
            yield finding(self, measured.examples[row], "prompt", score, said, evidence=evidence)

    def _limits(self, measured: Measured, natural: int, aimed: bool) -> np.ndarray:
        """The deviations from which each row is far. Shape (n,)."""
        import numpy as np

        if natural < SMALL:
            return np.full(len(measured.examples), self.unlabelled_threshold)
        free = self.targets_threshold if aimed else self.unlabelled_threshold
        return np.where([family is not None for family in measured.families], self.threshold, free)


def _spoken_for(measured: Measured, far: np.ndarray, aimed: bool) -> np.ndarray:
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
        large = (size >= 0.1 * len(part.rows)) & away & (not aimed)
        expected = part.probabilities[np.arange(len(part.rows)), part.codes] >= 0.5
        spoken[part.rows] = (home[part.codes] & expected) | large[part.codes]
    return spoken


def _nearest(measured: Measured, row: int) -> list[str]:
    """The prompts of the two nearest rows, and their most frequent label."""
    near = [int(i) for i in measured.neighbours.rows[row] if i >= 0]
    texts = [measured.examples[i].prompt[:100] for i in near[:2]]
    labels = Counter(measured.families[i] for i in near[:10] if measured.families[i] is not None)
    return texts + [f"label of most: {label}" for label, _ in labels.most_common(1)]
