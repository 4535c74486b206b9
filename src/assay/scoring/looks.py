"""How often the test set was looked at: each look makes its numbers a little less of a test."""

from __future__ import annotations

import getpass
import os
from collections.abc import Sequence
from typing import NamedTuple

from assay.db import Look, open_events
from assay.project import Project
from assay.records import Example, digest_of


class Looks(NamedTuple):
    """The looks so far, the one just taken included."""

    times: int  # at these test rows
    project: int  # at any test rows of the project
    test: str  # digest of these test rows

    def __str__(self) -> str:
        often = "once" if self.times == 1 else f"{self.times:,} times"
        others = f" ({self.project:,} with other test rows)" if self.project > self.times else ""
        return f"this test set has been looked at {often}{others}"


def digest_of_test(test: Sequence[Example]) -> str:
    """Of the test rows, whatever their order: what a look is counted by."""
    return digest_of(sorted([row.id, row.digest] for row in test))


def take_look(project: Project, test: Sequence[Example], version: str, what: str, metric: str) -> Looks:
    """Note that answers to the test rows are about to be scored, and say how often that was done.

    Raises:
        StoreError: the database of people's events cannot be written.
    """
    events = open_events(f"sqlite:///{project.people}")
    try:
        events.add_look(Look(digest_of_test(test), len(test), version, what, metric, _who()))
    finally:
        events.close()
    return looks_at(project, digest_of_test(test))


def looks_at(project: Project, test: str) -> Looks:
    """The looks so far at the test rows of this digest; none are taken."""
    events = open_events(f"sqlite:///{project.people}")
    try:
        every = events.looks()
    finally:
        events.close()
    return Looks(sum(look.test == test for look in every), len(every), test)


def _who() -> str:
    try:
        return os.environ.get("ASSAY_WHO") or getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return "unknown"
