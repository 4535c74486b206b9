from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.signals.folding import fold, label_tokens, misspelt, numbers, turned, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How do I reset my password?", "how do i  reset my password ??"),
        ("It’s late", "it's late."),
        ("Wait , please !", "wait, please!"),
        ("ﬁne", "fine"),
        ("卡丢了。", "卡丢了"),
        ("Wait.. what?", "wait. what"),
        ("I waited 5 days!!", "i waited 5 days"),
    ],
)
def test_looks_are_set_aside(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = -1", "x = 1"),
        ("order 12", "order 13"),
        ("C++", "C"),
        ("?", "!"),
        ("1.5 mg", "15 mg"),
        ("(1..5)", "(1...5)"),
        ("What is 5!?", "What is 5!!?"),
        ("What is n! ?", "What is n"),
        ("Maße", "Masse"),
    ],
)
def test_what_matters_is_not(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_numbers_are_counted_whatever_their_commas() -> None:
    assert numbers("1,000 euros in 3 days, not 3.5") == {"1000": 1, "3": 1, "3.5": 1}


def test_labels_are_read_word_by_word() -> None:
    assert (
        label_tokens("Card Arrival")
        == label_tokens("card_arrival")
        == label_tokens("cardArrival")
        == ("card", "arrival")
    )
    assert label_tokens("A+") != label_tokens("A") != label_tokens("A-")
    assert words("don't re-send") == ["dont", "re", "send"]


@pytest.mark.parametrize(
    ("one", "other"), [("locked", "unlocked"), ("hypotension", "hypertension"), ("input", "output")]
)
def test_opposites_are_no_typing_mistakes(one: str, other: str) -> None:
    assert turned(one, other)
    assert not misspelt(one, other)


def test_typing_mistakes_are_seen() -> None:
    assert misspelt("arrival", "arival")
    assert misspelt("payment", "paymnet")
    assert not misspelt("card", "cart2")
    assert not misspelt("cat", "car")
