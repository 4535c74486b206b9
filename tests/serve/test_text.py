from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.serve.text import Detokeniser, StopAt, decode

words = st.text(alphabet="ab\n", max_size=12)


@pytest.mark.slow
@given(text=st.text(max_size=30))
def test_pieces_joined_are_the_text_and_never_hold_half_a_character(tokenizer: Any, text: str) -> None:
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    said = Detokeniser(tokenizer)
    pieces = [said.add(token) for token in ids]
    assert all("\ufffd" not in piece for piece in pieces) or "\ufffd" in text
    assert "".join(pieces) + said.rest() == decode(tokenizer, ids)


@pytest.mark.slow
@given(ids=st.lists(st.integers(0, 258), max_size=40))
def test_tokens_that_make_no_characters_still_add_up_to_their_text(tokenizer: Any, ids: list[int]) -> None:
    said = Detokeniser(tokenizer)
    assert "".join(said.add(token) for token in ids) + said.rest() == decode(tokenizer, ids)


@given(pieces=st.lists(words, max_size=8), stops=st.lists(words.filter(bool), min_size=1, max_size=3))
def test_a_stop_text_never_slips_out_however_the_text_is_cut(pieces: list[str], stops: list[str]) -> None:
    cut = StopAt(stops)
    said = "".join(cut.add(piece) for piece in pieces) + cut.rest()
    whole = "".join(pieces)
    places = [whole.find(stop) for stop in stops if stop in whole]
    assert cut.stopped == bool(places)
    assert not any(stop in said for stop in stops)
    if not places:
        assert said == whole
    else:
        assert whole.startswith(said)


def test_what_may_be_a_stop_text_is_held_back_until_it_is_known() -> None:
    cut = StopAt(["\n\n"])
    assert [cut.add("a\n"), cut.add("b"), cut.add("c\n\nd"), cut.rest()] == ["a", "\nb", "c", ""]
