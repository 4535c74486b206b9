"""What a model tuned to write texts must beat: the answer of the most similar training row, prompts, and retrieval."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from assay.errors import InputError
from assay.evaluate.prompting import MAX_SHOT_CHARS
from assay.evaluate.rungs import MAX_NEW_TOKENS, TITLES, Answer, Progress, Rung, ask, prompt_of
from assay.evaluate.scorers import Scorer
from assay.evaluate.similarity import neighbours
from assay.evaluate.speakers import Encode, Prompt, Speaker
from assay.evaluate.stats import Metric, mean
from assay.records import Example, Message

NOTES = 3  # training rows given as notes
LONGEST = 512  # tokens of an answer at most, where the recipe does not say
USUAL, ROOM = 0.95, 1.25  # share of the training answers that must fit, and the room above that


class Shots(NamedTuple):
    """A prompt with examples: how many, and how they are chosen."""

    choice: Literal["none", "random", "nearest"]
    shots: int

    def __str__(self) -> str:
        return f"{self.shots} {self.choice} examples" if self.shots else "no examples"


PLANS = (Shots("random", 3), Shots("nearest", 1), Shots("nearest", 3))  # none at all is the zero-shot rung


def length_limit(train: Sequence[Example], count_answer: Callable[[str], int], labels: Sequence[str] = ()) -> int:
    """Tokens an answer may have: all of any label; of texts a quarter more than 95% of the training answers need."""
    if labels:
        return max(MAX_NEW_TOKENS, max(map(count_answer, labels)) + 1)
    sizes = [count_answer(row.answer) for row in train if row.answer.strip()]
    return min(LONGEST, max(MAX_NEW_TOKENS, int(ROOM * float(np.quantile(sizes, USUAL))))) if sizes else LONGEST


def nearest_answer(train: Sequence[Example], test: Sequence[Example], encoder: Encode) -> Rung:
    """The answer of the training row whose prompt has the highest cosine with the row's; of equals the first row's.

    Raises:
        InputError: no training row has an answer.
    """
    known = _answered(train, "nearest")
    vectors = encoder.encode([row.prompt for row in known])
    answers = []
    for row in test:
        started = time.perf_counter()
        said = known[int((vectors @ encoder.encode([row.prompt])[0]).argmax())].answer
        answers.append(Answer(row.id, said, seconds=time.perf_counter() - started))
    size = vectors.nbytes / 1e6
    title = "answer of the most similar training row"
    return Rung("nearest", (0,), (tuple(answers),), title, size, len(known), memory_mb=size)


def retrieval(
    speaker: Speaker, train: Sequence[Example], test: Sequence[Example], encoder: Encode, *, system: str = "",
    **asking: Any,
) -> Rung:  # fmt: skip
    """The base model, given the most similar training rows as notes to answer from; `asking` goes to `ask`.

    A note is the context of the training row where it has one, else its question and answer.

    Raises:
        InputError: no training row has an answer.
    """
    known = _answered(train, "retrieval")
    prompts = [
        _with_notes(row, [known[i] for i in near], system)
        for row, near in zip(test, _near(test, known, encoder, NOTES), strict=True)
    ]
    answers = ask(speaker, test, prompts, **asking)
    note = f"{min(NOTES, len(known))} training rows as notes"
    return Rung("retrieval", (0,), (answers,), TITLES["retrieval"], train_rows=len(known), note=note)


def zero_shot_text(speaker: Speaker, test: Sequence[Example], *, system: str = "", **asking: Any) -> Rung:
    """The base model with the recipe's system prompt and no examples."""
    answers = ask(speaker, test, [prompt_of(row, system) for row in test], **asking)
    return Rung("zero-shot", (0,), (answers,), "base model, the same system prompt")


