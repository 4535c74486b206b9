from __future__ import annotations

import json

import pytest
from conftest import labelled, qa
from hypothesis import given
from hypothesis import strategies as st

from assay.records import Example, Message
from assay.rules.patterns import lines
from assay.rules.pii import Pii, masked, redacted


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("mail jo.doe+x@gmail.com now", "mail [EMAIL] now"),
        ("mail müller@firma.de", "mail [EMAIL]"),
        ("jo [at] acme [dot] io", "[EMAIL]"),
        ("jo at gmail dot com", "[EMAIL]"),
        ("call (415) 555-2671.", "call [PHONE]."),
        ("415-555-2671 or 415.555.2672", "[PHONE] or [PHONE]"),
        ("555-123-4567 415-555-2671", "[PHONE] [PHONE]"),
        ("ring +44 20 7946 0958 ext. 12 please", "ring [PHONE] please"),
        ("mobile 07700 900123", "mobile [PHONE]"),
        ("Mobile: 041-412-293", "Mobile: [PHONE]"),
        ("desk 986.291.2294x751", "desk [PHONE]"),
        ("06 12 34 56 78", "[PHONE]"),
        ("Unter 0160 9482 2017, er heißt Jens", "Unter [PHONE], er heißt Jens"),
        ("El móvil de Lucía es 612 48 77 03", "El móvil de Lucía es [PHONE]"),
        ("my number is 4155552671", "my number is [PHONE]"),
        ("reach me at 555-0199", "reach me at [PHONE]"),
        ("phone: +91 98765 43210", "phone: [PHONE]"),
        ("card 4111 1111 1111 1111 exp 12/29 cvc", "card [CARD] exp 12/29 cvc"),
        ("4111-1111-1111-1111", "[CARD]"),
        ("5500.0000.0000.0004", "[CARD]"),
        ("amex 3782 822463 10005", "amex [CARD]"),
        ("4111111111111111", "[CARD]"),
        ("pay to DE89 3704 0044 0532 0130 00 today", "pay to [IBAN] today"),
        ("gb29nwbk60161331926819", "[IBAN]"),
        ("my account number is 12345678", "my account number is [ACCOUNT]"),
        ("SSN 123-45-6789", "SSN [SSN]"),
        ("my social security number: 123456789", "my social security number: [SSN]"),
        ("CPF 529.982.247-25", "CPF [NATIONAL_ID]"),
        ("national insurance AB 12 34 56 C", "national insurance [NATIONAL_ID]"),
        ("passport number is X1234567", "passport number is [PASSPORT]"),
        ("she logged in from 81.2.69.142", "she logged in from [IP]"),
        ("My address is 12 rue de la Paix, 75002 Paris", "My address is [ADDRESS]"),
        ("Ich wohne in der Hauptstraße 12, 10115 Berlin", "Ich wohne in der [ADDRESS]"),
        ("Ship it to 1600 Oak Parkway, Mountain View, CA 94043.", "Ship it to [ADDRESS]."),
        ("driver's license number D1234567 issued in CA", "driver's license number [NATIONAL_ID] issued in CA"),
        ("sort code 20-00-00, account 55779911", "sort code [ACCOUNT]"),
        ("Medical record number: 00456123", "Medical record number: [RECORD]"),
        ("Patient's DOB: 03/14/1985, seen today", "Patient's DOB: [BIRTH_DATE], seen today"),
        ("my date of birth is 4 May 1979.", "my date of birth is [BIRTH_DATE]."),
        ("Mein Geburtsdatum ist der 12. März 1987.", "Mein Geburtsdatum ist der [BIRTH_DATE]."),
        ("Account: 000123456789 routing 021000021", "Account: [ACCOUNT] routing 021000021"),
        ("NI number: JG103759A", "NI number: [NATIONAL_ID]"),
        ("my driver's license is S530-4600-1234", "my driver's license is [NATIONAL_ID]"),
        ("write to ana-lopez@acme.io", "write to [EMAIL]"),
        ("I moved to 14 Rosebery Avenue, Flat 3, London EC1R 4TD.", "I moved to [ADDRESS]."),
        ("Write to 14 Rosebery Avenue, London EC1R 4TD.", "Write to [ADDRESS]."),
        ("My address is 3 Mill Lane, Upper Slaughter, Gloucestershire, GL54 2HX too", "My address is [ADDRESS] too"),
        ("Ana lives at 190 Station Road, Columbus, OH 43215.", "Ana lives at [ADDRESS]."),
        ("My passport number is C01X00T47.", "My passport number is [PASSPORT]."),
        ("Numéro de passeport : 12AB34567", "Numéro de passeport : [PASSPORT]"),
        ("I was born on 12 March 1984.", "I was born on [BIRTH_DATE]."),
        ("Our daughter was born on the 3rd of June, 2019", "Our daughter was born on the [BIRTH_DATE]"),
        ("Ich bin am 4. Mai 1979 in Kiel geboren.", "Ich bin am [BIRTH_DATE] in Kiel geboren."),
        ("Je suis né le 14 juillet 1990.", "Je suis né le [BIRTH_DATE]."),
        ("Patient geb. 03.11.1961", "Patient geb. [BIRTH_DATE]"),
        ("SIN 046 454 286", "SIN [NATIONAL_ID]"),
        ("Mon numéro de sécu est 1 85 05 78 006 084 91", "Mon numéro de sécu est [NATIONAL_ID]"),
        ("HETU 131052-308T", "HETU [NATIONAL_ID]"),
        ("PPS number 1234567FA", "PPS number [NATIONAL_ID]"),
        ("AHV 756.9217.0769.85", "AHV [NATIONAL_ID]"),
        ("RUT 12.345.678-5", "RUT [NATIONAL_ID]"),
        ("CNPJ 11.222.333/0001-81", "CNPJ [NATIONAL_ID]"),
        ("o meu NIF 123456789", "o meu NIF [NATIONAL_ID]"),
    ],
)
def test_personal_data_gives_way_to_a_placeholder_of_its_kind(text: str, safe: str) -> None:
    assert redacted(text)[0] == safe


