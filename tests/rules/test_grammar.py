"""A017: a suggestion, never by default, and never on labels, short answers or other languages."""

import pytest
from conftest import labelled, qa

from assay.errors import RecipeError
from assay.rules import RULES
from assay.rules.choose import choose, is_optional
from assay.rules.grammar import Grammar


def test_an_answer_with_a_slip_is_said_with_the_one_suggestion_there_is():
    (found,) = Grammar().check(qa("1", "Where are they?", "The the documents were sent to you last week."))
    assert (found.code, found.action, found.field) == ("A017", "keep", "answer")
    assert found.after is not None
    assert found.after.answer == "The documents were sent to you last week."


@pytest.mark.parametrize(
    "answer",
    [
        "The documents were sent to you last week, in two letters.", "card_arrival", "Yes.",
        "Die Unterlagen wurden Ihnen letzte Woche in zwei Briefen geschickt.",
        "She has a passion for greeting people at the door.",
    ],
)  # fmt: skip
def test_right_sentences_labels_and_other_languages_are_left_alone(answer: str):
    assert list(Grammar().check(qa("1", "Where are they?", answer))) == []
    assert list(Grammar().check(labelled("1", "Where are they?", "the the the card of the arrival"))) == []


def test_it_runs_only_where_it_is_asked_for():
    assert is_optional(Grammar)
    assert "A017" not in {rule.code for rule in choose({})}
    assert "A017" in {rule.code for rule in choose({"grammar": {}})}
    assert len(choose({})) == len(RULES) - sum(is_optional(rule) for rule in RULES.values())


def test_a_missing_extra_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RecipeError) as told:
        choose({"grammar": None})
    assert 'pip install "assay[grammar]"' in str(told.value.problems)
