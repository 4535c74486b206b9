from __future__ import annotations

import pytest
from conftest import qa

from assay.rules.spacing import Spacing, tidy


@pytest.mark.parametrize(
    ("untidy", "tidied"),
    [
        ("  well ,  yes, why not ", "well, yes, why not"),
        ("my   card is  lost", "my card is lost"),
        ("What is that? Who are you ?", "What is that? Who are you?"),
        ("What are the signs of the flu ?", "What are the signs of the flu?"),
        ("It works. Now go on .", "It works. Now go on."),
        ("hel\u200blo\ufeff wor\u200dld", "hello world"),
        ("no\xa0break here", "no break here"),
        ("flip \u202etxet\u202c here", "flip txet here"),
        ("\n\nanswer\n\n", "answer"),
        ("one\u2028two", "one\ntwo"),
    ],
)
def test_stray_blanks_go(untidy: str, tidied: str) -> None:
    assert tidy(untidy) == tidied


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    return  x",
        "    return x + 1",
        "    return 2",
        "\tpass",
        "```\nx  =  1 ,\n```",
        "| a   | b  |\n|-----|----|\n| 1   | 2  |",
        "Name    Age\nBob     31\nAda     36",
        "- one\n  - two\n    - three",
        "1.  first\n2.  second",
        "roses are red  \nviolets are blue\n    and so on",
        "An end.  A start.",
        "git add . && git commit",
        "Then run git add .",
        "Comment allez-vous ?",
        "Combien ça coûte\xa0?",
        "10\xa0000\xa0km, 5\xa0%, §\xa05",
        "👩‍👩‍👧 family",
        "می‌خواهم בָּרוּךְ\u200f",
        "ภาษา\u200bไทย",
        "wait ... what",
        "print('a  b')",
        "use .NET and :) smile",
        "Bravo !",
        "X . O . X .",
        "I came , I saw , I left",
        "Hello , world !",
        ":ann foaf:knows :bob .",
        "la   la   la",
        "S A L E   N O W",
        "0007Ann      30",
        'There are three in "a   b" and in the other one.',
        "\u3000\u3000春天来了，花开了。",
    ],
)
def test_blanks_with_a_meaning_stay(text: str) -> None:
    assert tidy(text) == text


def test_a_blank_answer_is_left_for_the_rule_of_empty_answers() -> None:
    assert list(Spacing().check(qa("a", "why", "   "))) == []


def test_one_edit_tidies_every_message() -> None:
    (found,) = Spacing().check(qa("a", " why ", " so "))
    assert found.after is not None
    assert (found.after.prompt, found.after.answer) == ("why", "so")


@pytest.mark.parametrize(("prompt", "answer"), [
    ("def add(a, b):\n", "    return a + b\n"), ("for i in range(3):", "\n    print(i)"),
    ("Once upon a", " time it was."),
    ("Review: lovely soup\n\n###\n\n", " positive\n"), ("Q: The capital of Peru?\nA:", " Lima"),
    ("Remove the double blanks: I like  you", "I like you"), ("How many blanks are in that line?", "In this  one two."),
    ("What is left of it: he came , saw, left", "he came, saw, left"),
])  # fmt: skip
def test_blanks_that_a_row_is_about_or_that_join_its_texts_stay(prompt: str, answer: str) -> None:
    assert not list(Spacing().check(qa("a", prompt, answer)))
