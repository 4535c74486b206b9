from __future__ import annotations

import json
from random import Random

import pytest
from conftest import labelled, qa

from assay.demo.mess import read_rows
from assay.records import Example, Finding
from assay.rules.inconsistent_answer import InconsistentAnswer
from assay.signals import Measured

NAMES = [
    "Ana Keller",
    "Boris Novak",
    "Chen Osei",
    "Dina Petrov",
    "Emil Larsen",
    "Fay Hughes",
    "Gita Rao",
    "Hugo Moreau",
]


def _found(rows: list[Example]) -> dict[str, Finding]:
    return {f.id: f for f in InconsistentAnswer().survey(Measured(rows))}


def _bank(label: str, n: int) -> list[Example]:
    rows = [row for row in read_rows("banking_train.csv") if row.label == label]
    return [labelled(f"{label}{i:03}", row.text, row.label) for i, row in enumerate(rows[:n])]


def test_spellings_of_a_label_are_held_with_the_form_most_rows_use() -> None:
    rows = _bank("card_arrival", 60) + _bank("change_pin", 60)
    odd = {"card_arrival003": "Card Arrival", "card_arrival010": "card arr.", "card_arrival020": "crad_arrival",
           "change_pin007": "CHANGE PIN", "change_pin030": "chng pin"}  # fmt: skip
    found = _found([row.with_answer(odd.get(row.id, row.answer)) for row in rows])
    assert set(found) == set(odd)
    assert all(f.after is not None and f.after.label == id[:-3] for id, f in found.items())
    assert found["card_arrival010"].evidence["tie"] == "abbreviation"
    json.dumps([dict(f.evidence) for f in found.values()])


def test_distinct_labels_that_look_alike_are_left_alone() -> None:
    pairs = ("pending_top_up", "pending_transfer"), ("declined_card_payment", "pending_card_payment")
    rows = [row for pair in pairs for label in pair for row in _bank(label, 50)]
    assert not [f for f in _found(rows).values() if "spelling" in f.message]


def _invoices(n: int, seed: int) -> list[Example]:
    rng = Random(seed)
    asks = (
        "Create an invoice for order {} of {}.",
        "{1} wants the bill for order {0}.",
        "Raise the invoice: {1}, order {0}.",
    )
    return [
        qa(
            f"i{i:03}",
            rng.choice(asks).format(rng.randint(1000, 9999), rng.choice(NAMES)),
            "Invoice Generated Successfully",
        )
        for i in range(n)
    ]


def test_a_canned_answer_written_another_way_is_held_with_the_common_one() -> None:
    rows = _invoices(40, 0)
    odd = {"i004": "inv. done", "i011": "receipt sent", "i025": "invoice gen", "i030": "ok!!"}
    found = _found([row.with_answer(odd.get(row.id, row.answer)) for row in rows])
    assert set(found) == set(odd)
    assert all(f.after is not None and f.after.answer == "Invoice Generated Successfully" for f in found.values())
    json.dumps([dict(f.evidence) for f in found.values()])


def _errands(seed: int, n: int = 20) -> list[Example]:
    """Four errands in capitals at a few places, each with its canned answer."""
    rng = Random(seed)
    asks = {
        "Kennel Reserved": "{}Reserve box {} in {}", "Feed Ordered": "{}Order {} bags of feed for {}",
        "Owner Called": "{}Call the owner of dog {} in {}", "Jab Noted": "{}Note vaccination {} done in {}",
    }  # fmt: skip
    places = ("the north wing", "our Leeds house", "the harbour clinic")
    return [
        qa(f"{said[:2].lower()}{i:02}", ask.format(("", "Please ")[i % 2], rng.randint(10, 999), places[i % 3]), said)
        for said, ask in asks.items() for i in range(n)
    ]  # fmt: skip


def test_among_several_requests_each_variant_is_held_also_one_of_other_capitals() -> None:
    odd = {"ke03": "kennel res.", "ke04": "KENNEL RESERVED", "fe07": "feed ord. ok", "ow11": "owner called"}
    odd["ja02"] = "jab ok"
    found = _found([row.with_answer(odd.get(row.id, row.answer)) for row in _errands(3)])
    assert set(found) == set(odd)
    after = found["ke04"].after
    assert after is not None
    assert after.answer == "Kennel Reserved"


def test_the_canned_answer_of_another_request_is_held() -> None:
    odd = {"ke03": "Feed Ordered", "ow07": "Jab Noted", "ja11": "Kennel Reserved"}
    found = _found([row.with_answer(odd.get(row.id, row.answer)) for row in _errands(4)])
    assert set(found) == set(odd)
    after = found["ow07"].after
    assert after is not None
    assert after.answer == "Owner Called"


def test_one_request_may_have_two_usual_answers() -> None:
    rng = Random(5)
    ask = "Is a slot free on day {} for {}?"
    found = ("Slot Full", "Slot Found")
    rows = [qa(f"s{i}", ask.format(rng.randint(1, 999), rng.choice(NAMES)), found[i % 2]) for i in range(80)]
    assert _found([*rows, *_errands(6)]) == {}


def test_another_request_with_another_answer_is_no_stray() -> None:
    rng = Random(1)
    rows = _invoices(40, 1)
    rows += [
        qa(
            f"d{i}",
            f"Delete the invoice for order {rng.randint(1000, 9999)} of {rng.choice(NAMES)}.",
            "Invoice Deleted",
        )
        for i in range(4)
    ]
    assert _found(rows) == {}
    assert (
        _found([*_invoices(40, 2), qa("d", "Delete the invoice for order 12 of Ana Keller.", "Invoice Deleted")]) == {}
    )


