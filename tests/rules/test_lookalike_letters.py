from __future__ import annotations

import time

import pytest
from conftest import labelled, qa

from assay.rules.lookalike_letters import LookalikeLetters, lookalikes


def _found(text: str) -> tuple[str, str] | None:
    """What the rule does about an answer, and the answer it suggests."""
    found = list(LookalikeLetters().check(qa("a", "question", text)))
    assert len(found) <= 1
    return (found[0].action, found[0].after.answer if found[0].after else "") if found else None


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("rеset my pаsswоrd", "reset my password"),
        ("Mасhinе learning", "Machine learning"),
        ("Ηello frοm Сosta Rica", "Hello from Costa Rica"),
        ("the раyment is а month late", "the payment is a month late"),
        ("Αpple, Ρaris and Тokyo", "Apple, Paris and Tokyo"),
        ("die Straßе ist lang", "die Straße ist lang"),
        ("Это cлово и ещё одно", "Это слово и ещё одно"),
        ("Скачать Windows 10 беcплатно", "Скачать Windows 10 бесплатно"),
    ],
)
def test_words_are_written_in_one_script_where_that_is_sure(disguised: str, plain: str) -> None:
    assert _found(disguised) == ("edit", plain)


@pytest.mark.parametrize(
    ("doubtful", "suggested"),
    [
        ("log in to pαypal now", "log in to paypal now"),
        ("this is а test of the thing", "this is a test of the thing"),
        ("log in at https://pаypal.com/x", "log in at https://paypal.com/x"),
        ("write to user@еxample.com", "write to user@example.com"),
        ("The word сад and the word gаrden", "The word сад and the word garden"),
    ],
)
def test_what_is_in_doubt_is_held(doubtful: str, suggested: str) -> None:
    assert _found(doubtful) == ("hold", suggested)


@pytest.mark.parametrize(
    "text",
    [
        "5 μg or 5 µg, a kΩ resistor, 3 Å",
        "NFκB and TNFα rise, IFNγ falls, PPARγ stays, the α-helix, interferon-β",
        "Δt = t₂ − t₁, π·r², cos θ = λx, Σn",
        "let 𝑓 be a map to ℝ, ℎ its inverse",
        "𝑠𝑖𝑛(𝑥) = 1",
        "The СССР was founded in 1922",
        "The word сад means garden, and о is a preposition",
        "VIPы и SMSка на iPhone",
        "Я люблю свой iPhoneа",
        "ITшники пришли на работу",
        "Η Αθήνα είναι η πρωτεύουσα, ο John μένει εδώ",
        "[a-zа-я]+ and [A-Za-zА-Яа-яЁё]",
        "ＡＴＭで現金を引き出す",
        "vitamin В12 helps",
        "Grüße aus Köln, naïve café, Đặng Thị Nguyệt",
        "Հայաստան is Armenia",
    ],
)
def test_letters_in_their_own_right_stay(text: str) -> None:
    assert _found(text) is None


def test_a_row_about_scripts_is_left_alone() -> None:
    asked = "Which of these is a homoglyph attack?"
    assert list(LookalikeLetters().check(qa("a", asked, "pаypal with a Cyrillic letter"))) == []


def test_the_finding_names_the_letters() -> None:
    (found,) = LookalikeLetters().check(qa("a", "question", "my pаsswоrd"))
    assert "cyrillic small letter a, cyrillic small letter o" in found.message
    assert found.evidence["words"] == ["pаsswоrd"]


def test_every_letter_of_the_tables_is_of_another_script() -> None:
    same, near = lookalikes()
    assert len(same) >= 60
    assert not set(same) & set(near)
    assert all(len(letter) == 1 and not letter.isascii() for letter in (*same, *near))


def test_a_long_text_all_of_lookalikes_takes_linear_time() -> None:
    def cost(size: int) -> float:
        start = time.process_time()
        list(LookalikeLetters().check(qa("a", "aа " * (size // 3), "ok")))
        return time.process_time() - start

    assert min(cost(120_000) for _ in range(3)) < 20 * max(cost(15_000), 0.02)


@pytest.mark.parametrize(
    ("styled", "plain"),
    [
        ("ｐａｙｐａｌ is down", "paypal is down"),
        ("𝗙𝗿𝗲𝗲 𝗺𝗼𝗻𝗲𝘆 in 𝟯 𝗱𝗮𝘆𝘀", "Free money in 3 days"),
        ("𝓢𝓹𝓮𝓬𝓲𝓪𝓵 offer", "Special offer"),
        ("ⓗⓔⓛⓛⓞ there", "hello there"),
    ],
)
def test_styled_letters_are_a_choice_and_held_with_plain_ones(styled: str, plain: str) -> None:
    assert _found(styled) == ("hold", plain)


def test_a_text_to_classify_keeps_its_letters_until_a_person_says_so() -> None:
    (found,) = LookalikeLetters().check(labelled("a", "win a frее рhone", "spam"))
    assert found.action == "hold"


@pytest.mark.parametrize(("prompt", "answer"), [
    ("全角で書いて: ABC", "ＡＢＣＤ"), ("Let 𝐴𝐵𝐶 be a triangle.", "As you wish."),
    ("Write HELLO in full width", "ＨＥＬＬＯ"),
])  # fmt: skip
def test_letters_that_were_asked_for_or_name_a_figure_stay(prompt: str, answer: str) -> None:
    assert not list(LookalikeLetters().check(qa("a", prompt, answer)))
