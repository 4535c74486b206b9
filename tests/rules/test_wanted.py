from __future__ import annotations

import pytest
from conftest import labelled, qa

from assay.records import Example, Message
from assay.rules.empty_answer import EmptyAnswer


def _actions(question: str, answer: str) -> list[str]:
    return [found.action for found in EmptyAnswer().check(qa("a", question, answer))]


def _said(question: str, answer: str) -> list[tuple[str, str]]:
    return [(found.action, found.severity) for found in EmptyAnswer().check(qa("a", question, answer))]


HELD, DOUBTED = [("hold", "error")], [("hold", "warning")]


@pytest.mark.parametrize("answer", ["[]", "{}", "[ ]", '""', "()", "**", "/"])
@pytest.mark.parametrize("question", ["How do I close my account?", "When does the museum open on Sundays?"])
def test_an_empty_value_where_prose_is_asked_for_is_doubted(question: str, answer: str) -> None:
    assert _said(question, answer) == DOUBTED


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Extract the dates as a JSON array: it snowed.", "[]"),
        ("Entities of: it snowed", "[]"),
        ("hello there", "{}"),
        ("Ingrédients à gluten : riz, eau", "[]"),
        ("Which of these are verbs? table, chair", "[]"),
        ("Tags for: rain", "[]"),
        ("What does an empty object look like?", "{}"),
        ("How do I write an empty string in C?", '""'),
        ("print([])?", "[]"),
    ],
)
def test_an_extraction_or_a_piece_of_code_may_be_empty(question: str, answer: str) -> None:
    assert _actions(question, answer) == []


def test_a_system_prompt_that_asks_for_a_list_makes_an_empty_one_right() -> None:
    for system, actions in (("Answer with a JSON list of the products named.", []), ("You are kind.", ["hold"])):
        turns = (Message("system", system), Message("user", "When do you open?"), Message("assistant", "[]"))
        assert [f.action for f in EmptyAnswer().check(Example("a", "chat", turns))] == actions


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How do I raise to a power in Python?", "**"),
        ("What joins two conditions in C?", "&&"),
        ("The root folder?", "/"),
        ("And the folder above?", ".."),
        ("What comments out a line in SQL?", "--"),
        ("Draw a line.", "-----"),
        ("Smile", ":-)"),
        ("Sad?", ":("),
        ("How does a tired face look?", "(-_-)"),
        ("A row of dots, twice", "...\n..."),
        ("Stay silent.", "…"),
        ("Mask the pin 4711", "****"),
        ("Else write '-'. And the price?", "-"),
    ],
)
def test_marks_that_mean_something_are_answers(question: str, answer: str) -> None:
    assert _actions(question, answer) == []


def test_a_mark_that_only_stands_in_the_prompt_is_not_asked_for() -> None:
    assert _said("Is it open - and when?", "-") == HELD


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When was Homer born?", "Unknown"),
        ("Who was Jack the Ripper?", "Unknown."),
        ("How did the Maya fall?", "Unknown"),
        ("What caused the plague of Athens?", "Unknown"),
        ("Which moons does Venus have?", "None"),
        ("What is tan 90°?", "Undefined"),
        ("How much alcohol is safe?", "None."),
        ("What is 0/0 in floats?", "NaN"),
        ("Symbol for sodium?", "Na"),
        ("Which code has Namibia?", "NA"),
        ("Was ist 5 minus 5?", "Null"),
        ("Thirty in Roman numerals is?", "XXX"),
        ("How do letters end with three kisses?", "xxx"),
        ("¿Cuánto comiste?", "Todo"),
        ("Spanish for 'everything'?", "todo"),
        ("Which HTML attribute gives a hint?", "placeholder"),
        ("What does typeof x give?", "undefined"),
        ("What do printers fill a sample page with?", "Lorem ipsum dolor sit amet"),
        ("What does TBA mean?", "to be announced"),
        ("Which comment marks undone work in code?", "TODO"),
        ("What is the abbreviation of 'to be determined'?", "TBD"),
        ("What do forms say where a question does not apply?", "N/A"),
        ("What is the German for exam?", "Test"),
    ],
)
def test_a_fact_or_a_word_that_looks_like_a_placeholder_is_an_answer(question: str, answer: str) -> None:
    assert _actions(question, answer) == []


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("When can I move in?", "Unknown", HELD),
        ("Where is the depot?", "Unknown", DOUBTED),
        ("¿Cómo cambio mi clave?", "TODO", HELD),
        ("Which plan suits me?", "None", DOUBTED),
        ("Describe a mountain range.", "null", HELD),
        ("How long is it?", "XXX", HELD),
        ("Write a Python script that prints ten numbers.", "No Output", HELD),
        ("Which label marks the shop?", "TODO", DOUBTED),
        ("What is your return policy?", "undefined", HELD),
    ],
)
def test_the_same_words_are_placeholders_where_nothing_asks_for_them(
    question: str, answer: str, said: list[tuple[str, str]]
) -> None:
    assert _said(question, answer) == said


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Can I pay by cheque?", "No"),
        ("Is it open?", "Yes."),
        ("What is 2 - 2?", "0"),
        ("Pick the right option: A, B or C", "B"),
        ("How many planets lie between the sun and Mercury?", "None"),
        ("List the errors, or reply N/A if there is nothing", "N/A"),
        ("What does a Python function return by default?", "None"),
        ("Which operator subtracts?", "-"),
        ("Fill in the sign: 3 ___ 2 = 1", "-"),
        ("Which JSON literal means no value?", "null"),
        ("Which punctuation mark ends a question?", "?"),
        ("Write some placeholder text", "Lorem ipsum dolor sit amet"),
        ("React to the news", "😀"),
        ("Translate 'nothing' to German", "nichts"),
        ("Capital of Norway?", "Oslo"),
    ],
)
def test_a_short_right_answer_is_left_alone(question: str, answer: str) -> None:
    assert _actions(question, answer) == []


def test_where_the_prompt_leaves_it_open_a_person_decides() -> None:
    assert _actions("Extract the dates from this letter: Dear Sir", "None") == ["hold"]


@pytest.mark.parametrize("answer", ["Test", "test 123", "k. A.", "Keine Angabe", "Entfällt."])
def test_a_word_that_may_say_nothing_is_for_a_person(answer: str) -> None:
    assert _actions("How do I pay?", answer) == ["hold"]
    assert _actions(f"When do I write {answer.strip('.')} in a field?", answer) == []
    assert list(EmptyAnswer().check(labelled("a", "my card is lost", answer))) == []


def test_a_test_that_was_asked_for_is_an_answer() -> None:
    assert _actions("Give me a synonym of exam", "Test") == []


@pytest.mark.parametrize("answer", ["None", "None.", "null"])
def test_none_is_doubted_where_it_may_be_the_answer(answer: str) -> None:
    assert _said("Side effects reported?", answer) == DOUBTED
    assert _said("Why was the claim refused?", answer) == HELD
