"""L001: rows that give the test away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.folding import fold
from assay.signals.overlap import overlaps
from assay.signals.sameness import says_the_same, shingle_similarity
from assay.signals.spelling import about_spelling

TELLING = 40  # characters of an answer, fewer of which two rows share by chance
REPEATED = 3  # rows or test rows with one answer, from which on it is a canned one and tells nothing
RELATED = 0.3  # shingle Jaccard of two prompts with one answer: at 0.3 reworded questions are in, unrelated ones out


class Leak(NamedTuple):
    """How a row gives a test row away."""

    score: float  # 0 to 1
    test: int  # position among the test rows
    how: str


@dataclass(frozen=True)
class TestLeakage:
    """L001: the row equals, nearly equals or contains a row of the frozen test split.

    What it does: compares each prompt with every test prompt by its character 4-grams (MinHash proposes, the exact
    Jaccard similarity decides at `threshold`), and checks that numbers, negations and content words are the same. A
    reworded prompt counts, too, when its answer is the test row's own, and so does a row that holds `quoted` of the
    runs of 13 words of a long test prompt. Canned answers and templates that many rows share tell nothing. The test row
    is never touched.

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
    quoted: float = 0.5  # share of a test prompt's runs of 13 words that a row may not hold, 0 to 1
    action: Action = "drop"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding for each row that leaks, with the surest test row."""
        if not measured.test:
            return
        leaks = self._by_quote(measured) | _by_answer(measured) | self._by_prompt(measured)
        for row, leak in sorted(leaks.items()):
            twin = measured.test[leak.test]
            jaccard = shingle_similarity(measured.prompts[row], measured.test_prompts[leak.test])
            yield finding(
                self, measured.examples[row], "prompt", leak.score, f"{leak.how} the test row {twin.place}",
                evidence={"test_id": twin.id, "test_text": twin.prompt[:200], "jaccard": round(jaccard, 3),
                          "cosine": round(_cosine(measured, row, leak.test), 3)},
            )  # fmt: skip

    def _by_prompt(self, measured: Measured) -> dict[int, Leak]:
        pairs = measured.test_pairs.at_least(self.threshold)
        closest: dict[int, Leak] = {}
        for row, test, jaccard in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.jaccard.tolist(), strict=True):
            if (row not in closest or jaccard > closest[row].score) and _same(measured, row, test):
                closest[row] = Leak(jaccard, test, "equals" if jaccard == 1 else "nearly equals")
        return closest

    def _by_quote(self, measured: Measured) -> dict[int, Leak]:
        found = overlaps(
            [f"{prompt}\n{e.answer}" for prompt, e in zip(measured.prompts, measured.examples, strict=True)],
            measured.test_prompts, self.quoted,
        )  # fmt: skip
        return {at.row: Leak(at.share, at.test, f"holds {at.share:.0%} of the runs of 13 words of") for at in found}


def _cosine(measured: Measured, row: int, test: int) -> float:
    return float(measured.vectors[row] @ measured.test_vectors[test])


def _same(measured: Measured, row: int, test: int) -> bool:
    if measured.prompts[row] == measured.test_prompts[test]:
        return True
    here, there = measured.topics[row].text, measured.test_topics[test].text
    return says_the_same(here, there, rows=measured.word_rows) and not about_spelling(measured.examples[row].prompt)


def _by_answer(measured: Measured) -> dict[int, Leak]:
    """Rows with the long and rare answer of a test row, whose prompts are alike."""
    tests: dict[str, list[int]] = {}
    for test, example in enumerate(measured.test):
        answer = fold(example.answer)
        if len(answer) >= TELLING:
            tests.setdefault(answer, []).append(test)
    answers = [fold(example.answer) for example in measured.examples] if tests else []
    rows = Counter(answer for answer in answers if answer in tests)
    found: dict[int, Leak] = {}
    for row, answer in enumerate(answers):
        if rows[answer] and max(rows[answer], len(tests[answer])) < REPEATED:
            alike = [(shingle_similarity(measured.prompts[row], measured.test_prompts[t]), -t) for t in tests[answer]]
            jaccard, test = max(alike)
            if jaccard >= RELATED:
                found[row] = Leak(max(jaccard, 0.9), -test, "has the answer and a reworded prompt of")
    return found
