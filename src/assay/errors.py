"""Every error a user can meet, and what the command line makes of it.

    AssayError                 exit status 2: usage, or input that cannot be used
    |- InputError              a file, folder or table that cannot be read as asked
    |- RecipeError             assay.yaml holds mistakes: all of them, at once
    |- StoreError              the project's store is missing, damaged or full
    |- ModelError              a base model or adapter is missing or does not fit
    |  `- ParityError          what was trained and what would be served are not the same tokens
    |- TrainingError           a run was stopped because going on would teach nothing
    `- GateFailed              exit status 1: the data or the model is not good enough

An error says what is wrong, where, and what to type. A mistake found while looking at many rows is a `Problem`;
problems are collected and raised together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in one place."""

    where: str  # "train.jsonl:12" or "assay.yaml: rules.near-duplicate"
    what: str  # what is wrong, with the value met and what was expected
    hint: str = ""  # what to type or change

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f"\n  hint: {self.hint}" if self.hint else "")


def mistakes(problems: Sequence[Problem]) -> str:
    """How many: "1 mistake", "3 mistakes"."""
    return f"{len(problems)} mistake{'s' * (len(problems) != 1)}"


class AssayError(Exception):
    """What is wrong, where, and what to type. `status` is the exit status of the command line."""

    status = 2

    def __init__(self, what: str, *, hint: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.problems = tuple(problems)

    def __str__(self) -> str:
        lines = [self.what, *(f"  {problem}" for problem in self.problems)]
        return "\n".join(lines + ([f"hint: {self.hint}"] if self.hint else []))


class InputError(AssayError):
    """A file, folder or table that cannot be read as asked."""


class RecipeError(AssayError):
    """assay.yaml holds mistakes: `problems` has all of them."""


class StoreError(AssayError):
    """The project's store is missing, damaged or full."""


class ModelError(AssayError):
    """A base model or adapter is missing or does not fit."""


class ParityError(ModelError):
    """What was trained and what would be served are not the same tokens."""


class TrainingError(AssayError):
    """A run was stopped because going on would teach nothing."""


class GateFailed(AssayError):
    """The data or the model is not good enough for the gates of the recipe."""

    status = 1
