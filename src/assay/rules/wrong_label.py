"""A004: labels that the other rows speak against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Rule, Stage, finding
from assay.signals import Measured
from assay.signals.classification import Classification

if TYPE_CHECKING:
    import numpy as np


REACH = 0.7  # of a class's mean probability; at 1, as published, a quarter of the planted errors were missed

GROUPS = 5  # of near-duplicates, below which nobody has seen enough of a class: one for each fold

CLEAR = 0.84  # share of the rows on which both witnesses name one label, right or wrong, in sets with distinct classes:
#               0.84 to 0.92 in intent sets, thinned or spoilt, 0.70 to 0.77 where classes overlap; less asks for more

CLEAN = 0.02  # share of sure findings in sets nobody spoilt; with more, wrong labels are likelier and less will do


@dataclass(frozen=True)
class WrongLabel:
    """A004: the label is probably another one.

    What it does: asks two witnesses. Models trained on the other rows (never on the row or its near-duplicates) say how
    probable each label is; confident learning flags the row when a label is as probable as it is on the rows that carry
    it, and the row's own label is not. And of the nearest rows more must carry that label than the row's own. Both must
    agree. Spellings of one label count as one. The more of the set is surely wrong, the less a single row needs; the
    less the witnesses agree with each other, the more. The label they name is suggested to a person. A class with fewer
    than five groups of unlike rows is neither judged nor suggested.

    Why is this bad: wrong labels hurt in proportion to their number, and small models most. In public sets 3% of the
    labels of the test split alone are wrong.

    Example: "my card never came" labelled "top_up_failed" among rows of "card_arrival"
    """

    code: ClassVar[str] = "A004"
    name: ClassVar[str] = "wrong-label"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "error"

    threshold: float = 0.9  # score from which a row is held in a set with few wrong labels, 0 to 1
    noisy_threshold: float = 0.82  # the same in a set with many, 0 to `threshold`
    least: int = 30  # labelled rows below which there is no telling
    action: Action = "hold"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding for each suspect row, with the probable label as the suggested edit."""
        import numpy as np

        for part in measured.classifications:
            if (judged := self.judge(measured, part)) is None:
                continue
            for i in np.flatnonzero(judged.wrong).tolist():
                label, better = part.families[i], part.classes[int(judged.probable[i])]
                yield label_finding(self, measured, part, judged, i, f"labelled {label!r}, probably {better!r}")

    def judge(self, measured: Measured, part: Classification) -> Judged | None:
        """What both witnesses make of the rows of a part; None where there is too little to tell by."""
        import numpy as np

        if len(part.rows) < self.least or len(part.classes) < 2 or (told := known_classes(part)).sum() < 2:
            return None
        own, probable, confident = confident_learning(part.probabilities, part.codes)
        votes = neighbour_votes(measured, part)
        at = np.arange(len(part.codes))
        for_own, against = votes[at, part.codes], votes[at, probable]
        score = suspicion(own, part.probabilities[at, probable], for_own, against)
        agreed = confident & (against > for_own)
        sure = float((agreed & (score >= self.threshold)).mean())
        limit = min(self.threshold, max(self.noisy_threshold, self.threshold - max(0.0, sure - CLEAN)))
        limit += max(0.0, CLEAR - consensus(part, votes))
        known = told[part.codes] & told[probable]
        return Judged(own, probable, score, known, known & agreed & (score >= limit))


class Judged(NamedTuple):
    """What both witnesses make of the rows of a part. Arrays of shape (rows,)."""

    own: np.ndarray  # probability of the row's own label, by models that did not see it
    probable: np.ndarray  # the other label it would have: a position in the classes
    score: np.ndarray  # suspicion, 0 to 1
    known: np.ndarray  # whether there is enough of both labels to go by
    wrong: np.ndarray  # whether both witnesses are sure enough


