"""The error rate of a set, estimated from a random sample that a person reviewed: flagged rows and others.

Only a sample that includes rows no rule speaks of tells how many errors the rules miss.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random
from typing import Literal, NamedTuple

from assay.records import SETTLED, Decision, Example, Finding
from assay.review.queue import Waiting

Stratum = Literal["flagged", "unflagged"]
STRATA: tuple[Stratum, ...] = ("flagged", "unflagged")
FLAGGED = 0.25  # of the sample at least goes to flagged rows, as far as there are so many: errors are denser there
DRAWS = 20_000  # of the posterior: the Monte-Carlo error of a bound stays below a hundredth of the interval
REASON = "audit"


class Drawn(NamedTuple):
    """One row of the sample."""

    row: Waiting  # without its findings: who reviews a sample must not see what the rules say
    stratum: Stratum
    of: int  # rows of the stratum in the version
    total: int  # rows of the version


class Counted(NamedTuple):
    """What a reviewer found in one stratum."""

    stratum: Stratum
    rows: int  # in the version
    reviewed: int
    wrong: int


class Estimate(NamedTuple):
    """A share of right rows with its 95% interval."""

    value: float
    low: float
    high: float
    n: int  # rows reviewed


class Audit(NamedTuple):
    """What a reviewed sample says of a version."""

    version: str
    strata: tuple[Counted, ...]
    right: Estimate  # of the version that was sampled
    left: Estimate  # of the same rows once the answers are applied: errors that were found are no longer there


def draw(kept: Sequence[Example], findings: Iterable[Finding], size: int, *, seed: int = 0) -> list[Drawn]:
    """`size` rows of the kept ones, test rows left out, drawn with `seed` and in random order.

    Proportional to the strata, but for the flagged ones, which get a quarter at least. Review that stops early leaves a
    random sample too.
    """
    flagged = {f.id for f in findings if f.id and f.action == "keep" and SETTLED not in f.evidence}
    rows: dict[Stratum, list[Example]] = {"flagged": [], "unflagged": []}
    for example in sorted((e for e in kept if e.split != "test"), key=lambda e: e.id):
        rows["flagged" if example.id in flagged else "unflagged"].append(example)
    total = sum(map(len, rows.values()))
    size = min(size, total)
    share = max(FLAGGED, len(rows["flagged"]) / max(1, total))
    first = max(min(len(rows["flagged"]), round(share * size)), size - len(rows["unflagged"]))
    random = Random(f"audit {seed}")
    counts = {"flagged": first, "unflagged": size - first}
    drawn = [
        Drawn(Waiting(example, (), False), stratum, len(rows[stratum]), total)
        for stratum in STRATA
        for example in random.sample(rows[stratum], counts[stratum])
    ]
    random.shuffle(drawn)
    return drawn


def marked(decision: Decision, drawn: Drawn, version: str) -> Decision:
    """An answer that says which sample of which version it belongs to."""
    evidence = {"audit": version, "stratum": drawn.stratum, "of": drawn.of, "total": drawn.total}
    return replace(decision, reason=REASON, evidence=evidence)


def audit(decisions: Iterable[Decision], version: str, *, seed: int = 0) -> Audit | None:
    """The estimate for a version from the standing answers to its sample; None while a stratum has none.

    Each stratum's error rate has a Beta(wrong + 1/2, right + 1/2) posterior (Jeffreys); the rows nobody looked at are
    wrong as a draw from it says, those reviewed as the reviewer said. So a set that was reviewed whole has no interval.
    """
    answers = [decision for decision in decisions if decision.evidence.get("audit") == version]
    counted = _counted(answers)
    if not answers or sum(one.rows for one in counted) < max(int(answer.evidence["total"]) for answer in answers):
        return None
    import numpy as np

    random = np.random.default_rng(seed)
    total, n = sum(one.rows for one in counted), sum(one.reviewed for one in counted)
    unseen = np.zeros(DRAWS)
    for one in counted:
        rate = random.beta(one.wrong + 0.5, one.reviewed - one.wrong + 0.5, DRAWS)
        unseen += random.binomial(max(0, one.rows - one.reviewed), rate)
    seen = sum(one.wrong for one in counted)
    expected = sum(max(0, one.rows - one.reviewed) * one.wrong / one.reviewed for one in counted)

    def estimate(found: int) -> Estimate:
        low, high = (1 - (np.quantile(unseen, bound) + found) / total for bound in (0.975, 0.025))
        value = 1 - (expected + found) / total
        return Estimate(value, min(value, float(low)), max(value, float(high)), n)

    return Audit(version, counted, estimate(seen), estimate(0))


def _counted(answers: Sequence[Decision]) -> tuple[Counted, ...]:
    """The answers by stratum, those without any left out."""
    found = []
    for stratum in STRATA:
        own = [answer for answer in answers if answer.evidence.get("stratum") == stratum]
        if own:
            rows = max(int(answer.evidence["of"]) for answer in own)
            found.append(Counted(stratum, max(rows, len(own)), len(own), sum(map(_wrong, own))))
    return tuple(found)


def _wrong(answer: Decision) -> bool:
    """Whether a reviewer took the row for wrong: dropped it, or changed it."""
    changed = answer.after is not None and answer.after.digest != answer.digest
    return answer.action in ("drop", "hold") or (answer.action == "edit" and changed)
