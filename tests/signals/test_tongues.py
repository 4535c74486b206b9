from __future__ import annotations

from random import Random

import numpy as np
from conftest import labelled, qa

from assay.demo.mess import read_rows
from assay.encoders import WordLlama
from assay.frames import Spelling
from assay.rules.unread_language import UnreadLanguage
from assay.rules.wrong_label import WrongLabel
from assay.rules.wrong_language import WrongLanguage
from assay.signals import Measured
from assay.signals.language import language_name
from assay.signals.tongues import unread

PARTS = {
    "rechnung": (
        ("die Rechnung vom {}", "meine letzte Rechnung", "der Betrag auf der Rechnung", "die Abbuchung im {}"),
        ("ist viel zu hoch", "stimmt leider nicht", "wurde doppelt berechnet", "fehlt noch immer"),
    ),
    "lieferung": (
        ("mein Paket", "die Lieferung vom {}", "der Bote mit der Sendung", "das Päckchen aus dem {}"),
        ("ist nicht angekommen", "kam beschädigt bei uns an", "liegt noch beim Nachbarn", "verspätet sich seit Tagen"),
    ),
    "konto": (
        ("mein Passwort", "die Anmeldung seit {}", "mein Benutzerkonto", "der Zugang zur App"),
        ("funktioniert nicht mehr", "möchte ich ändern", "wurde plötzlich gesperrt", "soll zurückgesetzt werden"),
    ),
}
GREETINGS = ("", "Hallo, ", "Guten Tag, ", "Bitte helfen Sie mir: ")
ENGLISH = [(row.text, row.label) for row in read_rows("banking_train.csv")]


def _german(n: int, start: str = "de", seed: int = 0) -> list[tuple[str, str]]:
    rng, rows = Random(seed), dict[str, str]()
    while len(rows) < n:
        label = rng.choice(sorted(PARTS))
        subject, verdict = (rng.choice(part) for part in PARTS[label])
        text = f"{rng.choice(GREETINGS)}{subject} {verdict}".format(rng.choice(("März", "April", "Mai", "Juni")))
        rows[text] = label
    return list(rows.items())


def test_rows_in_a_language_the_encoder_does_not_know_are_counted_and_said() -> None:
    rows = [qa(f"e{i}", text, "") for i, (text, _) in enumerate(ENGLISH[::9])]
    rows += [qa(f"d{i}", text, "") for i, (text, _) in enumerate(_german(30))]
    found = list(UnreadLanguage().survey(Measured(rows)))
    assert len(found) == 1
    assert found[0].severity == "info"
    assert found[0].id == ""
    assert "(German " in found[0].message
    assert found[0].evidence["rows"] >= 28
    assert set(found[0].evidence["languages"]) == {"de"}


def test_an_english_set_and_a_handful_of_foreign_rows_are_read_as_ever() -> None:
    rows = [qa(f"e{i}", text, "") for i, (text, _) in enumerate(ENGLISH[::3])]
    rows += [qa(f"d{i}", text, "") for i, (text, _) in enumerate(_german(5))]
    measured = Measured(rows)
    assert unread(measured) == {}
    assert isinstance(measured.encoder, WordLlama)
    assert list(UnreadLanguage().survey(measured)) == []


def test_each_language_is_compared_within_its_own_space() -> None:
    rows = [qa(f"e{i}", text, "") for i, (text, _) in enumerate(ENGLISH[::9])]
    english = len(rows)
    rows += [qa(f"d{i}", text, "") for i, (text, _) in enumerate(_german(40))]
    measured = Measured(rows)
    vectors, plain = measured.vectors, WordLlama().encode([row.prompt for row in rows[:english]])
    assert np.allclose(vectors[:english] @ vectors[:english].T, plain @ plain.T, atol=1e-5)
    told = [row for row, code in enumerate(measured.languages) if code == "de"]
    assert len(told) >= 36
    assert np.abs(vectors[:english] @ vectors[told].T).max() <= 1e-6
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    fewer = measured.only({row.id for row in rows[english:]})
    assert np.array_equal(fewer.vectors, vectors[english:])
    assert fewer.encoder is measured.encoder


def test_wrong_labels_are_found_in_german() -> None:
    rows = _german(160)
    wrong = {f"{i:03}" for i in range(0, 160, 20)}
    others = {"rechnung": "konto", "konto": "lieferung", "lieferung": "rechnung"}
    examples = [
        labelled(f"{i:03}", text, others[label] if f"{i:03}" in wrong else label)
        for i, (text, label) in enumerate(rows)
    ]
    found = {finding.id for finding in WrongLabel().survey(Measured(examples))}
    assert len(found & wrong) >= 0.75 * len(wrong)
    assert len(found - wrong) <= 2


def test_lone_surrogates_have_a_language_too() -> None:
    rows = [qa(f"d{i}", f"\ud800 {text}", "\udfff") for i, (text, _) in enumerate(_german(40))]
    assert unread(Measured(rows)) == {"de": 40}


def test_words_of_one_stem_are_near_and_the_same_text_is_the_same_alone_or_among_others() -> None:
    texts = [text for text, _ in _german(200)]
    spelling = Spelling(texts)
    one, same, other = spelling.encode(
        ["die Rechnungen wurden doppelt berechnet", "Rechnung doppelt berechnet", "mein Passwort ist gesperrt"]
    )
    assert one @ same > one @ other + 0.3
    assert np.allclose(spelling.encode(texts[:3])[1], spelling.encode(texts[1:2])[0], atol=1e-6)
    assert spelling.encode(["", "漢字", "\ud800"]).shape == (3, 256)
    assert not Spelling([]).encode(["a"]).any()
    assert not Spelling(["one text"]).encode(["one text"]).any()


def test_languages_are_told_by_name() -> None:
    assert [language_name(code) for code in ("de", "es", "zh", "xx")] == ["German", "Spanish", "Chinese", "xx"]
    rows = [
        qa(f"e{i}", text, "It is done within a day, we will write to you.") for i, (text, _) in enumerate(ENGLISH[:80])
    ]
    row = qa("x", ENGLISH[81][0], "Das erledigen wir innerhalb eines Tages und schreiben Ihnen dann.")
    found = list(WrongLanguage().survey(Measured([*rows, row])))
    assert [f.message for f in found] == ["the answer is in German; the set is in English"]
    assert found[0].evidence["language"] == "de"


def test_a_few_foreign_rows_are_no_reason_to_read_a_large_set_in_two_spaces() -> None:
    rows = [qa(f"e{i}", f"{text} {i % 3}", "") for i, (text, _) in enumerate(ENGLISH[:600] * 3)]
    german = [qa(f"d{i}", text, "") for i, (text, _) in enumerate(_german(60))]
    assert unread(Measured([*rows, *german[:25]])) == {}
    assert set(unread(Measured([*rows, *german]))) == {"de"}
