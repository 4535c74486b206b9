from __future__ import annotations

import pytest
from conftest import labelled, qa
from hypothesis import given
from hypothesis import strategies as st

from assay.records import Finding
from assay.rules.running_debris import run_on
from assay.rules.web_debris import WebDebris

TEXT = "Cut the hedge in late summer."


def _found(question: str, answer: str) -> list[Finding]:
    return list(WebDebris().check(qa("a", question, answer)))


def _told(text: str, label: str = "delivery") -> list[Finding]:
    return list(WebDebris().check(labelled("a", text, label)))


@pytest.mark.parametrize("debris", [
    "Sent from my Tablet X2",
    "Von meinem Telefon gesendet",
    "Get Outlook for Android",
    "Sent from Outlook for iOS",
    "If you don't want to receive these messages, unsubscribe here.",
    "Did you find this article helpful? Yes No",
    "---- On 4 June 2020, at 10:11, Ida Moss wrote: When do I cut it?",
    "We use cookies to improve your experience. Accept all | Reject | Manage preferences",
    "By continuing to browse you agree to our use of cookies.",
    "© 2018 Hedge & Hoe Ltd. All rights reserved. Terms of use. Privacy policy.",
    "Kind regards, Ida Moss | Garden Sales | This e-mail and any attachments are confidential.",
    "Regards, Ida Moss. This message is intended only for the recipient.",
    "You are receiving this message because you subscribed. Unsubscribe | View in browser",
    "If you no longer wish to receive our mails, unsubscribe here.",
    "Like us on Facebook | Follow us on Mastodon",
    "Was this answer helpful? Yes | No",
    "> On 4 June Ida wrote: > When do I cut it? > Thanks",
    "On 4 June 2020 at 10:11, Ida Moss wrote: When do I cut it?",
    "Order now and save 20%! Use code HEDGE20.",
])  # fmt: skip
def test_what_runs_on_behind_the_text_is_held_and_taken_out(debris: str) -> None:
    [finding] = _found("When is hedge cutting due?", f"{TEXT} {debris}")
    assert finding.after is not None
    assert finding.after.answer == TEXT


def test_a_menu_before_the_text_is_taken_out_where_its_end_is_known() -> None:
    [finding] = _found("When is hedge cutting due?", f"Home > Garden > Hedges | Log in | Basket (0) {TEXT}")
    assert finding.after is not None
    assert finding.after.answer == TEXT


@pytest.mark.parametrize("debris", [
    "Home > Garden > Tools > Hoes | Log in | Basket (0) | Follow us on Instagram",
    "Home / Garden / Blog / Contact / Sign in",
    "Skip to content Menu Home Blog Shop Cart (0) Search",
    "This site uses cookies. Accept all or choose settings",
    "Hurry! Only today 30% OFF all hoes - click here and use code HOE30!",
])  # fmt: skip
def test_a_text_that_is_nothing_else_is_held_without_an_edit(debris: str) -> None:
    assert [f.after for f in _found("How heavy is it?", debris)] == [None]
    assert [f.after for f in _told(debris)] == [None]


@pytest.mark.parametrize("prompt", [
    "-- \nIda Moss\nHead of Hedges, Moss Ltd\nThis e-mail and its attachments are confidential",
    "You receive this mail because you are registered with us. Unsubscribe | Privacy policy",
    "Earn 900 a week from home! Click here now",
])  # fmt: skip
def test_prompts_with_a_label_are_judged_unless_mails_are_what_is_told_apart(prompt: str) -> None:
    assert [f.field for f in _told(prompt)] == ["prompt"]
    assert not _told(prompt, "spam")
    assert not _found(prompt, TEXT)


