"""The page on training says what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from assay.recipe import EFFORTS, RATES, Method

PAGE = (Path(__file__).parents[2] / "docs" / "training.md").read_text(encoding="utf-8")


def table(first: str) -> dict[str, list[str]]:
    """Rows of the table whose first cell of the head is `first`, by their own first cell."""
    lines = PAGE[PAGE.index(f"| {first} |") :].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}


def test_the_dial_is_what_the_recipe_does() -> None:
    keys = ("rank", "layers", "epochs", "learning_rate", "batch_size", "patience")
    assert table("effort") == {effort: [f"{values[key]:g}" for key in keys] for effort, values in EFFORTS.items()}


def test_every_method_has_a_line_and_its_rate() -> None:
    assert {name: float(row[-1]) for name, row in table("`train.method`").items()} == {
        name: RATES.get(name, 1.0) for name in get_args(Method)
    }


def test_every_setting_it_names_is_one() -> None:
    from assay.recipe import TrainSpec

    named = set(re.findall(r"`train\.(\w+)", PAGE))
    assert named
    assert named <= set(TrainSpec.model_fields)
