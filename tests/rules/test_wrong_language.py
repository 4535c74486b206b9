from __future__ import annotations

import json

import pytest
from conftest import labelled, qa

from assay.records import Example, Finding
from assay.rules.wrong_language import WrongLanguage
from assay.signals import Measured

ENGLISH = [
    ("How do I return a pair of shoes?", "Put the shoes back into their box and bring them to any of our shops."),
    ("When does the library open on Sunday?", "The library opens at ten in the morning and closes at four."),
    ("Which vitamins are in spinach?", "Spinach is a good source of the vitamins A, C and K, and of folic acid."),
    ("Can I change the date of my flight?", "You can change the date until the day before you leave, for a small fee."),
    (
        "What should I do when the printer is stuck?",
        "Open the cover, take out the paper and turn the printer on again.",
    ),
    (
        "Who pays for the repair of the heating?",
        "The owner of the flat has to pay for it, unless you broke the heating.",
    ),
]
GERMAN = [
    (
        "Wie kann ich ein Paar Schuhe zurückgeben?",
        "Legen Sie die Schuhe in den Karton und bringen Sie sie in den Laden.",
    ),
    ("Wann öffnet die Bibliothek am Sonntag?", "Die Bibliothek öffnet um zehn Uhr morgens und schließt um vier Uhr."),
    ("Welche Vitamine stecken in Spinat?", "Spinat enthält vor allem die Vitamine A, C und K sowie Folsäure."),
]


def _set(n: int, pairs: list[tuple[str, str]] = ENGLISH, start: str = "e") -> list[Example]:
    return [qa(f"{start}{i:02}", *pairs[i % len(pairs)]) for i in range(n)]


def _found(rows: list[Example]) -> dict[str, Finding]:
    return {f.id: f for f in WrongLanguage().survey(Measured(rows))}


def test_an_answer_in_another_language_is_held() -> None:
    rows = [*_set(60), qa("a", ENGLISH[2][0], GERMAN[2][1]), qa("b", ENGLISH[1][0], "图书馆星期天早上十点开门。")]
    found = _found(rows)
    assert {id: (f.field, f.evidence["language"]) for id, f in found.items()} == {
        "a": ("answer", "de"), "b": ("answer", "zh"),
    }  # fmt: skip
    json.dumps([dict(f.evidence) for f in found.values()])


def test_a_row_of_another_language_is_held_as_a_whole() -> None:
    found = _found([*_set(60), qa("a", *GERMAN[0]), qa("b", "Где находится ближайшая аптека?", "Аптека за углом.")])
    assert {id: f.field for id, f in found.items()} == {"a": "row", "b": "row"}


def test_a_foreign_text_with_a_label_is_held() -> None:
    rows = [labelled(f"l{i:02}", ENGLISH[i % 6][0], ("shop", "library")[i % 2]) for i in range(60)]
    assert set(_found([*rows, labelled("x", GERMAN[0][0], "shop")])) == {"x"}


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Translate to German: The library opens at ten.", "Die Bibliothek öffnet um zehn Uhr am Morgen."),
        ("How does one say in Dutch that it rains a lot?", "Het regent vandaag de hele dag heel erg hard."),
        ("Fix the spelling: Die Bibliotek öfnet um zehn Uhr am Morgen.", "Die Bibliothek öffnet um zehn Uhr morgens."),
        ("Who wrote Cien años de soledad?", "Gabriel García Márquez"),
        ("Name four dishes you would eat in Rome.", "Risotto, Ragù alla Bolognese, Spaghetti alla Carbonara, Tiramisù"),
        ("Print a greeting.", "```python\nfor i in range(3):\n    print('bonjour tout le monde', i)\n```"),
        ("What does BMW stand for?", "Bayerische Motoren Werke"),
        ("What is the address?", "Rue de la Paix 12, 75002 Paris"),
    ],
)
def test_translations_quotations_names_lists_and_code_are_left_alone(prompt: str, answer: str) -> None:
    assert _found([*_set(60), qa("x", prompt, answer)]) == {}


