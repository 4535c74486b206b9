"""Small constructors shared by the tests."""

from __future__ import annotations

import os

from hypothesis import settings

from assay.records import Example, Message

os.environ.setdefault(
    "OMP_NUM_THREADS", "1"
)  # two workers with threads that spin for each other cost more than they give

settings.register_profile("assay", deadline=None)  # the first example pays for imports
settings.load_profile("assay")


def qa(id: str, question: str, answer: str) -> Example:
    """A question and its answer."""
    return Example(id, "generate", (Message("user", question), Message("assistant", answer)))


def labelled(id: str, text: str, label: str) -> Example:
    """A text and its class."""
    return Example(id, "classify", (Message("user", text), Message("assistant", label)), label=label)