def few_shot_text(
    speaker: Speaker, train: Sequence[Example], test: Sequence[Example], encoder: Encode, scorer: Scorer, *,
    seed: int = 0, held_out: int = 8, system: str = "", report: Progress | None = None, **asking: Any,
) -> Rung:  # fmt: skip
    """The base model with the best of `PLANS` on `held_out` training rows, by the primary metric.

    Held-out rows leave the pool of examples. The search is given no test rows.

    Raises:
        InputError: fewer than two training rows with an answer.
    """
    known = _answered(train, "few-shot")
    order = [known[i] for i in np.random.default_rng(seed).permutation(len(known))]
    cut = min(held_out, len(order) // 2)
    if cut < 1:
        raise InputError("few-shot: one training row with an answer is too few to choose a prompt on")
    held, pool, tried = order[:cut], order[cut:], []
    limit = asking.get("max_new_tokens", MAX_NEW_TOKENS)
    for done, plan in enumerate(PLANS, start=1):
        answers = ask(speaker, held, shown(plan, held, pool, encoder, system), max_new_tokens=limit)
        scores = [scorer.score(row, a.written) for row, a in zip(held, answers, strict=True) if a.written is not None]
        known_scores = [score for score in scores if score is not None]
        tried.append((plan, mean(known_scores) if known_scores else Metric(0.0, 0.0, 1.0, 0)))
        if report:
            report(f"prompt: {plan}", done, len(PLANS))
    plan, (value, low, high, n) = max(tried, key=lambda one: one[1].value)
    answers = ask(speaker, test, shown(plan, test, pool, encoder, system), **asking)
    note = f"best of {len(PLANS)} prompts: {plan} ({value:.2f} [{low:.2f}, {high:.2f}] on {n} training rows)"
    return Rung("few-shot", (seed,), (answers,), TITLES["few-shot"], train_rows=len(known), note=note)


def shown(plan: Shots, rows: Sequence[Example], pool: Sequence[Example], encoder: Encode, system: str) -> list[Prompt]:
    """The prompt of each row: system, examples of the pool as turns (the most similar last), the row's own turns."""
    if plan.choice == "nearest":
        chosen = [[pool[i] for i in near][::-1] for near in _near(rows, pool, encoder, plan.shots)]
    else:
        chosen = [list(pool[: plan.shots])] * len(rows)
    return [_after(shots, row, system) for shots, row in zip(chosen, rows, strict=True)]


def _after(shots: Sequence[Example], row: Example, system: str) -> Prompt:
    head, *rest = prompt_of(row, system)
    turns: list[Message] = []
    room = MAX_SHOT_CHARS
    for shot in reversed(shots):  # the most similar one stays when there is no room for all
        room -= len(shot.prompt) + len(shot.answer)
        if room >= 0:
            asked = [turn for turn in prompt_of(shot) if turn.role != "system"]
            turns = [*asked, Message("assistant", shot.answer), *turns]
    return (head, *turns, *rest) if head.role == "system" else (*turns, head, *rest)


def _with_notes(row: Example, near: Sequence[Example], system: str) -> Prompt:
    notes, room = [], MAX_SHOT_CHARS
    for known in near:
        note = (known.context or f"{known.prompt}\n{known.answer}").strip()[:room]
        room -= len(note)
        notes += [note] if note else []
    told = "Answer from these notes; say so when they do not hold the answer.\n\n" + "\n\n".join(
        f"[{i}] {note}" for i, note in enumerate(notes, start=1)
    )
    turns = [turn for turn in prompt_of(row) if turn.role != "system"]
    own = next((turn.content for turn in prompt_of(row, system) if turn.role == "system"), "")
    return (Message("system", f"{own}\n\n{told}".strip()), *turns)


def _near(rows: Sequence[Example], pool: Sequence[Example], encoder: Encode, k: int) -> list[list[int]]:
    found = neighbours([row.prompt for row in rows], [row.prompt for row in pool], encoder, k)
    return [[int(i) for i in near] for near in found.row]


def _answered(train: Sequence[Example], baseline: str) -> list[Example]:
    known = [row for row in train if row.answer.strip()]
    if not known:
        raise InputError(f"{baseline}: none of the {len(train)} training rows has an answer")
    return known