def test_an_answer_that_was_to_be_translated_and_was_not_is_held() -> None:
    row = qa("x", "Translate into German: Where do I find the station?", "You can find the station behind the church.")
    found = _found([*_set(60), row])
    assert found["x"].evidence["expected"] == "de"
    assert set(found) == {"x"}


def test_a_set_in_two_languages_is_silent_but_for_answers_in_the_other_one() -> None:
    both = [*_set(30), *_set(30, GERMAN, "g")]
    assert _found(both) == {}
    found = _found([*both, qa("x", ENGLISH[0][0], GERMAN[1][1])])
    assert set(found) == {"x"}
    assert found["x"].evidence["expected"] == "en"


def test_a_set_of_translations_is_silent() -> None:
    rows = [qa(f"t{i}", f"To German: {ENGLISH[i % 3][0]}", GERMAN[i % 3][0]) for i in range(60)]
    assert _found(rows) == {}


def test_a_handful_of_rows_has_no_language() -> None:
    assert _found([*_set(3), qa("x", *GERMAN[0])]) == {}


@pytest.mark.parametrize(("prompt", "answer"), [
    ("Is the French bulldog heavy?", "Ja, er wiegt ungefähr zwölf Kilo und ist ziemlich kräftig gebaut."),
    ("How heavy is the Icelandic horse?", "请今天下午来图书馆。"),
    ("When do you close?", "Пожалуйста, приходите сегодня после обеда."),
    ("Who interprets the rules?", "Das entscheidet bei uns immer der Leiter der Bücherei."),
    ("Is it open?", "Dyret skal have ro og frisk vand hele dagen."),
])  # fmt: skip
def test_a_nationality_in_the_prompt_excuses_no_other_language(prompt: str, answer: str) -> None:
    assert {f.field for f in _found([*_set(60), qa("x", prompt, answer)]).values()} == {"answer"}


@pytest.mark.parametrize(("prompt", "answer"), [
    ("What is the Russian for thank you?", "Большое спасибо."),
    ("Give me a German tongue twister.", "Fischers Fritz fischt frische Fische, frische Fische fischt Fischers Fritz."),
    ("Who do I pay for Братья Карамазовы?", "Фёдор Достоевский"),
    ("Who is Ναυσικά?", "A Greek hound that lives with Petros."),
    ("Comment dit-on bravo ?", "On dit simplement bravo à celui qui a bien joué."),
    ("List five animals", "Lions, Leopards, Elephants, Giraffes, Rhinos."),
    ("What did the clown shout?", "Ha ha ha ha! Hee hee!"),
])  # fmt: skip
def test_words_of_a_language_that_are_asked_for_are_left_alone(prompt: str, answer: str) -> None:
    assert _found([*_set(60), qa("x", prompt, answer)]) == {}


def test_rows_asked_and_answered_in_many_languages_are_only_told_where_they_are_the_custom() -> None:
    others = [
        *GERMAN,
        ("Где находится ближайшая аптека?", "Аптека находится за углом."),
        ("Tu viens demain ?", "Oui !"),
    ]
    rows = [*_set(40), *(qa(f"o{i}", *pair) for i, pair in enumerate(others))]
    assert {(f.action, f.severity) for f in _found(rows).values()} == {("keep", "info")}
    assert {(f.action, f.severity) for f in _found([*_set(60), *rows[40:41]]).values()} == {("hold", "error")}


def test_texts_to_classify_in_other_languages_are_told_where_they_are_the_custom() -> None:
    rows = [labelled(f"e{i}", f"When does the {thing} open on Mondays?", "visit") for i, thing in enumerate(
        ["chapel", "gate", "office", "garden", "archive", "path", "shop", "museum", "hall", "yard"] * 4
    )]  # fmt: skip
    asked = ["À quelle heure fermez-vous en hiver ?", "Wie verlängere ich das Nutzungsrecht für ein Urnengrab?"]
    foreign = [labelled(f"f{i}", text, "lease") for i, text in enumerate(asked * 2)]
    told = list(WrongLanguage().survey(Measured([*rows, *foreign])))
    assert {(f.action, f.severity) for f in told} == {("keep", "info")}
    alone = list(WrongLanguage().survey(Measured([*rows, foreign[0]])))
    assert [(f.action, f.severity) for f in alone] == [("hold", "error")]
