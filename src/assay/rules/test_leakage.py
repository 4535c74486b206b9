"""L001: rows that give the test away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.sameness import says_the_same


@dataclass(frozen=True)
class TestLeakage:
    """L001: the prompt equals or nearly equals a row of the frozen test split.

    What it does: compares each prompt with every test prompt by its character 4-grams (MinHash proposes, the exact
    Jaccard similarity decides at `threshold`), and checks that numbers, negations and content words are the same.
    Answers are not compared: seeing the question is enough. The test row is never touched.

    Why is this bad: a model that has seen the test question is measured on its memory. On public support queries
    accuracy climbs from 76% on new questions to 98% on near copies of training rows.

    Example: train "How do I activate my card?" / test "how do i activate my card"
    """

    __test__: ClassVar[bool] = False  # the name is no invitation to pytest

    code: ClassVar[str] = "L001"
    name: ClassVar[str] = "test-leakage"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "error"

    threshold: float = 0.7  # Jaccard similarity of character 4-grams, politeness left out, 0.55 to 1
    action: Action = "drop"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding for each row that leaks, with the closest test row."""
        if not measured.test:
            return
        pairs = measured.test_pairs.at_least(self.threshold)
        closest: dict[int, tuple[float, int]] = {}
        for row, test, jaccard in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.jaccard.tolist(), strict=True):
            if jaccard > closest.get(row, (0.0, 0))[0] and self._same(measured, row, test):
                closest[row] = (jaccard, test)
        for row, (jaccard, test) in sorted(closest.items()):
            twin = measured.test[test]
            how = "equals" if jaccard == 1 else "nearly equals"
            yield finding(
                self, measured.examples[row], "prompt", jaccard, f"{how} the test row {twin.place}",
                evidence={"test_id": twin.id, "test_text": twin.prompt[:200], "jaccard": round(jaccard, 3)},
            )  # fmt: skip

    def _same(self, measured: Measured, row: int, test: int) -> bool:
        if measured.prompts[row] == measured.test_prompts[test]:
            return True
        return says_the_same(measured.topics[row].text, measured.test_topics[test].text)
