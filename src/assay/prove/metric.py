"""What a proof measures: of labels the share that is right, of texts the loss of the expected answer."""

from __future__ import annotations

from typing import Literal, NamedTuple

from assay.evaluate import stats
from assay.evaluate.resample import mean_of_reals
from assay.evaluate.scorers import TokenF1, scorer_for
from assay.evaluate.stats import Floats, Metric
from assay.records import Task

Tier = Literal["probe", "lora"]
Unit = Literal["share", "nats"]
SPREAD = 0.3  # standard deviation over test rows of what two tuned models differ by, nats a token: assumed, and told


class Measure(NamedTuple):
    """The primary metric of one tier. Scores are kept so that higher is better: of a loss, its negative."""

    key: str
    title: str
    unit: Unit

    @property
    def loss(self) -> bool:
        """Whether what is told is a loss."""
        return self.unit == "nats"

    def mean(self, scores: Floats, groups: list[str], seed: int) -> Metric:
        """The mean of scores, shape (test rows,), as it is told: a share, or a loss in nats."""
        return mean_of_reals(-scores, groups, seed=seed) if self.loss else stats.mean(scores, groups, seed=seed)

    def difference(self, ours: Floats, theirs: Floats, groups: list[str], seed: int) -> Metric:
        """Ours minus theirs, positive where ours is better; of two losses: by how much ours is lower."""
        if self.loss:
            return mean_of_reals(ours - theirs, groups, seed=seed)
        return stats.paired_difference(ours, theirs, groups, seed=seed)

    def errors(self, scores: Floats) -> Floats:
        """What a learning curve falls towards 0 in."""
        return -scores if self.loss else 1 - scores

    @property
    def most(self) -> float:
        """The largest error there can be."""
        return float("inf") if self.loss else 1.0

    def level(self, error: float) -> float:
        """An error as the metric tells it: of a share what is left of 1, of a loss itself."""
        return error if self.loss else 1 - error

    def say(self, value: float, *, signed: bool = False) -> str:
        """A value, or with `signed` a difference, as text."""
        sign = "+" if signed else ""
        return f"{value:{sign}.3f}" if self.loss else f"{value:{sign}.1%}"


def measure_of(task: Task, tier: Tier) -> Measure:
    """The primary metric of a tier: of texts the probe has only the nearest answer, the tuned model its loss."""
    if task == "classify":
        scorer = scorer_for(task)
        return Measure(scorer.key, scorer.metric, "share")
    if tier == "probe":
        return Measure(TokenF1.key, "token F1 of the answer to the most similar row", "share")
    return Measure("gold-loss", "loss of the expected answer, nats a token", "nats")
