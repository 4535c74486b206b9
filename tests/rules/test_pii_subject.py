"""Rows that are about a value: held, not edited; and lines of organisations."""

from __future__ import annotations

import json

import pytest
from conftest import labelled, qa
from hypothesis import given
from hypothesis import strategies as st

from assay.records import Example, Finding, Message
from assay.rules.pii import Pii

CARD = "4539 1488 0343 6467"


def _finding(question: str, answer: str) -> Finding | None:
    return next(iter(Pii().check(qa("a", question, answer))), None)


@pytest.mark.parametrize(
    ("question", "answer", "why"),
    [
        ("What is the domain of jane.roe@gmail.com?", "gmail.com", "part"),
        ("Give the local part: max.power@web.de", "max.power", "part"),
        ("Which area code has (415) 555-2671?", "415", "part"),
        ("Welche Vorwahl hat +49 30 4857 2290?", "030", "part"),
        ("Mask all but the last four: 4539148803436467", "************6467", "part"),
        ("Reverse 4539148803436467", "7646343088419354", "part"),
        ("Turn the birth date 4 March 1990 into ISO form.", "1990-03-04", "part"),
        ("Date of birth: 14/07/1986. Which year?", "1986", "part"),
        ("Format 4155552671 as an American phone number.", "(415) 555-2671", "part"),
        ("What is 4539148803436467 modulo 10?", "7", "form"),
        (f"Is {CARD} a valid number?", "Yes.", "form"),
        (f"Ist {CARD} gültig?", "Ja.", "form"),
        ("À quel pays appartient FR14 2004 1010 0505 0001 3M02 606 ? Quel pays ?", "La France.", "form"),
        ("¿Cuántas cifras tiene 4539148803436467?", "Dieciséis.", "form"),
        ("Write +33 6 12 47 56 78 in national format.", "06 12 47 56 78", "spelling"),
        ("Turn the halves round: meier.hans@gmx.de", "hans.meier@gmx.de", "spelling"),
        (f"How many rows have {CARD}?", "16", "asked about"),
        ("Who lived at 221B Baker Street?", "Sherlock Holmes did.", "who lives there"),
        ("What shape has a French mobile?", "Pairs, for example 06 12 47 56 78.", "example"),
        ("Which order number is mine?", "4539-1488-0343-6467", "thing"),
        ("How do I reach the ward?", "Ring the ward on 01223 348 190.", "organisation"),
        ("What's the library's number?", "The library is on 0131 242 8100.", "organisation"),
        ("Whom do I write to?", "Mail us at bookworm@inkwell.co.uk.", "organisation"),
        ("Where do I hand in a lost kite?", "To lostkites@tannhof.de.", "organisation"),
        ("Wohin mit dem Einwand?", "An einwand@tannhof.de.", "organisation"),
        (f"What kind of card is {CARD}?", "Visa", "asked about"),
        ("Redact: Jane can be reached on (212) 736-5017.", "Jane can be reached on ***.", "form"),
    ],
)
def test_where_the_value_is_the_subject_the_row_is_held_with_the_redaction_suggested(
    question: str, answer: str, why: str
) -> None:
    found = _finding(question, answer)
    assert found is not None
    assert (found.action, found.severity) == ("hold", "warning")
    assert why in found.message
    assert found.after is not None
    assert "[" in found.after.text
    said = found.message + json.dumps(dict(found.evidence))
    assert not any(part in said for part in ("4539", "555", "roe", "1990"))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (f"My card {CARD} was declined, is it valid?", "Try again."),
        ("Send the receipt to jane.dorn@gmail.com", "Sent to jane.dorn@gmail.com."),
        ("What is the status of the order of jo.dunne@gmail.com?", "It left on Monday."),
        ("Is petra.wolf@web.de registered?", "Yes, since May."),
        ("Which customer has the number (212) 736-5017?", "Dana Reeves."),
        ("Please call me back on 020 7946 1234.", "We will ring 020 7946 1234."),
        ("Who is my courier?", "Marco; his mobile is +39 347 812 6690."),
        ("How do I reach the nurse?", "Call Anna Lind on 020 7946 1234."),
        ("Whom do I call?", "Our technician Tom has 020 7946 1234."),
        ("How do I reach the buyer?", "Ring her on (415) 682-7719 after six."),
        ("Find the mail address: Jo, jo.doe@gmail.com, 12", "jo.doe@gmail.com"),
        ("Why is jo.doe@gmail.com here twice?", "Because JO.DOE@gmail.com came twice."),
        ("Who books it?", "hope@acmecorp.io does."),
        ("Send the contract to l.berg@online.no in PDF format.", "Done."),
        ("What's your email? jo.roe@web.de", "Thank you."),
        ("Whom do I call?", "Herrn Rau, 0221 47 11 990."),
        (f"Invoice 12 was paid with {CARD}.", "Thank you."),
        ("Where does the tenant live?", "She lives at 48 Birch Avenue, Springfield, IL 62704."),
    ],
)
def test_ordinary_requests_with_personal_data_are_edited(question: str, answer: str) -> None:
    found = _finding(question, answer)
    assert found is not None
    assert found.action == "edit"


