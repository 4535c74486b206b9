from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import qa

from assay.rules.offensive import Offensive

INSULTS = (
    "You are such an imbecile.",
    "What kind of help is this, you useless piece of junk?",
    "Honestly you're pathetic.",
    "only a complete moron could design this",
    "ur so dumb lol",
    "Shut your mouth!",
    "People like you should be ashamed, filth.",
    "go to hell",
    "Sit down, you overgrown imbecile.",
    "Are you deaf or just stupid?",
    "You are dumber than a box of hammers.",
    "I've met smarter doorknobs than you.",
    "Nobody cares, loser.",
    "Bunch of cretins!",
    "Shut your piehole.",
    "You're a stain on this company.",
    "Crawl back under the rock you came from.",
    "Do us all a favour and disappear.",
    "Stop being such a whiny little brat.",
    "y0u 1d10t",
    "Immigrants are vermin.",
    "Du bist so ein Vollidiot.",
    "Va te faire foutre.",
    "Eres un imbécil.",
    "你这个白痴",
)
THREATS = (
    "I will kill you if this happens again.",
    "We're going to hurt your family.",
    "I'll smash your face.",
    "you deserve to rot",
    "I know where you live.",
    "I hope you choke on it",
    "I'd love to watch you bleed.",
    "Pay up or we will hurt your daughter.",
    "You'll end up in a ditch.",
    "Sleep with one eye open.",
    "I'll put a bullet in your head.",
    "Go jump off a bridge.",
    "We will burn your shop down.",
    "Ich bringe dich um.",
    "Somebody should slap you.",
)
SWEARING = ("where is my fucking card", "this app is bullshit", "f*ck this", "those assholes charged me twice")
HARMLESS = (
    "How do I kill a zombie process and its child?",
    "The rooster is a cock; Scunthorpe and Penistone are towns.",
    "Aluminium die casting and screw threads",
    "Damn good pizza!",
    "I got this stupid fee after taking cash out, why?",
    "Signs of breast, anal and penile cancer",
    "Dick Van Dyke met Philip K. Dick.",
    "A bastard sword is held with one hand or two.",
    "Our bitch had a litter of six puppies.",
    "I'll shoot you an email and we will cut your bill.",
    "I will find you a better plan and make you happy.",
    "He said you are stupid, and that hurt.",
    "You may feel that you are worthless; talk to someone.",
    'What does the word "asshole" mean?',
    'Our policy: do not write "you are an idiot".',
    "How do you dumb down a text?",
    "you trash bins full of garbage",
    "hoe do i pay my bill",
    "I hope you get well soon",
    "Kill them with kindness",
    "You jerk the cord to start the mower.",
    "Are you a pig farmer? Pigs are smart animals.",
    "You should be shot with a vaccine this autumn.",
    "You will pay for this with your credit card.",
    "I will beat you to the station.",
    "I will kill your subscription and burn the files to a disc.",
    "Put a bullet in your list before each item.",
    "How do I shut up a barking dog?",
    "You deserve to be happy, and you are not stupid.",
    "If you choke, someone should give you abdominal thrusts.",
    "I will kill you, whispered the butler in chapter two.",
    "You fool no one; trash the old settings.",
    "Run git, then add a dummy.",
    "Women are underrepresented in engineering.",
    "Du bist nicht dumm.",
    "My boss is hard to please, and I feel like an idiot.",
)


def _kinds(text: str) -> list[str]:
    return [found.evidence["kind"] for found in Offensive().check(qa("a", "question", text))]


@pytest.mark.parametrize("text", INSULTS)
def test_an_insult_to_the_reader_is_held(text: str) -> None:
    assert _kinds(text) == ["insult"]


@pytest.mark.parametrize("text", THREATS)
def test_a_threat_is_held(text: str) -> None:
    assert _kinds(text) == ["threat"]


