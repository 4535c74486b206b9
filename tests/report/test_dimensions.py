"""What the report says of the parts of the score card."""

from __future__ import annotations

from assay.report.dimensions import MEANING
from assay.scorecard import DIMENSIONS, KEYS


def test_every_part_of_the_card_has_a_sentence() -> None:
    assert set(MEANING) == set(KEYS) - set(DIMENSIONS)