@pytest.mark.parametrize(
    "text",
    [
        "order number 4111111111111111",
        "1234 5678 9012 3456",
        "ISBN 978-3-16-148410-0",
        "tracking 1Z999AA10123456784 and 9400 1000 0000 0000 0000 00",
        "on 2023-10-12 at 12:30, 10.12.2023 - 11.12.2023, 2010-2015",
        "1,000,000 items at $1234567890",
        "version 10.0.19041.1234, section 12.34.56.78",
        "pi is 3.14159265358979",
        "550e8400-e29b-41d4-a716-446655440000",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
        "40.7128, -74.0060",
        "x = 4111111111111112",
        "population 331 449 281 in 1990 1991 1992",
        "call the function with 12345678",
        "ticket 4155552671, order 555-123-4567, part no. 123-45-6789",
        "support@acme.io, info@shop.co.uk, no-reply@bank.com",
        "jo@example.com, jo@mail.example.org, jo@localhost.test",
        "example@gmail.com, your.name@outlook.com, test1@yahoo.com",
        "Audrey Hepburn was born on 4 May 1929; the form was due on 03/14/1985",
        "a[4111111111111111 % 7]; const MAX = 4111111111111111;",
        "The White House, 1600 Pennsylvania Avenue NW, Washington",
        "Your case number is 415 555 2671, the part number is 212-555-0187-A",
        "card = a[4111] + b[1111] * 1111 // 1111; seeds = [4, 8, 15, 16, 23, 42]",
        "git@github.com:x/y.git and logo@2x.png and pkg@1.2.3",
        "https://user:pass@host.com/x",
        "look at the dot com bubble",
        "accounts-payable@acme.io, people_ops@acme.io, press.office@acme.io, ops@acme.io",
        "ssh deploy@10-0-0-4.acme.io; scp a.txt ana@build.acme.io:/tmp",
        "https://lists.acme.io/pgsql-hackers@postgresql.org/msg05772.html",
        "phone batteries: 3000 4000 5000 mAh",
        "a form filled in with xxxx@gmail.com and phone: 123-456-7890 or 9999999999",
        "Customer service: 415-555-0100; the hotline is 415-555-2671; call 404-639-1075 during business hours",
        "call 911 or 112, or 1-800-555-0199, or 0800 123 4567",
        "router at address 192.168.1.1, dns 8.8.8.8",
        "How do I write to 10 Downing Street?",
        "Write to us at 14 Rosebery Avenue, London EC1R 4TD.",
        "1600 Pennsylvania Avenue is the White House",
        "[PHONE] 12345678 [CARD] [EMAIL]",
        "2 + 2 = 4, 100 200 300 400",
        "serial SN 5500 0000 0000 0004; S/N: 4111 1111 1111 1111; Seriennummer: 5500 0000 0000 0004",
        "Asset 4111 1111 1111 1111 is in bay 3",
        "Angela Merkel wurde am 17. Juli 1954 geboren; the firm was born on 4 May 1999",
        "Ich bin am 4. Mai 2023 nach Kiel gefahren.",
        "The passport office has 12345678 visitors; form DS82 of 1998",
        "Run 12.345.679-5 was best; CPR training on 211062; a RUT of 10.000.000-9 pesos",
    ],
)
def test_numbers_of_things_and_public_addresses_stay(text: str) -> None:
    assert redacted(text) == (text, [])


