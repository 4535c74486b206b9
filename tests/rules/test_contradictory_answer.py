from __future__ import annotations

import json
from dataclasses import replace

import pytest
from conftest import labelled, qa

from assay.records import Example, Finding
from assay.rules.contradictory_answer import ContradictoryAnswer
from assay.signals import Measured

OTHERS = [
    qa("o1", "Where is the nearest branch?", "The nearest branch is in Mill Road."),
    qa("o2", "Can I bring a dog into the hotel?", "Dogs are welcome in all rooms but the dining hall."),
    qa("o3", "What do I wear in the laboratory?", "Wear a coat and safety glasses."),
]


def _found(*rows: Example) -> dict[str, Finding]:
    return {f.id: f for f in ContradictoryAnswer().survey(Measured([*rows, *OTHERS]))}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("How long does a refund take?", "Refunds take 5 days."),
         ("Hi, could you tell me how long refunds take?", "Your money is back within 14 days.")),
        (("What does a ticket for the ferry cost?", "A ticket costs 12 euros."),
         ("I was wondering: what do tickets for the ferry cost?", "A ticket costs 21 euros.")),
        (("May I purchase alcohol with the meal card?", "Yes, at any shop."),
         ("May I buy alcohol with the meal card?", "No, that is against the rules.")),
        (("Is the museum open on Mondays?", "The museum is open on Mondays."),
         ("Please, is the museum open on Mondays? Thanks in advance", "The museum is not open on Mondays.")),
    ],
)  # fmt: skip
def test_a_question_in_other_words_with_a_contradictory_answer_is_held(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    found = _found(qa("a", *one), qa("b", *other))
    assert set(found) == {"a", "b"}
    assert found["a"].evidence["twin"] == "b"
    json.dumps([dict(f.evidence) for f in found.values()])


def test_the_answer_of_the_majority_is_suggested() -> None:
    found = _found(
        qa("a", "How long does a refund take?", "Refunds take 5 days."),
        qa("b", "Hello, how long does a refund take?", "Refunds take 14 days."),
        qa("c", "How long do refunds take, please?", "Refunds take 5 days."),
    )
    assert set(found) == {"b"}
    assert found["b"].after is not None
    assert found["b"].after.answer == "Refunds take 5 days."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # another thing is asked
        (("How long does a domestic transfer take?", "It takes 2 days."),
         ("How long does an international transfer take?", "It takes 5 days.")),
        (("What is the capital of Spain?", "Madrid"), ("What is the capital of Portugal?", "Lisbon")),
        (("Multiply 12 by 14.", "168"), ("Multiply 14 by 14.", "196")),
        (("How do I open an account?", "Fill in form 3."), ("How do I close an account?", "Fill in form 9.")),
        (("What is the fare from Leeds to York?", "9 pounds"), ("What is the fare from York to Leeds?", "11 pounds")),
        # the same is answered in other words
        (("How long does a refund take?", "Refunds take 5 days."),
         ("Hi, how long do refunds take?", "You have your money back after 5 days.")),
        (("Who repairs the lift?", "The owner of the house has it repaired."),
         ("Please, who repairs the lift?", "Repairs of the lift are up to the owner.")),
        # there are many right answers
        (("Write a slogan for a bakery.", "Fresh at 6, gone by noon."),
         ("Please write a slogan for a bakery.", "Bread that sings.")),
    ],
)  # fmt: skip
def test_other_questions_paraphrases_and_open_requests_are_left_alone(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert _found(qa("a", *one), qa("b", *other)) == {}


def test_labels_and_equal_prompts_are_the_matter_of_other_rules() -> None:
    ask = "How long does a refund take?"
    assert _found(labelled("a", ask, "refund"), labelled("b", f"Hi, {ask}", "delay")) == {}
    assert _found(qa("a", ask, "It takes 5 days."), qa("b", ask, "It takes 14 days.")) == {}


@pytest.mark.parametrize(
    ("one", "said", "other", "answered"),
    [
        ("What do you charge for a haircut?", "It is 30 dollars.", "How much is a haircut?", "It is 45 dollars."),
        ("Can I park at the back?", "Yes, in any place.", "Is it allowed to park at the back?", "No, never."),
        ("How often do I prune a fig tree?", "Every 7 weeks.", "How frequently should a fig tree be pruned?",
         "Every 20 weeks."),
        ("When does the Lyon studio close?", "It closes at 5.", "At what time does the studio in Lyon close?",
         "It closes at 7."),
        ("How long does the repair take?", "It takes 3 days.", "How much time does the repair take?", "Up to 9 days."),
        ("Do you deliver on Sundays?", "Yes, until noon.", "Can you deliver on Sundays?", "No, on weekdays alone."),
    ],
)  # fmt: skip
def test_the_same_in_another_frame_is_found(one: str, said: str, other: str, answered: str) -> None:
    assert set(_found(qa("a", one, said), qa("b", other, answered))) == {"a", "b"}


@pytest.mark.parametrize(
    ("one", "said", "other", "answered"),
    [
        ("How much is the haircut?", "It is 30 dollars.", "What does the shave cost?", "It is 12 dollars."),
        ("When does the Lyon studio close?", "It closes at 5.", "At what time does the studio in Nice close?", "At 7."),
        ("How much is a seat for an adult?", "It is 12 euros.", "What does a seat for a child cost?", "It is 6 euros."),
        ("What is done before the scan?", "Fast for 8 hours.", "What is done after the scan?", "Fast for 2 hours."),
        ("How much is the room per day?", "It is 12 euros.", "What does the room cost per week?", "It is 60 euros."),
        ("How long is the bus from Rome to Bari?", "It takes 7 hours.", "How long does the bus from Bari to Rome take?",
         "It takes 6 hours."),
        ("Can I cancel my order?", "Yes, until noon.", "Can you cancel my order?", "No, customers do that."),
        ("Is it possible to pay by card?", "Yes, with any.", "Do I have to pay by card?", "No, cash will do."),
        ("Do you ship to Norway?", "Yes, within 5 days.", "Do you ship from Norway?", "No, from Denmark."),
        ("Does rain cause fog?", "Yes, often.", "Does fog cause rain?", "No, hardly ever."),
        ("When does the shop open?", "The shop opens at 8.", "What time does the shop open?", "It opens at 8:00 am."),
        ("When does the shop open?", "It opens at 8.", "What time does the shop open?", "At 8, on Sundays at 10."),
        ("How much was the ring?", "It cost 100 euros.", "How much is the ring?", "It costs 150 euros."),
        ("How much is the visa?", "It is 80 euros.", "How long does the visa take?", "It takes 15 days."),
        ("How is the deposit paid?", "By card in 3 days.", "How much is the deposit?", "It is 80 euros in 2 parts."),
    ],
)  # fmt: skip
def test_another_object_place_direction_or_frame_is_another_question(
    one: str, said: str, other: str, answered: str
) -> None:
    assert _found(qa("a", one, said), qa("b", other, answered)) == {}


def test_a_row_that_answers_like_its_neighbour_is_still_compared_in_another_frame() -> None:
    rows = (
        qa("a", "What does the check cost for a male rabbit?", "The check costs 30 euros."),
        qa("b", "What does the check cost for a female rabbit?", "The check costs 30 euros."),
        qa("c", "How much is the check of a male rabbit?", "The check costs 50 euros."),
    )
    assert "c" in _found(*rows)
    assert "b" not in _found(*rows)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is the dairy open on Sunday?", "Is the diary open on Sunday?"),
        ("Is the desert open to guests?", "Is the dessert open to guests?"),
        ("Most of all the time, travellers sleep", "Most of all, the time travellers sleep"),
    ],
)
def test_two_words_of_the_list_and_other_commas_are_other_questions(one: str, other: str) -> None:
    assert _found(qa("a", one, "Yes, it is; see the notice."), qa("b", other, "No, that is not so.")) == {}


def test_a_mistyped_word_is_the_same_question() -> None:
    one, other = "Is the library open on Sunday?", "Is the libary open on Sunday?"
    assert _found(qa("a", one, "Yes, it is; see the notice."), qa("b", other, "No, that is not so."))


@pytest.mark.parametrize(("context", "found"), [("The ticket costs 5 euros.", 2), ("Of another boat.", 0)])
def test_answers_from_other_texts_do_not_contradict_each_other(context: str, found: int) -> None:
    first = replace(qa("a", "How much is the ticket?", "It is 5 euros."), context="The ticket costs 5 euros.")
    second = replace(qa("b", "What does the ticket cost?", "It is 7 euros."), context=context)
    assert len(list(ContradictoryAnswer().survey(Measured([first, second])))) == found
