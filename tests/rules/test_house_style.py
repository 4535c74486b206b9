from __future__ import annotations

import pytest
from conftest import labelled, qa

from assay.records import Example, Finding
from assay.rules.house_style import HouseStyle
from assay.signals import Measured
from assay.signals.house import house

WORDS = ("invoice", "order", "parcel", "ticket", "refund", "letter", "account", "contract", "report", "payment")


def _short(form: str = "The {} was sent.") -> list[Example]:
    return [qa(f"r{i}", f"What of number {i}?", form.format(f"{WORDS[i % 10]} {WORDS[i // 10]}")) for i in range(60)]


def _long() -> list[Example]:
    text = "The {} costs 1,200 euros, which is 5% more than last year. It isn't sent before the end of the month."
    return [qa(f"r{i}", f"What of number {i}?", text.format(f"{WORDS[i % 10]} {WORDS[i // 10]}")) for i in range(60)]


def _found(rows: list[Example], answer: str) -> list[Finding]:
    found = list(HouseStyle().survey(Measured([*rows, qa("x", "And this?", answer)])))
    assert {f.id for f in found} <= {"x"}
    return found


@pytest.mark.parametrize(
    ("rows", "answer", "mended", "traits"),
    [
        (_short(), "the lamp was sent", "The lamp was sent.", {"end", "first letter"}),
        (_short("{} sent"), "Lamp sent.", "lamp sent", {"end", "first letter"}),
        (_long(), "The lamp costs 12500 euros.  It is sent by plane or by ship next week.",
         "The lamp costs 12,500 euros. It is sent by plane or by ship next week.", {"gaps", "thousands"}),
        (_long(), "The lamp costs 1,250 euros, 5 percent more, and it isn’t here before May.",
         "The lamp costs 1,250 euros, 5% more, and it isn't here before May.", {"percent", "quotes"}),
    ],
)  # fmt: skip
def test_what_is_written_otherwise_is_listed_and_rewritten(
    rows: list[Example], answer: str, mended: str, traits: set[str]
) -> None:
    (found,) = _found(rows, answer)
    assert (found.action, found.severity) == ("keep", "info")
    assert set(found.evidence["traits"]) == traits
    assert found.after is not None
    assert found.after.answer == mended


@pytest.mark.parametrize("answer", ["The lamp was sent.", "print(x)", "- one\n- two", "iPhone lamps were sent."])
def test_the_style_of_the_house_stays(answer: str) -> None:
    assert [f for f in _found(_short(), answer) if f.after] == []


def test_a_long_answer_without_a_stop_may_be_cut_and_gets_no_stop() -> None:
    (found,) = _found(_long(), "The lamp is sent on Monday and arrives before the end of the")
    assert found.after is None


def test_a_house_without_a_style_is_left_alone() -> None:
    rows = [row.with_answer(row.answer.rstrip(".")) if i % 5 == 0 else row for i, row in enumerate(_short())]
    assert list(HouseStyle().survey(Measured(rows))) == []
    assert len(list(HouseStyle(clear=0.7).survey(Measured(rows)))) == 12


def test_few_answers_make_no_house_and_labels_are_none() -> None:
    assert house([row.answer for row in _short()[:10]], 0.9) == []
    rows = [labelled(f"r{i}", "x", "Card") for i in range(50)]
    assert list(HouseStyle().survey(Measured([*rows, labelled("x", "y", "card.")]))) == []


@pytest.mark.parametrize(("answer", "trait"), [
    ("The lamp was sent!!", "marks"),
    ("The lamp was sent .", "blanks before marks"),
    ("The lamp was sent :)", "smileys"),
    ("a lamp was sent.", "first letter"),
    ("THE LAMP WAS SENT.", "case"),
])  # fmt: skip
def test_marks_blanks_smileys_and_capitals_have_a_style_too(answer: str, trait: str) -> None:
    [finding] = _found(_short(), answer)
    assert trait in finding.evidence["traits"]


def test_a_long_answer_in_capitals_is_listed_and_left_to_a_person() -> None:
    [finding] = _found(_long(), "THE LAMP COSTS TWELVE EUROS, WHICH IS MORE THAN LAST YEAR.")
    assert set(finding.evidence["traits"]) == {"case"}
    assert finding.after is None
