from __future__ import annotations

from dataclasses import replace

import numpy as np

from assay.evaluate.compare import compare
from assay.evaluate.measures import Asked
from assay.evaluate.slices import Slice, parts, sliced
from assay.records import Example

from .rows import LABELS, example, examples, rung


def varied() -> list[Example]:
    """30 rows: every third without a question mark, ten long ones, two files, two languages."""
    rows = []
    for i in range(30):
        prompt = "Where is the card that I ordered last week" + ("?" if i % 3 else ".")
        if i >= 20:
            prompt = (
                "Wo ist die Karte, die ich in der letzten Woche bestellt habe? " + "Ich warte noch immer darauf. " * 8
            )
        rows.append(replace(example(i, prompt), uri="a.csv" if i < 12 else "b.csv"))
    return rows


def test_each_part_of_the_test_set_holds_the_rows_it_names() -> None:
    test = varied()
    found = {(part.kind, part.name): list(part.rows) for part in parts(test, examples(60))}
    assert found["kind of prompt", "no question mark"] == [i for i in range(20) if i % 3 == 0]
    assert found["length", "6 to 15 words"] == list(range(20))
    assert found["length", "over 50 words"] == list(range(20, 30))
    assert found["source", "a.csv"] == list(range(12))
    assert found["language", "de"] == list(range(20, 30))
    assert found["language", "en"] == list(range(20))


def test_classes_are_rare_against_the_training_rows() -> None:
    train = [example(i, label=LABELS[0] if i % 10 else LABELS[1]) for i in range(100)]
    train += [example(100 + i, label=LABELS[2]) for i in range(50)]
    found = {part.name: part.rows for part in parts(examples(6), train) if part.kind == "class"}
    assert found == {"frequent": (0, 2, 3, 5), "rare": (1, 4)}


def test_what_is_in_no_part_or_in_all_is_no_part() -> None:
    kinds = {part.kind for part in parts(examples(9), examples(30))}
    assert kinds.isdisjoint({"source", "language", "length", "class"})


def test_novelty_bands_cover_every_row_once() -> None:
    near = np.linspace(0.5, 1.0, 9)
    bands = [part for part in parts(examples(9), [], near) if part.kind == "similarity"]
    assert sorted(i for band in bands for i in band.rows) == list(range(9))


def test_a_small_part_is_told_and_marked_and_one_without_scores_has_no_number() -> None:
    test = varied()
    asked = Asked(test, [row.id for row in test], 0)
    found = parts(test, [])
    scores = np.ones(30)
    scores[:12] = np.nan
    told = {part.name: part for part in sliced(scores, found, asked)}
    assert told["a.csv"].metric is None
    assert told["a.csv"].as_dict()["n"] == 0
    assert told["b.csv"].metric is not None
    assert told["b.csv"].metric.n == 18
    assert told["b.csv"].few
    assert all(Slice.from_dict(part.as_dict()) == part for part in told.values())


def test_rows_of_one_group_count_once_towards_enough() -> None:
    test = [replace(row, uri="a.csv" if i < 40 else "b.csv") for i, row in enumerate(examples(80))]
    found = parts(test, [])
    alone = sliced(np.ones(80), found, Asked(test, [row.id for row in test], 0))
    together = sliced(np.ones(80), found, Asked(test, [str(i // 10) for i in range(80)], 0))
    assert not any(part.few for part in alone if part.kind == "source")
    assert all(part.few for part in together)


def test_every_rung_of_the_ladder_is_told_on_every_part() -> None:
    test = varied()
    found = parts(test, examples(60))
    rungs = [rung(name, test, np.arange(30)[None] % 2 == 0) for name in ("raw", "curated")]
    ladder = compare(rungs, test, seed=0, parts=found)
    for standing in ladder.standings:
        assert [(part.kind, part.name) for part in standing.slices] == [(part.kind, part.name) for part in found]
        (file,) = (part for part in standing.slices if part.name == "a.csv")
        assert file.metric is not None
        assert (file.metric.value, file.metric.n) == (0.5, 12)
