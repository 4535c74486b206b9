"""L003: test rows that a model can answer by heart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import assay.signals.closeness as near
from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, set_finding
from assay.signals import Measured

LISTED = 20  # pairs named in the evidence


@dataclass(frozen=True)
class KnownTest:
    """L003: much of the test set is nearly identical to training rows.

    What it does: finds the training row nearest in meaning of each test row, and counts the test rows by that cosine:
    0.95 and more, 0.9 to 0.95, 0.8 to 0.9; beside them those that equal a row, that a row quotes (half of their runs of
    13 words), and those that are nearly identical: equal, quoted, or of like words or meaning and saying the same. Says
    so, with the nearest pairs, where at least `most` of the test rows are nearly identical. Nothing is dropped: rows
    that give the test away are L001's.

    Why is this bad: a score on questions the model was taught is a score of its memory. Of the public test rows of
    BANKING77 12% are nearly identical to a training row (363 of 3,080), and L001 drops 258 of 10,003 rows for it.
    A cosine alone proves nothing ("type 1" and "type 4" of one disease stand at 0.97), so it drops no row.

    Example: test "How do I link a new card?" / train "How do I link the new card?"
    """

    code: ClassVar[str] = "L003"
    name: ClassVar[str] = "known-test"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "info"

    most: float = 0.02  # share of the test rows that may be nearly identical to training rows in silence, 0 to 1
    action: Action = "keep"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding about the set, or none."""
        import numpy as np

        found = near.closeness(measured)
        if found is None or found.alike.mean() <= self.most:
            return
        n, alike = len(measured.test), int(found.alike.sum())
        closest = np.argsort(-found.cosine, kind="stable")[:LISTED].tolist()
        pairs = [
            {
                "test": measured.test[test].place,
                "row": measured.examples[int(found.row[test])].place,
                "cosine": round(float(found.cosine[test]), 3),
            }
            for test in closest
            if found.cosine[test] >= near.BANDS[0]
        ]
        evidence = {
            "test_rows": n, "nearly_identical": alike, "equal": int(found.equal.sum()),
            "quoted": int(found.quoted.sum()), "cosine": found.bands, "nearest": pairs,
        }  # fmt: skip
        message = (
            f"{alike:,} of {n:,} test rows ({alike / n:.0%}) have a nearly identical row here "
            f"({int(found.equal.sum()):,} equal); nearest row by cosine: {found.told}"
        )
        yield set_finding(self, alike / n, message, evidence=evidence)
