from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.signals.endings import Tail, cuts, learn, tail_of

ABOVE = "Cats sleep for most of the day, and they hunt at dusk."


def _tail(end: str) -> Tail | None:
    return tail_of(f"{ABOVE} {end}")


@pytest.mark.parametrize("end", [
    "They eat fish.", "They eat fish!", "Do they eat fish?", 'He said "fish."', "They eat fish (mostly.)",
    "So good! 😉",
    "他们吃鱼。", "क्या वे मछली खाते हैं।", "See https://example.org/cats", "#cats #fish", "Open cats/readme.md",
    "```\ncat = 1\n```",
])  # fmt: skip
def test_what_ends_with_a_stop_or_a_thing_of_its_own_is_no_open_end(end: str) -> None:
    assert _tail(end) is None


@pytest.mark.parametrize("end", [
    "\n\nBest regards,\nAna Keller", "\n\nSincerely,", "\n\nYours,\n[Your name]",
    "\n| a | b |", "\ntotal = 3", "\nreturn x",
])  # fmt: skip
def test_letters_tables_and_code_end_as_they_like(end: str) -> None:
    assert tail_of(ABOVE + end) is None


def test_a_short_answer_is_never_a_cut() -> None:
    assert tail_of("because of the") is None


@pytest.mark.parametrize(("text", "build"), [
    (f"{ABOVE} They eat", "sentences"),
    (f"{ABOVE}\nThey eat fish.\nThey sleep in a", "closed lines"),
    ("- red cats and dogs\n- green cats and dogs\n- blue cats and", "open lines"),
    ("a cat sleeps for most of the day and it hunts its prey at dusk or at dawn in the", "long line"),
    ("The Cat That Walked by Himself and Others", "short line"),
])  # fmt: skip
def test_the_build_of_an_answer_is_read_from_its_last_lines(text: str, build: str) -> None:
    tail = tail_of(text)
    assert tail is not None
    assert tail.build == build


@pytest.mark.parametrize("text", [
    "Three tips for cats:\n1. Feed them well.\n2. Let them sleep.\n3.",
    "Three tips for cats:\n- Feed them well\n- Let them sleep\n-",
    "Waves crash on the shore\nAs the sun draws near\nT",
    f"{ABOVE}\n```python\nprint(1)\nx = foo(",
])  # fmt: skip
def test_a_list_mark_without_an_item_and_open_code_are_cuts_whatever_the_set_does(text: str) -> None:
    assert [cut.probability > 0.5 for cut in cuts([text, *["Cats eat fish."] * 50])] == [True]


def _set() -> list[str]:
    subjects = ("The cat", "A dog", "The parrot", "My hamster", "The old horse")
    verbs = ("sleeps in the basket", "eats from a bowl", "waits for breakfast", "plays with the children")
    pairs = [(verb, other.split()[0]) for verb in verbs for other in verbs]
    return [f"{who} {verb}. After that it {other} again near the window." for who in subjects for verb, other in pairs]


def test_a_cut_is_told_by_the_words_that_seldom_stand_last_and_by_parts_of_words() -> None:
    whole = _set()
    rows = [
        *whole,
        "The cat sleeps in the basket. After that it waits for the",
        "A dog eats from a bowl. After that it pla",
    ]
    found = {cut.row: cut.probability for cut in cuts(rows)}
    assert set(found) == {len(whole), len(whole) + 1}
    assert min(found.values()) > 0.7


def test_a_set_that_writes_no_stops_has_no_cuts() -> None:
    rows = [text.replace(".", "") for text in _set()]
    assert max((cut.probability for cut in cuts(rows)), default=0) < 0.5


def test_a_list_of_things_is_no_cut() -> None:
    lists = [
        f"- red {a}\n- green {b}\n- blue {a}\n- yellow {b}\n- black {a}"
        for a in ("cats", "dogs")
        for b in ("fish", "birds")
    ]
    assert max((cut.probability for cut in cuts([*_set(), *lists])), default=0) < 0.5


def test_a_last_line_that_many_answers_share_is_their_habit() -> None:
    rows = [f"{text}\n\nover to the" for text in _set()[:5]]
    assert cuts([*_set(), *rows]) == []


def test_a_whole_word_is_no_part_of_its_inflections() -> None:
    words = [verb + suffix for verb in ("walk", "talk", "jump") for suffix in ("", "s", "ing", "ed")]
    endings = learn([f"They {word} there. " for word in (*words, "stitching", "stitched")] * 3)
    assert endings.odds("stitch", "sentences") < 0 < endings.odds("stitc", "sentences")


@given(st.lists(st.text(max_size=120), max_size=6))
def test_any_texts_give_probabilities(answers: list[str]) -> None:
    assert all(0 <= cut.probability <= 1 and 0 <= cut.row < len(answers) for cut in cuts(answers))