@pytest.mark.parametrize(
    "answer",
    [
        "Call us on 020 7946 1234.",
        "We open at 9; ring our desk on +44 113 496 1200.",
        "Rufen Sie unsere Zentrale unter 0221 47 11 990 an.",
        "Appelez notre standard au 01 44 57 28 90.",
        "Llame a nuestra recepción al 91 548 22 30.",
        "Chiami il nostro centralino allo 06 4829 1177.",
        "Bel onze balie op 020 624 11 80.",
        "Your bank's card-blocking line is +44 1604 230 230.",
        "It begins with 07, such as 07700 900123.",
    ],
)
def test_lines_that_an_answer_gives_as_its_own_stay(answer: str) -> None:
    assert _finding("How do I reach you?", answer) is None


def test_a_line_stays_in_every_turn_of_the_model_and_in_none_of_the_user() -> None:
    line = "Call us on 020 7946 1234."
    kept = (Message("user", "How?"), Message("assistant", line), Message("user", "Thanks"), Message("assistant", "Bye"))
    assert not list(Pii().check(Example("a", "chat", kept)))
    assert list(Pii().check(Example("a", "chat", (Message("user", line), *kept[2:]))))


def test_an_order_number_before_it_makes_a_card_number_one_of_a_thing() -> None:
    assert _finding("Die Sendungsnummer lautet 4539-1488-0343-6467", "Danke.") is None
    assert _finding("Numéro de commande : 4539-1488-0343-6467", "Merci.") is None
    found = _finding("The order number of my card 4539-1488-0343-6467?", "It is 12.")
    assert found is not None


def test_an_identifier_may_be_named_by_the_question() -> None:
    found = _finding("What is his National Insurance number?", "It is JK 29 41 58 C.")
    assert found is not None
    assert found.after is not None
    assert found.after.answer == "It is [NATIONAL_ID]."
    assert _finding("What is on the label?", "It is JK 29 41 58 C.") is None
    assert _finding("What is his National Insurance number?", "It is GB 29 41 58 C.") is None  # never issued
    assert _finding("Qual é o seu CPF?", "529.982.247-25") is not None


def test_another_action_is_kept_where_one_is_set() -> None:
    (found,) = Pii(action="drop").check(qa("a", "What is the domain of jane.roe@gmail.com?", "gmail.com"))
    assert found.action == "drop"


@given(st.from_regex(r"[a-z]{3,8}\.[a-z]{3,8}@[a-z]{3,8}\.(de|com)", fullmatch=True), st.booleans())
def test_whichever_part_of_an_address_the_answer_gives_the_row_is_held(mail: str, domain: bool) -> None:
    found = _finding(f"Take apart {mail} for me", mail.partition("@")[2 if domain else 0])
    assert found is None or found.action == "hold"


def test_a_text_to_classify_that_is_nothing_but_the_value_is_held() -> None:
    (held,) = Pii().check(labelled("a", "jo.doe@gmail.com", "email"))
    (edited,) = Pii().check(labelled("b", "jo.doe@gmail.com has not answered me", "no reply"))
    assert (held.action, edited.action) == ("hold", "edit")
