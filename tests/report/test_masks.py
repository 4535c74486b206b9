"""What a model was trained on, shown: the answer is coloured and nothing else is, and nothing private is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import labelled

from assay.report.contents import Mask
from assay.report.masks import masks
from assay.report.page import render

from .sample import sample

MASK = Mask("a.csv[3]", "<|user|>where is my card <script>alert(1)</script>", "card_arrival<|end|>", 40, 5, 2)


def test_the_trained_part_of_a_row_is_marked_on_the_page_and_the_rest_is_not() -> None:
    page = render(replace(sample(), masks=(MASK,), masks_of="curated"))
    assert "<mark>card_arrival&lt;|end|&gt;</mark>" in page
    assert page.count("<mark>") == 1
    assert "A few curated rows as the trainer saw them" in page
    assert "<script>" not in page
    assert "5 of 40 tokens trained · 2 left out so that it fits" in page
    assert "What it was trained on" not in render(sample())


@pytest.mark.slow
def test_rows_are_shown_as_the_trainer_saw_them_from_the_shortest_to_the_longest(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from models import tiny

    adapter = {"base": str(tiny.save(tmp_path / "model")), "settings": {"max_tokens": 400}, "system": "Label it."}
    rows = [labelled(f"r{n}", "my card is lost " * n, "cards") for n in (3, 1, 5, 2, 4)]
    rows += [replace(labelled("t", "x", "cards"), split="test"), labelled("s", "y", "cards"), labelled("e", "z", "")]
    shown = masks(adapter, rows, private={"s"})
    assert [mask.read.count("my card is lost") for mask in shown] == [1, 3, 5]
    assert all("Label it." in mask.read and mask.trained.startswith("cards") for mask in shown)
    assert all("cards" not in mask.read and 0 < mask.trained_tokens < mask.tokens for mask in shown)
    assert masks({**adapter, "base": "somebody/never-fetched"}, rows, private=()) == ()
    assert masks(adapter, [], private=()) == ()
