from __future__ import annotations

import json
from dataclasses import replace

from conftest import labelled

from assay.demo.mess import read_rows
from assay.records import Example
from assay.rules.known_test import KnownTest
from assay.signals import Measured
from assay.signals.closeness import closeness

TRAIN = [labelled(f"r{i:03}", row.text, row.label) for i, row in enumerate(read_rows("banking_train.csv")[:200])]
FRESH = [row.text for row in read_rows("other_domain.csv")[:40]]


def _tests(texts: list[str]) -> list[Example]:
    return [replace(labelled(f"t{i:03}", text, "x"), split="test") for i, text in enumerate(texts)]


def test_a_test_set_that_is_known_is_said_once_with_its_bands_and_nearest_pairs() -> None:
    known = [TRAIN[0].prompt.upper(), f"Please, {TRAIN[1].prompt}", TRAIN[2].prompt]
    found = list(KnownTest().survey(Measured(TRAIN, test=_tests([*known, *FRESH]))))
    assert len(found) == 1
    assert (found[0].severity, found[0].action, found[0].id) == ("info", "keep", "")
    assert found[0].evidence["nearly_identical"] == 3
    assert found[0].evidence["equal"] == 2
    assert found[0].evidence["cosine"]["0.95 and more"] >= 2
    assert found[0].evidence["nearest"][0]["cosine"] >= 0.99
    assert "3 of 43 test rows (7%)" in found[0].message
    json.dumps(dict(found[0].evidence))


def test_unlike_test_rows_or_none_are_passed_over_in_silence() -> None:
    assert list(KnownTest().survey(Measured(TRAIN, test=_tests(FRESH)))) == []
    assert list(KnownTest().survey(Measured(TRAIN))) == []
    assert list(KnownTest().survey(Measured([], test=_tests(FRESH)))) == []


def test_another_number_is_near_by_cosine_and_not_the_same() -> None:
    rows = [labelled("a", "What are the symptoms of diabetes of type 1 in adults?", "x")]
    found = closeness(Measured(rows, test=_tests(["What are the symptoms of diabetes of type 2 in adults?"])))
    assert found is not None
    assert found.cosine[0] >= 0.95
    assert not found.alike[0]


def test_a_quoted_test_row_and_a_reworded_one_are_known() -> None:
    long = "The northern harbour met on a cold Tuesday in March to vote on the new pier, its cranes and the lighthouse."
    rows = [
        labelled("a", f"Read this to me, slowly and with all the names in it: {long} Thank you, that is all.", "x"),
        labelled("b", "How do I link the new card?", "x"),
    ]
    found = closeness(
        Measured(rows, test=_tests([long, "How do I link a new card?", "", "Where is the moon tonight?"]))
    )
    assert found is not None
    assert found.alike.tolist() == [True, True, False, False]
    assert found.quoted.tolist() == [True, False, False, False]
    assert sum(found.bands.values()) <= 4
