"""The plan of a run: which rows, in which order, in which batches, until how many answer tokens were trained.

Runs are compared at an equal budget of *answer tokens* (tokens with a loss), not of epochs or rows: a smaller set is
repeated more often, a larger one is cut; what then differs between two runs is the data, not the amount of training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_WINDOW = 8  # batches whose rows are sorted by length together: 3 to 6% padding where random order gives 20 to 37%


class Plan(NamedTuple):
    """Every step of a run, known before it starts."""

    epochs: tuple[tuple[tuple[int, ...], ...], ...]  # epoch -> batch -> indices of rows
    answer_tokens: int  # trained in all, repeats counted
    padding: float  # share of the batches' positions that is padding

    @property
    def steps(self) -> list[tuple[int, tuple[int, ...]]]:
        """(epoch, batch) of each step, in order."""
        return [(epoch, batch) for epoch, batches in enumerate(self.epochs) for batch in batches]


def plan(
    lengths: Sequence[int], answer_tokens: Sequence[int], *, batch_size: int, seed: int,
    epochs: float = 1.0, budget_tokens: int | None = None,
) -> Plan:  # fmt: skip
    """Rows of `lengths` ids, `answer_tokens` of them trained, for so many epochs or (if given) answer tokens.

    Each epoch is a seeded permutation of all rows; the last is cut where the budget is met, to the nearest row.
    """
    total = sum(answer_tokens)
    left = float(round(epochs * total) if budget_tokens is None else budget_tokens)
    made: list[tuple[tuple[int, ...], ...]] = []
    trained = 0
    while total and left > 0:
        draw = np.random.default_rng([seed, len(made)])
        order = _up_to(left, draw.permutation(len(lengths)).tolist(), answer_tokens)
        if not order:
            break
        spent = sum(answer_tokens[i] for i in order)
        left, trained = left - spent, trained + spent
        made.append(_grouped(order, lengths, batch_size, draw))
        if len(order) < len(lengths):
            break
    return Plan(tuple(made), trained, _padding([batch for epoch in made for batch in epoch], lengths))


def _up_to(budget: float, order: Sequence[int], answer_tokens: Sequence[int]) -> list[int]:
    """The first rows of `order` whose answer tokens come nearest to the budget."""
    spent = np.cumsum([answer_tokens[i] for i in order])
    return list(order[: int(np.argmin(np.abs(np.concatenate([[0], spent]) - budget)))])


def _grouped(
    order: Sequence[int], lengths: Sequence[int], batch_size: int, draw: np.random.Generator
) -> tuple[tuple[int, ...], ...]:
    window = _WINDOW * batch_size
    near = [
        i
        for start in range(0, len(order), window)
        for i in sorted(order[start : start + window], key=lengths.__getitem__)
    ]
    batches = [tuple(near[start : start + batch_size]) for start in range(0, len(near), batch_size)]
    return tuple(batches[i] for i in draw.permutation(len(batches)))


def _padding(batches: Sequence[Sequence[int]], lengths: Sequence[int]) -> float:
    positions = sum(len(batch) * max(lengths[i] for i in batch) for batch in batches)
    return 1 - sum(lengths[i] for batch in batches for i in batch) / positions if positions else 0.0
