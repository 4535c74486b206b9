from __future__ import annotations

from dataclasses import replace
from random import Random

from conftest import labelled, qa

from assay.records import Example, Message
from assay.rules.truncated_answer import TruncatedAnswer
from assay.signals import Measured

THINGS = ("the invoice", "a parcel", "the new contract", "your password", "the monthly report", "a damaged lamp")
PLACES = ("in the office", "at the counter", "with the form on our site", "through the mobile application")
TIMES = ("within three days", "before the end of the month", "as soon as the payment arrives", "on the next workday")


def _rows(seed: int = 1) -> list[Example]:
    """Answers of three sentences, each ending with a stop."""
    rng = Random(seed)
    pick = rng.choice
    texts = [
        f"You can hand in {pick(THINGS)} {pick(PLACES)}. We will look at {pick(THINGS)} {pick(TIMES)}. "
        f"After that a colleague sends {pick(THINGS)} back {pick(TIMES)}."
        for _ in range(150)
    ]
    return [qa(f"r{i:03}", f"What about {pick(THINGS)}?", text) for i, text in enumerate(texts)]


def _held(rows: list[Example], **settings: float) -> set[str]:
    return {found.id for found in TruncatedAnswer(**settings).survey(Measured(rows))}  # type: ignore[arg-type]


def test_answers_cut_anywhere_are_held_and_whole_ones_are_not() -> None:
    rng, rows = Random(2), _rows()
    cut = {row.id for row in rng.sample(rows, 20)}
    rows = [
        row.with_answer(row.answer[: rng.randrange(60, 150)].rstrip(". ")) if row.id in cut else row for row in rows
    ]
    held = _held(rows)
    assert held <= cut
    assert len(held) >= 0.7 * len(cut)


def test_a_clean_set_has_none() -> None:
    assert _held(_rows()) == set()


def test_the_threshold_decides() -> None:
    rows = [*_rows(), qa("x", "What?", "You can hand in the invoice at the counter. We will look at it within the")]
    assert _held(rows) == {"x"}
    assert _held(rows, threshold=1.0) == set()


def test_the_end_is_shown() -> None:
    rows = [*_rows(), qa("x", "What?", "You can hand in the invoice at the counter. We will look at it within the")]
    (found,) = TruncatedAnswer().survey(Measured(rows))
    assert (found.action, found.severity, found.field) == ("hold", "warning", "answer")
    assert "look at it within the" in found.message


def test_labels_are_not_judged() -> None:
    text = "a label that is as long as an answer and stops in the"
    assert _held([*_rows(), labelled("x", "which?", text)]) == set()


def test_an_earlier_turn_that_stops_in_the_middle_is_held() -> None:
    talks = [
        replace(row, messages=(*row.messages, Message("user", "And then?"), Message("assistant", "That is all, then.")))
        for row in _rows()
    ]
    whole = talks[3].messages[1].content
    cut = talks[3].with_text({1: whole[: whole.index(" We will look at") + len(" We will look at")]})
    (found,) = TruncatedAnswer().survey(Measured([*talks[:3], cut, *talks[4:]]))
    assert (found.id, found.field, found.evidence["turn"]) == (cut.id, "prompt", 1)
