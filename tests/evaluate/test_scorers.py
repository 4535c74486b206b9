from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.evaluate.scorers import (
    ExactAnswer,
    ExactLabel,
    RougeL,
    Scorer,
    TokenF1,
    common_subsequence,
    scorer_for,
    words,
)
from assay.records import Example, Message

SCORERS = (ExactLabel(), ExactAnswer(), TokenF1(), RougeL())


def answered(answer: str, label: str | None = None) -> Example:
    return Example("e", "generate", (Message("user", "?"), Message("assistant", answer)), label)


@pytest.mark.parametrize("written", ["card_arrival", " card_arrival\n", "card_arrival.", "card_arrival ."])
def test_space_and_final_punctuation_do_not_change_a_label(written: str) -> None:
    assert ExactLabel().score(answered("card_arrival", "card_arrival"), written) == 1.0


@pytest.mark.parametrize(
    "written", ["Card Arrival", "card_arrival_", "card arr.", "Card_arrival", "it is card_arrival", ""]
)
def test_another_spelling_of_a_label_is_wrong(written: str) -> None:
    assert ExactLabel().score(answered("card_arrival", "card_arrival"), written) == 0.0


def test_a_label_in_another_unicode_form_is_the_same_label() -> None:
    assert ExactLabel().score(answered("café", "café"), "café") == 1.0


def test_a_label_of_punctuation_is_not_matched_by_nothing() -> None:
    assert ExactLabel().score(answered("?", "?"), "") == 0.0
    assert ExactLabel().score(answered("?", "?"), "?") == 1.0


def test_an_exact_answer_forgives_spacing_only() -> None:
    assert ExactAnswer().score(answered("See page 3."), "See  page 3.\n") == 1.0
    assert ExactAnswer().score(answered("See page 3."), "see page 3.") == 0.0


def test_token_f1_ignores_order_and_counts_repeats() -> None:
    assert TokenF1().score(answered("the red card"), "red card") == pytest.approx(0.8)
    assert TokenF1().score(answered("a b"), "B, A!") == 1.0
    assert TokenF1().score(answered("a b"), "a a") == pytest.approx(0.5)


def test_rouge_l_gives_the_value_of_its_paper() -> None:
    assert RougeL().score(answered("police killed the gunman"), "police kill the gunman") == pytest.approx(0.75)
    assert RougeL().score(answered("police killed the gunman"), "the gunman kill police") == pytest.approx(0.5)


def test_text_without_spaces_is_scored_sign_by_sign() -> None:
    assert words("銀行カード ok") == ["銀", "行", "カ", "ー", "ド", "ok"]
    assert 0 < (TokenF1().score(answered("銀行カード"), "銀行") or 0) < 1


@pytest.mark.parametrize("scorer", SCORERS, ids=lambda scorer: type(scorer).__name__)
def test_nothing_expected_is_unscored_and_nothing_written_is_wrong(scorer: Scorer) -> None:
    assert scorer.score(answered(""), "anything") is None
    assert scorer.score(answered("a label", "a label"), "") == 0.0


@given(st.text(), st.text(min_size=1))
def test_scores_lie_between_0_and_1_and_the_expected_answer_scores_1(written: str, expected: str) -> None:
    for scorer in SCORERS:
        value, perfect = (scorer.score(answered(expected, expected), text) for text in (written, expected))
        assert value is None or 0 <= value <= 1
        assert perfect in (None, 1.0)


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_the_common_subsequence_matches_its_definition(a: str, b: str) -> None:
    def longest(x: str, y: str) -> int:
        if not x or not y:
            return 0
        return longest(x[1:], y[1:]) + 1 if x[0] == y[0] else max(longest(x[1:], y), longest(x, y[1:]))

    assert common_subsequence(a, b) == longest(a, b)


def test_each_task_has_a_primary_scorer() -> None:
    assert scorer_for("classify") == ExactLabel()
    assert scorer_for("generate") == scorer_for("chat") == RougeL()