def label_finding(rule: Rule, measured: Measured, part: Classification, judged: Judged, i: int, said: str) -> Finding:
    """A finding on row `i` of a part, with the other label as the suggested edit."""
    row, better = int(part.rows[i]), int(judged.probable[i])
    return finding(
        rule, measured.examples[row], "label", float(judged.score[i]), said,
        evidence={
            "label": part.families[i], "suggestion": part.classes[better],
            "probability": round(float(judged.own[i]), 4),
            "probability_of_suggestion": round(float(part.probabilities[i, better]), 4),
            "neighbours": _neighbour_labels(measured, row),
        },
        after=measured.examples[row].with_answer(part.classes[better]),
    )  # fmt: skip


def known_classes(part: Classification) -> np.ndarray:
    """Which classes there is enough to go by. Shape (classes,), bool.

    At least `GROUPS` groups of near-duplicates carry the class, and no model was trained without it.
    """
    import numpy as np

    held = np.unique(np.stack([part.codes, part.clusters], axis=1), axis=0)[:, 0]
    seen = part.probabilities.min(0) > 0  # 0 is what a class gets that the training rows lack
    return np.asarray((np.bincount(held, minlength=len(part.classes)) >= GROUPS) & seen)


def consensus(part: Classification, votes: np.ndarray) -> float:
    """Share of the rows on which both witnesses name the same label, whatever the row's own, 0 to 1."""
    return float((part.probabilities.argmax(1) == votes.argmax(1)).mean())


def confident_learning(probabilities: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probability of each row's own label, the likeliest other label, and whether the confident joint prefers that.

    A row counts as confidently of class k when its probability comes near the mean probability of k over the rows
    labelled k; of several such classes the most probable counts (after Northcutt, Jiang, Chuang: Confident Learning,
    2021).
    """
    import numpy as np

    classes, at = probabilities.shape[1], np.arange(len(codes))
    own = probabilities[at, codes]
    sizes = np.bincount(codes, minlength=classes)
    thresholds = np.bincount(codes, weights=own, minlength=classes) / np.maximum(sizes, 1)
    other = probabilities.copy()
    other[at, codes] = -1.0
    reached = np.where(other >= np.maximum(REACH * thresholds, 1e-6), other, -1.0)
    better = reached.max(1)
    probable = np.where(better > 0, reached.argmax(1), other.argmax(1))
    return own, probable, (better > 0) & (better > own)


def neighbour_votes(measured: Measured, part: Classification) -> np.ndarray:
    """Shape (rows, classes): similarity-weighted share of each class among the nearest labelled rows.

    Near-duplicates of the row have no vote: they were mislabelled together, or agree for no other reason than being it.
    """
    import numpy as np

    position = np.full(len(measured.examples), -1)
    position[part.rows] = np.arange(len(part.rows))
    near = measured.neighbours
    rows, similarity = near.rows[part.rows], near.similarity[part.rows]
    at = np.where(rows >= 0, position[np.maximum(rows, 0)], -1)
    voters = (at >= 0) & (measured.clusters[np.maximum(rows, 0)] != measured.clusters[part.rows][:, None])
    weight = np.where(voters, np.maximum(similarity, 0.0) ** 4, 0.0)
    votes = np.zeros((len(part.rows), len(part.classes)))
    np.add.at(votes, (np.arange(len(part.rows))[:, None], part.codes[np.maximum(at, 0)]), weight)
    return np.asarray(votes / np.maximum(votes.sum(1, keepdims=True), 1e-9))


def suspicion(own: np.ndarray, better: np.ndarray, for_own: np.ndarray, against: np.ndarray) -> np.ndarray:
    """How much of the belief of both witnesses the other label has against the row's own, 0 to 1.

    `own` and `better` are the models' probabilities, `for_own` and `against` the neighbours' votes. The two small
    terms keep 0 against nearly 0 from looking sure. At 0.88, with 12% of labels changed at random or to a like class,
    83 to 92% of the rows flagged were wrong and 78 to 87% of the wrong ones were flagged in three public intent sets.
    """
    import numpy as np

    return np.asarray((better + against + 0.02) / (better + against + own + for_own + 0.06))


def _neighbour_labels(measured: Measured, row: int) -> dict[str, int]:
    """Labels of the ten nearest rows, most frequent first."""
    near = [int(i) for i in measured.neighbours.rows[row][:10] if i >= 0]
    return dict(Counter(measured.families[i] or "" for i in near).most_common())
