"""The ladder as it is shown and kept: every way of answering on the same test rows, and its JSON twin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from assay.evaluate.measures import ClassScore, Measure
from assay.evaluate.slices import Slice
from assay.evaluate.stats import Metric


class SmallestEffect(NamedTuple):
    """The smallest true difference between two rungs that this test set can show."""

    value: float  # 0 to 1; above 1 nothing can be shown
    power: float  # chance that a difference this large is seen
    discordant: float  # share of rows on which two rungs are assumed to differ
    n: int  # independent rows: near-duplicates count once


class Latency(NamedTuple):
    """Milliseconds from a prompt to the last token of its answer."""

    p50: float
    p95: float
    n: int  # answers timed, over all seeds


class Tokens(NamedTuple):
    """Mean tokens an answer; None where not counted."""

    into: float | None
    out: float | None


class Band(NamedTuple):
    """Accuracy on the test rows whose cosine to the nearest training row lies in a band."""

    band: str
    metric: Metric


@dataclass(frozen=True, slots=True)
class Standing:
    """What one rung reached."""

    name: str
    title: str
    metric: Metric  # of what is written
    choice: Metric | None  # of the label chosen among the allowed ones; None where there was no choice
    latency_ms: Latency | None
    tokens: Tokens
    size_mb: float | None
    seeds: tuple[int, ...]
    train_rows: int
    answer_tokens: int
    note: str
    novelty: tuple[Band, ...]
    unscored: int  # rows without a reply, or with nothing to compare it with, under at least one seed
    measures: tuple[Measure, ...] = ()  # the primary metric first, then all others of the task
    classes: tuple[ClassScore, ...] = ()  # of a classification
    slices: tuple[Slice, ...] = ()  # the primary metric on parts of the test set
    memory_mb: float | None = None  # of weights or vectors held while answering; None where others hold them
    cost: float | None = None  # of 1,000 requests, in the currency of the recipe's prices; None without prices
    cut: int = 0  # answers that ended at the limit of tokens, over all seeds


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rungs on the rows that both answered."""

    a: str
    b: str
    difference: Metric  # a - b
    p: float
    p_holm: float  # corrected for the pairs of its family: the primary ones, or the others
    improved: int  # rows on which a is better than b, mean over seeds
    regressed: int
    unchanged: int
    verdict: str


@dataclass(frozen=True, slots=True)
class Row:
    """A test row to look at."""

    id: str
    prompt: str
    expected: str
    written: str
    score: float  # best and worst: log-probability of the expected answer, or the score; else the difference


@dataclass(frozen=True, slots=True)
class Rows:
    """Test rows to look at: `best` and `worst` of the last rung, the others of the first pair."""

    best: tuple[Row, ...] = ()
    worst: tuple[Row, ...] = ()
    regressed: tuple[Row, ...] = ()
    improved: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Ladder:
    """Every rung on the same frozen test rows."""

    task: str
    metric: str
    n: int  # test rows
    smallest_effect: SmallestEffect
    standings: tuple[Standing, ...]
    pairs: tuple[Pair, ...]
    rows: Rows
    primary: str = ""  # key of the metric the recipe declares, or the default of the task

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of report.json: plain values, no NaN."""
        return {
            "task": self.task, "metric": self.metric, "primary": self.primary, "n": self.n,
            "smallest_effect": self.smallest_effect._asdict(),
            "ladder": [_standing_dict(standing) for standing in self.standings],
            "pairs": [
                {"a": p.a, "b": p.b, **_difference_dict(p.difference), "p": p.p, "p_holm": p.p_holm,
                 "improved": p.improved, "regressed": p.regressed, "unchanged": p.unchanged, "verdict": p.verdict}
                for p in self.pairs
            ],
            "rows": {kind: [asdict(row) for row in getattr(self.rows, kind)] for kind in Rows.__slots__},
        }  # fmt: skip

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Ladder:
        """The inverse of `as_dict`."""
        pairs = tuple(
            Pair(p["a"], p["b"], Metric(p["difference"], p["low"], p["high"], p["n"]), p["p"], p["p_holm"],
                 p["improved"], p["regressed"], p["unchanged"], p["verdict"])
            for p in raw["pairs"]
        )  # fmt: skip
        rows = Rows(**{kind: tuple(Row(**row) for row in raw["rows"][kind]) for kind in Rows.__slots__})
        standings = tuple(_standing_from(standing) for standing in raw["ladder"])
        effect = SmallestEffect(**raw["smallest_effect"])
        return cls(raw["task"], raw["metric"], raw["n"], effect, standings, pairs, rows, raw.get("primary", ""))


def _difference_dict(difference: Metric) -> dict[str, Any]:
    return {"difference": difference.value, "low": difference.low, "high": difference.high, "n": difference.n}


def _standing_dict(standing: Standing) -> dict[str, Any]:
    return {
        "name": standing.name, "title": standing.title, **standing.metric.as_dict(),
        "choice": standing.choice.as_dict() if standing.choice else None,
        "latency_ms": standing.latency_ms._asdict() if standing.latency_ms else None,
        "tokens": {"in": standing.tokens.into, "out": standing.tokens.out}, "size_mb": standing.size_mb,
        "seeds": list(standing.seeds), "train_rows": standing.train_rows, "answer_tokens": standing.answer_tokens,
        "note": standing.note, "novelty": [{"band": b.band, **b.metric.as_dict()} for b in standing.novelty],
        "unscored": standing.unscored, "measures": [measure.as_dict() for measure in standing.measures],
        "classes": [{"label": c.label, **c.recall.as_dict(), "few": c.few} for c in standing.classes],
        "slices": [part.as_dict() for part in standing.slices], "memory_mb": standing.memory_mb, "cost": standing.cost,
        "cut": standing.cut,
    }  # fmt: skip


def _metric_from(raw: Mapping[str, Any]) -> Metric:
    return Metric(raw["value"], raw["low"], raw["high"], raw["n"])


def _standing_from(raw: Mapping[str, Any]) -> Standing:
    return Standing(
        name=raw["name"], title=raw["title"], metric=_metric_from(raw),
        choice=_metric_from(raw["choice"]) if raw["choice"] else None,
        latency_ms=Latency(**raw["latency_ms"]) if raw["latency_ms"] else None,
        tokens=Tokens(raw["tokens"]["in"], raw["tokens"]["out"]), size_mb=raw["size_mb"], seeds=tuple(raw["seeds"]),
        train_rows=raw["train_rows"], answer_tokens=raw["answer_tokens"], note=raw["note"],
        novelty=tuple(Band(band["band"], _metric_from(band)) for band in raw["novelty"]), unscored=raw["unscored"],
        measures=tuple(Measure.from_dict(measure) for measure in raw.get("measures", ())),
        classes=tuple(ClassScore(c["label"], _metric_from(c), c["few"]) for c in raw.get("classes", ())),
        slices=tuple(Slice.from_dict(part) for part in raw.get("slices", ())), memory_mb=raw.get("memory_mb"),
        cost=raw.get("cost"), cut=raw.get("cut", 0),
    )  # fmt: skip
