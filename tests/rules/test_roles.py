from __future__ import annotations

import pytest

from assay.rules.listed import words_of
from assay.rules.roles import is_duty, of_a_duty


@pytest.mark.parametrize(
    "local",
    [
        "complaints", "lostproperty", "lost.and.found", "front-desk", "frontdesk", "GroupBookings", "jobs24",
        "rechnung", "kundenservice", "schadens-meldung", "facturation", "serviceclient", "atencionalcliente",
        "atencion.al.cliente", "prenotazioni", "ufficiostampa", "reclamacoes", "klantenservice", "kundtjänst",
        "asiakaspalvelu", "zgloszenia", "objednavky", "ugyfelszolgalat", "iletisim", "people-ops", "refunds.emea",
    ],
)  # fmt: skip
def test_duties_of_many_languages_are_known_joined_or_parted(local: str) -> None:
    assert of_a_duty(local, "tannhof.de")


@pytest.mark.parametrize(
    "local",
    [
        "mark", "grace", "will", "rose", "bill", "may", "hope", "art", "summer", "chase", "dean", "page", "frank",
        "mark.sales", "rose.marketing", "grace.service", "jo.doe", "a.baker", "kern", "p.kern", "lost", "front", "to",
        "of.and", "client", "anna.press.kern",
    ],
)  # fmt: skip
def test_words_that_are_names_and_words_that_name_no_duty_alone_are_persons(local: str) -> None:
    assert not of_a_duty(local, "tannhof.de")


def test_the_list_is_without_accents_and_a_long_word_costs_little() -> None:
    assert all(word.isascii() and word == word.lower() for word in words_of("roles.txt", "duty"))
    assert not is_duty("sales" * 5000)
