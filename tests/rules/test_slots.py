from __future__ import annotations

import pytest
from conftest import qa

from assay.rules.empty_answer import EmptyAnswer


def _held(question: str, answer: str) -> list[str]:
    return [str(found.evidence.get("slot")) for found in EmptyAnswer().check(qa("a", question, answer))]


@pytest.mark.parametrize(
    ("answer", "slot"),
    [
        ("Your coach is $COACH this season.", "$COACH"),
        ("Yes, $STORE_NAME delivers until six.", "$STORE_NAME"),
        ("Dr. %s can see you at half past nine.", "%s"),
        ("The hut is %d kilometres from the pass.", "%d"),
        ("Your parcel %(tracking)s left this morning.", "%(tracking)s"),
        ("Het staat op naam van <achternaam>.", "<achternaam>"),
        ("Please use bay <bay_number> behind the bakery.", "<bay_number>"),
        ("Votre moniteur sera {moniteur}, il vous attend.", "{moniteur}"),
        ("Ask @{owner} before you book.", "@{owner}"),
        ("You have berth {0} until Sunday.", "{0}"),
        ("Der Kurs beginnt am [UHRZEIT] in Raum 4.", "[UHRZEIT]"),
        ("Il arrive entre [HEURE_DEBUT] et [HEURE_FIN].", "[HEURE_DEBUT]"),
        ("Uw begeleider heet %BEGELEIDER%.", "%BEGELEIDER%"),
        ("O seu guia é __GUIA__.", "__GUIA__"),
        ("Your pass expires on XX.XX.XXXX.", "XX.XX.XXXX"),
        ("The repair came to XX,XX euro.", "XX,XX"),
        ("A basket costs £XX in June.", "XX"),
        ("It takes place on DD/MM/YYYY in the square.", "DD/MM/YYYY"),
    ],
)
def test_a_slot_of_a_rare_form_in_a_sentence_is_held(answer: str, slot: str) -> None:
    assert _held("When and with whom is it?", answer) == [slot]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How do I print a name in C?", 'Use printf("%s", name); and remember the newline.'),
        ("How do I show my path?", "Run echo $PATH and look at each entry."),
        ("What is List<String>?", "List<String> is a list whose items are text."),
        ("Which element is for navigation?", "The <nav> element groups links, and <aside> holds what stands beside."),
        ("What is the set of even numbers?", "It is {x | x = 2k}, so {0, 2, 4} belong to it."),
        ("Which one is it?", "It is {a, b} where a < b."),
        ("Who wrote about the dunes?", "Several authors did [12], as one notes [Smith 2004]."),
        ("Continue the play", "[laughs] I never said that. And [LAUGHS] never will."),
        ("Where can I read more?", "See [the manual](https://docs.example.org), [^1] or [FAQ](x.md)."),
        ("How do I match three digits?", "It is [0-9]{3} or \\d{3}."),
        ("Which year is it?", "It was in MMXX, and XX stands for twenty."),
        ("What did the header say?", "It came from Ann <ann@example.org>."),
        ("What happened?", "The patient [NAME] called from [PHONE] on [DATE]."),
        ("Which key do I press?", "Press <enter> to go on."),
        ("How do I stop it?", "Send it with --target <machine>."),
        ("What did he answer?", "Il a dit <bonjour> avec un sourire."),
        ("Which shape should the address have?", "It is /users/{number}/orders."),
        ("How should I write the date?", "Write it as DD/MM/YYYY, for example 03/11/2024."),
        ("Which variable is it on my machine?", "It is %USERNAME% and the other is $HOSTNAME."),
        ("How are such names written?", "__init__ builds the object and __NAME__ is none."),
        ("How much is off?", "It takes 15% so the price falls to 30."),
        ("What is the ticker?", "The ticker is $AAPL."),
        ("Which norm is it?", "See the letter of [RFC2119] and [ISO], or ask at [BSI]."),
        ("What is returned when nothing is found?", "None"),
        ("Where is it?", "It is on track [A] of hall [B], at [Gleis]."),
    ],
)
def test_code_maths_marks_and_redactions_are_no_slots(question: str, answer: str) -> None:
    assert _held(question, answer) == []
