from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import labelled, qa

from assay.records import Example, Message
from assay.rules.empty_answer import EmptyAnswer


def _actions(question: str, answer: str) -> list[str]:
    return [found.action for found in EmptyAnswer().check(qa("a", question, answer))]


@pytest.mark.parametrize(
    "answer",
    [
        "", "   ", "\n\t", "\u200b", "N/A", "n.a.", "None", "null", "TODO", "tbd", "-", "--", "...", "…", "?",
        "<noinput>", "<nooutput>",
        "No Output", "[answer here]", "[Insert your answer here]", "{{response}}", "<your answer>", "NaN", "#N/A",
        "Lorem ipsum dolor sit amet",
    ],
)  # fmt: skip
def test_a_placeholder_is_no_answer(answer: str) -> None:
    assert _actions("How do I close my account?", answer) == ["drop"]


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


@pytest.mark.parametrize(
    ("label", "actions"), [("none", []), ("N/A", ["hold"]), ("TODO", ["hold"]), ("-", ["drop"]), ("refund", [])]
)
def test_a_label_that_may_be_a_class_is_not_dropped(label: str, actions: list[str]) -> None:
    assert [f.action for f in EmptyAnswer().check(labelled("a", "my card is lost", label))] == actions


def test_a_class_can_be_allowed() -> None:
    assert list(EmptyAnswer(allowed=("n/a",)).check(labelled("a", "my card is lost", "N/A"))) == []


def test_an_answer_that_nothing_asks_for_is_held_with_and_without_a_system_prompt() -> None:
    (found,) = EmptyAnswer().check(qa("a", " ", "yes"))
    assert (found.field, found.action) == ("prompt", "hold")
    turns = (Message("system", "Say hello"), Message("user", ""), Message("assistant", "hello"))
    (held,) = EmptyAnswer().check(Example("a", "chat", turns))
    assert (held.action, held.score) == (found.action, found.score)


def test_a_label_without_a_text_is_dropped_with_and_without_a_system_prompt() -> None:
    bare = labelled("a", "", "refund")
    (found,) = EmptyAnswer().check(bare)
    (again,) = EmptyAnswer().check(replace(bare, messages=(Message("system", "Sort it."), *bare.messages)))
    assert (found.field, found.action) == (again.field, again.action) == ("prompt", "drop")


def test_neither_prompt_nor_answer_is_dropped() -> None:
    assert [f.action for f in EmptyAnswer().check(qa("a", " ", "\u200b"))] == ["drop"]


