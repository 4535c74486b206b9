"""Is the run worth going on with, and its end worth keeping? A rate too high destroys a model without an error.

A run is judged by the same rows before and after: a few of those it trains on. What that costs is two passes over
them, without gradients.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.errors import TrainingError
from assay.models.chat import Rendered
from assay.recipe import TrainSpec
from assay.train.forward import Forward
from assay.train.world import World

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PROBED = 32  # rows a run is judged by
AT_ONCE = 4  # of them
WINDOW = 4  # steps whose mean loss is looked at
BLIND = 0.95  # of ln(vocabulary), the loss of guessing blindly: from there on a model may be lost
LEAPT = 1.0  # nats above the loss before training that a lost model has: one may start as badly as by guessing
WORSE = 0.1  # of the loss before training, by which a loss that stays above it is called worse
PATIENT, SHARE = 20, 0.2  # steps, and share of all: so many must be worse in a row, after warm-up
LEARNT = 0.001  # of the loss before training, that a run from a base model must gain: above what rounding does
SHORT = 10  # steps, of a run of fewer that much less is asked
KNOWN = 0.05  # nats: below it, there was hardly anything to gain
FORGOT = 3.0  # nats that general text may get worse, before it is told
DESTROYED = 0.9  # of ln(vocabulary): where general text is no better than that, nothing is left of the base model
INTACT = 0.75  # of ln(vocabulary): only a model that was better than that can be destroyed
GENERAL = 12  # general sentences read before and after
CONSTANT = 0.9  # of the loss of one answer to everything: what is no better has not read its prompts


General = Callable[[], "float | None"]  # the loss on general sentences now; None where none can be read


class Ruined(TrainingError):
    """The run taught nothing, or destroyed the model: nothing of it is kept."""


class Reading(NamedTuple):
    """What a model makes of the rows it is judged by."""

    loss: float  # mean over the rows of the mean loss of an answer token
    known: int  # rows whose answer it would write word for word, end of turn included: each token is the likeliest
    rows: int
    vocabulary: int


@dataclass(frozen=True, slots=True)
class Probe:
    """Some of the rows a run trains on, those of this process."""

    rows: Sequence[int]
    rendered: Sequence[Rendered]
    forward: Forward
    world: World

    def read(self) -> Reading:
        """The rows as the model has them now, without gradients."""
        import torch

        totals, width = torch.zeros(3), 0
        with torch.no_grad():
            for batch in (self.rows[start : start + AT_ONCE] for start in range(0, len(self.rows), AT_ONCE)):
                logits = self.forward(batch)
                answers = [self.rendered[i].ids[self.rendered[i].answer_start :] for i in batch]
                wanted = torch.tensor([token for answer in answers for token in answer], device=logits.device)
                losses = torch.nn.functional.cross_entropy(logits, wanted, reduction="none")
                sizes = [len(answer) for answer in answers]
                rows, likeliest = torch.split(losses, sizes), torch.split(logits.argmax(-1) == wanted, sizes)
                known = sum(bool(row.all()) for row in likeliest)
                totals += torch.tensor([sum(float(row.mean()) for row in rows), known, len(rows)])
                width = logits.shape[-1]
        (summed,) = self.world.add_up([totals.to(self.forward_device)])
        return Reading(float(summed[0] / summed[2]), int(summed[1]), int(summed[2]), width)

    @property
    def forward_device(self) -> str:
        """Where processes meet: NCCL adds up on GPUs only."""
        import torch

        return "cuda" if self.world.size > 1 and torch.cuda.is_available() else "cpu"


@dataclass
class Watch:
    """Stops a run as soon as it is sure that the model is lost.

    The loss of the answers alone does not show it: a base model may find them less likely than blind guessing does, as
    it does labels it never saw. What it knew of general text is looked at then.
    """

    probe: Probe
    general: General
    spec: TrainSpec
    steps: int
    warmup: int
    goes_on: bool = False  # from an adapter, which may know the rows already
    before: float = 0.0
    known: float | None = None  # loss on general sentences before; None where none can be read
    vocabulary: int = 0
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    _worse: int = 0  # steps in a row

    def begin(self) -> None:
        """Measure the loss before the first step."""
        first = self.probe.read()
        self.before, self.vocabulary = first.loss, first.vocabulary
        self.known = self.general()

    def step(self, done: int, loss: float) -> None:
        """After each step: the mean loss of its rows, before it.

        Raises:
            Ruined: the model guesses blindly, or stays worse than it was.
        """
        self._recent.append(loss)
        if len(self._recent) < WINDOW:
            return
        mean = sum(self._recent) / WINDOW
        self._worse = self._worse + 1 if mean > self._bar and done > self.warmup + WINDOW else 0
        long = self._worse >= max(PATIENT, math.ceil(SHARE * self.steps))
        if not (mean >= BLIND * math.log(self.vocabulary) or long) or done >= self.steps:
            return
        now = self.probe.read().loss
        if self._lost(now) or (long and now > self._bar):
            raise self._ruined(now, f"after {done:,} of {self.steps:,} steps")
        self._recent.clear()
        self._worse = 0

    def end(self) -> dict[str, Any]:
        """The losses before the first step and after the last, as run.json keeps them.

        Raises:
            Ruined: that of the answers is not below that before by a real margin, or nothing is left of the model.
        """
        last = self.probe.read()
        now = last.loss
        if not math.isfinite(now) or self._lost(now) or now > self._bar:
            raise self._ruined(now, "at the end of the run")
        margin = LEARNT * min(1.0, self.steps / SHORT)
        if now > self.before * (1 - margin) and self.before > KNOWN and not self.goes_on:
            rate = self.spec.learning_rate
            raise Ruined(
                f"nothing was learnt: the loss of the answers was {self.before:.3f} before training and is {now:.3f} "
                f"after {self.steps:,} steps at train.learning_rate {rate:g}; nothing of the run is kept",
                hint="`assay doctor train --rates` finds a rate that learns these rows; or train longer: train.epochs",
            )
        general = self.general() if self.known is not None else None
        if self._destroyed(general) and now >= CONSTANT * constant_loss(self.probe.rendered):
            raise self._ruined(now, "at the end of the run", general)
        told: dict[str, Any] = {
            "answer_loss": {"before": self.before, "after": now, "rows": len(self.probe.rows)},
            "answers_known": {"known": last.known, "rows": last.rows},
        }
        return told | {"general_loss": {"before": self.known, "after": general} if general is not None else None}

    @property
    def _bar(self) -> float:
        return self.before + max(KNOWN, WORSE * self.before)

    def _lost(self, loss: float) -> bool:
        """Whether the answers are guessed blindly, and that is not how it began."""
        if loss < BLIND * math.log(self.vocabulary):
            return False
        return loss > self.before + LEAPT or self._destroyed(self.general())

    def _destroyed(self, general: float | None) -> bool:
        return general is not None and self.known is not None and destroyed(self.known, general, self.vocabulary)

    def _ruined(self, now: float, when: str, general: float | None = None) -> Ruined:
        guess = f"guessing blindly among {self.vocabulary:,} tokens has {math.log(self.vocabulary):.3f}"
        general = self.general() if general is None else general
        text = "" if general is None else f", that of general sentences {general:.3f} ({self.known:.3f})"
        what = f"{when} the loss of the answers is {now:.3f} ({self.before:.3f} before training){text}; {guess}"
        return Ruined(
            f"training destroyed the model: {what}. Nothing of the run is kept",
            hint=f"lower train.learning_rate, {self.spec.learning_rate:g} now: `assay doctor train --rates` finds one",
        )


def probe_of(planned: Sequence[tuple[int, Sequence[int]]], mine: Sequence[int] | None, world: World) -> list[int]:
    """The rows to judge a run by: PROBED at most over all processes, evenly from those the steps train.

    `mine` are those this process can read, None for all.
    """
    used = sorted({i for _, batch in planned for i in batch} if mine is None else mine)
    most = max(1, PROBED // world.size)
    return used[:: max(1, -(-len(used) // most))]


def general_loss(tokenizer: PreTrainedTokenizerBase, model: Any, lines: Sequence[str] = ()) -> float:
    """Mean loss a token over general sentences, all of them when none are given; natural logarithm."""
    import torch

    total, count = 0.0, 0
    for line in lines or sentences():
        ids = torch.tensor([tokenizer(line, add_special_tokens=False)["input_ids"]], device=model.device)
        with torch.inference_mode():
            logits = model(input_ids=ids).logits[0, -ids.shape[1] : -1].float()  # after learnt positions, if any
        total += float(torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="sum"))
        count += ids.shape[1] - 1
    return total / max(1, count)


def sentences() -> list[str]:
    """The general sentences, one a line in general.txt."""
    text = files("assay.train").joinpath("general.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line.strip()]


def destroyed(before: float, after: float, vocabulary: int) -> bool:
    """Whether a model that knew general text now guesses it blindly. destroyed(3.5, 10.8, 49152) -> True"""
    guess = math.log(vocabulary)
    return before < INTACT * guess and not after < DESTROYED * guess


def forgotten(before: float, after: float, vocabulary: int) -> bool:
    """Whether so much of general text is lost that it must be told. forgotten(3.5, 6.6, 49152) -> True"""
    return not after < before + FORGOT or destroyed(before, after, vocabulary)


def constant_loss(rendered: Sequence[Rendered]) -> float:
    """The mean loss of an answer token, row by row, of the best model that never reads the prompt.

    It says every answer as often as the rows do: -ln(share of the answer), over its tokens.
    """
    answers = Counter(tuple(row.ids[row.answer_start :]) for row in rendered)
    total = sum(count * -math.log(count / len(rendered)) / len(answer) for answer, count in answers.items())
    return total / len(rendered)
