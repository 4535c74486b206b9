from __future__ import annotations

import pytest

from assay.signals.sameness import other_numbers, otherwise_pointed, says_the_same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("my card hasnt arrived", "My card hasn't arived yet please"),
        ("How can I log in?", "how can i login"),
        ("Cancel my order.", "Hello, could you please cancel my order? Thanks"),
        ("When will it come?!", "when will it come"),
    ],
)
def test_politeness_and_typing_mistakes_change_nothing(one: str, other: str) -> None:
    assert says_the_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Where is order 12?", "Where is order 13?"),
        ("My card has arrived", "My card has not arrived"),
        ("Unlock my card", "Lock my card"),
        ("Write a letter to Ana about the delay", "Write a letter to Boris about the delay"),
        ("I lost my card", "I lost my phone"),
        ("Is a < b?", "Is a > b?"),
        ("Solve x = -1", "Solve x = 1"),
        ("Transfer 100 EUR from savings to checking", "Transfer 100 EUR from checking to savings"),
        ("The dog bit the man", "The man bit the dog"),
        ("alpha beta gamma " * 20 + "delta", "gamma beta alpha " * 20 + "delta"),
        ("What is the dose for adults?", "What is the dose for children?"),
    ],
)
def test_one_word_that_matters_changes_all(one: str, other: str) -> None:
    assert not says_the_same(one, other)


def test_a_long_text_may_be_reworded_here_and_there_but_not_in_its_names() -> None:
    text = (
        "The committee met on Monday to discuss the budget of the library, agreed to repair the roof before winter, "
        "and asked the treasurer to collect three offers from local builders"
    )
    assert says_the_same(text, text.replace("collect", "gather"))
    assert not says_the_same(text + " for 500 euros", text + " for 600 euros")
    assert not says_the_same(text.replace("local", "Danish"), text.replace("local", "Polish"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Set the backups to on for the server", "Set the backups to off for the server"),
        ("Take the tablet before the meal", "Take the tablet after the meal"),
        ("Ist das Fenster links?", "Ist das Fenster rechts?"),
        ("The trial lasts six weeks", "The trial lasts three weeks"),
        ("Die Probezeit dauert zwei Monate", "Die Probezeit dauert drei Monate"),
        ("The bill is sent in a week", "The bill is sent in two weeks"),
        ("Which valve leaks?", "Which value leaks?"),
    ],
)
def test_contraries_and_numbers_in_words_set_texts_apart(one: str, other: str) -> None:
    assert not says_the_same(one, other)


def test_a_contrary_sets_long_texts_apart_too() -> None:
    text = " ".join(f"word{chr(97 + i)}" for i in range(26)) + " and turn the pump {}"
    assert not says_the_same(text.format("on"), text.format("off"))
    assert not says_the_same(text.format("unlocked"), text.format("locked"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It takes two days", "It takes 2 days"),
        ("twenty-five days are left", "25 days are left"),
        ("Enable the backup", "Enabling the backup"),
        ("Where is the bus stop?", "Where is teh bus stop?"),
        ("Where can I book it?", "Where can I bok it?"),
        ("What colour is it?", "What color is it?"),
    ],
)
def test_figures_and_endings_change_nothing(one: str, other: str) -> None:
    assert says_the_same(one, other)


def test_synonyms_count_where_they_are_not_asked_to_stand_for_each_other() -> None:
    one, other = "Explain the water cycle", "describe the water cycle"
    assert says_the_same(one, other, synonyms=True)
    assert not says_the_same(one, other)
    assert says_the_same("Please name the capital of Peru", "State the capital of Peru", synonyms=True)
    assert not says_the_same("What is the name of the client?", "What is the state of the client?", synonyms=True)


def test_swapped_letters_that_make_another_word_count_as_synonyms_do() -> None:
    assert says_the_same("read the signs of wear", "read the sings of wear", synonyms=True)
    assert not says_the_same("read the signs of wear", "read the sings of wear", reworded=0.0)


def test_a_text_may_have_words_more_only_where_it_wants_none() -> None:
    one = "the red parcel from the shop in the harbour of the town"
    assert says_the_same(one, one.replace("red ", ""), reworded=0.0, wordier=0.25)
    assert not says_the_same(one, one.replace("red ", ""), reworded=0.0)
    assert not says_the_same(one, one.replace("red", "blue"), reworded=0.0, wordier=0.25)


def test_other_numbers_are_told_in_figures_and_words() -> None:
    assert other_numbers("two years", "three years")
    assert other_numbers("2 years", "three years")
    assert not other_numbers("two years", "2 years")
    assert not other_numbers("the two plans differ", "the plans differ")
    assert not other_numbers("two letters, a week apart", "2 letters, a week apart")
    assert not other_numbers("once you pay", "when you pay")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("write to hello@korv.example", "write to help@korv.example"),
        ("does getUsers return a list", "does getUser return a list"),
        ("read config_prod.yaml first", "read config_prob.yaml first"),
        ("is part KLT-MOR in stock", "is part KLT-MAR in stock"),
        ("run it with --cache on", "run it with --cached on"),
        ("Is 'recieve' right here?", "Is 'receive' right here?"),
        ("Ask Dr Walker about the report", "Ask Dr Walkar about the report"),
        ("is 5! the answer", "is 5!! the answer"),
        ("is it in 1..5 then", "is it in 1...5 then"),
    ],
)
def test_a_letter_counts_in_addresses_codes_quotations_names_and_notation(one: str, other: str) -> None:
    assert not says_the_same(one, other)


def test_a_comma_may_turn_the_sense_and_one_beside_politeness_does_not() -> None:
    assert otherwise_pointed("No, price too low", "No price too low")
    assert otherwise_pointed("wait ,what", "wait, what")
    assert not otherwise_pointed("Hi, may I pay?", "hi may I pay")
    assert not otherwise_pointed("May I pay, please?", "May I pay please")
    assert not otherwise_pointed("No, price too low", "No, price too high")
