"""What a model that was not tuned is told: the same words for an endpoint and for a model on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assay.encoders import WordLlama
from assay.evaluate import texts
from assay.evaluate.prompting import PromptPlan, prompts_for
from assay.evaluate.speakers import Prompt
from assay.project import Project
from assay.records import Example

SHOTS = 5  # most similar training rows shown, where any are


def prompts_of(
    rows: Sequence[Example], train: Sequence[Example], labels: Sequence[str], system: str, *, shots: bool
) -> tuple[list[Prompt], int]:
    """The prompt of each row, and how many training rows it could be shown: the labels or the system prompt, examples
    where there are `shots`, the row's own turns."""
    if rows and rows[0].task == "classify":
        plan = PromptPlan("told", "nearest", SHOTS) if shots else PromptPlan("told")
        pool = [row for row in train if row.label]
        prompts = prompts_for(plan, rows, pool, labels, WordLlama() if shots else None, seed=0)
    else:
        of_texts = texts.Shots("nearest", SHOTS) if shots else texts.Shots("none", 0)
        pool = [row for row in train if row.answer.strip()]
        prompts = texts.shown(of_texts, rows, pool, WordLlama(), system)
    return prompts, len(pool) if shots else 0


def place_of(project: Project, model: str) -> str:
    """Where a model that a recipe names lies: in the folder one is in, beside assay.yaml, else as it is named."""
    typed = Path(model).expanduser()
    beside = project.root / typed
    return str(beside) if beside.exists() and not typed.exists() else model


def prompted(model: str, *, shots: bool) -> str:
    """The title of a rung: prompted("big", shots=True) -> "big, prompted with 5 similar rows"."""
    return f"{model}, prompted{f' with {SHOTS} similar rows' if shots else ''}"
