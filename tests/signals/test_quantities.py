from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from conftest import qa
from hypothesis import given
from hypothesis import strategies as st

from assay.signals.agreement import agree
from assay.signals.details import compared
from assay.signals.house import house, rewritten
from assay.signals.quantities import quantities
from assay.signals.support import supports

PIECES = st.sampled_from((
    "12", "1,000", "0", "3.5", "٣", "²", "$", "€", "%", " ", "mg", "g", "days", "31/12/99", "00:00", "24:60", "May 31",
    "2020-13-45", "half", "twenty", "one hundred", "million", "a week", "-", "–", "to", ".", "\n", "9" * 30, "1/0",
    "12.50 pm", "feb 30, 2021", "'", "pounds", "noon", "half past", "o'clock", "working days", " and a half",
))  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=14).map("".join)


@pytest.mark.parametrize("unit", ["1 ", "12 days ", "May 3, 2020 ", "one hundred and ", "$5 ", "3-", "a week "])
def test_a_text_all_of_numbers_is_no_trouble(unit: str) -> None:
    text = unit * (30_000 // len(unit))
    assert compared(replace(qa("a", "What?", text), context=text)) is None or unit == "one hundred and "


@given(TEXTS, TEXTS, TEXTS)
def test_any_text_is_read_and_every_number_agrees_with_itself(answer: str, context: str, question: str) -> None:
    found = quantities(answer)
    assert all(0 <= q.start <= q.number[0] <= q.number[1] <= q.end <= len(answer) for q in found)
    assert all(agree(q, q) for q in found)
    assert all(agree(a, b) == agree(b, a) for a, b in product(found, quantities(context)))
    row = replace(qa("a", question, answer), context=context)
    compared(row)
    supports([row])
    assert all(rewritten(answer, [style]) is not None for style in house([answer], 0.5, least=1))


def _read(text: str) -> list[tuple[str, str]]:
    return [(text[q.start : q.end], q.kind) for q in quantities(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pay $5 within 30 business days", [("$5", "dollar"), ("30 business days", "time")]),
        ("about two hundred and fifty people", [("two hundred and fifty", "")]),
        ("a seventy-six year old", [("seventy-six year", "time")]),
        ("July 31, 2008 at 11 a.m.", [("July 31, 2008", "date"), ("11 a.m.", "clock")]),
        ("on 31/07/2008 and 2008-07-31", [("31/07/2008", "date"), ("2008-07-31", "date")]),
        ("1,250 employees in 2012", [("1,250", ""), ("2012", "year")]),
        ("3 to 4 weeks", [("3", "time"), ("4 weeks", "time")]),
        ("5 percent, 5 per cent, 5%", [("5 percent", "share"), ("5 per cent", "share"), ("5%", "share")]),
        ("dreißig Tage, trente jours", [("dreißig Tage", "time"), ("trente jours", "time")]),
        ("5μg against 5 mg", [("5μg", "mass"), ("5 mg", "mass")]),
        ("$1.5 million", [("$1.5 million", "dollar")]),
    ],
)  # fmt: skip
def test_numbers_are_read_with_what_they_count(text: str, expected: list[tuple[str, str]]) -> None:
    assert _read(text) == expected


@pytest.mark.parametrize(
    "text", ["vitamin B12 and COVID-19", "1. First\n2. Second\n", "one of us", "no numbers here", ""]
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert _read(text) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("two weeks", "14 days", True),
        ("1 month", "30 days", True),
        ("12 months", "a year", True),
        ("5 miles", "8 km", True),
        ("1.5 kg", "1500 g", True),
        ("$1.5k", "$1,500", True),
        ("1.000 euro", "1000 €", True),
        ("year 2008", "July 31, 2008", True),
        ("July 31", "July 31, 2008", True),
        ("11 a.m.", "eleven o'clock", True),
        ("14:00", "2 p.m.", True),
        ("fifty percent", "50%", True),
        ("July 30", "July 31, 2008", False),
        ("5 mg", "5 g", False),
        ("5%", "50%", False),
        ("30 days", "3 days", False),
        ("in 2021", "in 2012", False),
        ("5 days", "5 weeks", False),
        ("£5", "$5", False),
    ],
)
def test_numbers_agree_across_forms_and_units_and_not_otherwise(one: str, other: str, same: bool) -> None:
    assert agree(quantities(one)[0], quantities(other)[0]) is same
