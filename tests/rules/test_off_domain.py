from __future__ import annotations

import json
from random import Random

from conftest import labelled, qa

from assay.demo.mess import read_rows
from assay.records import Example
from assay.rules.off_domain import OffDomain
from assay.signals import Measured

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
