"""One rung of the ladder: what one way of answering said to the test rows, once for each seed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assay.errors import ModelError
from assay.evaluate.scorers import Scorer
from assay.evaluate.speakers import Prompt, Reply, Scoring, Speaker
from assay.evaluate.stats import Floats
from assay.records import Example, Message

CountTokens = Callable[[Prompt], int]
Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many
MAX_NEW_TOKENS = 16  # longer than any label worth its name; texts get `length_limit`

TITLES: Mapping[str, str] = {
    "majority": "always the most frequent label",
    "nearest": "label of the most similar training row",
    "zero-shot": "base model, told the labels",
    "few-shot": "base model, best prompt with examples",
    "retrieval": "base model, given the answers of the most similar training rows",
    "raw": "tuned on the raw rows",
    "random": "tuned on a random part of the raw rows, as large as curated",
    "rules": "tuned on what the rules leave",
    "curated": "tuned on what rules and reviewer leave",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said to one test row. None: not asked for, or no reply came."""

    id: str  # of the example
    written: str | None
    choice: str | None = None  # the label it gives most probability among those allowed
    gold: float | None = None  # natural log-probability of the expected answer
    seconds: float | None = None  # from the prompt to the last token
    tokens_in: int | None = None
    tokens_out: int | None = None
    gold_tokens: int | None = None  # of the expected answer, end of turn included
    confidence: float | None = None  # probability of `choice` among the labels allowed, 0 to 1


@dataclass(frozen=True, slots=True)
class Rung:
    """The answers of one way of answering: `answers[s]` are those of `seeds[s]`, a part of the test rows or all."""

    name: str
    seeds: tuple[int, ...]
    answers: tuple[tuple[Answer, ...], ...]
    title: str = ""
    size_mb: float | None = None  # on disk, without the base model
    train_rows: int = 0
    answer_tokens: int = 0  # trained on, repeats counted
    note: str = ""
    memory_mb: float | None = None  # of weights or vectors held while answering
    cost: float | None = None  # of 1,000 requests, in the currency of the recipe's prices
    cut: int = 0  # answers that ended at the limit of tokens, over all seeds

    def as_dict(self) -> dict[str, Any]:
        """JSON, so that answers once given are kept."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Rung:
        """The inverse of `as_dict`."""
        answers = tuple(tuple(Answer(**answer) for answer in seed) for seed in raw["answers"])
        return cls(**{**raw, "seeds": tuple(raw["seeds"]), "answers": answers})


def prompt_of(example: Example, system: str = "") -> tuple[Message, ...]:
    """The messages before the answer; `system` goes first unless the example brings its own."""
    turns = example.messages[:-1] if example.answered else example.messages
    own = any(turn.role == "system" for turn in turns)
    return turns if own or not system else (Message("system", system), *turns)


def ask(
    speaker: Speaker, examples: Sequence[Example], prompts: Sequence[Prompt], labels: Sequence[str] = (), *,
    max_new_tokens: int = MAX_NEW_TOKENS, count_tokens: CountTokens | None = None, prior: Floats | None = None,
    count_answer: Callable[[str], int] | None = None,
) -> tuple[Answer, ...]:  # fmt: skip
    """One answer an example: what the speaker writes and, with `labels`, which of them it finds most probable.

    Without labels, `count_answer` (tokens of an answer, end of turn included) has it score the expected answers. A
    reply of None stands for one that never came. `prior` has shape (labels,): log-probabilities the speaker gives the
    labels whatever is asked; they are taken off before the choice, so that a short or frequent word is not chosen for
    being one.

    Raises:
        ModelError: the speaker gave fewer or more replies than prompts.
    """
    replies = speaker.write(prompts, max_new_tokens)
    chances = np.asarray(speaker.choose(prompts, labels)) if labels else np.zeros((len(prompts), 0))
    if len(replies) != len(examples) or chances.shape != (len(examples), len(labels)):
        raise ModelError(f"{len(prompts)} prompts got {len(replies)} replies and choices of shape {chances.shape}")
    habit = np.zeros(len(labels)) if prior is None else prior
    gold = _gold(speaker, examples, prompts, labels, chances, scored=count_answer is not None)
    answers = []
    for i, (example, prompt, reply) in enumerate(zip(examples, prompts, replies, strict=True)):
        chosen = _chosen(chances[i] - habit, labels)
        answers.append(
            Answer(
                id=example.id, written=reply.text if reply else None, choice=chosen[0], gold=gold[i],
                seconds=reply.seconds if reply else None, tokens_out=reply.tokens if reply else None,
                tokens_in=_read(reply, prompt, count_tokens), confidence=chosen[1],
                gold_tokens=count_answer(example.answer) if count_answer and gold[i] is not None else None,
            )
        )  # fmt: skip
    return tuple(answers)


def _gold(
    speaker: Speaker, examples: Sequence[Example], prompts: Sequence[Prompt], labels: Sequence[str], chances: Floats,
    *, scored: bool,
) -> list[float | None]:  # fmt: skip
    """The log-probability of each expected answer: read off the choice, or asked for."""
    column = {label: i for i, label in enumerate(labels)}
    found = np.full(len(examples), np.nan)
    for i, example in enumerate(examples):
        if example.label in column:
            found[i] = chances[i][column[example.label]]
    if scored and not labels:
        asked = [i for i, example in enumerate(examples) if example.answer.strip()]
        found[asked] = scores_of(speaker, [prompts[i] for i in asked], [examples[i].answer for i in asked])
    return [float(value) if np.isfinite(value) else None for value in found]


def scores_of(speaker: Speaker, prompts: Sequence[Prompt], answers: Sequence[str]) -> Floats:
    """Shape (prompts,): the log-probability of each prompt's own answer; in batches where the speaker can."""
    if isinstance(speaker, Scoring):
        return np.asarray(speaker.score(prompts, answers), dtype=np.float64)
    alone = [speaker.choose([prompt], [answer]) for prompt, answer in zip(prompts, answers, strict=True)]
    return np.array([float(np.asarray(one)[0, 0]) for one in alone], dtype=np.float64)


