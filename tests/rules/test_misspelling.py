from __future__ import annotations

import json

import pytest
from conftest import labelled, qa

from assay.records import Example, Finding
from assay.rules.misspelling import Misspelling
from assay.signals import Measured

SAYINGS = (
    "my payment was declined at the counter again",
    "please transfer the money to the other account",
    "where is the statement of my account for march",
    "the machine kept my card and gave no receipt",
)


def _set(*more: Example) -> list[Example]:
    rows = [
        qa(f"r{i:02}", f"{SAYINGS[i % 4]}, case {i}", f"We look into payment {i} without delay.") for i in range(40)
    ]
    return [*rows, *more]


def _found(*more: Example, prompts: bool = True) -> dict[str, Finding]:
    return {f.id: f for f in Misspelling(prompts=prompts).survey(Measured(_set(*more)))}


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("paymnet", "payment"), ("decined", "declined"), ("recceipt", "receipt"), ("accoumt", "account")],
)
def test_a_slip_in_a_word_of_the_set_is_told_with_the_word(wrong: str, meant: str) -> None:
    found = _found(qa("x", f"what about the {wrong} of last week", "We look into it."))
    assert found["x"].evidence["words"] == {wrong: meant}
    assert found["x"].after is not None
    assert found["x"].after.prompt == f"what about the {meant} of last week"
    assert found["x"].after.answer == "We look into it."
    assert (found["x"].field, found["x"].action) == ("prompt", "keep")
    json.dumps(dict(found["x"].evidence))


def test_prompts_may_be_left_out_and_answers_are_still_read() -> None:
    found = _found(
        qa("x", "what about the paymnet", "We look into it."),
        qa("y", "what now", "The paymnett is there"),
        prompts=False,
    )
    assert "x" not in found
    found = _found(qa("y", "what now", "The transferr is there."), prompts=False)
    assert found["y"].field == "answer"


@pytest.mark.parametrize(
    "text",
    [
        "I spoke with Accountia about it",  # a name
        "see paymant.example.org/paymemt or write to paymemt@example.org",  # addresses
        "call `paymemt()` first",  # code
        "is 'paymemt' the right spelling?",  # about spelling
        "the counters are closed",  # a form of a word
        "the repayment is overdue",  # another word
        "el pagamento fue declinado en la maquina otra vez",  # another language
        "PAYMEMT",  # a code
        "the cheque was honoured and the colour is grey",  # of another country
    ],
)
def test_names_addresses_code_forms_and_other_languages_are_left_alone(text: str) -> None:
    assert _found(qa("x", text, "We look into it.")) == {}


def test_a_word_that_two_rows_use_is_a_word_of_the_set() -> None:
    rows = [qa(name, f"the paymemt of {name} is due", "We look into it.") for name in ("x", "y")]
    assert _found(*rows) == {}


def test_labels_are_no_text() -> None:
    assert _found(labelled("x", "where is my money", "paymemt")) == {}


def test_a_set_in_another_language_has_no_findings() -> None:
    rows = [
        qa(f"g{i}", f"Die Überweisung wurde abgelehnt, Vorgang {i}", "Wir prüfen die überweisung") for i in range(40)
    ]
    rows.append(qa("x", "wo ist meine überweisunng und die abgelehnnt", "Wir prüfen das"))
    assert list(Misspelling().survey(Measured(rows))) == []
