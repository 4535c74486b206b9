"""What a tuned model must beat: the most frequent label, the most similar training row, the base model when asked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from assay.errors import InputError
from assay.evaluate.prompting import PromptPlan, prompts_for, search
from assay.evaluate.rungs import MAX_NEW_TOKENS, TITLES, Answer, CountTokens, Progress, Rung, ask
from assay.evaluate.speakers import Encode, Speaker
from assay.records import Example

HABIT_ROWS = 64  # unlabelled training rows that tell which labels a model favours whatever is asked


def majority(train: Sequence[Example], test: Sequence[Example]) -> Rung:
    """Always the most frequent label of the training rows; of equals the first in the alphabet.

    Raises:
        InputError: no training row has a label.
    """
    counts = Counter(example.label for example in _labelled(train, "majority") if example.label)
    label = min(counts, key=lambda known: (-counts[known], known))
    answers = tuple(Answer(example.id, label, label) for example in test)
    return Rung("majority", (0,), (answers,), TITLES["majority"], train_rows=len(train))


def nearest(train: Sequence[Example], test: Sequence[Example], encoder: Encode) -> Rung:
    """The label of the training row whose prompt has the highest cosine with the row's; of equals the first row's.

    Rows are looked up one by one, as requests come in. Its size is that of the vectors.

    Raises:
        InputError: no training row has a label.
    """
    known = _labelled(train, "nearest")
    vectors = encoder.encode([row.prompt for row in known])
    answers = []
    for row in test:
        started = time.perf_counter()
        label = known[int((vectors @ encoder.encode([row.prompt])[0]).argmax())].label
        answers.append(Answer(row.id, label, label, seconds=time.perf_counter() - started))
    return Rung(
        "nearest",
        (0,),
        (tuple(answers),),
        TITLES["nearest"],
        vectors.nbytes / 1e6,
        len(known),
        memory_mb=vectors.nbytes / 1e6,
    )


def zero_shot(
    speaker: Speaker, test: Sequence[Example], labels: Sequence[str], *, unlabelled: Sequence[Example] = (),
    max_new_tokens: int = MAX_NEW_TOKENS, count_tokens: CountTokens | None = None,
    count_answer: Callable[[str], int] | None = None,
) -> Rung:  # fmt: skip
    """The base model, with the labels in its system prompt and no examples.

    Its constrained choice is freed of its habits: what it gives each label on average over the first `HABIT_ROWS` of
    the `unlabelled` rows, whose answers are not looked at, is taken off (Zhao et al., Calibrate Before Use, 2021).
    """
    plan, prior = PromptPlan("told"), None
    prompts = prompts_for(plan, test, (), labels, None, seed=0)
    habitual = prompts_for(plan, unlabelled[:HABIT_ROWS], (), labels, None, seed=0)
    if habitual and labels:
        prior = np.asarray(speaker.choose(habitual, labels), dtype=np.float64).mean(axis=0)
    answers = ask(
        speaker, test, prompts, labels, max_new_tokens=max_new_tokens, count_tokens=count_tokens, prior=prior,
        count_answer=count_answer,
    )  # fmt: skip
    note = f"{plan}; choice calibrated on {len(habitual)} unlabelled rows" if prior is not None else str(plan)
    return Rung("zero-shot", (0,), (answers,), TITLES["zero-shot"], note=note)


def few_shot(
    speaker: Speaker, train: Sequence[Example], test: Sequence[Example], labels: Sequence[str], encoder: Encode, *,
    seed: int = 0, held_out: int = 48, candidates: Sequence[PromptPlan] = (), max_new_tokens: int = MAX_NEW_TOKENS,
    count_tokens: CountTokens | None = None, count_answer: Callable[[str], int] | None = None,
    report: Progress | None = None,
) -> Rung:  # fmt: skip
    """The base model with the best prompt of a search over held-out training rows (`prompting.search`).

    The search's size and winner are in the note. `test` may be a part of the test rows: prompts with examples are long.

    Raises:
        InputError: fewer than two training rows with a known label.
    """
    found = search(
        speaker, train, labels, encoder, seed=seed, held_out=held_out, candidates=candidates,
        max_new_tokens=max_new_tokens, report=report,
    )  # fmt: skip
    prompts = prompts_for(found.winner.plan, test, found.pool, labels, encoder, seed=seed)
    answers = ask(
        speaker, test, prompts, labels, max_new_tokens=max_new_tokens, count_tokens=count_tokens,
        count_answer=count_answer,
    )  # fmt: skip
    return Rung("few-shot", (seed,), (answers,), TITLES["few-shot"], train_rows=len(train), note=str(found))


def _labelled(train: Sequence[Example], baseline: str) -> list[Example]:
    known = [example for example in train if example.label]
    if not known:
        raise InputError(f"{baseline}: none of the {len(train)} training rows has a label")
    return known
