"""Surrogates: the same for the same value and key, of its kind and format, no one's, and undone only with the key."""

from __future__ import annotations

import re

import pytest
from conftest import qa
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban, luhn

from assay.errors import RecipeError
from assay.rules.choose import choose
from assay.rules.pii import Pii, redacted
from assay.rules.surrogates import KEY, NoKey, Surrogates, key_in_use, revealer

ONE, OTHER = "correct horse battery", "an altogether other key"
MAILS = st.from_regex(r"[a-zA-Z]{2,6}vo(\.[a-z]{2,8})?[0-9]{0,3}@(gmail\.com|acmecorp\.io|web\.de)", fullmatch=True)
PHONES = st.from_regex(r"\([2-8][0-8][0-9]\) [2-9][0-9]{2}-[0-9]{4}|\+44 20 7[0-9]{3} [0-9]{4}", fullmatch=True)


def card(body: str) -> str:
    digits = body + luhn.calc_check_digit(body)
    return " ".join(digits[i : i + 4] for i in range(0, 16, 4))


CARDS = st.from_regex(r"4[1-9][0-9]{13}", fullmatch=True).map(card)
IBANS = st.from_regex(r"3704[0-9]{14}", fullmatch=True).map(lambda b: f"DE{iban.calc_check_digits('DE00' + b)}{b}")
VALUES = st.one_of(
    MAILS.map("write to {}".format), PHONES.map("call {} today".format), CARDS.map("my card is {}.".format),
    IBANS.map("pay to {}, please".format), st.from_regex(r"SSN [1-6][1-5][0-9]-[1-9]{2}-[1-9]{4}", fullmatch=True),
    st.from_regex(r"my account number is [1-9][0-9]{7,11}", fullmatch=True),
    st.from_regex(r"my date of birth is [1-9] May 19[0-9]{2}", fullmatch=True),
    st.just("she logged in from 81.2.69.142"), st.just("passport number is X1234567"),
)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(VALUES, min_size=1, max_size=4).map(" and ".join))
def test_a_key_gives_one_surrogate_another_key_another_and_reveal_gives_the_text_back(text: str) -> None:
    here, there, other = Surrogates(ONE), Surrogates(ONE), Surrogates(OTHER)
    safe, pieces = redacted(text, here)
    assert pieces
    assert redacted(text, there)[0] == safe, "the same key, the same surrogates"
    assert redacted(text, other)[0] != safe
    assert redacted(safe) == (safe, []), "without any key a surrogate is known to be no one's"
    assert revealer(here.originals)(safe) == text
    assert set(here.originals.values()).isdisjoint(here.originals)


@given(CARDS, IBANS)
def test_check_digits_are_right_and_the_grouping_stays(number: str, account: str) -> None:
    names = Surrogates(ONE)
    made, bank = names.of("CARD", number), names.of("IBAN", account)
    assert luhn.is_valid(made.replace(" ", ""))
    assert re.sub(r"\d", "#", made) == re.sub(r"\d", "#", number)
    assert iban.is_valid(bank, check_country=False)
    assert (bank[:2], len(bank)) == (account[:2], len(account))


def test_spellings_of_one_value_share_their_digits_and_each_comes_back_as_it_was() -> None:
    names = Surrogates(ONE)
    phones = "SSN 123-45-6789+44 20 7946 0958, (415) 555-2671, 415.555.2671, +1 415 555 2671"
    text = f"{phones} or Jo@Gmail.com, jo@gmail.com, JO@GMAIL.COM"
    safe = redacted(text, names)[0]
    phones = [re.sub(r"\D", "", made)[-10:] for made in re.findall(r"[(+\d][\d() .-]{9,}\d", safe)]
    assert len(set(phones[-3:])) == 1
    mails = re.findall(r"\S+@\S+\b", safe)
    assert len(set(mails)) == 3
    assert len({mail.lower() for mail in mails}) == 1
    assert revealer(names.originals)(safe) == text


def test_a_range_without_numbers_left_gives_tagged_placeholders_which_come_back_too() -> None:
    names = Surrogates(ONE)
    hosts = [f"81.{a}.69.{b}" for a in range(40) for b in range(1, 41)]
    made = [names.of("IP", host) for host in hosts]
    assert len(set(made)) == len(hosts)
    assert any(re.fullmatch(r"\[IP-[A-Z]{8}\]", one) for one in made)
    assert [revealer(names.originals)(one) for one in made] == hosts


def test_without_a_key_or_with_a_short_one_nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)
    with pytest.raises(NoKey, match="ASSAY_KEY is not set"):
        Pii(replace="surrogate")
    monkeypatch.setenv(KEY, "short")
    with pytest.raises(NoKey, match="has 5 characters; expected 16 or more"):
        key_in_use()


def test_the_rule_writes_surrogates_and_its_repr_and_evidence_hold_neither_key_nor_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(KEY, ONE)
    rule = Pii(replace="surrogate")
    (found,) = rule.check(qa("a", "I am jo.doe@gmail.com", "Hello jo.doe@gmail.com"))
    assert found.after is not None
    (mail,) = {word for word in found.after.text.split() if "@" in word}
    assert mail.split("@")[1].startswith("example.")
    assert list(rule.check(found.after)) == []
    assert list(Pii().check(found.after)) == []
    told = repr(rule) + str(found.as_dict())
    assert ONE not in told
    assert "jo.doe" not in told


def test_a_recipe_that_asks_for_surrogates_without_a_key_is_refused_before_any_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(KEY, raising=False)
    with pytest.raises(NoKey, match="ASSAY_KEY is not set"):
        choose({"pii": {"replace": "surrogate"}})
    with pytest.raises(RecipeError, match="replace"):
        choose({"pii": {"replace": "by hand"}})
