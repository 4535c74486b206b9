"""A004: labels that the other rows speak against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Rule, Stage, finding
from assay.signals import Measured
from assay.signals.classification import Classification

if TYPE_CHECKING:
    import numpy as np

    from assay.signals.suspicion import Suspicion

SEEN = 5  # different texts below which nobody has seen enough of a class
ENOUGH = 40  # different texts of either label, from which few enough of the rows held are right to call it an error
AGREEING = 3  # of the four witnesses
MOST = 0.4  # of a class may be held: where more of it looks wrong, the witnesses cannot see what sets it apart
NOISY = 1.5  # times the share held of all rows, which may be held of a class where wrong labels are everywhere


@dataclass(frozen=True)
class WrongLabel:
    """A004: the label is probably another one.

    What it does: asks four witnesses what label each row should have: two models and the nearest rows in meaning and in
    words, none of which heard the row's own label. Three of them must prefer the same other label; rows found suspect
    have no voice when they are asked again. What the names of the labels say of a row counts, too, as far as names fit
    rows in this set. Rows the witnesses cannot decide tell how much the classes overlap, and with that how many right
    rows look wrong. As many of the most suspect rows are held as keeps the right ones among them, so estimated, below
    `false_alarms` (after Benjamini and Hochberg, 1995). Spellings of one label count as one. A class with fewer than
    five different texts is neither judged nor suggested, nor is one judged of which more than 40% would be held, unless
    as many are wrong everywhere. Where either label has fewer than 40 different texts it is a warning: in sets of a
    newcomer's own, of 150 to 250 rows, a third to a half of the rows held there were right.

    Why is this bad: wrong labels hurt in proportion to their number, and small models most. In public sets 3% of the
    labels of the test split alone are wrong.

    Example: "my card never came" labelled "top_up_failed" among rows of "card_arrival"
    """

    code: ClassVar[str] = "A004"
    name: ClassVar[str] = "wrong-label"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "error"

    threshold: float = 0.7  # score below which no row is held, 0 to 1
    false_alarms: float = 0.2  # share of right rows among those held, as estimated, 0 to 1
    least: int = 30  # labelled rows below which there is no telling
    action: Action = "hold"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding for each suspect row, with the probable label as the suggested edit."""
        import numpy as np

        for part in measured.classifications:
            if (judged := self.judge(part)) is None:
                continue
            sizes = np.bincount(part.codes[part.distinct[0]], minlength=len(part.classes))
            for i in np.flatnonzero(judged.wrong).tolist():
                label, better = part.families[i], part.classes[int(judged.suspicion.other[i])]
                found = label_finding(self, measured, part, i, f"labelled {label!r}, probably {better!r}")
                few = min(sizes[part.codes[i]], sizes[int(judged.suspicion.other[i])]) < ENOUGH
                yield replace(found, severity="warning") if few else found

    def judge(self, part: Classification) -> Judged | None:
        """Which rows of a part can be judged, and which are wrong; None where there is too little to tell by."""
        import numpy as np

        first, twin = part.distinct
        told = np.bincount(part.codes[first], minlength=len(part.classes)) >= SEEN
        if len(part.rows) < self.least or told.sum() < 2 or part.spoken:
            return None
        found = part.suspicion
        known = told[part.codes] & told[found.other]
        open_to = known & (found.agreeing >= AGREEING) & (found.score >= self.threshold)
        wrong = below(np.where(open_to, found.chance, 1.0)[first], self.false_alarms)
        taken = wrong[twin] & open_to
        lost = _swept(part.codes, found.other, taken, len(part.classes))[part.codes]
        return Judged(found, known & ~lost, taken & ~lost)


class Judged(NamedTuple):
    """What the rule makes of the rows of a part. Arrays of shape (rows,)."""

    suspicion: Suspicion
    known: np.ndarray  # whether there is enough of both labels to go by
    wrong: np.ndarray  # whether the row is held


def _swept(codes: np.ndarray, other: np.ndarray, taken: np.ndarray, classes: int) -> np.ndarray:
    """Which classes lose more than wrong labels explain: too much to one class, or far more than the others lose."""
    import numpy as np

    sizes = np.bincount(codes, minlength=classes)
    swept = np.bincount(codes[taken], minlength=classes) > max(MOST, NOISY * taken.mean()) * sizes
    pairs, count = np.unique(codes[taken] * classes + other[taken], return_counts=True)
    swept[(pairs // classes)[count > MOST * sizes[pairs // classes]]] = True
    return np.asarray(swept)


def below(chances: np.ndarray, rate: float) -> np.ndarray:
    """Which of the rows to take so that at most `rate` of them are expected to be there by chance.

    The step-up procedure of Benjamini and Hochberg (1995): the k smallest, for the largest k of which the k-th chance
    is at most `rate` * k / n. Shape (n,), bool.
    """
    import numpy as np

    order = np.argsort(chances, kind="stable")
    fit = np.flatnonzero(chances[order] <= rate * np.arange(1, len(chances) + 1) / len(chances))
    taken = np.zeros(len(chances), dtype=bool)
    taken[order[: fit[-1] + 1 if len(fit) else 0]] = True
    return taken


def label_finding(rule: Rule, measured: Measured, part: Classification, i: int, said: str) -> Finding:
    """A finding on row `i` of a part, with the other label as the suggested edit."""
    found, row = part.suspicion, int(part.rows[i])
    other = int(found.other[i])
    return finding(
        rule, measured.examples[row], "label", float(found.score[i]), said,
        evidence={
            "label": part.families[i], "suggestion": part.classes[other],
            "probability": round(float(part.probabilities[i, part.codes[i]]), 4),
            "probability_of_suggestion": round(float(part.probabilities[i, other]), 4),
            "witnesses": f"{int(found.agreeing[i])} of 4", "neighbours": _neighbour_labels(measured, row),
        },
        after=measured.examples[row].with_answer(part.classes[other]),
    )  # fmt: skip


def _neighbour_labels(measured: Measured, row: int) -> dict[str, int]:
    """Labels of the ten nearest rows, most frequent first."""
    near = [int(i) for i in measured.neighbours.rows[row][:10] if i >= 0]
    return dict(Counter(measured.families[i] or "" for i in near).most_common())
