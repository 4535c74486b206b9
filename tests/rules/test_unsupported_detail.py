from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from conftest import qa

from assay.records import Example, Finding
from assay.rules.unsupported_detail import UnsupportedDetail
from assay.signals import Measured

POLICY = (
    "Goods may be returned within 30 days of delivery. A refund of 80% of the price is paid after two weeks. "
    "The policy was adopted on 4 March 2012 and covers 1,200 shops. Tablets hold 500 mg of salt."
)


def _row(answer: str, *, context: str = POLICY, question: str = "What does the policy say?") -> Example:
    return replace(qa("x", question, answer), context=context)


def _found(example: Example, others: list[Example] | None = None) -> list[Finding]:
    found = UnsupportedDetail().survey(Measured([example, *(others or [])]))
    return [finding for finding in found if finding.id == example.id]


@pytest.mark.parametrize(
    ("answer", "mended"),
    [
        ("You can return goods within 3 days of delivery.", "You can return goods within 30 days of delivery."),
        ("A refund of 8% of the price is paid.", "A refund of 80% of the price is paid."),
        ("The refund is paid after three weeks.", "The refund is paid after two weeks."),
        ("It was adopted on 4 March 2021.", "It was adopted on 4 March 2012."),
        ("The policy covers 2,100 shops.", "The policy covers 1,200 shops."),
        ("Tablets hold 500 g of salt.", "Tablets hold 500 mg of salt."),
    ],
)
def test_a_number_copied_wrongly_is_held_with_the_right_one(answer: str, mended: str) -> None:
    (found,) = _found(_row(answer))
    assert found.action == "hold"
    assert found.after is not None
    assert found.after.answer == mended


@pytest.mark.parametrize(
    "answer",
    [
        "Within thirty days, and 80 percent come back after 14 days.",
        "After a fortnight you get 80% of the price.",
        "It dates from 2012.",
        "Adopted on March 4, 2012; 1200 shops take part.",
        "0.5 g of salt are in a tablet.",
        "You lose 20% of the price.",
        "There are three points: returns, refunds and shops.",
        "1. Return goods within 30 days.\n2. Wait two weeks.",
        "Returns are accepted.",
    ],
)
def test_other_forms_of_the_number_and_what_follows_from_it_stay(answer: str) -> None:
    assert _found(_row(answer)) == []


def test_sums_and_differences_of_the_source_stay() -> None:
    context = "Ana worked 12 days in May and 9 days in June. She is paid $40 a day."
    assert _found(_row("Ana worked 21 days in May and June together.", context=context)) == []
    assert _found(_row("Ana worked 3 days more in May than in June.", context=context)) == []
    assert _found(_row("Ana worked 19 days in May.", context=context)) != []


def test_products_and_counts_stay_where_the_question_asks_how_many() -> None:
    context = "The van carries 12 boxes. Each box holds 40 lamps. It drives on Monday, Tuesday and Friday."
    assert _found(_row("It carries 480 lamps.", context=context, question="How many lamps does it carry?")) == []
    assert _found(_row("It drives 3 times.", context=context, question="How many times does it drive?")) == []
    assert _found(_row("Each box holds 45 lamps.", context=context, question="How many lamps are in each box?")) != []


@pytest.mark.parametrize(
    ("context", "answer"),
    [
        ("The lease runs for 24 months from 1 July 2022.", "It ends on 30 June 2024."),
        ("Doors open at 18:30 and the show starts at 20:00.", "It starts at 8 pm, ninety minutes after doors open."),
        ("Half of the 60 members voted in favour.", "30 members voted in favour."),
        ("Winds of 120 km/h were measured.", "Winds of about 75 mph."),
        ("Bake at 180 °C.", "Bake at 356 °F."),
        ("Take a 500 mg tablet every 8 hours.", "Three tablets a day, 1,500 mg."),
        ("It was sold for $15.5 million.", "$15.5m."),
        ("The chapter has sections 3.1 to 3.4.", "Sections 3.1, 3.2, 3.3 and 3.4."),
        ("A fee of 0.75% applies.", "Three quarters of a percent (0.75 %)."),
    ],
)
def test_what_can_be_worked_out_stays(context: str, answer: str) -> None:
    assert _found(_row(answer, context=context)) == []


@pytest.mark.parametrize(
    ("context", "answer", "right"),
    [
        ("Population: 1.35 million.", "13.5 million people.", "1.35 million"),
        ("The premium is €49 a month.", "It costs $49.", "€49"),
        ("The battery lasts up to 10 hours.", "Up to 10 minutes.", "10 hours"),
        ("It was shipped on 2024-02-03.", "On March 2, 2024.", "2024-02-03"),
        ("Preheat to 180 °C.", "Preheat to 180 °F.", "180 °C"),
        ("She scored 31 points.", "13 points.", "31"),
    ],
)
def test_a_number_miswritten_is_found_in_a_short_answer(context: str, answer: str, right: str) -> None:
    (found,) = _found(_row(answer, context=context, question="How many was it?"))
    assert found.evidence["source"] == right


def test_a_question_to_reckon_is_left_alone() -> None:
    assert _found(_row("Goods may be returned within 720 hours of delivery.", question="Convert the period.")) == []


def test_a_prompt_that_carries_a_document_is_a_source() -> None:
    asked = f"Summarise the following policy.\n\n{POLICY} {POLICY.replace('Goods', 'Tools')}"
    (found,) = _found(qa("x", asked, "Goods may be returned within 3 days of delivery."))
    assert found.evidence["source"] == "30 days"


def test_a_row_without_a_source_is_left_alone() -> None:
    assert _found(qa("x", "How long do I have?", "Within 3 days of delivery.")) == []


def _pairs(absent: float) -> list[Example]:
    rng, rows = Random(1), []
    for i in range(60):
        days, fee = rng.randrange(10, 99), rng.randrange(100, 999)
        told = fee if rng.random() >= absent else fee + 1000
        text = f"The office in room {i} opens every {days} days and asks for a form."
        rows.append(replace(qa(f"r{i}", "What is asked?", f"Bring {told} coins."), context=f"{text} Costs: {fee}."))
    return rows


def test_a_number_from_nowhere_is_found_where_the_answers_keep_to_their_sources() -> None:
    stranger = _row("Members get a gift worth $75.")
    assert [f.severity for f in _found(stranger, _pairs(0.0))] == ["warning"]
    assert _found(stranger, _pairs(0.6)) == []
