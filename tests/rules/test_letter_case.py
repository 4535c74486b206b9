"""Rows that differ in case alone: repeats where it is looks, and not where it is what they say."""

from __future__ import annotations

import pytest
from conftest import labelled, qa

from assay.rules.exact_duplicate import ExactDuplicate
from assay.rules.letter_case import told_apart_by_case
from assay.signals import Measured

LOOKS = [
    ("How do I reset my card?", "How Do I Reset My Card?"),
    ("Does the Client pay [Amount] to the Contractor?", "does the client pay [amount] to the contractor?"),
    ("Get in Touch", "Get In Touch"),
    ("Can I NEVER pay in cash?", "Can I never pay in cash?"),
    ("Is wifi free, Ana?", "Is WiFi free, Ana?"),
    ("can I fly in may, and where?", "Can I fly in May, and where?"),
    ("give the spanish form\n\nI like the Tower", "Give the Spanish form\n\nI like the Tower"),
    ("reset my PIN", "RESET MY PIN"),
    ("My iPhone is broken, help me", "My iphone is broken, help me"),
    ("what is it?", "What is IT?"),
    ("Is the US in Nato?", "is the us in nato?"),
    ('She said: "We won it."', 'She said: "we won it."'),
    ('The "branches" of glucose are many, says the book', 'THE "BRANCHES" OF GLUCOSE ARE MANY, SAYS THE BOOK'),
    ("I paid with PayPal. Why?", "i paid with paypal. why?"),
]
SAID = [
    ("What does `List` mean in Python?", "What does `list` mean in Python?"),
    ('Is "a" smaller than "b"? Why is "A"?', 'Is "a" smaller than "b"? Why is "a"?'),
    ("Does US law bind us, Ana?", "Does us law bind us, Ana?"),
    ("Convert 5 mW to watts, Bo", "Convert 5 MW to watts, Bo"),
    ("What is the mass of Co in grams?", "What is the mass of CO in grams?"),
    ("Why does x = True print 1? I use Python", "Why does x = true print 1? I use Python"),
    ("How does Foo() differ here?", "How does foo() differ here?"),
    ("Where is turkey sold?", "Where is Turkey sold?"),
    ("Did who call us back?", "Did WHO call us back?"),
    ("Wissen Sie, wann es kommt?", "Wissen sie, wann es kommt?"),
]


@pytest.mark.parametrize(("one", "other"), LOOKS)
def test_case_is_looks_in_lazy_typing_names_and_emphasis(one: str, other: str) -> None:
    assert not told_apart_by_case(one, other)
    rows = Measured([qa("a", one, "It is done in the settings."), qa("b", other, "It is done in the settings.")])
    assert len(list(ExactDuplicate().survey(rows))) == 1


@pytest.mark.parametrize(("one", "other"), SAID)
def test_case_is_what_is_said_in_code_quotes_units_and_short_words(one: str, other: str) -> None:
    assert told_apart_by_case(one, other)
    assert told_apart_by_case(other, one)
    rows = Measured([qa("a", one, "It is so."), qa("b", other, "It is so."), qa("c", one, "It is so.")])
    assert [found.id for found in ExactDuplicate().survey(rows)] == ["c"]


def test_answers_that_differ_in_the_case_of_code_are_no_repeats() -> None:
    answers = ("Use `True` here.", "Use `true` here.")
    rows = Measured([qa(answer, "Write true in each", answer) for answer in answers])
    assert list(ExactDuplicate().survey(rows)) == []


def test_labels_that_differ_in_case_alone_are_one_class() -> None:
    rows = Measured(
        [labelled("a", "my nail varnish chips", "polish"), labelled("b", "my nail varnish chips", "Polish")]
    )
    assert len(list(ExactDuplicate().survey(rows))) == 1
