from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from conftest import labelled

from assay.records import Finding
from assay.signals import Measured
from assay.signals.accuracy import accuracy
from assay.signals.balance import Even, balance, evenness
from assay.signals.diversity import distinct_2, diversity, vendi
from assay.signals.relevance import relevance


def test_balance_of_an_even_and_an_uneven_set() -> None:
    even = balance(["a", "b"] * 10)
    assert (even.n, even.entropy, even.effective, even.smallest) == (20, pytest.approx(1), pytest.approx(2), 10)
    uneven = balance(["a"] * 9 + ["b", None])
    assert uneven.n == 10
    assert uneven.effective == pytest.approx(math.exp(-(0.9 * math.log(0.9) + 0.1 * math.log(0.1))))
    assert balance([]) == (0, {}, 1.0, 0.0, 0, 0.0)
    assert balance(["a"]).entropy == 1.0


def test_vendi_counts_distinct_directions() -> None:
    assert vendi(np.eye(5, dtype=np.float32)) == pytest.approx(5)
    assert vendi(np.tile(np.eye(5, dtype=np.float32)[:1], (7, 1))) == pytest.approx(1)
    assert vendi(np.zeros((3, 4), dtype=np.float32)) == 0.0


def test_distinct_pairs_of_words() -> None:
    assert distinct_2(["a b a b"]) == pytest.approx(2 / 3)
    assert distinct_2(["", "one"]) == 1.0


def test_repeats_make_a_set_less_diverse() -> None:
    texts = ["my card is late", "cash machine was empty", "top up failed again", "please close my account"]
    once = diversity(Measured([labelled(str(i), text, "x") for i, text in enumerate(texts)]))
    twice = diversity(Measured([labelled(str(i), text, "x") for i, text in enumerate(texts * 2)]))
    assert once.unrepeated == 1.0
    assert twice.unrepeated == 0.5
    assert twice.vendi == pytest.approx(once.vendi, rel=1e-4)
    assert twice.distinct_2 < once.distinct_2
    assert diversity(Measured([])) == (0, 0, 0.0, 0.0, 1.0)


def test_accuracy_counts_rows_once_and_weighs_by_score() -> None:
    def found(id: str, code: str, score: float) -> Finding:
        return Finding(code, "x", id, "label", "hold", "error", score, "")

    result = accuracy(
        10, [found("a", "A004", 0.5), found("a", "A003", 1.0), found("b", "D001", 1.0), found("", "A009", 1)]
    )
    assert result == (10, 0.9, 0.9)
    assert accuracy(0, []) == (0, 1.0, 1.0)


def test_relevance_falls_with_rows_of_another_domain() -> None:
    bank = [f"my {thing} {state}" for thing in ("card", "bank card", "debit card") for state in
            ("is late", "was declined", "does not work", "was stolen", "is blocked", "expired", "was swallowed",
             "was charged twice", "needs a new pin", "was lost", "is broken", "has not come")]  # fmt: skip
    other = ["what is the weather in Lisbon", "play some jazz music", "how do I bake rye bread"]
    clean = relevance(Measured([labelled(str(i), text, "x") for i, text in enumerate(bank)], targets=bank[::3]))
    mixed = relevance(Measured([labelled(str(i), text, "x") for i, text in enumerate(bank + other)], targets=bank[::3]))
    assert clean.near > mixed.near
    assert (mixed.n, relevance(Measured([])).n) == (39, 0)


def test_rows_are_even_over_labels_files_and_lengths_or_it_is_told_where_most_are() -> None:
    texts = ["one", "one two three", "a b c d e f", "a b c d e f g h i"]
    rows = [
        replace(labelled(f"{n}{i}", text, "xy"[i % 2]), uri=f"{n}.csv") for n in "ab" for i, text in enumerate(texts)
    ]
    found = {even.key: even for even in evenness([row.label for row in rows], rows)}
    assert [even.value for even in found.values()] == pytest.approx([1.0] * 4)
    thin = {even.key: even for even in evenness([row.label for row in rows[:5]], rows[:5])}
    assert thin["even_sources"].value == pytest.approx(math.exp(0.8 * math.log(1.25) + 0.2 * math.log(5)) / 2)
    assert thin["even_sources"].why == "1.6 of 2 files; 4 rows in 'a.csv'"
    alone = evenness(["x"], rows[:1])[2]
    assert alone == Even("even_sources", alone.measure, None, 0, False, "the rows are of one file")
