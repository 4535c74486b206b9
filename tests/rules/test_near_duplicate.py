from __future__ import annotations

import json
from dataclasses import replace

import pytest
from conftest import labelled, qa

from assay.records import Example, Message
from assay.rules.inconsistent_answer import InconsistentAnswer
from assay.rules.near_duplicate import NearDuplicate
from assay.signals import Measured

SAID = "Done."
LONG = "Open the app, go to the settings page, choose the card you want to freeze and confirm with your pin."


def _dropped(rows: list[Example], rule: NearDuplicate | None = None) -> list[str]:
    return sorted(f.id for f in (rule or NearDuplicate()).survey(Measured(rows)))


def test_the_least_odd_of_near_copies_stays() -> None:
    rows = [
        labelled("a", "Hi, my card hasnt arived yet please", "card_arrival"),
        labelled("b", "My card hasn't arrived yet", "card_arrival"),
        labelled("c", "I want to top up by bank transfer", "top_up"),
    ]
    (found,) = NearDuplicate().survey(Measured(rows))
    assert (found.id, found.evidence["twin"], found.action) == ("a", "b", "drop")
    assert found.score >= 0.6
    json.dumps(found.evidence)


def test_a_reworded_prompt_with_the_same_long_answer_is_a_copy() -> None:
    one = "Explain how I can freeze my debit card while I travel abroad"
    other = one.replace("Explain", "Describe")
    assert _dropped([qa("a", one, LONG), qa("b", other, LONG)])
    assert not _dropped([qa("a", one, "Frozen"), qa("b", other, "Frozen")])


def test_a_word_more_before_the_same_long_answer_is_a_copy_and_another_word_is_not() -> None:
    one = "The parcel with the three winter coats for the shop in Leeds went back to the depot last week"
    shorter, mistyped = one.replace("winter ", ""), one.replace("coats", "caots")
    assert _dropped([qa("a", one, LONG), qa("b", shorter, LONG)])
    assert _dropped([qa("a", one, LONG), qa("b", mistyped, LONG)])
    assert not _dropped([qa("a", one, LONG), qa("b", one.replace("winter", "leather"), LONG)])
    assert not _dropped([qa("a", one, "Returned"), qa("b", shorter, "Returned")])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (qa("a", "What is 12 percent of 300?", "36"), qa("b", "What is 13 percent of 300?", "39")),
        (
            qa("a", "Cancel order 4711 of Ana Keller.", "Cancelled"),
            qa("b", "Cancel order 4712 of Ana Keller.", "Cancelled"),
        ),
        (
            qa("a", "Send the letter to Maria Keller today", "Sent"),
            qa("b", "Send the letter to Pedro Keller today", "Sent"),
        ),
        (
            qa("a", "Is it safe to mix the two cleaners?", "Yes"),
            qa("b", "Is it not safe to mix the two cleaners?", "Yes"),
        ),
        (qa("a", "Please book hall A for strings", LONG), qa("b", "Please book hall B for strings", LONG)),
        (qa("a", "Dose of vitamin A for toddlers", LONG), qa("b", "Dose of vitamin D for toddlers", LONG)),
        (qa("a", "Please print part I of the score", LONG), qa("b", "Please print part II of the score", LONG)),
        (labelled("a", "my card is not working", "broken"), labelled("b", "my card is not working", "declined")),
        (labelled("a", "I lost my card in Paris", "lost"), labelled("b", "I lost my phone in Paris", "lost")),
        (
            qa("a", "Write a poem about the sea", "Blue waves roll"),
            qa("b", "Write a poem about the sea", "Salt on my lips"),
        ),
    ],
)
def test_templates_opposites_and_unlike_answers_stay(one: Example, other: Example) -> None:
    assert _dropped([one, other]) == []


def test_every_dropped_row_is_alike_to_the_one_kept() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve"
    chain, parts = [], text.split()
    for i in range(12):
        parts[i] = parts[i][::-1]
        chain.append(labelled(f"{i:02}", " ".join(parts), "x"))
    for found in NearDuplicate().survey(Measured(chain)):
        assert found.evidence["jaccard"] >= 0.6
    assert len(_dropped(chain)) < 11