@pytest.mark.parametrize(("question", "answer"), [
    ("Where is the Log in button?", "At the top right, next to the basket. Click it and enter your name."),
    ("How do I save a copy?", "Click File > Save As, pick a folder and press Save."),
    ("How do I stop the mails?", "Open the last one and click Unsubscribe."),
    ("How do I accept cookies?", "When the banner shows, click Accept all or choose settings."),
    ("Can you send me the form?", "Yes. Log in and open Documents. Click here to download it."),
    ("What does the phone add?", "It adds 'Sent from my phone' unless you change it."),
    ("Which is the food chain?", "Algae > water flea > perch | pike | heron"),
    ("Is postage free?", "Free shipping on all orders over 50 euros!"),
    ("Is there a discount?", "Yes! Order now and get 20% off with code HOE20!"),
    ("Write an advert for tea.", "Hurry! Only today 40% OFF our tea. Order now!"),
    ("When did he learn of it?", "Late. On 4 May 1942 his brother wrote: 'come home'."),
    ("Where is my basket kept?", "We use cookies to remember your basket for 30 days."),
    ("Why this letter?", "You are receiving this because you ticked the box when you registered."),
    ("Who may read it?", "This message is meant for the addressee only."),
    ("Where are the options?", "Menu > Account > Privacy"),
    ("Make a table", "| home | contact | log in |"),
])  # fmt: skip
def test_answers_that_speak_of_pages_and_offers_are_left_alone(question: str, answer: str) -> None:
    assert not _found(question, answer)


@pytest.mark.parametrize("text", [
    "unsubscribe", "I already clicked unsubscribe, stop it", "this website uses cookies but I can't reject them",
    "By clicking away the cookies I lost my basket",
    "40% off did not apply at checkout", "Hurry, I need my card today!", "Order now: 2 pizzas and a coke",
    "home, search and log in are down", "where do I find Home > Account > Log in?", "get my money back now!",
])  # fmt: skip
def test_users_who_speak_of_pages_and_mails_are_left_alone(text: str) -> None:
    assert not _told(text)


@given(st.text(alphabet="abc |/>.!-\n(0)©", max_size=200))
def test_what_is_left_is_a_part_of_the_text(text: str) -> None:
    assert run_on(text).text in text


@pytest.mark.parametrize("debris", [
    "Was this article helpful? Yes No 14 out of 20 found this helpful",
    "War dieser Artikel hilfreich? Ja Nein",
    "Cet article vous a-t-il été utile ? Oui Non",
    "This e-mail is confidential and intended for the addressee only. If you have received it in error, delete it.",
    "Este mensaje es confidencial y está dirigido únicamente a su destinatario.",
    "Posted by admin on 12 May 2023 | 4 Comments",
    "By Ida Moss | 3 June 2021 | 12 Comments",
    "Get the app on Google Play or the App Store",
    "Suivez-nous sur Facebook et abonnez-vous à notre newsletter !",
    "Advertisement - scroll to continue reading",
    "Related articles: How to plant a hedge | How to feed it",
    "Utilizziamo i cookie per migliorare la tua esperienza. Accetta tutti",
    "Best regards, Ida Moss, Sales Manager, Hedge & Hoe Ltd, Tel. 020 7946 0991",
])  # fmt: skip
def test_the_notices_of_pages_and_mails_are_taken_out_in_many_languages(debris: str) -> None:
    [finding] = _found("When is hedge cutting due?", f"{TEXT} {debris}")
    assert finding.after is not None
    assert finding.after.answer == TEXT


@pytest.mark.parametrize("debris", [
    "Skip to main content Menu Search Log in",
    "Menu Home Products Blog Contact",
    "Home > Advice > Garden > Hedges",
    "We use cookies to improve your experience. Accept all",
    "BUY NOW: premium shears at half price, free shipping, only today!",
])  # fmt: skip
def test_what_stands_before_the_text_in_its_line_is_taken_out(debris: str) -> None:
    [finding] = _found("When is hedge cutting due?", f"{debris} {TEXT}")
    assert finding.after is not None
    assert finding.after.answer == TEXT


@pytest.mark.parametrize(("question", "answer"), [
    ("How do I get the app?", "Register first. Get the app on Google Play or the App Store."),
    ("Are you on Instagram?", "Yes. Follow us on Instagram for photos."),
    ("Do you store anything?", "Only cookies of the shop. We use cookies to keep you logged in."),
    ("How many found it useful?", "Most did. 14 out of 20 people found this helpful."),
    ("Which tabs are there?", "Home, Search, Library and Profile."),
    ("Where is it?", "Home > Settings > Privacy"),
    ("When did it change?", "Last year. Updated rules were published by the city."),
])  # fmt: skip
def test_a_notice_stays_where_its_topic_is_that_of_the_row(question: str, answer: str) -> None:
    assert _found(question, answer) == []
