from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import labelled, qa

from assay.records import Action, Example, Message
from assay.rules.empty_answer import EmptyAnswer


def _actions(question: str, answer: str) -> list[str]:
    return [found.action for found in EmptyAnswer().check(qa("a", question, answer))]


def _said(question: str, answer: str) -> list[tuple[str, str]]:
    return [(found.action, found.severity) for found in EmptyAnswer().check(qa("a", question, answer))]


HELD, DOUBTED = [("hold", "error")], [("hold", "warning")]


@pytest.mark.parametrize("answer", ["", "   ", "\n\t", "\u200b", "\u00a0", "\u2060 \ufeff"])
def test_an_answer_with_nothing_in_it_is_dropped(answer: str) -> None:
    assert _said("How do I close my account?", answer) == [("drop", "error")]


@pytest.mark.parametrize(
    "answer",
    [
        "N/A",
        "n.a.",
        "None",
        "null",
        "TODO",
        "tbd",
        "TODO: ask the bank",
        "-",
        "--",
        "- - -",
        "...",
        "…",
        "(…)",
        "?",
        "___",
        "<noinput>",
        "<nooutput>",
        "No Output",
        "[answer here]",
        "[Insert your answer here]",
        "{{response}}",
        "<your answer>",
        "undefined",
        "NaN",
        "#N/A",
        "#REF!",
        "asdf",
        "xxx",
        "Unknown",
        "Lorem ipsum",
        "Lorem ipsum dolor sit amet",
    ],
)
def test_a_placeholder_is_no_answer_and_is_held(answer: str) -> None:
    assert _said("How do I close my account?", answer) == HELD


def test_the_message_says_what_a_person_can_do() -> None:
    (sure,) = EmptyAnswer().check(qa("a", "How do I close my account?", "TODO"))
    (doubtful,) = EmptyAnswer().check(qa("a", "Side effects reported?", "None"))
    assert sure.message == ("the answer is a placeholder: 'TODO'; write the answer that belongs there, or drop the row")
    assert doubtful.message == (
        "the answer may be a placeholder: 'None'; if it is meant, keep it; else write the answer or drop the row"
    )


@pytest.mark.parametrize(("action", "held"), [("drop", "hold"), ("hold", "hold"), ("keep", "keep")])
def test_a_placeholder_is_never_dropped_whatever_becomes_of_empty_rows(action: Action, held: str) -> None:
    rule = EmptyAnswer(action=action)
    assert [f.action for f in rule.check(qa("a", "How do I pay?", ""))] == [action]
    assert [f.action for f in rule.check(qa("a", "How do I pay?", "N/A"))] == [held]


@pytest.mark.parametrize(
    ("label", "actions"),
    [
        ("none", []),
        ("N/A", ["hold"]),
        ("TODO", ["hold"]),
        ("-", ["hold"]),
        ("", ["drop"]),
        ("refund", []),
        ("no answer", []),
        ("[]", []),
    ],
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


@pytest.mark.parametrize("prompt", ["N/A", "TODO", "[Insert question here]"])
def test_a_prompt_that_asks_nothing_is_held(prompt: str) -> None:
    assert _actions(prompt, "Pay by card at the desk.") == ["hold"]


@pytest.mark.parametrize("text", ["N/A", "TODO", "null", "test", "lorem ipsum", "[name]", "?", "-", "asdf"])
def test_a_text_to_classify_may_be_any_word(text: str) -> None:
    assert list(EmptyAnswer().check(labelled("a", text, "task marker"))) == []
    assert _actions(text, "other") == []


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("test", "Loud and clear, what can I do?"),
        ("?", "Pay by card at the desk."),
        ("N/A", "N/A is short for not applicable."),
    ],
)
def test_what_people_send_and_a_word_that_the_answer_is_about_are_prompts(prompt: str, answer: str) -> None:
    assert _actions(prompt, answer) == []
