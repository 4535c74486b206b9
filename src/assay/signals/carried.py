"""What the signals of a set hand on to those of fewer of its rows, so that nothing is measured twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assay.signals.folding import words
from assay.signals.sameness import ALIKE

if TYPE_CHECKING:
    from assay.signals.measured import Measured

LISTS = ("topics", "prompts", "answers", "essences", "languages")  # one entry a row
ARRAYS = ("vectors", "asked_vectors", "answer_vectors", "band_keys")
OF_ALL = ("_heads", "main_language", "control", "encoder", "test_topics", "test_prompts", "test_vectors")
LET_GO = ("classifications", "oddities", "neighbours", "copies")  # they hold on to all rows, or fill much


def carry_over(old: Measured, new: Measured, keep: Sequence[int]) -> None:
    """Hand on what was measured of the rows `keep`, ascending, of `old`, which measures anew what it is asked again."""
    import numpy as np

    known, given = old.__dict__, new.__dict__
    free = known.get("classifications") == []  # no labels, and so no families of them
    for name in LET_GO:
        known.pop(name, None)
    rows = np.array(keep, dtype=np.int64)
    if "near_pairs" in known:
        given["near_pairs"] = old.near_pairs.left_over(rows, old.essences, old.band_keys, ALIKE)
    if free and "exact_groups" in known:
        _, first, place = np.unique(old.exact_groups[rows], return_index=True, return_inverse=True)
        given["exact_groups"] = first[place]
    if "word_rows" in known:
        gone = np.setdiff1d(np.arange(len(old.examples)), rows)
        given["word_rows"] = old.word_rows.copy()
        new.word_rows.subtract(word for i in gone.tolist() for word in set(words(old.prompts[i])))
    if "subject" in known:
        given["subject"] = known.pop("subject").only(new, keep)
    given |= {name: known[name] for name in OF_ALL if name in known}
    for name in ARRAYS:  # one after the other: a large set has no room for two of each
        if name in known:
            given[name] = known.pop(name)[rows]
    for name in LISTS:
        if name in known:
            every = known.pop(name)
            given[name] = [every[i] for i in keep]