def _chosen(logs: Floats, labels: Sequence[str]) -> tuple[str | None, float | None]:
    """The most probable label, and its probability among them."""
    if not labels or np.isnan(logs).any():
        return None, None
    best = int(logs.argmax())
    return labels[best], float(1 / np.exp(logs - logs[best]).sum())


def _read(reply: Reply | None, prompt: Prompt, count_tokens: CountTokens | None) -> int | None:
    """Tokens of the prompt: as the reply tells them, or counted."""
    told: int | None = getattr(reply, "tokens_in", None)
    return told if told is not None else count_tokens(prompt) if count_tokens else None


def run_rung(
    name: str, speakers: Iterable[tuple[int, Speaker]], test: Sequence[Example], labels: Sequence[str] = (), *,
    system: str = "", title: str = "", max_new_tokens: int = MAX_NEW_TOKENS, size_mb: float | None = None,
    train_rows: int = 0, answer_tokens: int = 0, note: str = "", count_tokens: CountTokens | None = None,
    count_answer: Callable[[str], int] | None = None, memory_mb: float | None = None,
) -> Rung:  # fmt: skip
    """Asks one speaker a seed. `speakers` gives (seed, speaker); a generator keeps one loaded at a time.

    `labels` are the canonical ones, the same for every rung; none means no constrained choice. `system` is the prompt
    the model was tuned with.
    """
    prompts = [prompt_of(example, system) for example in test]
    seeds, answers = [], []
    for seed, speaker in speakers:
        told = ask(
            speaker, test, prompts, labels, max_new_tokens=max_new_tokens, count_tokens=count_tokens,
            count_answer=count_answer,
        )  # fmt: skip
        answers.append(told)
        seeds.append(seed)
    return Rung(
        name, tuple(seeds), tuple(answers), title or TITLES.get(name, name), size_mb, train_rows, answer_tokens, note,
        memory_mb,
    )  # fmt: skip


def written_scores(rung: Rung, test: Sequence[Example], scorer: Scorer) -> Floats:
    """Shape (seeds, test rows): the score of what was written; NaN where nothing was, or where it is unscored."""
    return _table(rung, test, lambda example, answer: _score(scorer, example, answer.written))


def choice_scores(rung: Rung, test: Sequence[Example]) -> Floats:
    """Shape (seeds, test rows): 1 where the label chosen is the expected one; NaN where none was chosen or expected."""
    return _table(rung, test, lambda e, a: None if a.choice is None or not e.label else float(a.choice == e.label))


def gold_scores(rung: Rung, test: Sequence[Example]) -> Floats:
    """Shape (seeds, test rows): natural log-probability of the expected answer; NaN where unknown."""
    return _table(rung, test, lambda example, answer: answer.gold)


def _score(scorer: Scorer, example: Example, written: str | None) -> float | None:
    return None if written is None else scorer.score(example, written)


def _table(rung: Rung, test: Sequence[Example], value: Callable[[Example, Answer], float | None]) -> Floats:
    table = np.full((len(rung.answers), len(test)), np.nan)
    column = {example.id: i for i, example in enumerate(test)}
    for line, answers in zip(table, rung.answers, strict=True):
        for answer in answers:
            index = column[answer.id]
            found = value(test[index], answer)
            line[index] = np.nan if found is None else found
    return table