def test_one_question_with_two_facts_is_held_both_times_and_the_majority_once() -> None:
    tie = [qa("a", "How many days do I have to return shoes?", "You have 14 days."),
           qa("b", "how many days do I have to return shoes", "You have 30 days.")]  # fmt: skip
    assert set(_found(tie)) == {"a", "b"}
    assert all(f.after is None for f in _found(tie).values())
    most = [qa(f"c{i}", "What is the return period?", "14 days.") for i in range(3)]
    found = _found([*most, qa("d", "What is the return period?", "30 days.")])
    assert set(found) == {"d"}
    assert found["d"].after is not None
    assert found["d"].after.answer == "14 days."


def test_of_two_labels_on_one_text_the_improbable_one_is_held() -> None:
    rows = _bank("card_arrival", 60) + _bank("change_pin", 60)
    found = _found([*rows, labelled("odd", rows[0].prompt, "change_pin")])
    assert set(found) == {"odd"}
    assert found["odd"].evidence["suggestion"] == "card_arrival"


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (
            "Write a poem about the sea.",
            "Blue waves roll in, the sea is wide.",
            "Salt and foam, the sea calls me home.",
        ),
        ("What is the capital of France?", "Paris", "The capital of France is Paris."),
        (
            "Why is the sky blue?",
            "The sky is blue because air scatters short blue wavelengths of sunlight more than the long red ones.",
            "Because sunlight is scattered by air, and short blue wavelengths are scattered more than long red ones.",
        ),
    ],
)
def test_open_requests_and_paraphrases_are_left_alone(question: str, one: str, other: str) -> None:
    assert _found([qa("a", question, one), qa("b", question, other)]) == {}


def test_odd_sets_raise_nothing() -> None:
    assert _found([]) == {}
    assert _found([qa("a", "", ""), qa("b", "", "x")]) == {}
    assert _found([qa(str(i), "same", "same") for i in range(60)]) == {}
    assert _found([labelled(str(i), f"текст {i}", f"класс {i}") for i in range(30)]) == {}


def _lab_reports(odd: dict[str, str], common: str) -> list[Example]:
    rng = Random(5)
    asks = ("Tell {} about blood test {}.", "Blood test {1} of {0}: what do I say?")
    rows = [
        qa(f"r{i:02}", rng.choice(asks).format(rng.choice(NAMES), rng.randint(1000, 9999)), common) for i in range(40)
    ]
    return [row.with_answer(odd.get(row.id, row.answer)) for row in rows]


def test_a_form_that_leaves_out_what_the_common_one_denies_or_writes_a_number_is_held() -> None:
    odd = {"r03": "all normal", "r11": "normal results!", "r20": "results normal - fine"}
    assert set(_found(_lab_reports(odd, "Results are normal, no action needed."))) == set(odd)
    odd = {"r03": "next test in 3 mo", "r20": "again in 3 months"}
    assert set(_found(_lab_reports(odd, "Your next test is due in three months."))) == set(odd)


@pytest.mark.parametrize(
    ("common", "other"),
    [
        ("The test was not passed.", "The test was passed."),
        ("Results are normal, no action needed.", "Results: action needed."),
        ("Your next test is due in three months.", "Your next test is due in 6 months."),
        ("The sample can be used.", "The sample cannot be used."),
    ],
)
def test_an_opposite_or_another_number_is_no_form_of_the_common_answer(common: str, other: str) -> None:
    assert _found(_lab_reports({"r03": other, "r20": other}, common)) == {}


def test_an_apostrophe_can_make_another_answer() -> None:
    asked = "Which word is right here: the cat of {} licks {} paw"
    rows = [qa(f"r{i}", asked.format(name, name), "its") for i, name in enumerate(NAMES)]
    assert _found([*rows, qa("x", asked.format("Ivo Kral", "Ivo Kral"), "it's")]) == {}


@pytest.mark.parametrize(
    ("one", "other"), [("US", "us"), ("Polish", "polish"), ("Ok!", "ok?"), ("What is 5! ?", "What is 5!! ?"),
                       ("a  b", "a b"), ("No price too low", "No, price too low")],
)  # fmt: skip
def test_looks_may_be_why_short_prompts_are_answered_in_unlike_ways(one: str, other: str) -> None:
    rows = [labelled("a", one, "country"), labelled("b", other, "pronoun")]
    rows += [labelled(f"r{i}", f"question of page {i}", ("country", "pronoun")[i % 2]) for i in range(8)]
    assert {"a", "b"}.isdisjoint(found.id for found in InconsistentAnswer().survey(Measured(rows)))


def test_looks_are_no_reason_in_a_longer_prompt() -> None:
    rows = [
        labelled("a", "where do i find my parcel today", "lost"),
        labelled("b", "Where do I find my parcel today?", "found"),
    ]
    rows += [labelled(f"r{i}", f"question of page {i}", ("lost", "found")[i % 2]) for i in range(8)]
    assert {"a", "b"} & {found.id for found in InconsistentAnswer().survey(Measured(rows))}


def test_a_canned_answer_of_two_sentences_is_written_one_way() -> None:
    usual = "Repeat prescription noted. It can be collected after two working days."
    pets = ("Bella", "Max", "Luna", "Rocky", "Coco", "Milo", "Nala", "Toby", "Ruby", "Simba")
    rows = [qa(str(i), f"I need more tablets for {name}", usual) for i, name in enumerate(pets)]
    stray = qa("x", "I need more tablets for Oscar", "rx noted, pick up in 2 working days")
    (found,) = InconsistentAnswer().survey(Measured([*rows, stray]))
    assert (found.id, found.evidence["suggestion"]) == ("x", usual)
