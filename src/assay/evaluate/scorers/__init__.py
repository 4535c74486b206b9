"""What an answer is worth: one frozen dataclass a scorer, `score(expected, written)` between 0 and 1.

None means unscored: there is nothing to compare with. Unscored rows are counted beside the metric, never made 0.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assay.errors import RecipeError
from assay.evaluate.scorers.conduct import Abstains, Answers, SchemaValid
from assay.evaluate.scorers.exact import ExactAnswer, ExactLabel
from assay.evaluate.scorers.overlap import RougeL, Similarity, TokenF1
from assay.evaluate.scorers.protocol import Scorer
from assay.evaluate.scorers.support import Compression, Faithfulness, Groundedness
from assay.evaluate.scorers.words import common_subsequence, words
from assay.recipe import did_you_mean
from assay.records import Task

__all__ = [
    "Abstains", "Answers", "Compression", "ExactAnswer", "ExactLabel", "Faithfulness", "Groundedness", "RougeL",
    "SchemaValid", "Scorer", "Similarity", "TokenF1", "common_subsequence", "scorer_for", "scorers_for", "words",
]  # fmt: skip

TEXTS: tuple[Callable[[], Scorer], ...] = (
    RougeL, TokenF1, ExactAnswer, Similarity, Groundedness, Faithfulness, Compression, Abstains, Answers,
)  # fmt: skip


def scorer_for(task: Task) -> Scorer:
    """The primary scorer of a task where the recipe names none: exact label for classify, ROUGE-L for texts."""
    return ExactLabel() if task == "classify" else RougeL()


def scorers_for(task: Task, metric: str = "", schema: Path | None = None) -> list[Scorer]:
    """The scorers of a task, the primary one first: that called `metric`, or the default.

    Raises:
        RecipeError: `metric` is none of them.
        InputError: the file of the schema cannot be read.
    """
    found: list[Scorer] = [ExactLabel()] if task == "classify" else [make() for make in TEXTS]
    if schema is not None:
        found.append(SchemaValid.read(schema))
    known = [scorer.key for scorer in found]
    primary = metric or scorer_for(task).key
    if primary not in known:
        what = f"eval.metric: '{metric}' is not a metric of one row for task {task}{did_you_mean(metric, known)}"
        raise RecipeError(what, hint=f"one of {', '.join(known)}")
    return sorted(found, key=lambda scorer: scorer.key != primary)
