"""Runs of words that two sets of texts share."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from assay.signals.folding import fold, words

RUN = 13  # words in a row that two texts do not share by chance: Brown et al. 2020 (arXiv:2005.14165), appendix C
SHARED = 3  # rows with the same run of words, from which on it is a phrase of the house and gives nothing away


class Overlap(NamedTuple):
    """How much of one test text stands in a row."""

    row: int  # position in the rows
    test: int  # position in the test texts
    share: float  # of the test text's runs that the row has, 0 to 1


def overlaps(rows: Sequence[str], tests: Sequence[str], least: float, *, run: int = RUN) -> list[Overlap]:
    """The pairs whose row has at least the share `least` of the test text's runs of words; one a row, the largest.

    Texts of fewer than `run` words have no runs. Runs that SHARED or more rows or test texts have do not count, on
    either side: they are templates.
    """
    of_test: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for test, text in enumerate(tests):
        for gram in _runs(text, run):
            of_test[gram].append(test)
    found: list[tuple[int, set[tuple[str, ...]]]] = []
    seen: Counter[tuple[str, ...]] = Counter()
    for row, text in enumerate(rows if of_test else ()):
        common = of_test.keys() & _runs(text, run)
        if common:
            found.append((row, common))
            seen.update(common)
    rare = {gram for gram, n in seen.items() if n < SHARED and len(of_test[gram]) < SHARED}
    own = Counter(test for gram, holders in of_test.items() if seen[gram] < SHARED > len(holders) for test in holders)
    out = []
    for row, common in found:
        of = Counter(test for gram in common & rare for test in of_test[gram])
        shares = [(count / own[test], -test) for test, count in of.items()]
        if shares and max(shares)[0] >= least:
            out.append(Overlap(row, -max(shares)[1], max(shares)[0]))
    return out


def _runs(text: str, run: int) -> set[tuple[str, ...]]:
    tokens = words(fold(text))
    return {tuple(tokens[i : i + run]) for i in range(len(tokens) - run + 1)}
