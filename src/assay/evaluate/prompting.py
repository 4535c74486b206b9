"""The honest rival of tuning: the best prompt of a small search, scored on training rows held out for it.

A plan is a template, a number of examples (shots) and how they are chosen. All plans are tried on a quarter of the
held-out rows, the better third (two at least) on all of them. Test rows are never looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from assay.errors import InputError
from assay.evaluate.rungs import MAX_NEW_TOKENS, Progress, ask, prompt_of
from assay.evaluate.scorers import ExactLabel
from assay.evaluate.similarity import neighbours
from assay.evaluate.speakers import Encode, Prompt, Speaker
from assay.evaluate.stats import Metric, wilson
from assay.records import Example, Message

Template = Literal["told", "listed", "shown"]
Choice = Literal["none", "random", "nearest", "per-class"]
MAX_SHOT_CHARS = 6_000  # about 1,500 tokens of examples: leaves room in a context of 2,048
MAX_PER_CLASS = 24  # with more labels than this, one example each no longer fits


@dataclass(frozen=True, slots=True)
class PromptPlan:
    """One way to ask a model that was never tuned for the task."""

    template: Template
    # told: labels in the system prompt, examples as turns; listed: all in one message; shown: examples alone, as turns
    choice: Choice = "none"  # random and per-class: the same examples for every row; nearest: the most similar to it
    shots: int = 0

    def __str__(self) -> str:
        return (
            f"{self.template}, {self.shots} {self.choice} examples" if self.shots else f"{self.template}, no examples"
        )


class PromptTrial(NamedTuple):
    """How a plan fared on the held-out rows it was tried on."""

    plan: PromptPlan
    accuracy: Metric  # of what the model writes


@dataclass(frozen=True)
class PromptSearch:
    """The winner, everything tried, and the rows examples may be taken from."""

    winner: PromptTrial
    trials: tuple[PromptTrial, ...]
    pool: tuple[Example, ...]
    held_out: tuple[Example, ...]

    def __str__(self) -> str:
        value, low, high, n = self.winner.accuracy
        plans = len({trial.plan for trial in self.trials})
        return f"best of {plans} prompts: {self.winner.plan} ({value:.2f} [{low:.2f}, {high:.2f}] on {n} training rows)"


def plans(labels: Sequence[str]) -> tuple[PromptPlan, ...]:
    """The plans of a search: 3 templates x random, one-per-class and nearest examples; cheap ones first.

    Random and per-class examples are the same for every row, so a speaker reads them once. Nearest ones cost every row
    its own reading: five are as many as a CPU can bear.
    """
    choices: list[tuple[Choice, int]] = [("random", 8), ("per-class", len(labels)), ("nearest", 5)]
    templates: tuple[Template, ...] = ("told", "listed", "shown")
    return tuple(
        PromptPlan(template, choice, shots)
        for choice, shots in choices
        for template in templates
        if choice != "per-class" or shots <= MAX_PER_CLASS
    )


def search(
    speaker: Speaker, train: Sequence[Example], labels: Sequence[str], encoder: Encode, *,
    seed: int, held_out: int = 48, candidates: Sequence[PromptPlan] = (), max_new_tokens: int = MAX_NEW_TOKENS,
    report: Progress | None = None,
) -> PromptSearch:  # fmt: skip
    """The plan with the best accuracy on `held_out` training rows; ties go to the earlier of `candidates`.

    Without candidates, all of `plans`. It asks about candidates * held_out * 7 / 12 prompts.

    Held-out rows are spread over the labels and leave the pool of examples. Rows whose label is not one of `labels` are
    neither. It is given no test rows, so it cannot see them.

    Raises:
        InputError: fewer than two training rows with a known label.
    """
    known = _spread([example for example in train if example.label in set(labels)], seed)
    cut = min(held_out, len(known) // 2)
    if cut < 1:
        raise InputError(f"few-shot: {len(known)} of {len(train)} training rows have one of the {len(labels)} labels")
    held, pool = known[:cut], known[cut:]
    everything = tuple(candidates) or plans(labels)
    finalists = min(len(everything), max(2, len(everything) // 3))
    total, done = len(everything) + finalists, 0
    trials: list[PromptTrial] = []
    survivors: Sequence[PromptPlan] = everything
    for rows in (held[: max(1, cut // 4)], held):
        tried = []
        for plan in survivors:
            tried.append(_try(speaker, plan, rows, pool, labels, encoder, seed, max_new_tokens))
            done += 1
            if report:
                report(f"prompt: {plan}", done, total)
        trials += tried
        best = sorted(tried, key=lambda trial: -trial.accuracy.value)
        survivors = [trial.plan for trial in best[:finalists]]
    return PromptSearch(best[0], tuple(trials), tuple(pool), tuple(held))


def prompts_for(
    plan: PromptPlan, rows: Sequence[Example], pool: Sequence[Example], labels: Sequence[str],
    encoder: Encode | None, *, seed: int,
) -> list[Prompt]:  # fmt: skip
    """The prompt of each row under a plan, examples taken from the pool; what a row expects is never looked at."""
    return [
        _render(plan, row, shots, labels)
        for row, shots in zip(rows, _shots(plan, rows, pool, encoder, seed), strict=True)
    ]


def _try(
    speaker: Speaker, plan: PromptPlan, rows: Sequence[Example], pool: Sequence[Example], labels: Sequence[str],
    encoder: Encode, seed: int, max_new_tokens: int,
) -> PromptTrial:  # fmt: skip
    prompts = prompts_for(plan, rows, pool, labels, encoder, seed=seed)
    answers = ask(speaker, rows, prompts, max_new_tokens=max_new_tokens)
    right = sum(ExactLabel().score(row, answer.written or "") or 0.0 for row, answer in zip(rows, answers, strict=True))
    return PromptTrial(plan, wilson(right, len(rows)))


def _shots(
    plan: PromptPlan, rows: Sequence[Example], pool: Sequence[Example], encoder: Encode | None, seed: int
) -> list[list[Example]]:
    if plan.choice == "none" or not pool:
        return [[] for _ in rows]
    if plan.choice == "nearest":
        if encoder is None:
            raise ValueError("nearest examples need an encoder")
        near = neighbours([row.prompt for row in rows], [row.prompt for row in pool], encoder, plan.shots)
        return [_fitting([pool[i] for i in index])[::-1] for index in near.row]  # the most similar one comes last
    order = [pool[i] for i in np.random.default_rng(seed).permutation(len(pool))]
    chosen = _fitting((_spread(order, seed) if plan.choice == "per-class" else order)[: plan.shots])
    return [chosen for _ in rows]


def _fitting(shots: Sequence[Example]) -> list[Example]:
    """Those from the front whose prompts together stay within MAX_SHOT_CHARS."""
    lengths = np.cumsum([len(shot.prompt) + len(shot.answer) for shot in shots])
    return [shot for shot, length in zip(shots, lengths, strict=True) if length <= MAX_SHOT_CHARS]


def _spread(examples: Sequence[Example], seed: int) -> list[Example]:
    """Shuffled, then dealt round the labels: the first k rows hold as many labels as k allows."""
    by_label: dict[str, list[Example]] = defaultdict(list)
    for i in np.random.default_rng(seed).permutation(len(examples)):
        by_label[examples[i].label or ""].append(examples[i])
    ranked = [(rank, label, row) for label in sorted(by_label) for rank, row in enumerate(by_label[label])]
    return [row for _, _, row in sorted(ranked, key=lambda item: item[:2])]


def _render(plan: PromptPlan, row: Example, shots: Sequence[Example], labels: Sequence[str]) -> Prompt:
    told = f"Classify the message. Answer with exactly one of these labels and nothing else: {', '.join(labels)}."
    shown = "Answer with the label of the message, as in the examples."
    if plan.template == "listed":
        asked = "".join(f"Message: {shot.prompt}\nLabel: {shot.label}\n\n" for shot in shots)
        return (Message("user", f"{told}\n\n{asked}Message: {row.prompt}\nLabel:"),)
    turns = [
        turn for shot in shots for turn in (*_without_system(prompt_of(shot)), Message("assistant", shot.label or ""))
    ]
    system = Message("system", told if plan.template == "told" else shown)
    return (system, *turns, *_without_system(prompt_of(row)))


def _without_system(turns: Sequence[Message]) -> tuple[Message, ...]:
    return tuple(turn for turn in turns if turn.role != "system")
