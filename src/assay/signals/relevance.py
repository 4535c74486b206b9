"""Relevance: how near each row stands to what the model must serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assay import frames
from assay.signals.domain import Judged, judge
from assay.signals.folding import fold
from assay.signals.wording import log_ratios, templated

if TYPE_CHECKING:
    import numpy as np

    from assay.signals.measured import Measured

CLOSEST = 3  # targets averaged: one alone may be an odd one
NEAREST = 5  # rows, or targets, of which the mean cosine is told: Ivison et al. 2025, arXiv:2503.01807
WEIGHT = 3.0  # how often the words of a target count, beside those of a row
TRIMMED = 0.1  # share of rows furthest from the centre that have no say in where it lies
BULK = 2.0  # weight of how far a row is from the bulk of the set, beside how far from the targets
LONGER = 3  # times the median row, or part of it: targets of that length are texts of another kind
RELATED = (
    0.9  # share of the control that a row is nearer to the targets than, from which it says what is usual. On nine
)
#                domains 78 to 100% of the right rows are, and 0 to 40% of the strangers
FEWEST = 5  # targets, or lines of a control, below which nothing can be said
ENOUGH = 12  # targets that no template made, from which they say how far a right row may lie from templates
NATURAL = 50  # rows that no template made, below which nobody knows how far a right row may lie from the others
HALF = 0.5  # share of such rows below which they are no witness either: strangers are among them, not among the others


class Distances(NamedTuple):
    """How far each row is from the domain."""

    deviations: np.ndarray  # shape (n,): 0 is usual, -3 is three robust standard deviations further out
    similarity: np.ndarray  # shape (n,): mean cosine to the nearest targets, or to the centre of the set
    compact: bool  # whether there is a domain to be far from
    natural: np.ndarray  # shape (n,), bool: rows that no template made
    by_targets: bool = False  # whether the targets say what is usual, as templates made most of the rows
    apart: float = 0.0  # share of the natural rows that are no nearer to the targets than the control is


class Relevance(NamedTuple):
    """How much of a set stands near its domain."""

    n: int  # rows
    near: float  # share within 2.5 robust standard deviations of the usual, 0 to 1
    similarity: float  # median cosine to the targets, or to the centre of the set


class Nearness(NamedTuple):
    """How near rows stand to the targets, beside lines that are known to have nothing to do with them."""

    largest: np.ndarray  # shape (n,): cosine to the nearest target
    mean: np.ndarray  # shape (n,): mean cosine to the five nearest
    percentile: np.ndarray | None  # shape (n,): share of the control that stands less near by that mean, 0 to 1


def relevance(measured: Measured) -> Relevance:
    """The relevance of a set as two numbers."""
    import numpy as np

    far = distances(measured)
    n = len(far.deviations)
    if not n:
        return Relevance(0, 1.0, 0.0)
    return Relevance(n, float((far.deviations >= -2.5).mean()), float(np.median(far.similarity)))


def has_subject(measured: Measured) -> bool:
    """Whether it can be told which rows are far from the domain: there are targets that name it, or rows that lie close
    enough together, and enough of either that no template made.
    """
    import numpy as np

    natural = measured.natural
    if len(measured.targets) >= FEWEST:
        return bool(natural.sum() >= NATURAL) or bool(_telling_targets(measured, natural).any())
    return natural.sum() >= NATURAL and bool(
        np.median(_centrality(measured.subject.told)) >= measured.subject.marks.compact
    )


def too_few(measured: Measured | None) -> str:
    """That targets are given, but fewer than can be measured against; "" where there are none, or enough."""
    n = len(measured.targets) if measured else 0
    given = "1 target is" if n == 1 else f"{n} targets are"
    return f"{given} given and not used: {FEWEST} are needed, 20 to 200 are good" if 0 < n < FEWEST else ""


def nearness(measured: Measured) -> Nearness | None:
    """How near each row stands to the targets, with its place among the control; None with fewer than five targets."""
    import numpy as np

    if len(measured.targets) < FEWEST:
        return None
    rows = frames.neighbours(measured.subject.targets, NEAREST, queries=measured.subject.told).similarity
    mean = rows.mean(1)
    if not measured.control:
        return Nearness(rows[:, 0], mean, None)
    control = frames.neighbours(measured.subject.targets, NEAREST, queries=measured.subject.control).similarity.mean(1)
    return Nearness(rows[:, 0], mean, np.asarray(np.searchsorted(np.sort(control), mean) / len(control)))


def classified(measured: Measured) -> Judged | None:
    """What the domain classifier, targets against control, says of the rows; None with fewer than five of either."""
    if min(len(measured.targets), len(measured.control)) < FEWEST:
        return None
    return judge(measured.subject.told, measured.subject.targets, measured.subject.control, seed=measured.seed)


def distances(measured: Measured) -> Distances:
    """How far each row is from the targets of the domain, or without targets from the bulk of the set itself."""
    import numpy as np

    if not len(measured.examples):
        return Distances(np.zeros(0), np.zeros(0), False, np.zeros(0, dtype=bool))
    natural = measured.natural
    if len(measured.targets) < FEWEST:
        return _from_the_bulk(measured, natural)
    told = _telling_targets(measured, natural)
    far = _from_targets(measured)
    if told.any():
        deviations = _together(_Counted(far.deviations, far.targets[told]), _beside_targets(measured, told)).rows
        return Distances(deviations, far.similarity, True, natural, by_targets=True)
    bulk = _from_the_bulk(measured, natural)
    near = nearness(measured)
    related = natural & (near.percentile >= RELATED if near is not None and near.percentile is not None else True)
    usual = related if related.sum() >= max(FEWEST, HALF * natural.sum()) else natural
    apart = 1 - float(related.sum() / max(1, natural.sum()))
    if natural.sum() < NATURAL:
        return Distances(far.deviations, far.similarity, True, natural, apart=apart)
    aimed = _deviations(far.deviations, usual)
    if bulk.compact:  # a list of targets seldom covers all of a domain: a set that has one has a say, too
        aimed = _deviations(aimed + BULK * _deviations(bulk.deviations, usual), usual)
    else:
        aimed = np.maximum(aimed, far.deviations)
    return Distances(aimed, far.similarity, True, natural, apart=apart)


def _telling_targets(measured: Measured, natural: np.ndarray) -> np.ndarray:
    """Which targets say how far a right row may lie from templates. Shape (targets,), bool; none where rows do.

    Where templates made most of a set, the others are the strangers and a few right rows: they say nothing of what is
    usual. Targets of another kind than the rows do not, either, nor do targets which those templates made.
    """
    import numpy as np

    n = len(natural)
    if natural.sum() >= max(NATURAL, HALF * n) or _of_another_kind(measured):
        return np.zeros(len(measured.targets), dtype=bool)
    free = ~templated([*measured.prompts, *(fold(target) for target in measured.targets)])[n:]
    return free if free.sum() >= ENOUGH else np.zeros(len(free), dtype=bool)


def _beside_targets(measured: Measured, told: np.ndarray) -> _Counted:
    """How far each row and each such target is from the bulk of the set, counted from what is usual of the targets."""
    import numpy as np

    targets = measured.subject.targets[told]
    centre = _centre(measured.subject.told)
    similar = np.maximum(measured.subject.told_neighbours.similarity, 0.0)
    wanted = np.maximum(frames.neighbours(measured.subject.told, similar.shape[1], queries=targets).similarity, 0.0)
    to_centre = _Counted(measured.subject.told.astype(np.float64) @ centre, targets @ centre)
    signs = [_together(to_centre, _Counted(similar.mean(1), wanted.mean(1)))]
    if len(measured.control) >= FEWEST:
        strange = (
            frames.neighbours(measured.subject.control, CLOSEST, queries=queries).similarity.mean(1)
            for queries in (measured.subject.told, targets)
        )
        near = (similar[:, :NEAREST].mean(1), wanted[:, :NEAREST].mean(1))
        signs.append(_Counted(*(mine - theirs for mine, theirs in zip(near, strange, strict=True))))
        said = _words(measured)
        signs.append(said._replace(usual=said.usual[told]))
    return _together(*signs)


def _deviations(values: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Robust standard deviations from the median of the usual rows. Shape (n,)."""
    import numpy as np

    return np.asarray((values - np.median(values[usual])) / _spread(values[usual]))


