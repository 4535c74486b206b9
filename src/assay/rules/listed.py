"""Words and expressions of the shipped lists whose lines are "kind | ...": read once, when first asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assay.rules.patterns import lines


@cache
def words_of(name: str, kind: str) -> frozenset[str]:
    """The words of all lines of a kind: words_of("roles.txt", "duty") holds "billing"."""
    return frozenset(word for line in _of_kind(name, kind) for word in line.split())


@cache
def expression_of(name: str, kind: str) -> re.Pattern[str]:
    """The expressions of all lines of a kind as one that matches any of them, as whole words, in any case."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(_of_kind(name, kind))})(?!\w)", re.IGNORECASE)


def _of_kind(name: str, kind: str) -> Iterator[str]:
    for line in lines(name):
        named, said = line.split(" | ", 1)
        if named == kind:
            yield said
