from __future__ import annotations

import pytest
from conftest import labelled, qa
from hypothesis import given
from hypothesis import strategies as st

from assay.rules.mojibake import Mojibake


def _mended(text: str) -> str:
    """The text after the edit the rule proposes; the text itself when it proposes none."""
    found = list(Mojibake().check(qa("a", "question", text)))
    return found[0].after.answer if found and found[0].action == "edit" and found[0].after else text


@pytest.mark.parametrize(
    ("garbled", "right"),
    [
        ("Iâ€™d like a cafÃ©", "I’d like a café"),
        ("SÃ¸ren wonâ€™t", "Søren won’t"),
        ("SÃ¸ren", "Søren"),
        ("naÃ¯ve â€“ yes", "naïve – yes"),
        ("Ã¢â‚¬â„¢tis double", "’tis double"),
        ("Ã la carte", "à la carte"),
        ("日本 CafÃ© and 中文", "日本 Café and 中文"),
        ("beep\x07 and \x1b[31mred\x1b[0m", "beep and red"),
        ("page one \x0cpage two", "page one \npage two"),
        ("smile \ud83d\ude00", "smile \U0001f600"),
        ("caf\\u00e9 na\\xc3\\xafve", "café naïve"),
        ("Q&amp;amp;A isn&#39;t long", "Q&A isn't long"),
    ],
)
def test_garbled_text_is_mended(garbled: str, right: str) -> None:
    assert _mended(garbled) == right


@pytest.mark.parametrize(
    "text",
    [
        "SÃO PAULO, CORAÇÃO DE MÃE, AVIÃO",
        "Le café où l’on va, été à Noël : « ça va ? »",
        "Grüße aus Köln, Straße 5 – „so“",
        "Žluťoučký kůň pěl ďábelské ódy",
        "Đặng Thị Nguyệt ăn phở ở Huế",
        "ŞİŞLİ ığdır çöğür",
        "Zażółć gęślą jaźń",
        "我喜欢阅读。おはようございます 안녕하세요",
        "مرحبا بالعالم می‌خواهم שלום",
        "👩‍👩‍👧‍👦 ❤️ 🇧🇷 ok",
        "Δt = t₂ − t₁, π·r², 100 °C, ½ × 3 ≤ 5 µm",
        "“curly” ‘quotes’ — ellipsis… ﬁne ＦＵＬＬ",
        "re.compile(r'[\\u4e00-\\u9fff]')",
        "C:\\users\\xavier\\x64",
        "In HTML write &amp; for an ampersand",
        "VIPы и SMSка на iPhone",
        "Mасhinе learning",
        "Ã is a Portuguese capital letter",
        "the letter Ã",
        "tabs\tand\r\nline breaks",
    ],
)
def test_right_text_in_any_language_is_left_alone(text: str) -> None:
    assert list(Mojibake().check(qa("a", text, text))) == []


def test_what_is_lost_for_good_is_held_with_a_guess_where_one_is_safe() -> None:
    (lost,) = Mojibake().check(qa("a", "why", "the caf\ufffd is open"))
    assert (lost.action, lost.after, lost.field) == ("hold", None, "answer")
    (guess,) = Mojibake().check(qa("a", "why", "we don\ufffdt know"))
    assert guess.action == "hold"
    assert guess.after is not None
    assert guess.after.answer == "we don’t know"


def test_a_text_about_encodings_is_held_and_never_edited() -> None:
    (found,) = Mojibake().check(qa("a", "Why does my UTF-8 page show cafÃ©?", "It was read as Latin-1."))
    assert found.action == "hold"
    assert list(Mojibake().check(qa("a", "What is the Unicode replacement character?", "It is \ufffd."))) == []


def test_label_and_prompt_are_mended_in_one_edit() -> None:
    (found,) = Mojibake().check(labelled("a", "where is my cafÃ©", "cafÃ©"))
    assert found.after is not None
    assert (found.after.prompt, found.after.label, found.after.answer, found.field) == (
        "where is my café", "café", "café", "row",
    )  # fmt: skip


@given(st.text(st.characters(min_codepoint=0xA1, max_codepoint=0x17F), min_size=4, max_size=12))
def test_text_of_accented_letters_never_crashes_the_repair(text: str) -> None:
    assert isinstance(_mended(text.encode().decode("latin-1")), str)


