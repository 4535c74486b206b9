"""From the answers of every rung to the ladder: standings, paired tests, novelty bands and the rows to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from assay.errors import InputError, Problem
from assay.evaluate import stats
from assay.evaluate.ladder import Band, Ladder, Latency, Pair, Row, Rows, SmallestEffect, Standing, Tokens
from assay.evaluate.luck import Luck, luck_of, p_with_luck, widened
from assay.evaluate.measures import Asked, classes, measures
from assay.evaluate.rungs import Rung, choice_scores, gold_scores, written_scores
from assay.evaluate.scorers import Scorer, scorer_for
from assay.evaluate.slices import BANDS, Part, sliced
from assay.evaluate.stats import Floats, Metric
from assay.records import Example

PRIMARY = (("curated", "raw"), ("curated", "random"))  # what a ladder is asked: named before any of it is run
PAIRS = (
    *PRIMARY, ("curated", "rules"), ("rules", "raw"), ("curated", "few-shot"), ("curated", "nearest"),
    ("curated", "retrieval"),
)  # fmt: skip
BIGGER = ("endpoint", "model")  # rungs of these names are other models: curated is compared with each
ALPHA = 0.05


class Scored(NamedTuple):
    """A rung with its scores, mean over seeds: shape (test rows,), NaN where a seed has none."""

    rung: Rung
    written: Floats
    choice: Floats
    gold: Floats
    by_seed: Floats  # (seeds, test rows): of what was written


def compare(
    rungs: Sequence[Rung], test: Sequence[Example], *, seed: int, scorer: Scorer | None = None,
    similarity: ArrayLike | None = None, pairs: Sequence[tuple[str, str]] = PAIRS, shown: int = 10,
    others: Sequence[Scorer] = (), parts: Sequence[Part] = (),
) -> Ladder:  # fmt: skip
    """The ladder of `rungs`, in their order, over the same test rows.

    `scorer` is the primary one, `others` are told beside it; `parts` are the slices. Two families of pairs: PRIMARY,
    and the others. Holm's correction runs within each.

    `similarity` has shape (test rows,): the cosine of each prompt to the nearest training row, for the novelty bands.
    Rows of one `group` are resampled together. Pairs of rungs that are not there are left out; so are empty bands.

    Raises:
        InputError: no test rows, a name or id used twice, answers to other rows, or a rung with no row scored.
    """
    scorer = scorer or scorer_for(test[0].task if test else "classify")
    _refuse_misfits(rungs, test)
    scored = [_scored(rung, test, scorer) for rung in rungs]
    _refuse_unscored(scored)
    groups = [f"group:{row.group}" if row.group is not None else f"id:{row.id}" for row in test]
    asked = Asked(test, groups, seed)
    told = [scorer, *(other for other in others if other.key != scorer.key)]
    near = None if similarity is None else np.asarray(similarity, dtype=np.float64)
    bigger = [("curated", rung.name) for rung in rungs if rung.name.startswith(BIGGER)]
    pairs = list(dict.fromkeys([*pairs, *bigger]))
    independent = len(set(groups))
    effect = stats.smallest_effect(independent, stats.DISCORDANT)
    return Ladder(
        task=test[0].task, metric=scorer.metric, n=len(test),
        smallest_effect=SmallestEffect(effect, stats.POWER, stats.DISCORDANT, independent),
        standings=tuple(_standing(one, asked, near, told, parts) for one in scored),
        pairs=_pairs({one.rung.name: one for one in scored}, pairs, groups, seed),
        rows=_rows(scored, pairs, test, shown), primary=scorer.key,
    )  # fmt: skip


def _refuse_misfits(rungs: Sequence[Rung], test: Sequence[Example]) -> None:
    problems = []
    ids = {row.id for row in test}
    if len(ids) < len(test):
        problems.append(Problem("test rows", f"{len(test) - len(ids)} ids are used twice"))
    names = [rung.name for rung in rungs]
    problems += [Problem(f"rung {name}", "is there twice") for name in sorted(set(names)) if names.count(name) > 1]
    for rung in rungs:
        strange = sorted({answer.id for answers in rung.answers for answer in answers} - ids)
        if strange:
            problems.append(Problem(f"rung {rung.name}", f"answers {len(strange)} rows not in the test: {strange[:3]}"))
    if not test or problems:
        raise InputError(
            "no test rows to evaluate on" if not test else "the ladder does not fit together", problems=problems
        )


def _scored(rung: Rung, test: Sequence[Example], scorer: Scorer) -> Scored:
    written = written_scores(rung, test, scorer)
    choice, gold = choice_scores(rung, test), gold_scores(rung, test)
    return Scored(rung, written.mean(axis=0), choice.mean(axis=0), gold.mean(axis=0), written)


def _refuse_unscored(scored: Sequence[Scored]) -> None:
    empty = [one.rung.name for one in scored if not one.rung.answers or np.isnan(one.written).all()]
    if empty:
        problems = [
            Problem(f"rung {name}", "no row has both an answer and something to compare it with") for name in empty
        ]
        raise InputError("nothing to score", problems=problems)


def _mean(values: Floats, groups: Sequence[str], seed: int, where: ArrayLike = True) -> Metric | None:
    """The mean over the rows that have a value and lie in `where`; None when there are none."""
    kept = [int(i) for i in np.flatnonzero(~np.isnan(values) & where)]
    return stats.mean(values[kept], [groups[i] for i in kept], seed=seed) if kept else None


def _standing(
    one: Scored, asked: Asked, near: Floats | None, scorers: Sequence[Scorer], parts: Sequence[Part]
) -> Standing:
    rung, groups, seed = one.rung, asked.groups, asked.seed
    metric = _mean(one.written, groups, seed)
    if metric is None:
        raise InputError(f"rung {rung.name}: nothing to score")
    ids = {answer.id for answers in rung.answers for answer in answers}
    return Standing(
        name=rung.name, title=rung.title, metric=metric, choice=_mean(one.choice, groups, seed),
        latency_ms=_latency(rung), tokens=_tokens(rung), size_mb=rung.size_mb, seeds=rung.seeds,
        train_rows=rung.train_rows, answer_tokens=rung.answer_tokens, note=rung.note,
        novelty=_bands(one.written, groups, near, seed), unscored=len(ids) - metric.n,
        measures=measures(rung, asked, scorers), classes=classes(rung, asked, one.written),
        slices=sliced(one.written, parts, asked), memory_mb=rung.memory_mb, cost=rung.cost, cut=rung.cut,
    )  # fmt: skip


def _bands(values: Floats, groups: Sequence[str], near: Floats | None, seed: int) -> tuple[Band, ...]:
    if near is None:
        return ()
    found = [(name, _mean(values, groups, seed, (near >= low) & (near < high))) for name, low, high in BANDS]
    return tuple(Band(name, metric) for name, metric in found if metric)


def _latency(rung: Rung) -> Latency | None:
    timed = [a.seconds * 1000 for answers in rung.answers for a in answers if a.seconds is not None]
    if not timed:
        return None
    p50, p95 = np.quantile(timed, [0.5, 0.95])
    return Latency(float(p50), float(p95), len(timed))


def _tokens(rung: Rung) -> Tokens:
    every = [answer for answers in rung.answers for answer in answers]
    into = [answer.tokens_in for answer in every if answer.tokens_in is not None]
    out = [answer.tokens_out for answer in every if answer.tokens_out is not None]
    return Tokens(float(np.mean(into)) if into else None, float(np.mean(out)) if out else None)


def _pairs(
    scored: dict[str, Scored], names: Sequence[tuple[str, str]], groups: Sequence[str], seed: int
) -> tuple[Pair, ...]:
    there = [(a, b) for a, b in names if a in scored and b in scored]
    tables = {(a, b): _by_run(scored[a].by_seed, scored[b].by_seed) for a, b in there}
    luck = luck_of([table for table in tables.values() if len(table) > 1], np.zeros((0, 0)))
    found = []
    for a, b in there:
        left, right = scored[a].written, scored[b].written
        both = [int(i) for i in np.flatnonzero(~np.isnan(left) & ~np.isnan(right))]
        if both:
            inside, runs = [groups[i] for i in both], len(tables[a, b])
            found.append(_pair(a, b, left[both], right[both], inside, luck, runs, seed))
    asked = [one for one in found if (one[0].a, one[0].b) in PRIMARY]
    beside = [one for one in found if (one[0].a, one[0].b) not in PRIMARY]
    judged = {(pair.a, pair.b): pair for family in (asked, beside) for pair in _corrected(family)}
    return tuple(judged[pair.a, pair.b] for pair, _ in found)


def _by_run(left: Floats, right: Floats) -> Floats:
    """Differences of paired runs, shape (runs, test rows); a rung that is not trained is paired with each run."""
    if len(left) == len(right) or min(len(left), len(right)) == 1:
        return left - right
    return left[:1] - right[:1]


def _corrected(family: Sequence[tuple[Pair, float]]) -> list[Pair]:
    """The pairs of one family, each corrected for the others of it."""
    corrected = stats.holm([pair.p for pair, _ in family])
    return [_judged(pair, p, variance, len(family)) for (pair, variance), p in zip(family, corrected, strict=True)]


def _pair(
    a: str, b: str, left: Floats, right: Floats, groups: Sequence[str], luck: Luck, runs: int, seed: int
) -> tuple[Pair, float]:
    """The pair, not yet corrected for the others, and the mean square of its differences: its discordant share.

    Where rungs were trained under several seeds, the luck of training is in the interval and the p.
    """
    by_rows = stats.paired_difference(left, right, groups, seed=seed)
    difference = widened(by_rows, luck, runs) if runs > 1 else by_rows
    p = stats.paired_p(left, right, groups, seed=seed)
    p = p_with_luck(p, by_rows, luck, runs) if runs > 1 else p
    better, worse = int((left > right).sum()), int((left < right).sum())
    pair = Pair(a, b, difference, p, p, better, worse, len(left) - better - worse, "")
    return pair, float(((left - right) ** 2).mean())


def _judged(pair: Pair, p_holm: float, discordant: float, tested: int) -> Pair:
    return replace(pair, p_holm=p_holm, verdict=verdict(pair.difference, p_holm, discordant, tested))


def verdict(difference: Metric, p_holm: float, discordant: float, tested: int = 1) -> str:
    """What a pair comes to, in words: better, worse, or how many more test rows would show such a difference.

    `discordant` is the mean square of the differences; `tested` the pairs of the family, each of which costs power.
    """
    if p_holm < ALPHA:
        return "better" if difference.value > 0 else "worse"
    if abs(difference.value) < 1e-9:
        return "no measurable effect (no difference seen)"
    more = stats.rows_needed(abs(difference.value), discordant, alpha=ALPHA / tested) - difference.n
    return f"no measurable effect (would need about {about(max(1, more)):,} more test rows)"


def about(count: int) -> int:
    """Two digits are all such an estimate deserves: about(1234) -> 1200."""
    step = int(10 ** max(0, len(str(count)) - 2))
    return round(count / step) * step


def _rows(scored: Sequence[Scored], pairs: Sequence[tuple[str, str]], test: Sequence[Example], shown: int) -> Rows:
    """The rows to look at, `shown` of each kind; where seeds differ, what the seed closest to the heading wrote."""
    last = scored[-1]
    ranking = last.written if np.isnan(last.gold).all() else last.gold
    named = {one.rung.name: one for one in scored}
    found = Rows(
        best=_top(last, -ranking, ranking, test, shown), worst=_top(last, ranking, ranking, test, shown, worst=True)
    )
    for a, b in pairs:
        if a in named and b in named:
            change = named[a].written - named[b].written
            down, up = np.where(change < 0, change, np.nan), np.where(change > 0, -change, np.nan)
            return replace(
                found,
                regressed=_top(named[a], down, change, test, shown, worst=True),
                improved=_top(named[a], up, change, test, shown),
            )
    return found


def _top(
    one: Scored, key: Floats, score: Floats, test: Sequence[Example], shown: int, worst: bool = False
) -> tuple[Row, ...]:
    """The rows with the smallest key, NaN left out; of equals the first in the test."""
    order = [int(i) for i in np.argsort(key, kind="stable") if not np.isnan(key[i])][:shown]
    said = [{answer.id: answer.written for answer in answers} for answers in one.rung.answers]
    rows = []
    for i in order:
        by_seed = np.nan_to_num(one.by_seed[:, i])
        seed = int(by_seed.argmin() if worst else by_seed.argmax())
        example = test[i]
        rows.append(
            Row(
                example.id,
                example.prompt,
                example.label or example.answer,
                said[seed].get(example.id) or "",
                float(score[i]),
            )
        )
    return tuple(rows)
