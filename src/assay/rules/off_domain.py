"""R001: rows of another domain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.between import between
from assay.signals.relevance import NATURAL, Distances, distances, nearness

if TYPE_CHECKING:
    import numpy as np


MANY = 1.0  # fewer deviations make a stranger where strangers are many
SMALL = 200  # rows that no template made, below which a label is no licence to be stricter


@dataclass(frozen=True)
class OffDomain:
    """R001: the row is about something else than the rest.

    What it does: without targets, counts how far each prompt is from the bulk of the set: from its centre, from every
    dense region beside general text, and in words the others do not use. With `targets` in the recipe it asks besides
    how near the prompt is to them, what a classifier of the targets against the `control` (general text where the
    recipe names none) says, and how much more probable its words are in the domain. What is usual, the rows tell: with
    targets, those that are nearer to them than nine tenths of the control. Where templates made most of the rows, the
    others are mostly the strangers, and tell nothing: twelve targets that no template made tell it then, by how far
    they are from the set and from each other; without them there is no finding. With targets a row is a stranger at
    fewer deviations where it lies most of the way from the usual row to the usual line of the control; there its answer
    has a say, too, unless others share it. A row is left alone when its label speaks for it: other rows of the label
    stand out in the same way, or the models name its label from its text; and so is a row that is much like the set,
    though the others are even more so. Without targets, a set without a domain of its own, such as a broad collection
    of instructions, gets no finding. On nine domains of real rows with 5% strangers it held 42% of these without
    targets, 97% of what it held being strangers, and 49% with 40 targets, 97% of them; with 30% strangers and targets
    45%, 99% of them; with other draws 57%, 94% of them. With `encoder: minilm` it held 58% without targets and 64% with
    them, 99% and 97% of them strangers. In small sets of like questions with 25 targets it held 3 of 16, and 10 of 16
    by minilm, no right row with either. On templates of three domains with 22 targets and 2 or 5% strangers it held
    40%, 86% of them strangers; the others are right rows that have no word of their domain.

    Why is this bad: rows of another domain take the budget of rows that matter, and teach answers nobody will ask for.

    Example: "what is the weather in Lisbon" among queries about bank cards
    """

    code: ClassVar[str] = "R001"
    name: ClassVar[str] = "off-domain"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "warning"

    threshold: float = 2.5  # robust standard deviations from the usual, of rows whose label does not speak for them
    targets_threshold: float = 4.0  # the same in a set with targets, with a label or without one
    unlabelled_threshold: float = (
        3.5  # the same of rows without a label, without targets, and of all rows of a small set
    )
    templates_threshold: float = 1.85  # the same where templates made most rows, and the targets say what is usual
    towards_control: float = 0.8  # of the way from the usual row to the usual line of the control, from where rows are
    #                               strangers at fewer deviations: how far right rows spread differs from set to set
    control_threshold: float = 3.0  # robust standard deviations of all rows that they then have
    small_threshold: float = 2.75  # the mean of these and the others in a small set, where either errs more often
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
        limit, at_home = self._limits(measured, far, aimed), measured.subject.marks.at_home
        deviations = -far.deviations
        excess = deviations / limit
        placed = between(measured)
        if placed is not None:
            away, asked = -placed.deviations, self.control_threshold
            if natural < SMALL:
                away, asked = (away + deviations) / 2, self.small_threshold
            instead = (placed.place <= -self.towards_control) & (away / asked > excess)
            deviations, excess = np.where(instead, away, deviations), np.where(instead, away / asked, excess)
        beyond = (excess >= 1) & (far.similarity < at_home)
        spoken = np.zeros_like(beyond) if far.by_targets else _spoken_for(measured, beyond, aimed)
        suspects = np.flatnonzero(beyond & ~spoken)
        whole = len(measured.examples) if far.by_targets else natural
        if len(suspects) > self.most * whole and (natural < NATURAL or not aimed):
            return
        for row in suspects.tolist():
            deviation = float(deviations[row])
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
            score = 1 - 0.5 ** float(excess[row])
            yield finding(self, measured.examples[row], "prompt", score, said, evidence=evidence)

    def _limits(self, measured: Measured, far: Distances, aimed: bool) -> np.ndarray:
        """The deviations from which each row is far. Shape (n,)."""
        import numpy as np

        natural, n = int(far.natural.sum()), len(measured.examples)
        if far.by_targets:
            return np.full(n, self.templates_threshold)
        if natural < (NATURAL if aimed else SMALL):
            return np.full(n, self.unlabelled_threshold)
        if aimed:
            return np.full(n, self.targets_threshold - (MANY if far.apart > self.most and natural >= SMALL else 0.0))
        return np.where([family is not None for family in measured.families], self.threshold, self.unlabelled_threshold)


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