class _Counted(NamedTuple):
    """One measure of the rows, and of those that say what is usual."""

    rows: np.ndarray
    usual: np.ndarray


class _FromTargets(NamedTuple):
    deviations: np.ndarray  # of the rows
    targets: np.ndarray  # of the targets, each without itself; of the rows where these are the measure
    similarity: np.ndarray  # of the rows


def _from_targets(measured: Measured) -> _FromTargets:
    """By three signs, each counted from what it says of the targets themselves when they are left out: cosine to their
    centre and to the nearest of them, the domain classifier, the words.
    """
    import numpy as np

    targets = measured.subject.targets
    centre = targets.mean(0)
    centre = centre / max(float(np.linalg.norm(centre)), 1e-9)
    near = frames.neighbours(targets, CLOSEST, queries=measured.subject.told).similarity.mean(1)
    among = frames.neighbours(targets, CLOSEST).similarity.mean(1)
    rows = measured.subject.told
    centred = np.concatenate([frames.wide(rows[part]) @ centre for part in frames.blocks(len(rows))])
    cosine = _together(_Counted(centred, targets @ centre), _Counted(near, among))
    signs = [cosine]
    said = classified(measured)
    if said is not None:
        signs += [_Counted(said.rows, said.inside), _words(measured)]
    if _of_another_kind(measured):
        signs = [_Counted(sign.rows, sign.rows) for sign in signs]
    together = _together(*signs)
    return _FromTargets(together.rows, together.usual, near)


