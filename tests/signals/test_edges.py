"""Kinds of prompts, coverage of targets, and what to collect next."""

from __future__ import annotations

import pytest
from conftest import labelled
from hypothesis import given
from hypothesis import strategies as st

from assay.demo.mess import read_rows
from assay.signals import Measured
from assay.signals.balance import one_spelling
from assay.signals.collect import collect_next
from assay.signals.coverage import coverage, subjects
from assay.signals.diversity import compressed
from assay.signals.edges import between_labels, edges

THINGS = ("parcel", "letter", "basket", "ladder", "carpet", "bottle", "pillow", "helmet", "marble", "saddle")
TIMES = ("today", "at noon", "by ship", "with Ann", "in May")
PLAIN = [f"Where did you put the {thing} that came {time}?" for thing in THINGS for time in TIMES]


def rows_of(kind: str, *more: str) -> int:
    return next(edge.rows for edge in edges([*PLAIN, *more]) if edge.kind == kind)


@pytest.mark.parametrize(
    ("kind", "prompt"),
    [
        ("no question mark", "My parcel is in the wrong place today."),
        ("several sentences", "My parcel is gone. Where did you put it?"),
        ("number", "Where did you put the 7 parcels that came today?"),
        ("negated", "Why did you not put the parcel that came today here?"),
        ("negated", "Warum haben Sie das Paket nicht hier abgelegt?"),
        ("misspelt", "Where did you put the parcle that came today?"),
        ("polite", "Where did you put the parcel that came today, please?"),
        ("polite", "Wo ist das Paket von heute, bitte?"),
        ("upset", "Where did you put the parcel that came today?!!"),
        ("upset", "WHERE DID you put the parcel that came today?"),
        ("broken off", "Where did you put the parcel that came and"),
        ("broken off", "The parcel that came today and the letter ..."),
        ("short", "Where is it?"),
        ("long", "Where did you put the parcel that came today " + "and the letter that came with it " * 5 + "?"),
    ],
)
def test_a_kind_is_told_by_its_form(kind: str, prompt: str) -> None:
    assert rows_of(kind) == 0
    assert rows_of(kind, prompt) == 1


@pytest.mark.parametrize("prompt", ["Where did you put the parcels that came?", "Where did you put the panther?"])
def test_endings_and_other_words_are_not_misspelt(prompt: str) -> None:
    assert rows_of("misspelt", prompt) == 0


def test_a_missing_kind_says_how_many_rows_it_lacks() -> None:
    lacking = {edge.kind: edge.lacking for edge in edges(PLAIN)}
    assert lacking["negated"] == 3
    assert lacking["question mark"] == 0
    assert {edge.kind: edge.lacking for edge in edges(PLAIN * 10)}["negated"] == 5, "one in a hundred"


def test_short_and_long_say_nothing_where_prompts_are_words() -> None:
    assert {"short", "long"}.isdisjoint(edge.kind for edge in edges(["yes", "no", "card", "help"] * 5))


@given(st.lists(st.text(max_size=40), max_size=20))
def test_any_prompts_have_kinds(prompts: list[str]) -> None:
    for edge in edges(prompts):
        assert 0 <= edge.rows <= len(prompts)
        assert edge.share == edge.rows / len(prompts)


def test_targets_far_from_all_rows_are_not_covered() -> None:
    rows = [labelled(str(n), text, "x") for n, text in enumerate(PLAIN)]
    found = coverage(Measured(rows, targets=[*PLAIN[:5], "Play some quiet jazz music"]))
    assert found is not None
    assert found.covered.tolist() == [True] * 5 + [False]
    assert coverage(Measured(rows, targets=PLAIN[:4])) is None, "four targets are too few"
    assert coverage(Measured([], targets=PLAIN)) is None
    assert subjects(Measured(rows)) is None, "fifty rows are too few"


def _shares(rows: list[str], targets: list[str]) -> float:
    found = coverage(Measured([labelled(str(n), text, "x") for n, text in enumerate(rows)], targets=targets))
    assert found is not None
    assert 0 < found.bar <= 0.7
    return found.share


def test_held_out_targets_of_the_domain_are_covered_and_those_of_another_are_not() -> None:
    bank = [row.text for row in read_rows("banking_train.csv")]
    other = [row.text for row in read_rows("other_domain.csv")]
    held_out = [row.text for row in read_rows("banking_test.csv")][::5]
    for rows in (bank, bank[::4]):
        assert _shares(rows, held_out) >= 0.85
        assert _shares(rows, other[:60]) <= 0.15


def test_short_targets_in_near_words_are_covered_by_long_rows_of_templates() -> None:
    asks = (
        "Could you tell me whether {} can be repaired under the warranty, please?",
        "How much would it cost me to ship {}?",
        "I would like to return {} because it arrived broken",
        "Which colours do you sell {} in at the moment?",
    )
    things = ("the kettle", "the toaster", "my blender", "a coffee grinder", "the rice cooker", "the hand mixer",
              "a waffle iron", "the deep fryer", "the juicer", "a bread maker", "the hot plate", "the ice cream maker",
              "a pasta machine", "the food scale", "the soda maker", "a milk frother")  # fmt: skip
    rows = [ask.format(thing) for ask in asks for thing in things]
    near = ["repair under warranty", "shipping cost of the toaster", "return a broken kettle", "colours of the blender",
            "juicer arrived broken", "warranty of the mixer"]  # fmt: skip
    far = ["who composed this opera", "symptoms of measles", "train to the airport", "my tenant moved out",
           "salary of a nurse", "rain this weekend"]  # fmt: skip
    assert _shares(rows, near) >= 0.8
    assert _shares(rows, far) <= 0.2


def test_copies_of_one_prompt_are_one_subject() -> None:
    same = subjects(Measured([labelled(str(n), PLAIN[0], "x") for n in range(150)]))
    mixed = subjects(Measured([labelled(str(n), f"{PLAIN[n % 50]} {n}", "x") for n in range(150)]))
    assert same is not None
    assert mixed is not None
    assert same.effective < 1.5, "equal vectors may differ in their last bit"
    assert same.largest > 0.95
    assert mixed.effective > 5


def test_repetition_compresses() -> None:
    assert compressed([PLAIN[0]] * 50) < 0.1 < compressed(PLAIN) < 1
    assert compressed([]) == 1.0


def test_labels_take_their_most_frequent_spelling() -> None:
    labels = ["card_arrival", "Card Arrival", "card_arrival", None, "lost card", "A+", "A"]
    assert one_spelling(labels) == ["card_arrival"] * 3 + [None, "lost card", "A+", "A"]


def test_a_stray_label_is_not_collected_for_and_a_thin_one_is() -> None:
    labels = ["a"] * 40 + ["b"] * 40 + ["c"] * 5 + ["typo"]
    assert [(wish.what, wish.rows) for wish in collect_next(labels, None, None, [])] == [("rows of 'c'", 15)]
    assert collect_next([None] * 9, None, None, []) == []


def test_rows_between_two_labels_are_a_kind_where_there_are_labels() -> None:
    assert between_labels(0, 0) == []
    (kind,) = between_labels(1, 400)
    assert (kind.rows, kind.share, kind.lacking) == (1, 1 / 400, 3)
