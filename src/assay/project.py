"""A project folder on disk: assay.yaml, the raw material beside it, and everything Assay makes under .assay/."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assay.errors import RecipeError
from assay.recipe import FILE, NO_PROJECT, Recipe, load


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a recipe."""

    root: Path
    recipe: Recipe

    @property
    def state(self) -> Path:
        """Where Assay keeps what it makes; can be thrown away and built again, but for people.db."""
        return self.root / ".assay"

    @property
    def tables(self) -> Path:
        """The versioned tables."""
        return self.state / "tables"

    @property
    def people(self) -> Path:
        """The database of what people decided: the one file that cannot be computed again."""
        return self.state / "people.db"

    @property
    def runs(self) -> Path:
        """One folder per training run."""
        return self.state / "runs"

    @property
    def asked(self) -> Path:
        """The rows that a proof asks people about."""
        return self.state / "prove" / "review.json"

    @property
    def scores(self) -> Path:
        """The newest evaluation."""
        return self.state / "scores.json"


def find(start: Path) -> Project:
    """The project that `start` lies in.

    Raises:
        RecipeError: no assay.yaml here or above, or mistakes in it.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FILE).is_file():
            return Project(folder, load(folder / FILE))
    raise RecipeError(f"{start}: no {FILE} here or above", hint=NO_PROJECT)
