from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assay.signals.overlap import overlaps

LONG = "the committee of the northern harbour met on a cold tuesday in march to vote on the new pier and its two cranes"


def test_a_quoted_test_text_is_found_in_any_dress() -> None:
    (found,) = overlaps(["Nothing here.", f"He read: {LONG.upper()}!"], [LONG], 0.5)
    assert (found.row, found.test, found.share) == (1, 0, 1.0)


def test_short_texts_and_templates_of_many_rows_have_no_overlap() -> None:
    assert overlaps(["to be or not to be"], ["to be or not to be"], 0.1) == []
    assert overlaps([LONG] * 3, [LONG], 0.1) == []
    assert overlaps([LONG], [LONG] * 3, 0.1) == []


def test_the_share_is_of_the_test_texts_runs() -> None:
    half = " ".join(LONG.split()[: 13 + 4])  # 5 of its 11 runs
    (found,) = overlaps([half], [LONG], 0.1)
    assert found.share == 5 / (len(LONG.split()) - 12)
    assert overlaps([half], [LONG], 0.5) == []


@given(st.lists(st.sampled_from(LONG.split()), min_size=13, max_size=40))
def test_every_text_of_thirteen_words_overlaps_itself(tokens: list[str]) -> None:
    (found,) = overlaps([" ".join(tokens)], [" ".join(tokens)], 1.0)
    assert found.share == 1.0
