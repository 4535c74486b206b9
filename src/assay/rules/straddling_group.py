"""L002: groups with rows on both sides of the split."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured


@dataclass(frozen=True)
class StraddlingGroup:
    """L002: the row belongs to a conversation or document that the test split has rows of, too.

    What it does: compares the group of each row, and the documents it was made from, with those of the test rows.
    Groups are compared by name: where two files number theirs from 1, give them names that differ.

    Why is this bad: turns of one conversation and questions on one document share names, facts and phrasing, so that
    the test measures how well the model remembers them.

    Example: rows 1 to 5 of ticket 4711 are training rows, and row 6 is a test row.
    """

    code: ClassVar[str] = "L002"
    name: ClassVar[str] = "straddling-group"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "error"
    action: Action = "hold"  # what becomes of a row whose group straddles the split

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding for each row that shares a group or a document with the test, with the first such test row."""
        groups: dict[str, int] = {}
        documents: dict[str, int] = {}
        for test, example in enumerate(measured.test):
            if example.group is not None:
                groups.setdefault(example.group, test)
            for document in example.documents:
                documents.setdefault(document, test)
        for example in measured.examples:
            shared = [document for document in example.documents if document in documents]
            if example.group is not None and example.group in groups:
                test, what = groups[example.group], f"group {example.group!r}"
            elif shared:
                test, what = documents[shared[0]], f"document {shared[0]!r}"
            else:
                continue
            twin = measured.test[test]
            yield finding(
                self, example, "row", 1.0, f"shares the {what} with the test row {twin.place}",
                evidence={"test_id": twin.id, "group": example.group, "documents": shared[:5]},
            )  # fmt: skip
