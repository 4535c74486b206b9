from __future__ import annotations

import numpy as np
import pytest
from conftest import labelled, qa

from assay.frames.pairs import CROWD
from assay.signals import Measured
from assay.signals.topics import SHARED


class _Counting:
    """An encoder that counts the texts it saw."""

    name, dim, languages = "counting", 2, ()

    def __init__(self) -> None:
        self.seen = 0

    def encode(self, texts: list[str]) -> np.ndarray:
        self.seen += len(texts)
        return np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (len(texts), 1))


def test_rows_that_leave_take_nothing_away_from_the_rest() -> None:
    encoder = _Counting()
    whole = Measured([labelled(f"r{i}", f"text {i}", "x") for i in range(10)], encoder=encoder)
    before = whole.vectors
    rest = whole.only([f"r{i}" for i in range(0, 10, 2)])
    assert [example.id for example in rest.examples] == ["r0", "r2", "r4", "r6", "r8"]
    assert (rest.vectors == before[::2]).all()
    assert encoder.seen == 10
    assert rest.prompts == whole.prompts[::2]


@pytest.mark.parametrize("copies", [1, 2 * CROWD])
def test_near_pairs_of_the_rows_that_stay_are_those_they_have_alone(copies: int) -> None:
    rows = [qa(f"{i}-{n}", f"my card number {i} is late {'again ' * i}", "ok") for n in range(copies) for i in range(9)]
    whole = Measured(rows)
    assert bool(len(whole.near_pairs.crowds)) == (copies > 1)
    kept = [row for i, row in enumerate(rows) if i % 4]
    rest, alone = whole.only([row.id for row in kept]), Measured(kept)
    assert len(rest.near_pairs.left) > 9
    assert all((a == b).all() for a, b in zip(rest.near_pairs, alone.near_pairs, strict=True))
    assert (rest.band_keys == alone.band_keys).all()


def test_counts_of_words_and_exact_groups_of_the_rows_that_stay_are_those_they_have_alone() -> None:
    rows = [
        qa(f"{i}-{n}", f"card {i} of group {n}{'!' * n}"[: 9 + i], f"answer {i}") for n in range(3) for i in range(6)
    ]
    whole = Measured(rows)
    assert len(set(whole.exact_groups.tolist())) < len(rows)
    assert whole.word_rows["card"] == len(rows)
    kept = [row for i, row in enumerate(rows) if i % 4]
    rest, alone = whole.only([row.id for row in kept]), Measured(kept)
    assert "exact_groups" in rest.__dict__
    assert rest.exact_groups.tolist() == alone.exact_groups.tolist()
    assert +rest.word_rows == alone.word_rows


def test_an_instruction_that_many_rows_share_is_no_topic() -> None:
    rows = [qa(str(i), f"Sort this message:\nmessage {i}", "ok") for i in range(SHARED)]
    measured = Measured([*rows, qa("last", "Another line\nand text", "ok")])
    assert measured.prompts[0] == "message 0"
    assert measured.prompts[-1] == "another line and text"


def test_the_same_text_under_two_instructions_is_two_questions() -> None:
    rows = [qa(f"{head}{i}", f"{head}:\nmessage {i}", "ok") for head in ("Sort", "Count") for i in range(SHARED)]
    measured = Measured(rows)
    assert len(set(measured.exact_groups.tolist())) == len(rows)
    assert len(set(measured.prompt_groups.tolist())) == len(rows)


def test_short_answers_used_again_and_again_are_labels_and_free_text_is_not() -> None:
    sorted_ = [qa(f"s{i}", f"Sort this:\nmessage {i} about {'ab'[i % 2]}", ("alpha", "beta")[i % 2]) for i in range(40)]
    free = [qa(f"f{i}", f"what about {i}", f"a long answer that only row {i} has") for i in range(40)]
    measured = Measured([*sorted_, *free])
    assert [len(part.rows) for part in measured.classifications] == [40]
    assert measured.families[:2] == ["alpha", "beta"]
    assert measured.families[-1] is None


def test_an_empty_set_has_all_signals() -> None:
    empty = Measured([])
    assert empty.vectors.shape == (0, 256)
    assert not len(empty.near_pairs.left)
    assert not len(empty.test_pairs.left)
    assert empty.classifications == []
    assert empty.neighbours.rows.shape == (0, 20)


def test_signals_of_all_the_rows_are_the_same_signals() -> None:
    rows = [qa(str(i), f"question {i}", "yes") for i in range(3)]
    measured = Measured(rows)
    assert measured.only([row.id for row in rows]) is measured
    assert measured.only(["0", "2"]).examples == [rows[0], rows[2]]