def _of_another_kind(measured: Measured) -> bool:
    """Whether the targets are texts of another kind than the rows, such as passages beside queries: three times as
    long, or as short. How alike they are among themselves then says nothing of the rows, which are the measure.
    """
    from statistics import median

    wanted = median(len(target) for target in measured.targets)
    rows = max(1, median(len(topic.text) for topic in measured.topics))
    return not 1 / LONGER < wanted / rows < LONGER


def _words(measured: Measured) -> _Counted:
    """The log-ratio of the words against the control, of the rows and of the targets."""
    import numpy as np

    n, wanted = len(measured.examples), [fold(target) for target in measured.targets]
    weights = np.repeat([1.0, WEIGHT], [n, len(wanted)])
    ratios = log_ratios([*measured.subject.texts, *wanted], [fold(line) for line in measured.control], weights=weights)
    return _Counted(ratios[:n], ratios[n:])


def _from_the_bulk(measured: Measured, natural: np.ndarray) -> Distances:
    """By three signs, each counted from the rows that no template made: cosine to the centre of the set and to its
    dense regions, how much nearer other rows are than the control, the words.
    """
    import numpy as np

    usual = natural if natural.sum() >= FEWEST else np.ones(len(natural), dtype=bool)
    to_centre = _centrality(measured.subject.told)
    compact = int(natural.sum()) >= NATURAL and bool(np.median(to_centre) >= measured.subject.marks.compact)
    similar = np.maximum(measured.subject.told_neighbours.similarity, 0.0)
    signs = [_together(*(_Counted(values, values[usual]) for values in (to_centre, similar.mean(1))))]
    if len(measured.control) >= FEWEST:
        strange = frames.neighbours(measured.subject.control, CLOSEST, queries=measured.subject.told).similarity.mean(1)
        ratios = _words(measured).rows
        signs += [_Counted(values, values[usual]) for values in (similar[:, :NEAREST].mean(1) - strange, ratios)]
    return Distances(_together(*signs).rows, to_centre, compact, natural)


def _centrality(vectors: np.ndarray) -> np.ndarray:
    """Cosine of each row to the centre of the set. Shape (n,)."""
    import numpy as np

    centre = _centre(vectors)
    return np.concatenate([vectors[part].astype(np.float64) @ centre for part in frames.blocks(len(vectors))])


def _centre(vectors: np.ndarray) -> np.ndarray:
    """The centre of the set, the furthest tenth having no say in it. Shape (d,), L2-normalised."""
    import numpy as np

    kept, centre = np.ones(len(vectors), dtype=bool), np.zeros(vectors.shape[1])
    parts = list(frames.blocks(len(vectors)))
    for last in (False, False, True):
        centre = np.asarray(sum(vectors[part][kept[part]].astype(np.float64).sum(0) for part in parts) / kept.sum())
        centre = centre / max(float(np.linalg.norm(centre)), 1e-9)
        if not last:
            cosine = np.concatenate([vectors[part].astype(np.float64) @ centre for part in parts])
            kept = cosine >= np.quantile(cosine, TRIMMED)
    return centre


def _together(*signs: _Counted) -> _Counted:
    """Several measures as one: robust standard deviations of their sum from the median of the usual rows."""
    import numpy as np

    rows, usual = np.zeros(len(signs[0].rows)), np.zeros(len(signs[0].usual))
    for sign in signs:
        middle, spread = float(np.median(sign.usual)), _spread(sign.usual)
        rows += (sign.rows - middle) / spread
        usual += (sign.usual - middle) / spread
    middle, spread = float(np.median(usual)), _spread(usual)
    return _Counted(np.asarray((rows - middle) / spread), np.asarray((usual - middle) / spread))


def _spread(values: np.ndarray) -> float:
    """The median absolute deviation, scaled to the standard deviation of a normal distribution."""
    import numpy as np

    return max(1.4826 * float(np.median(np.abs(values - np.median(values)))), 1e-3)