def test_escapes_beside_talk_of_code_are_held_and_those_alone_stay() -> None:
    row = qa("a", "How do I type caf\\u00e9 in JSON?", "Write caf\\u00e9; the reader makes a letter of it.")
    (found,) = Mojibake().check(row)
    assert found.action == "hold"
    assert not list(Mojibake().check(qa("b", "What does \\u00e9 stand for?", "\\u00e9 is e with an acute.")))


@pytest.mark.parametrize(("prompt", "answer"), [
    ("What does &nbsp; do?", "&nbsp; is a blank at which the line may not break."),
    ("Entity for a blank that holds?", "&nbsp;"),
    ("And the one for quotes?", "&quot; and &#39; or &apos;"),
    ("Which is the long dash?", "&mdash; is the long one"),
    ("Which entities stand for it?", "&#104;&#101;llo"),
    ("Fix this text: 'itâ€™s'", "it's"),
    ("How do I print coloured text in a terminal?", "\x1b[31mred\x1b[0m"),
    ("Name and age of the first record?", "Ann\x1f42"), ("A FIX header?", "8=FIX.4.4\x019=65\x0135=A"),
    ("How is it written in JSON?", "na\\u00efve"),
])  # fmt: skip
def test_entities_and_escapes_that_a_row_may_be_about_are_held(prompt: str, answer: str) -> None:
    found = list(Mojibake().check(qa("a", prompt, answer)))
    assert [f.action for f in found] == ["hold"]
    assert found[0].after is None or found[0].after.answer.strip()


@pytest.mark.parametrize(("prompt", "answer"), [
    ("Convert to HTML: a < b & c", "a &lt; b &amp; c"), ("What does the page hold for R&D?", "R&amp;D"),
    ("Write hello with html entities", "&#104;&#101;llo"), ("Repair: FranÃ§ois", "François"),
    ("What is naïve in JSON, in ASCII?", "na\\u00efve"),
    ("What was “donâ€™t” before?", "don’t"), ("Print red in a terminal", "\x1b[31mred\x1b[0m"),
])  # fmt: skip
def test_a_row_whose_lesson_would_be_lost_is_left_alone(prompt: str, answer: str) -> None:
    assert not list(Mojibake().check(qa("a", prompt, answer)))


@pytest.mark.parametrize("text", [
    "27 Å³", "The area is 11,240 Å², of which", "5.431 Å±0.001 Å", "π/4 · Ø²", "bore Ø±0.05 mm", "PELÉ¹ and JOSÉ²",
    "“Ð”", "„Ð“", "«MAÇÃ»", "“ATÉ AMANHÃ”", "e/Å³", '"caf\\u00e9"', "5 &lt; 6 &amp; 7",
])  # fmt: skip
def test_capitals_before_raised_figures_and_closing_quotes_are_meant(text: str) -> None:
    assert not list(Mojibake().check(qa("a", "How is it said?", text)))


@pytest.mark.parametrize(("text", "read"), [
    ("300 mÂ² of grass", "300 m² of grass"), ("MaÃ±ana Ã  las 5", "Mañana à las 5"),
    ("ESPAÃ‘A y PERÃš", "ESPAÑA y PERÚ"),
    ("l'Ã©tÃ©, Ã  5 â‚¬", "l'été, à 5 €"), ("ÐŸÐ¾Ð´ÑŠÐµÐ·Ð´ Ð”", "Подъезд Д"),
    ("line one\x0bline two", "line one\nline two"),
    ("caf&eacute; &pound;4", "café £4"),
])  # fmt: skip
def test_what_is_garbled_beyond_doubt_is_still_mended(text: str, read: str) -> None:
    assert _mended(text) == read


@pytest.mark.parametrize("text", [
    "Â is A with circumflex, Ã with tilde, Å with ring.", "Â is used inside words, Î at the ends.",
    "Ã is one and Õ the other.",
])  # fmt: skip
def test_letters_that_are_named_are_no_garbage(text: str) -> None:
    assert not list(Mojibake().check(qa("a", "Which letters are these?", text)))


@pytest.mark.parametrize(("text", "read"), [
    ("Ask at the Lost &amp; Found, they don&#39;t bite.", "Ask at the Lost & Found, they don't bite."),
    ("the price &ndash; two crowns &ndash; is low", "the price – two crowns – is low"),
    ("cafÃ© Ã  la carte", "café à la carte"),
])  # fmt: skip
def test_entities_and_letters_within_prose_are_still_repaired(text: str, read: str) -> None:
    (found,) = Mojibake().check(qa("a", "Where do I go?", text))
    assert found.action == "edit"
    assert found.after is not None
    assert found.after.answer == read
