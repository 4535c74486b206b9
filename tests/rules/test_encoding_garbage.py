from __future__ import annotations

import base64
from random import Random

import pytest
from conftest import labelled, qa

from assay.records import Finding
from assay.rules.encoding_garbage import EncodingGarbage, garbage_in, mashed

PROSE = "A cat is a small animal that people keep at home; it sleeps most of the day."


def _bytes(n: int, seed: int = 1) -> bytes:
    return Random(seed).randbytes(n)


BLOB = base64.b64encode(_bytes(90)).decode()


def _found(question: str, answer: str) -> list[Finding]:
    return list(EncodingGarbage().check(qa("a", question, answer)))


@pytest.mark.parametrize("blob", [
    BLOB,
    base64.b64encode(_bytes(30)).decode(),
    base64.urlsafe_b64encode(_bytes(60)).decode(),
    base64.encodebytes(_bytes(200)).decode().strip(),
    base64.b32encode(_bytes(60)).decode(),
    base64.b85encode(_bytes(80)).decode(),
    " ".join(f"{b:08b}" for b in _bytes(20)),
    "begin 644 a.bin\nM" + "".join(chr(33 + b % 60) for b in _bytes(60)) + "\nend",
    _bytes(90).hex(),
    "0x" + _bytes(60).hex(),
    _bytes(40).hex(" "),
    "".join(f"\\x{b:02x}" for b in _bytes(12)),
])  # fmt: skip
@pytest.mark.parametrize("template", ["{prose}\n{blob}", "{blob}\n{prose}"])
def test_bytes_beside_an_answer_are_found_and_cut_in_the_suggestion(blob: str, template: str) -> None:
    (found,) = _found("What are the key traits of a cat?", template.format(prose=PROSE, blob=blob))
    assert (found.action, found.field) == ("hold", "answer")
    assert found.after is not None
    assert found.after.answer == PROSE
    assert list(EncodingGarbage().check(found.after)) == []


@pytest.mark.parametrize(("text", "mended"), [
    ("Merci =C3=A0 tous pour l=E2=80=99id=C3=A9e, merci.", "Merci à tous pour l’idée, merci."),
    ("The fee =3D 5 euro, it goes=\n up, they=\n say.", "The fee = 5 euro, it goes up, they say."),
    ("It is \\u8cea\\u554f\\u306b\\u7b54\\u3048\\u308b so far", "It is 質問に答える so far"),
    ("It is &#1087;&#1088;&#1080;&#1074;&#1077;&#1090; so far", "It is привет so far"),
    ("Merci %C3%A0 tous, c%E2%80%99est l%C3%A9ger", "Merci à tous, c’est léger"),
    ("Open%20the%20door%2C then", "Open the door, then"),
])  # fmt: skip
def test_what_a_transfer_encoding_left_is_read_in_the_suggestion(text: str, mended: str) -> None:
    (found,) = _found("What then?", text)
    assert found.after is not None
    assert found.after.answer == mended


@pytest.mark.parametrize("text", [
    "(cid:12)(cid:44)(cid:3) total (cid:9)",
    "%PDF-1.4 1 0 obj << /Type /Catalog >>",
    "{\\rtf1\\ansi\\deff0 {\\fonttbl}}",
    "The total \ue0d3 is \ue0d4 shown in the table",
    bytes(range(160, 250)).decode("latin-1"),
    "sdfkj wqrtpl xcvbnm kjhgf dfghjk",
    "nssfjghdpqtgwlflhmkctcppncbstgfnmskhcjbxkdzqpmhspm",
])  # fmt: skip
def test_what_cannot_be_read_is_held_without_a_suggestion(text: str) -> None:
    (found,) = _found("What is the total?", text)
    assert found.after is None


@pytest.mark.parametrize(("question", "answer"), [
    ("What is it?", PROSE),
    ("Encode this text as base64", BLOB),
    ("Give me an example token", BLOB[:60]),
    ("What is the sha of the release?", "It is " + _bytes(64).hex()),
    ("Which release?", "Commit " + _bytes(20).hex()),
    ("Where is it?", f"See https://example.org/files/{BLOB} for it"),
    ("Write the code", f'const icon = "{BLOB}";\nshow(icon);'),
    ("Write it", f"```\n{BLOB}\n```"),
    ("What is pi?", "3.14159265358979323846264338327950288419716939937510582097494459"),
    ("Longest word?", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"),
    ("Which class?", "AbstractSingletonProxyFactoryBeanConfigurationAdapterImplV2Test"),
    ("Where?", "/usr/local/lib/python3.11/site-packages/Foo_Bar/BazQuux2/test_thing_3.py"),
    ("Which bases?", "It reads ATGCATGCATGCTTAGGCATCGATCGATCGATTAGCATCGATCAGCTACG here"),
    ("Add up 1 to 5", "1+2+3=6, then 6+4=10 and 10+5=15, so =15, =15, =15"),
    ("What is pi?", "3.1415926535897932384626433832795028841971693993751058209749445923078164062862089986280348"),
    ("Write it out", "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"),
    ("Aspirin?", "InChI=1S/C9H8O4/c1-6(10)13-8-5-3-2-4-7(8)9(11)12/h2-5H,1H3,(H,11,12)"),
    ("Name the numbers", "12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37"),
    ("How is business?", "Sales grew 20% Q1, 30% Q2 and 40% Q3"),
    ("Translate", "Été à l'école, où le garçon préféré a été élevé; ça va être gênant, à côté"),
    ("Translate", "Þú ert þarna í ísköldu vatni að synda á móti öldunum"),
    ("Polish", "Wszczęto śledztwo w sprawie przestępstw; źdźbło, bezwzględny, następstwo"),
    ("Why?", "The strengths and lengths of witchcraft"),
])  # fmt: skip
def test_what_looks_like_bytes_and_is_meant_is_left_alone(question: str, answer: str) -> None:
    assert _found(question, answer) == []


def test_a_label_is_no_text() -> None:
    assert list(EncodingGarbage().check(labelled("a", "which one?", BLOB))) == []


def test_bytes_in_the_prompt_are_found_there() -> None:
    (found,) = _found(f"Summarise the page\n{PROSE}\n{BLOB}", PROSE)
    assert found.field == "prompt"
    assert found.after is not None
    assert BLOB not in found.after.prompt


def test_a_stretch_is_named_with_its_place() -> None:
    (garbage,) = garbage_in(f"{PROSE}\n{BLOB}")
    assert (garbage.kind, garbage.start, garbage.end) == ("base64", len(PROSE) + 1, len(PROSE) + 1 + len(BLOB))


def test_three_struck_words_among_many_are_no_mash() -> None:
    assert not mashed(PROSE + " sdfkj xcvbnm wqrtpl")
