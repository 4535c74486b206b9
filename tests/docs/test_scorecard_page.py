"""The page on the score card names every part, whether it counts, and gates that can be used."""

from __future__ import annotations

import re
from pathlib import Path

from ruamel.yaml import YAML

from assay.gates import limits, typed
from assay.scorecard import DIMENSIONS, card

PAGE = (Path(__file__).parents[2] / "docs" / "scorecard.md").read_text(encoding="utf-8")


def test_every_part_is_in_the_table_with_its_dimension_and_a_star_where_it_counts() -> None:
    rows = re.findall(r"^\| `(\w+)`( \*)? \| (\w+) \|", PAGE, flags=re.MULTILINE)
    parts = card([], (), ()).parts
    assert {(key, bool(star), dimension) for key, star, dimension in rows} == {
        (part.key, part.counts, part.dimension) for part in parts
    }
    assert {dimension for _, _, dimension in rows} == set(DIMENSIONS)


def test_its_gates_can_be_used() -> None:
    (recipe,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(limits(YAML(typ="safe").load(recipe)["gates"])) == 5
    assert len(limits(typed(re.findall(r'--gate "([^"]+)"', PAGE)))) == 2