def test_one_row_speaks_for_a_limited_number_of_others() -> None:
    rows = [labelled(f"{i:02}", "please " * (i % 3) + "my card is late " + "thanks " * (i // 3), "x") for i in range(9)]
    assert len(_dropped(rows)) == 8
    assert len(_dropped(rows, NearDuplicate(most=2))) == 6


@pytest.mark.parametrize(
    ("here", "there"),
    [("enable", "disable"), ("open", "close"), ("inspect", "paint"), ("mount", "unmount"), ("raise", "lower")],
)
def test_a_content_word_against_another_keeps_both_rows_however_long_they_are(here: str, there: str) -> None:
    asked = "How do I {} the service hatch of the eastern boiler room before the yearly inspection by the council?"
    said = (
        "Ask the caretaker for the key, wear gloves, {} the service hatch of the eastern boiler room and sign the log."
    )
    assert not _dropped([qa(name, asked.format(word), said.format(word)) for name, word in (("a", here), ("b", there))])
    assert not _dropped([qa(name, asked.format(word), LONG) for name, word in (("a", here), ("b", there))])
    assert not _dropped([qa(name, asked.format(here), said.format(word)) for name, word in (("a", here), ("b", there))])


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_the_row_without_slips_and_with_its_closing_mark_stays(order: tuple[str, str]) -> None:
    right = "How do I book a meeting room?"
    for worse in ("How do I bok a meeting room?", "How do I book a meeting room please"):
        assert _dropped([qa(order[0], right, LONG), qa(order[1], worse, LONG)]) == [order[1]]


def test_the_mistyped_twin_goes_though_other_rows_mistype_the_word_too() -> None:
    right = qa("a", "Where do I receive the voucher for a delay?", "The voucher comes by mail within three days.")
    wrong = qa("b", right.prompt.replace("receive", "recieve"), right.answer)
    others = [qa(f"o{i}", f"When will I recieve {what}?", f"Soon, {what}.") for i, what in enumerate(("miles", "mail"))]
    assert _dropped([right, wrong, *others]) == ["b"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is the payment for the membership card?", "What is the payment on the membership card?"),
        ("How do I get from the station to the harbour?", "How do I get to the station from the harbour?"),
        ("Can I bring my dog in the garden?", "Can I bring my dog into the garden?"),
        ("Can I bring the bread with seeds?", "Can I bring the bread without seeds?"),
        ("Kan ik voor de les nog even douchen?", "Kan ik na de les nog even douchen?"),
        ("Puis-je manger avant la séance du soir ?", "Puis-je manger après la séance du soir ?"),
    ],
)
def test_rows_with_one_preposition_in_the_place_of_another_stay(one: str, other: str) -> None:
    assert not _dropped([labelled("a", one, "visit"), labelled("b", other, "visit")])
    assert not _dropped([qa("a", one, SAID), qa("b", other, SAID)])


def test_a_preposition_does_not_matter_before_the_same_long_answer_nor_where_words_change_with_it() -> None:
    one = "Where do I find the deadline of the photo contest?"
    assert _dropped([qa("a", one, LONG), qa("b", one.replace("of", "for"), LONG)])
    wanted = "What do I have to bring with me to the harbour to rent a boat?"
    assert _dropped([labelled("a", wanted, "boat"), labelled("b", wanted.replace("to rent", "for renting"), "boat")])


def test_the_same_question_under_another_system_prompt_is_another_one() -> None:
    def under(id: str, system: str, answer: str) -> Example:
        row = qa(id, "What is the fee?", answer)
        return replace(row, messages=(Message("system", system), *row.messages))

    same = [under("a", "You serve Plan A.", "It is ten."), under("b", "You serve Plan B.", "It is ten.")]
    assert not list(NearDuplicate().survey(Measured(same)))
    other = [under("a", "Today is 3 May.", "It is 3 May."), under("b", "Today is 4 May.", "It is 4 May.")]
    assert not list(InconsistentAnswer().survey(Measured(other)))
    assert list(
        InconsistentAnswer().survey(Measured([under("a", "Brief.", "It is 3."), under("b", "Brief.", "It is 4.")]))
    )


def test_names_that_differ_by_case_are_not_asked_the_same() -> None:
    cased = [qa("a", "What does CO stand for?", "A gas."), qa("b", "What does Co stand for?", "A metal.")]
    assert not list(InconsistentAnswer().survey(Measured(cased)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Does propene burn with a sooty flame?", "Does propyne burn with a sooty flame?"),
        ("Is prednisone a steroid?", "Is prednisolone a steroid?"),
        ("Correct the spelling: I recieve mails.", "Correct the spelling: I receeve mails."),
        ("Korrigiere: Ich habe eine Addresse", "Korrigiere: Ich habe eine Adresse"),
        ('Is "definately" a word of English?', 'Is "definatly" a word of English?'),
        ("Does Kowalska live on the third floor?", "Does Kovalska live on the third floor?"),
    ],
)
def test_words_of_a_trade_names_and_spelling_tasks_are_no_slips(one: str, other: str) -> None:
    assert _dropped([qa("a", one, SAID), qa("b", other, SAID)]) == []


def test_an_unlisted_word_of_the_set_is_known_when_it_is_mistyped() -> None:
    twins = [
        qa("a", "Wie lange dauert die Liefrung nach Wien?", SAID),
        qa("b", "Wie lange dauert die Lieferung nach Wien?", SAID),
    ]
    asked = ("ist kostenlos", "kam gestern", "fehlt noch", "wurde storniert")
    others = [qa(f"o{i}", f"Meine Lieferung {rest}, Nummer {i}", f"Gut {i}.") for i, rest in enumerate(asked)]
    assert _dropped(twins) == []
    assert _dropped([*twins, *others]) == ["a"]