@pytest.mark.parametrize(
    ("question", "answer", "slot"),
    [
        ("Why was I charged?", "Dear {{first_name}}, you were charged twice.", "{{first_name}}"),
        ("Where do I apply?", "Apply at <INSERT LINK>.", "<INSERT LINK>"),
        ("Where is my car?", "Hello %CUSTOMER_NAME%, it is parked.", "%CUSTOMER_NAME%"),
        ("Where is my car?", "It stands in bay ${bay_number}.", "${bay_number}"),
        ("What does it cost?", "It costs [insert amount here] a month.", "[insert amount here]"),
        ("Who answers?", "We do. Kind regards, [Your Name]", "[Your Name]"),
        ("Who answers?", "Ask [YOUR_MANAGER] for it.", "[YOUR_MANAGER]"),
        ("Wie erreiche ich Sie?", "Rufen Sie [Nummer hier einfügen] an.", "[Nummer hier einfügen]"),
        ("How do I change my e-mail?", "Open <link goes here> and sign in.", "<link goes here>"),
        ("Name the capital of <insert a country>", "Oslo", "<insert a country>"),
        ("Is my table booked?", "Hello [Guest Name], your table is booked.", "[Guest Name]"),
        ("Où est mon colis ?", "Bonjour [PRÉNOM], il arrive demain.", "[PRÉNOM]"),
        ("How long does it take?", "It takes [XX] working days.", "[XX]"),
        ("Who is my vet?", "Your vet is {doctor_name}.", "{doctor_name}"),
        ("I am {customer_name}, where is it?", "It is on its way.", "{customer_name}"),
        ("What do I owe?", "You owe $AMOUNT by Friday.", "$AMOUNT"),
        ("Where is the map?", "See __URL__ for it.", "__URL__"),
        ("Where is the map?", "It is at __LINK__.", "__LINK__"),
        ("When is mass?", "On Sundays at ___ and ___ o'clock.", "___"),
    ],
)
def test_a_slot_that_nobody_filled_in_is_held(question: str, answer: str, slot: str) -> None:
    (found,) = EmptyAnswer().check(qa("a", question, answer))
    assert (found.action, found.evidence["slot"]) == ("hold", slot)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Write a letter to my landlord", "Dear [Landlord's Name], I move out. [Your Name]"),
        ("Give advice to a friend who seeks work", "Hey [Friend], look around. Yours, [Your Name]"),
        ("Cover letter for a nurse", "Dear Sir, ... [Your Name]"),
        ("Which placeholder holds the name?", "Use {{first_name}}."),
        ("What does Jinja print?", "It prints {{ user.name }} as it stands."),
        ("How do I join a path?", "const p = `${base_dir}/x`;"),
        ("How do I open the folder?", "Run this:\n```\ncd ${base_dir}\n```"),
        ("Which environment variable names the machine?", "%COMPUTER_NAME%"),
        ("Where is it?", "See [1], [2, p. 4] and [EMAIL], [ADDRESS], [SECRET], [FIRST_NAME]."),
        ("Where is it?", "See [your account](https://acme.io) or [insert mode][1]."),
        ("When is it cold?", "At <10 degrees, or when x < y and z > w."),
        ("How is it solved?", "With \\frac{{abc}}{{def}}."),
        ("How do I log on?", "Type user: <your login name> and then your pin."),
        ("How do I join the list?", "Text JOIN <your postcode> to 60600."),
        ("The mail says password: <your password>", "Type it there."),
        ("Fill in: The ___ barks.", "The dog barks, not the ___."),
        ("List the cities in the form {name} - {year}", "Oslo - 1048"),
        ("Which share fell?", "$NVDA fell, $HOME is no share."),
        ("What matches?", "The class [0-9] does [sic], as in [2, p. 4] and E[X] = 2, keep [X] low."),
        ("How do I greet users in a loop?", 'print(f"Hello {user_name}")'),
        ("Where is it served?", "At /v1/orders/{order_id}/items."),
        ("How is the song built?", "[Verse] [Chorus] [Applause]"),
        ("What is __FILE__ for?", "__FILE__, __DATE__ and __init__ are set for you."),
        ("What goes below?", "Your name\n__________\nand the date"),
        ("Draft a reply for late parcels.", "Dear [Name], it comes within [X] days."),
    ],
)
def test_slots_that_are_meant_and_other_brackets_are_left_alone(question: str, answer: str) -> None:
    assert _actions(question, answer) == []


@pytest.mark.parametrize("answer", ["Test", "test 123", "k. A.", "Keine Angabe", "Entfällt."])
def test_a_word_that_may_say_nothing_is_for_a_person(answer: str) -> None:
    assert _actions("How do I pay?", answer) == ["hold"]
    assert _actions(f"When do I write {answer.strip('.')} in a field?", answer) == []
    assert list(EmptyAnswer().check(labelled("a", "my card is lost", answer))) == []


def test_a_test_that_was_asked_for_is_an_answer() -> None:
    assert _actions("Give me a synonym of exam", "Test") == []


@pytest.mark.parametrize(("prompt", "actions"), [("N/A", ["hold"]), ("k. A.", ["hold"]), ("test", ["hold"]), ("?", [])])
def test_a_prompt_that_asks_nothing_is_held(prompt: str, actions: list[str]) -> None:
    assert _actions(prompt, "Pay by card at the desk.") == actions


@pytest.mark.parametrize("answer", ["None", "None.", "null"])
def test_none_is_held_where_it_may_be_the_answer(answer: str) -> None:
    assert _actions("Side effects reported?", answer) == ["hold"]
    assert _actions("Which drugs does the patient take?", answer) == ["hold"]
    assert _actions("Why was the claim refused?", answer) == ["drop"]


@pytest.mark.parametrize(("question", "answer", "actions"), [
    ("What do three dots look like?", "...", []), ("Which comment marks undone work in code?", "TODO", ["hold"]),
    ("What is the abbreviation of 'to be determined'?", "TBD", ["hold"]),
    ("What is the refund policy?", "TODO", ["drop"]),
])  # fmt: skip
def test_what_stands_for_nothing_may_be_what_is_asked_for(question: str, answer: str, actions: list[str]) -> None:
    assert _actions(question, answer) == actions
