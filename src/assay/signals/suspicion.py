"""How suspect each label of a classification is, by four witnesses that did not hear it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from assay.signals.classification import Classification

FLOOR = 0.02  # added to what a witness believes: none is sure enough to overrule the others alone
TOP = (1 + FLOOR) / (1 + 2 * FLOOR)  # the highest score there is
SUSPECT = 0.8  # score from which a row has no voice in the second round
ENOUGH = 5  # voters a class keeps, else all its rows keep their voice
UNDECIDED = (0.3, 0.7)  # scores of rows for which the witnesses see two labels
TAIL = 2.0  # right rows beyond, a unit of score, for each undecided one; 1.0 to 1.3 where names are mute
UNSEEN = 2  # undecided rows counted beyond those there are: none among few tells little
OTHERS = 30  # rows of the whole set that stand beside those of two classes, so that small classes borrow from it


class Suspicion(NamedTuple):
    """What the witnesses make of each row's label. Arrays of shape (rows,)."""

    score: np.ndarray  # how much of the belief the other label has against the row's own, 0 to `TOP`
    other: np.ndarray  # the label they would give instead: a position in the classes
    agreeing: np.ndarray  # witnesses, of four, to whom the other label is likelier
    chance: np.ndarray  # how probable it is that a right row of these classes looks as suspect, 0 to 1


def suspicion(part: Classification) -> Suspicion:
    """Ask the witnesses twice: those found suspect in the first round have no voice in the second.

    The witnesses are a linear discriminant on meanings, ridge regression on meanings and words, and the nearest rows in
    meaning and in words, each without the row. Their beliefs are multiplied, and so is what the names of the labels say
    of the row, which counts for a witness only here. Copies of one text with one label are one row: they neither vouch
    for each other nor count twice.

    Right rows on the border of two classes spread evenly over the scores, so the undecided ones in the middle tell how
    many look wrong without being it. That was so in BANKING77, CLINC150, and the bots of HINT3, whole and thinned;
    where classes are far apart there are fewer.
    """
    import numpy as np

    first, twin = part.distinct
    codes = part.codes[first]
    everyone = np.ones(len(first), dtype=bool)
    score, other, agreeing = _against(part.witnesses(everyone), part.named, codes)
    voters = score < SUSPECT
    voters |= (np.bincount(codes[voters], minlength=len(part.classes)) < ENOUGH)[codes]
    if not voters.all():
        score, other, agreeing = _against(part.witnesses(voters), part.named, codes)
    chance = _chance(score, codes, other, len(part.classes))
    return Suspicion(score[twin], other[twin], agreeing[twin], chance[twin])


def _against(
    beliefs: Sequence[np.ndarray], named: np.ndarray, codes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score, other label and number of witnesses for it, from what each and the names say: shape (rows, classes)."""
    import numpy as np

    at = np.arange(len(codes))
    joint = np.log(beliefs[0] + FLOOR)
    for belief in (*beliefs[1:], named):
        joint += np.log(belief + FLOOR)
    joint /= len(beliefs)
    own = joint[at, codes].copy()
    joint[at, codes] = -np.inf
    other = joint.argmax(1)
    agreeing = np.sum([belief[at, other] > belief[at, codes] for belief in beliefs], axis=0)
    return 1 / (1 + np.exp(own - joint[at, other])), other, agreeing


def _chance(score: np.ndarray, codes: np.ndarray, other: np.ndarray, classes: int) -> np.ndarray:
    """How probable it is that a right row of the two classes scores as high: the undecided share times a tail."""
    import numpy as np

    low, high = UNDECIDED
    middle = (score >= low) & (score < high)
    share = (middle.sum() + UNSEEN) / len(score)
    of_class = np.bincount(codes, weights=middle, minlength=classes)
    of_class += np.bincount(other, weights=middle, minlength=classes)
    sizes = np.bincount(codes, minlength=classes)
    found = (of_class[codes] + of_class[other]) / 2 + OTHERS * share
    local = found / (sizes[codes] + sizes[other] + OTHERS)
    return np.asarray(np.clip(local * TAIL * (TOP - score) / (high - low), 0.0, 1.0))
