"""Shorthand is told from other phrases by form alone."""

from __future__ import annotations

import pytest

from assay.review.shorthand import shortened, shorthands
from assay.signals.folding import fold

PHRASE = "Waiting for the figure test."


@pytest.mark.parametrize("answer", [
    "Wating for the figure test.", "waiting for figure test", "Waiting f. figure test", "waitng for the figure test!!",
])  # fmt: skip
def test_typing_mistakes_cut_words_and_left_out_articles_write_the_same(answer: str) -> None:
    assert shorthands([PHRASE] * 6 + [answer]) == {PHRASE: {answer: 1}} or fold(answer) == fold(PHRASE)


@pytest.mark.parametrize(("one", "other"), [
    ("The light is on now.", "The light is off now."), ("Order 5 is on its way.", "Order 6 is on its way."),
    ("It is not ready to ship.", "It is ready to ship."), ("Invoice was created today.", "Invoice was deleted today."),
    ("The door is locked again.", "The door is unlocked again."), ("Mirror is ready to go", "Mount is ready to go"),
])  # fmt: skip
def test_other_phrases_are_no_shorthand(one: str, other: str) -> None:
    assert not shortened(fold(one), fold(other))
    assert not shortened(fold(other), fold(one))


def test_a_phrase_stands_under_the_most_usual_one_and_never_under_a_rarer() -> None:
    found = shorthands(["Ready for pick-up now."] * 9 + ["ready for pickup now"] * 6 + ["Redy for pick-up now."])
    assert found == {"Ready for pick-up now.": {"ready for pickup now": 6, "Redy for pick-up now.": 1}}
