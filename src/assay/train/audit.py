"""Before step 0: what will be trained, what was cut, and which rows would teach nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from assay.errors import Problem, TrainingError
from assay.models.chat import Rendered
from assay.records import Example

_NAMED = 20  # rows named in the error; the rest are counted


class Audit(NamedTuple):
    """The tokens of a training set, counted."""

    rows: int
    tokens: int  # of all rows
    answer_tokens: int  # those with a loss
    trained_share: float  # answer_tokens / tokens, 0 to 1
    truncated_rows: int  # rows from whose prompt tokens were left out
    truncated_tokens: int
    longest: int  # tokens of the longest row


def audit(examples: Sequence[Example], rendered: Sequence[Rendered], max_tokens: int) -> Audit:
    """Count, and refuse rows that have no answer token to train, no end of turn, or no weight.

    Raises:
        TrainingError: no rows at all; or rows that would teach nothing, or teach never to stop: all named at once.
    """
    if not examples:
        raise TrainingError("there are no rows to train on", hint="run `assay build` and look at its ledger")
    problems = [
        Problem(place(example), what, hint)
        for example, row in zip(examples, rendered, strict=True)
        if (told := fault(example, row, max_tokens))
        for what, hint in [told]
    ]
    if problems:
        more, needed = len(problems) - _NAMED, tokens_needed(rendered)
        rest = [f"{more} more rows like these are not listed"] if more > 0 else []
        if needed:
            rest.insert(0, f"set train.max_tokens to {needed}: every answer fits then")
        raise TrainingError(
            f"{len(problems)} of {len(examples)} rows cannot be trained",
            problems=problems[:_NAMED], hint="; ".join(rest),
        )  # fmt: skip
    tokens, answers = sum(len(row.ids) for row in rendered), sum(row.answer_tokens for row in rendered)
    cut = [row.truncated for row in rendered if row.truncated]
    return Audit(
        len(rendered), tokens, answers, answers / tokens, len(cut), sum(cut), max(len(row.ids) for row in rendered)
    )


def tokens_needed(rendered: Sequence[Rendered]) -> int:
    """The `max_tokens` at which every answer and its end fits, rounded up; 0 where all do already."""
    return rounded(max((len(row.ids) + row.truncated for row in rendered if not row.ended), default=0))


def rounded(tokens: int) -> int:
    """The next multiple of 64: rounded(513) -> 576."""
    return 64 * math.ceil(tokens / 64)


def place(example: Example) -> str:
    """Where a row comes from: "train.jsonl:12 (id a1b2)"."""
    return f"{example.place} (id {example.id})" if example.uri else f"id {example.id}"


def fault(example: Example, row: Rendered, max_tokens: int) -> tuple[str, str] | None:
    """What is wrong with a row that would teach nothing, or never to stop, and its own mend; None for a sound one."""
    if not example.answer.strip():
        return "the answer is empty, so no token of it would be trained", "fill in the answer, or drop the row"
    if not example.weight > 0:
        return (
            f"its weight is {example.weight}, so nothing of it would be trained",
            "give it a weight above 0, or drop the row",
        )
    if row.answer_tokens < 1:
        return f"no token of the answer fits in max_tokens={max_tokens}", ""
    if not row.ended:
        what = f"the end of turn does not fit in max_tokens={max_tokens}: the model would not learn to stop"
        return what, ""
    return None
