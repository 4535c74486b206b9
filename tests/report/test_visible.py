import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from assay.report.visible import hide, visible, word_diff

ANY = st.text(alphabet=st.characters(), max_size=80)
UNSEEN = st.text(alphabet=st.characters(categories=("Cc", "Cf", "Cs", "Co")), min_size=1, max_size=10)


@given(ANY, UNSEEN, ANY)
def test_no_unseen_character_survives(before: str, unseen: str, after: str) -> None:
    shown = visible(before + unseen + after)
    assert {unicodedata.category(letter) for letter in shown if letter not in "\n\t"}.isdisjoint(
        {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    shown.encode("utf-8")  # raises on a lone surrogate


def test_an_override_of_direction_is_named() -> None:
    assert visible("a\u202eb") == "a⟨U+202E⟩b"


@given(st.text(alphabet="abc dé\n", max_size=80))
def test_an_ordinary_text_is_shown_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_a_long_text_is_cut_and_says_how_long_it_was() -> None:
    assert visible("x" * 1234, 10) == "xxxxxxxxxx… (1,234 characters in all)"


@given(ANY, ANY)
def test_a_diff_holds_both_texts_whole(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(p.text for p in pieces if p.kind != "new") == visible(before)
    assert "".join(p.text for p in pieces if p.kind != "gone") == visible(after)


def test_a_diff_marks_the_words_that_changed_and_no_others() -> None:
    pieces = [tuple(piece) for piece in word_diff("I cant top up", "I can’t top up")]
    assert pieces == [("same", "I "), ("gone", "cant"), ("new", "can’t"), ("same", " top up")]


def test_hidden_words_are_those_the_edit_removes() -> None:
    assert hide("ring 555-2671 now", "ring [PHONE] now") == "ring ▮▮▮ now"
