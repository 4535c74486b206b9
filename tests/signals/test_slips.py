"""Two words are one mistyped on evidence alone: words of a trade differ by a letter too."""

from __future__ import annotations

import pytest

from assay.signals.slips import likely_slip, mistyped


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("adress", "address"), ("recieve", "receive"), ("technican", "technician"), ("confrence", "conference"),
        ("wieght", "weight"), ("aiport", "airport"), ("seperate", "separate"), ("restuarant", "restaurant"),
        ("acomodation", "accommodation"), ("hotell", "hotel"), ("pasword", "password"), ("cancwl", "cancel"),
    ],
)  # fmt: skip
def test_an_unknown_word_is_a_common_one_mistyped(typed: str, meant: str) -> None:
    assert mistyped(typed, meant, {})
    assert mistyped(meant, typed, {})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("propene", "propyne"), ("phosphate", "phosphite"), ("prednisone", "prednisolone"), ("methanol", "methanal"),
        ("clonazepam", "clorazepam"), ("perro", "pero"), ("desert", "dessert"), ("dairy", "diary"),
        ("lindgren", "lundgren"), ("sulfite", "sulfate"), ("lessor", "lessee"), ("house", "housf"),
    ],
)  # fmt: skip
def test_two_words_stay_two_without_evidence(one: str, other: str) -> None:
    assert not mistyped(one, other, {})


def test_a_word_that_several_rows_use_is_usual_though_no_list_has_it() -> None:
    assert not mistyped("liefrung", "lieferung", {"liefrung": 1, "lieferung": 4})
    assert mistyped("liefrung", "lieferung", {"liefrung": 1, "lieferung": 5})
    assert not mistyped("liefrung", "lieferung", {"liefrung": 5, "lieferung": 5})
    assert not mistyped("ethyne", "ethene", {"ethene": 50, "ethyne": 1})


def test_a_word_that_more_rows_use_than_the_listed_one_is_a_word_of_its_own() -> None:
    assert not mistyped("adress", "address", {"adress": 12, "address": 3})


def test_fingers_swap_leave_out_double_and_hit_the_key_beside() -> None:
    for typed in ("wrod", "wrd", "worrd", "wprd"):
        assert likely_slip("word", typed), typed
    for typed in ("wxrd", "wzord", "wordsmith"):
        assert not likely_slip("word", typed), typed
