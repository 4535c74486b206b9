from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from conftest import qa

from assay.records import Example, Finding
from assay.rules.unsupported_detail import UnsupportedDetail
from assay.signals import Measured
from assay.signals.details import compared
from assay.sources import read

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
        ("The pool closes 45 minutes before the gym, which shuts at 21:30.", "At 20:45."),
        ("The train leaves at 9.05 and takes 40 minutes.", "It arrives at 9.45."),
        ("A locker is 15, and the fee is 2 euros.", "You pay 17 in all."),
        ("The prize was 300 euros, raised by 50 this year.", "It is 350 euros."),
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
        ("Mooring costs 6 euros a night for boats.", "Mooring is 6 pounds a night.", "6 euros"),
        ("The fee is 12 pounds per child.", "It is 12 dollars per child.", "12 pounds"),
        ("The gates open at 7.30.", "The gates open at 7.50 am.", "7.30"),
        ("The ferry leaves at noon.", "It leaves at 11 o'clock.", "noon"),
        ("The pool closes 45 minutes before the gym, which shuts at 21:30.", "It closes at 20:15.", "21:30"),
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


SHORT = "Returns are accepted within 30 days of purchase."


@pytest.mark.parametrize(
    "prompt",
    [
        f"Summarise the following clause:\n\n{SHORT}",
        f"Summarize: {SHORT}",
        f"What does this policy say?\n{SHORT}",
        f"According to the notice below, how long do customers have?\n\n{SHORT}",
        f"TL;DR of the email:\n{SHORT}",
    ],
)
def test_a_prompt_that_asks_for_something_of_a_text_and_gives_it_is_a_source_however_short(prompt: str) -> None:
    (found,) = _found(qa("x", prompt, "Returns are accepted within 3 days."))
    assert found.evidence["source"] == "30 days"


@pytest.mark.parametrize(
    "prompt",
    [
        SHORT,
        f"Is that right?\n{SHORT}",
        f"Change the number in this sentence:\n{SHORT}",
        f"Correct the following text:\n{SHORT}",
        "Summarise the history of returns within 30 days:",
        "Summarise the following: 30 days, returns",
    ],
)
def test_other_short_prompts_are_no_source(prompt: str) -> None:
    assert _found(qa("x", prompt, "Returns are accepted within 3 days.")) == []


@pytest.mark.parametrize("columns", [("document", "summary"), ("article", "highlights"), ("text", "summary")])
def test_the_document_of_a_file_of_summaries_is_a_source_however_short(
    tmp_path: Path, columns: tuple[str, str]
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(dict(zip(columns, (SHORT, "Returns are accepted within 3 days."), strict=True))))
    (found,) = _found(read(path).examples[0])
    assert found.evidence["source"] == "30 days"


def test_the_document_of_a_mapping_to_a_summary_is_a_source(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"clause": SHORT, "summary": "Returns are accepted within 3 days."}))
    assert len(_found(read(path, shape="prompt=clause,answer=summary").examples[0])) == 1
    path.write_text(json.dumps({"clause": SHORT, "reply": "Returns are accepted within 3 days."}))
    assert _found(read(path, shape="prompt=clause,answer=reply").examples[0]) == []


@pytest.mark.parametrize(
    ("context", "right", "wrong"),
    [
        ("The price of EUR 500 falls by 10 percent.", "It is EUR 450 now.", "It is EUR 50,000 now."),
        ("The rent of $800 rises by 5%.", "The rent is $840.", "The rent is $8,000."),
        ("Of the deposit of EUR 3,000 the firm keeps 20%.", "It keeps EUR 600.", "It keeps EUR 30,000."),
        ("Notice is due six months before 31 December.", "Notice is due by 30 June.", "Notice is due by 13 December."),
        ("The term of 60 days begins on 1 December.", "It ends on 30 January.", "It begins on 1 November."),
        ("It runs from 1 March to 15 March.", "It runs for two weeks.", None),
        ("It runs two years at EUR 1,200 a year.", "It costs EUR 2,400 in two years.", "It costs EUR 2,100 in all."),
    ],
)
def test_percents_of_amounts_and_dates_without_a_year_are_reckoned_with(
    context: str, right: str, wrong: str | None
) -> None:
    assert _found(_row(right, context=context)) == []
    assert wrong is None or _found(_row(wrong, context=context)) != []


def test_a_prompt_without_blanks_is_read_in_time_that_grows_with_its_length() -> None:
    start = time.perf_counter()
    assert _found(qa("x", "Summarise this text:\n" + "a" * 1_000_000, "It has 3 parts.")) == []
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("context", "question", "right", "wrong"),
    [
        ("Rent is $1,500 a month.", "What is the rent for a year?", "$18,000", "$15,000"),
        ("The drug is given at 5 mg/kg.", "What is the dose for 20 kg?", "100 mg", "150 mg"),
        ("The pass costs €40 per person.", "What do we pay as 6 persons?", "€240", "€420"),
        ("Doors open at 7:30 pm; the show starts half an hour later.", "When is the show?", "At 8 pm.", "At 9 pm."),
        ("It takes 2 h 45 min and lands at 14:00.", "When does it leave?", "11:15", "12:15"),
        ("The tour lasts 1 hour and 20 minutes and begins at 10:15.", "When is it over?", "At 11:35.", "At 11:55."),
    ],
)
def test_rates_halves_of_hours_and_spans_in_two_parts_are_reckoned_with(
    context: str, question: str, right: str, wrong: str
) -> None:
    asked = f"{question}\n\n{context}"
    assert _found(_row(right, context=context, question=asked)) == []
    assert _found(_row(wrong, context=context, question=asked))


def test_a_rate_is_not_reckoned_with_where_no_span_is_asked_for() -> None:
    context = "The fee is $25 a month."
    assert _found(_row("$52", context=context, question=f"What is the monthly fee?\n\n{context}"))


@pytest.mark.parametrize(("total", "wrong"), [("£159", False), ("£135", False), ("£161", True)])
def test_the_items_of_a_bill_may_be_added_up(total: str, wrong: bool) -> None:
    context = "The pitch raise is £60, the fine tuning £75 and two centre pins £24."
    row = replace(qa("a", "What does the customer owe in all?", f"{total} in all."), context=context)
    said = compared(row)
    assert said is not None
    assert bool(said.strange) == wrong


@pytest.mark.parametrize("heads", [("Context", "Question"), ("Text", "Frage"), ("**Passage**", "**Question**")])
def test_a_text_under_a_heading_is_what_the_answer_rests_on(heads: tuple[str, str]) -> None:
    prompt = (
        f"{heads[0]}: The hire of the boat costs 240 euros for three nights.\n\n{heads[1]}: What is the hire?\nAnswer:"
    )
    (found,) = UnsupportedDetail().survey(Measured([qa("a", prompt, "It is 420 euros.")]))
    assert found.evidence["said"] == "420 euros"
    assert not list(UnsupportedDetail().survey(Measured([qa("b", prompt, "It is 240 euros.")])))
