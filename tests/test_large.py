"""Large sets: vectors half as wide where they are kept, fewer and larger cells, and the same answers."""

import numpy as np
import pytest
from conftest import labelled

from assay import frames
from assay.encoders import WordLlama
from assay.frames import large, lexical, rows, vectors
from assay.frames.large import Picked, blocks, room, wide
from assay.signals import Measured


@pytest.fixture
def few_are_large(monkeypatch):
    """From 1,000 rows on a set is large here, and blocks are of 256."""
    for module in (large, rows, vectors):
        monkeypatch.setattr(module, "LARGE", 1000)
    monkeypatch.setattr(large, "BLOCK", 256)
    monkeypatch.setattr(vectors, "EXACT", 500)


def texts(n: int) -> list[str]:
    things = ["card", "account", "transfer", "loan", "cheque", "branch", "limit", "fee", "refund", "passcode"]
    return [
        f"how do i {('block', 'open', 'move', 'close')[i % 4]} my {things[i % 10]} number {i // 7}" for i in range(n)
    ]


def unit(n: int, dim: int = 32) -> np.ndarray:
    points = (
        np.random.default_rng(0).normal(size=(n, dim))
        + 2 * np.random.default_rng(1).normal(size=(40, dim))[np.arange(n) % 40]
    )
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def test_blocks_cover_every_row_once_and_nothing_has_none():
    for n in (0, 1, large.BLOCK, large.BLOCK + 1, 3 * large.BLOCK):
        assert sum(part.stop - part.start for part in blocks(n)) == n
    assert room(large.LARGE, 0).dtype == np.float32
    assert room(large.LARGE + 1, 0).dtype == np.float16


def test_vectors_of_a_large_set_are_those_of_a_small_one_to_three_digits(few_are_large):
    said = texts(1500)
    kept, whole = frames.embed(said, WordLlama()), WordLlama().encode(said)
    assert kept.dtype == np.float16
    assert np.abs((wide(kept[:200]) @ wide(kept[:200]).T) - whole[:200] @ whole[:200].T).max() < 1e-3


def test_words_of_a_large_set_are_those_of_a_small_one_to_three_digits(few_are_large, monkeypatch):
    said = texts(1500)
    kept = lexical.lexical_vectors(said, dim=16)
    monkeypatch.setattr(large, "LARGE", 10_000)
    assert kept.dtype == np.float16
    assert np.abs(wide(kept) - lexical.lexical_vectors(said, dim=16)).max() < 1e-3


def test_nine_in_ten_of_the_nearest_rows_of_a_large_set_are_found(few_are_large, monkeypatch):
    points = unit(3000)
    near = frames.neighbours(points.astype(np.float16), 10)
    monkeypatch.setattr(vectors, "EXACT", 10_000)
    exact = frames.neighbours(points, 10)
    found = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(near.rows.tolist(), exact.rows.tolist(), strict=True)])
    assert found >= 0.9
    assert (near.rows != np.arange(3000)[:, None]).all()


def test_picked_rows_are_those_of_the_array_wide():
    points, some = unit(50).astype(np.float16), np.array([3, 1, 40, 7])
    picked = Picked(points, some)
    assert (len(picked), picked.shape) == (4, (4, 32))
    assert np.array_equal(picked[1:3], points[[1, 40]].astype(np.float32))
    assert picked[:].dtype == np.float32


def test_crowds_that_lost_a_row_are_paired_as_if_it_had_never_been_there():
    said = ["where is the card i asked for last week"] * 90 + ["please close the old savings account today"] * 90
    keys = frames.band_keys(said)
    pairs = frames.near_pairs(said, 0.55, keys=keys)
    for rest in (np.delete(np.arange(180), [0, 5, 44]), np.delete(np.arange(180), [100]), np.arange(0, 180, 3)):
        left, alone = pairs.left_over(rest, said, keys, 0.55), frames.near_pairs([said[i] for i in rest], 0.55)
        assert np.array_equal(frames.clusters(len(rest), left), frames.clusters(len(rest), alone))
        assert set(zip(alone.left.tolist(), alone.right.tolist(), strict=True)) <= set(
            zip(left.left.tolist(), left.right.tolist(), strict=True)
        )


def test_a_check_says_when_rows_were_not_compared_with_all_others(few_are_large):
    some = Measured([labelled(f"r{i}", text, "ab"[i % 2]) for i, text in enumerate(texts(600))])
    assert some.shortened == ""  # nobody asked for neighbours
    assert len(some.neighbours.rows) == 600
    assert some.shortened.startswith("the nearest of 600 rows were looked for among some ")
    few = Measured(some.examples[:400])
    assert len(few.neighbours.rows) == 400
    assert few.shortened == ""
