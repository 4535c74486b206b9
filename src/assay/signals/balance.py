"""Balance: how evenly the rows are spread over the labels."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from assay.records import Example
from assay.signals.folding import label_tokens

STRAY = 2  # rows up to which a class is rather a mistake than thin


class Balance(NamedTuple):
    """How evenly `n` rows are spread."""

    n: int  # rows with a label
    counts: dict[str, int]  # rows of each class, most first
    entropy: float  # Shannon entropy over that of an even spread: 0 one class holds all, 1 even
    effective: float  # exp(entropy): how many even classes would be as spread
    smallest: int  # rows of the smallest class
    median: float  # rows of the median class


class Even(NamedTuple):
    """One way in which rows may be spread evenly."""

    key: str
    measure: str  # what the value is
    value: float | None  # 0 to 1: 1 when even; None when it cannot be told
    n: int  # rows
    counts: bool  # whether unevenness is a fault: of sources and lengths it may be what people ask
    why: str  # the numbers behind the value, or why there is none


def one_spelling(labels: Sequence[str | None]) -> list[str | None]:
    """The labels, those that differ in case, joints and spacing alone in their most frequent spelling.

    one_spelling(["card_arrival", "Card Arrival", "card_arrival", None]) -> ["card_arrival"] * 3 + [None]
    """
    spellings: dict[tuple[str, ...], Counter[str]] = {}
    for label, n in Counter(label for label in labels if label is not None).items():
        spellings.setdefault(label_tokens(label), Counter())[label] = n
    usual = {tokens: min(found, key=lambda label: (-found[label], label)) for tokens, found in spellings.items()}
    return [None if label is None else usual[label_tokens(label)] for label in labels]


def balance(labels: Iterable[str | None]) -> Balance:
    """The balance of the labels; rows without one are left out. An empty or single class counts as even (1.0)."""
    counts = dict(Counter(label for label in labels if label is not None).most_common())
    n = sum(counts.values())
    entropy = -sum(c / n * math.log(c / n) for c in counts.values())
    sizes = sorted(counts.values())
    middle = (sizes[(len(sizes) - 1) // 2] + sizes[len(sizes) // 2]) / 2 if sizes else 0.0
    even = entropy / math.log(len(counts)) if len(counts) > 1 else 1.0
    return Balance(n, counts, even, math.exp(entropy) if counts else 0.0, sizes[0] if sizes else 0, middle)


def evenness(labels: Sequence[str | None], rows: Sequence[Example]) -> list[Even]:
    """How evenly rows are spread over labels, the files they came from, and lengths that double from band to band.

    `labels` are those of the `rows`. The smallest class is one of more than two rows.
    """
    of_labels = balance(labels)
    classes = ("evenness", "effective number of classes, of the classes")
    smallest = ("smallest_class", "rows of the smallest class, of those of the median class")
    files = ("even_sources", "effective number of source files, of the files")
    lengths = ("even_lengths", "effective number of bands of length, of the bands")
    bands = [f"{2 ** max(0, len(row.prompt.split()).bit_length() - 1)} words and more" for row in rows]
    if not of_labels.n:
        out = [Even(*named, None, 0, True, "the rows have no labels") for named in (classes, smallest)]
    else:
        real = {label: count for label, count in of_labels.counts.items() if count > STRAY} or of_labels.counts
        least, median = next(reversed(real)), statistics.median(real.values())
        why = f"{least!r} has {real[least]}, the median class {median:g}"
        out = [_even(*classes, of_labels, "classes", counts=True),
               Even(*smallest, min(1.0, real[least] / median), of_labels.n, True, why)]  # fmt: skip
    of_files = balance([row.uri or None for row in rows])
    if len(of_files.counts) > 1:
        out.append(_even(*files, of_files, "files", counts=False))
    else:
        out.append(Even(*files, None, 0, False, "the rows are of one file"))
    return [*out, _even(*lengths, balance(bands), "bands", counts=False)]


def _even(key: str, measure: str, found: Balance, what: str, *, counts: bool) -> Even:
    """The effective number of groups over their number, the largest named."""
    if not found.n:
        return Even(key, measure, None, 0, counts, "there are no rows")
    largest = next(iter(found.counts))
    most = "" if what == "classes" else f"; {found.counts[largest]:,} rows in {largest!r}"
    why = f"{found.effective:.1f} of {len(found.counts)} {what}{most}"
    return Even(key, measure, found.effective / len(found.counts), found.n, counts, why)