@pytest.mark.parametrize("text", SWEARING)
def test_swearing_is_held(text: str) -> None:
    assert _kinds(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_words_are_left_alone(text: str) -> None:
    assert _kinds(text) == []


def test_an_insult_deep_in_a_long_answer_is_found_in_its_sentence() -> None:
    text = "Banks settle cards at night. " * 50 + "You stupid clown. " + "Fees are listed online. " * 50
    (found,) = Offensive().check(qa("a", "q", text))
    assert found.field == "answer"
    assert "stupid clown" in found.evidence["sentence"]
    assert len(found.evidence["sentence"]) < 400


@pytest.mark.parametrize(
    "text",
    [
        "A colleague called me a bitch in a meeting. Where do I complain?",
        "A pupil called another teacher a fat cunt. What now?",
        "My boss keeps calling her a lazy bitch, is that harassment?",
    ],
)
def test_what_someone_was_called_is_a_report_and_no_insult(text: str) -> None:
    assert list(Offensive().check(qa("a", text, "Contact the adviser."))) == []


def test_an_insult_behind_a_report_is_still_held() -> None:
    assert list(Offensive().check(qa("a", "He called me a clown. Fuck you, you stupid bitch.", "Contact the adviser.")))


def test_the_system_prompt_is_not_judged() -> None:
    from assay.records import Example, Message

    turns = (Message("system", "Never swear: fuck is forbidden."), Message("user", "hi"), Message("assistant", "hello"))
    assert list(Offensive().check(Example("a", "chat", turns))) == []


def test_a_threshold_of_one_silences_all_but_certainty() -> None:
    assert list(Offensive(threshold=1.0).check(qa("a", "q", "go to hell"))) == []


@pytest.mark.slow
def test_real_support_queries_are_hardly_ever_flagged() -> None:
    """BANKING77, 10,003 queries of customers, some of them angry: at most 2 in 10,000."""
    import csv

    shared = Path(os.environ.get("ASSAY_SHARED", Path(__file__).parents[3] / "shared"))
    path = shared / "data" / "kb_banking77" / "train.csv"
    if not path.exists():
        pytest.skip("BANKING77 is not here: set ASSAY_SHARED to the folder that holds data/kb_banking77")
    with path.open(encoding="utf-8") as file:
        examples = [qa(str(i), row["text"], "ok") for i, row in enumerate(csv.DictReader(file))]
    assert len(examples) > 9000
    assert sum(map(bool, Offensive().check_batch(examples))) <= 2


@pytest.mark.parametrize(
    "text",
    [
        "The coach called our goalkeeper a lazy bitch. Whom do we tell?",
        "A reviewer wrote that our waiter is a fat cow. May we delete it?",
        "The tenant told the caretaker to go fuck himself. Can I give notice?",
        "My neighbour shouted 'listen, I will break your legs' over the fence. What now?",
        "When is the bitch in season, and must the vet see her?",
        "Faggots are meatballs of liver in a gravy.",
        "The slag is tapped from the furnace twice a shift.",
        "I will come over and cut your hedge.",
        "The form is called KYS, Know Your Supplier.",
        "Giv din mor et kys.",
    ],
)
def test_reports_and_words_in_another_sense_are_left_alone(text: str) -> None:
    assert _kinds(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "That stupid bitch of a vet nurse kept my dog waiting.",
        "Faggots like him should not teach.",
        "I called you a bitch because you are one.",
        "He said hi, you stupid whore.",
        "I'm going to drive to your office and smash your face in.",
        "I'll track you down and stab you.",
        "we will find out where you live and burn it all",
        "I will work out where you sleep and make you pay.",
        "u are garbage at this, go kys",
        "you guys suck, gtfo",
    ],
)
def test_scorn_threats_in_two_steps_and_abbreviations_are_held(text: str) -> None:
    assert _kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Lees de handleiding, domme trut.",
        "Die lul aan de balie keek me niet eens aan.",
        "Hou je bek en doe je werk.",
        "Ik kom jullie winkel in brand steken.",
        "Halt die Klappe, du Penner.",
        "So ein Vollpfosten wie du gehört gefeuert.",
        "Ich breche dir die Beine.",
        "Vous êtes une bande de cons.",
        "Casse-toi, pauvre type.",
        "Je vais te casser la gueule.",
        "Vete al carajo, estafador.",
        "Te voy a partir la cara.",
        "Qué tonta eres, hija.",
        "Chiudi il becco, buffone.",
        "Ti spacco la faccia se richiami.",
        "Che bastardo quel commesso.",
        "Cala a boca, palhaço.",
        "Como você é burra!",
        "Vamos incendiar a vossa loja.",
    ],
)
def test_an_insult_or_a_threat_in_another_language_is_held(text: str) -> None:
    assert _kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ik ben te stom om het formulier te vinden, sorry.",
        "De klant noemde mijn collega een trut, hoe meld ik dat?",
        "Mijn eik heeft dit jaar geen eikels, is de boom ziek?",
        "Donder op zondag, is het park dan open?",
        "Wie viel Milch gibt eine Kuh am Tag?",
        "Ein Gast nannte uns „Penner“, was tun?",
        "Er hat zu mir gesagt, du bist ein Versager.",
        "Die Klappe am Ofen hält nicht, wie halte ich sie zu?",
        "Un client m'a traité d'abruti, que dois-je faire ?",
        "La gueule du four est fermée, c'est normal ?",
        "Un cliente me llamó imbécil, ¿qué hago?",
        "¿El payaso viene a la fiesta a las cinco?",
        "Un cliente ha dato dell'idiota al mio collega.",
        "Il becco del merlo è giallo?",
        "Um cliente chamou-me idiota, como reajo?",
        "O burro do vizinho come as flores.",
    ],
)
def test_reports_and_harmless_words_in_another_language_stay(text: str) -> None:
    assert not _kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Whoever wrote this is a fucking idiot.",
        "Whoever packed the box is a complete moron.",
        "What idiot designed this form?",
        "The author of this page is a complete imbecile.",
        "Only foreigners are this dirty and should be thrown out.",
        "Refugees are all lazy.",
        "All migrants should be deported.",
        "My neighbour is a bitch, and her dog is no better.",
        "That stupid bitch in season two again.",
        "Wer das gebaut hat, ist ein Vollidiot.",
        "Celui qui a fait ça est un gros con.",
        "Wie dit maakte is een ongelooflijke eikel.",
        "Ausländer sind alle dreckig.",
    ],
)
def test_whoever_made_it_and_whole_peoples_are_insulted(text: str) -> None:
    assert _kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "How do I know that my bitch is in season?",
        "Our bitch licks her paws all day.",
        "A bitch of nine months limps on the left.",
        "My Whippet bitch should weigh how much?",
        "Whoever wrote this is a genius.",
        "Foreigners pay the fee and should queue on the left.",
        "Dogs are this dirty after rain and should be washed.",
        "Migrants are often young and should be offered courses.",
        "The author of The Idiot is Dostoevsky.",
        "What idiom did they use?",
        "An ass eats hay, as the goats do.",
    ],
)
def test_animals_and_people_spoken_of_kindly_stay(text: str) -> None:
    assert _kinds(text) == []


def test_who_wrote_that_another_is_something_reports_it() -> None:
    assert _kinds("The guest who wrote that our cook is a bastard has left. May we answer?") == []