def test_every_message_label_and_context_is_redacted_alike() -> None:
    turns = (Message("system", "ask a.b@gmail.com"), Message("user", "a.b@gmail.com?"), Message("assistant", "yes"))
    (found,) = Pii().check(Example("a", "chat", turns, context="From: a.b@gmail.com"))
    assert found.after is not None
    assert [m.content for m in found.after.messages] == ["ask [EMAIL]", "[EMAIL]?", "yes"]
    assert found.after.context == "From: [EMAIL]"
    (of_label,) = Pii().check(labelled("a", "who?", "a.b@gmail.com"))
    assert of_label.after is not None
    assert of_label.after.label == of_label.after.answer == "[EMAIL]"


def test_the_evidence_holds_kind_place_and_shape_but_never_the_value() -> None:
    (found,) = Pii().check(qa("a", "card 4111 1111 1111 1111 of jo.doe@gmail.com", "ok"))
    said = found.message + json.dumps(dict(found.evidence))
    assert "4111" not in said
    assert "doe" not in said
    assert found.evidence["pieces"][0] == {"kind": "CARD", "masked": "#### #### #### ####", "span": [5, 24], "turn": 0}


@given(
    st.from_regex(r"[a-z]{2,8}\.[a-z]{2,8}[0-9]{0,3}@(gmail\.com|acmecorp\.io|web\.de)", fullmatch=True),
    st.sampled_from(["%s", "to %s.", "<%s>", "(%s)"]),
)
def test_any_persons_mail_address_is_found_in_any_wrapping(mail: str, wrapping: str) -> None:
    assert redacted(wrapping % mail)[0] == wrapping % "[EMAIL]"


@given(st.text(max_size=40))
def test_a_masked_value_keeps_its_length_and_no_letter_or_digit(value: str) -> None:
    shape = masked(value)
    assert len(shape) == len(value)
    assert not any(c.isalnum() and c != "x" for c in shape)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Is 4111 1111 1111 1111 fine as a test card?", "Yes, it is never charged."),
        ("Which card do I use in the sandbox?", "Use 4242 4242 4242 4242 with any date."),
        ("How do I call the endpoint for refunds?", "Post DE89 3704 0044 0532 0130 00 as the account."),
        ("Which phone number is safe in a unit test?", "Take (415) 555-0123, or 020 7946 0958 in London."),
    ],
)
def test_numbers_of_tests_and_examples_stay_where_the_row_speaks_of_testing(question: str, answer: str) -> None:
    assert not list(Pii().check(qa("a", question, answer)))


def test_elsewhere_and_beside_them_personal_data_is_replaced() -> None:
    (found,) = Pii().check(qa("a", "My card is 4111 1111 1111 1111, refund it", "Done."))
    assert found.after is not None
    assert "[CARD]" in found.after.prompt
    (found,) = Pii().check(qa("a", "Is 4111 1111 1111 1111 a test card? Mail jo.doe@gmail.com", "Yes."))
    assert found.after is not None
    assert found.after.prompt == "Is 4111 1111 1111 1111 a test card? Mail [EMAIL]"
    assert not list(Pii().check(found.after))
    real = "4539 1488 0343 6467"
    (found,) = Pii().check(qa("a", f"I paid with {real} in your test shop", "Done."))
    assert found.after is not None
    assert real not in found.after.prompt


def test_every_documented_number_is_of_its_kind() -> None:
    from stdnum import iban, luhn

    numbers = lines("documented_numbers.txt")
    assert len(numbers) > 50
    assert all(luhn.is_valid(n) if n.isdigit() else iban.is_valid(n, check_country=False) for n in numbers)


def test_a_birthday_goes_beside_other_data_of_a_person_and_stays_in_a_life_that_is_told() -> None:
    said = "Ich wohne in der Lindenstraße 14, 79102 Freiburg, geboren am 3. April 1961."
    assert redacted(said)[0] == "Ich wohne in der [ADDRESS], geboren am [BIRTH_DATE]."
    told = "Ada was born on 10 December 1815 and wrote on engines."
    assert redacted(told)[0] == told
