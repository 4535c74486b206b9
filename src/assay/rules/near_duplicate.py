"""D002: rows that nearly repeat another one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.exact_duplicate import best_first, otherwise_meant
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.folding import fold, synonymous, words
from assay.signals.sameness import says_the_same, shingle_similarity
from assay.signals.spelling import about_spelling

WORDIER = 0.25  # share of its content words that a prompt may have more than another with the same long answer
LONG = 8  # words from which two answers do not agree by chance: then the prompts may differ in synonyms


@dataclass(frozen=True)
class NearDuplicate:
    """D002: the prompt and the answer nearly repeat another row.

    What it does: finds pairs of prompts that share most of their character 4-grams (MinHash proposes, the exact Jaccard
    similarity decides at `threshold`), and drops one when the words that changed do not matter: typing mistakes,
    inflections, politeness, articles and the like; before the same long answer also usual synonyms
    ("explain"/"describe") and words that one prompt has more than the other. Two words are one mistyped only where one
    is common, or used by several rows, the other unknown, and the slip a likely one ("adress", not "propyne"); never
    in addresses, codes and quotations, nor in prompts about spelling and grammar. The answers must agree in the same
    way, labels by family. Rows that differ in a number, a negation, a name, or by one content word in place of another
    stay, and so do rows with a word against its contrary ("on"/"off"), rows with one preposition in the place of
    another ("payment for the card"/"payment on the card"), but before the same long answer, and rows with unlike
    answers.
    Of a group the row without unknown words, with its closing marks, and least odd otherwise is kept, each dropped row
    is alike to the kept one itself, and one row speaks for at most `most` others.

    Why is this bad: near copies count several times in the loss, crowd out rare cases, and let a model look better
    than it is when a copy lands in the test split.

    Example: "My card hasn't arrived yet" / "Hi, my card hasnt arived yet please"
    """

    code: ClassVar[str] = "D002"
    name: ClassVar[str] = "near-duplicate"
    stage: ClassVar[Stage] = "duplicates"
    severity: ClassVar[Severity] = "warning"

    threshold: float = 0.6  # Jaccard similarity of the prompts' character 4-grams, politeness left out, 0.55 to 1
    answer_threshold: float = 0.6  # the same of free answers, 0 to 1
    most: int = 50  # rows dropped for one kept
    action: Action = "drop"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding for each dropped row, with its kept twin."""
        alike = self._alike(measured)
        taken: set[int] = set()
        for keeper in chain.from_iterable(best_first(measured, group) for group in _connected(alike)):
            if keeper in taken:
                continue
            taken.add(keeper)
            free = sorted((pair for pair in alike[keeper].items() if pair[0] not in taken), key=lambda p: (-p[1], p[0]))
            for row, jaccard in free[: self.most]:
                taken.add(row)
                yield self._finding(measured, row, keeper, jaccard)

    def _alike(self, measured: Measured) -> dict[int, dict[int, float]]:
        """The near copies of each row that has some, with their similarity."""
        exact = measured.exact_groups
        pairs = measured.near_pairs.at_least(self.threshold)
        alike: dict[int, dict[int, float]] = defaultdict(dict)
        for a, b, jaccard in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.jaccard.tolist(), strict=True):
            if exact[a] != exact[b] and self._same(measured, a, b):
                alike[a][b] = alike[b][a] = jaccard
        return alike

    def _same(self, measured: Measured, a: int, b: int) -> bool:
        one, other = measured.examples[a], measured.examples[b]
        if one.task != other.task or measured.families[a] != measured.families[b] or one.context != other.context:
            return False
        if measured.systems[a] != measured.systems[b]:
            return False
        free = measured.families[a] is None
        if free and not self._answers_agree(measured, a, b):
            return False
        long_answers = free and min(len(one.answer.split()), len(other.answer.split())) >= LONG
        here, there = measured.topics[a], measured.topics[b]
        one_answer = long_answers and measured.answers[a] == measured.answers[b]
        wordier = WORDIER if one_answer else 0.0
        return (
            here.head == there.head
            and says_the_same(
                here.text, there.text, reworded=0.0, wordier=wordier, synonyms=long_answers,
                prepositions=not one_answer, rows=measured.word_rows,
            )
            and not (about_spelling(one.prompt) and not _only_synonyms(one.prompt, other.prompt))
            and not otherwise_meant(one.prompt, other.prompt)
        )  # fmt: skip

    def _answers_agree(self, measured: Measured, a: int, b: int) -> bool:
        one, other = measured.answers[a], measured.answers[b]
        return one == other or (
            shingle_similarity(one, other) >= self.answer_threshold
            and says_the_same(
                measured.examples[a].answer,
                measured.examples[b].answer,
                reworded=0.0,
                synonyms=True,
                rows=measured.word_rows,
            )
        )

    def _finding(self, measured: Measured, row: int, keeper: int, jaccard: float) -> Finding:
        kept = measured.examples[keeper]
        return finding(
            self, measured.examples[row], "row", jaccard,
            f"nearly repeats {kept.place}: {jaccard:.0%} of the prompt is shared",
            evidence={"twin": kept.id, "twin_text": kept.prompt[:200], "jaccard": round(jaccard, 3)},
        )  # fmt: skip


def _only_synonyms(one: str, other: str) -> bool:
    """Whether synonyms are all that two prompts differ in, endings and slips included."""
    here, there = Counter(words(fold(one))), Counter(words(fold(other)))
    left, right = here - there, there - here
    return left.total() == right.total() and all(any(synonymous(a, b) for b in right) for a in left)


def _connected(alike: Mapping[int, Mapping[int, float]]) -> Iterator[list[int]]:
    """The rows in groups, none of which has a row that is alike to one outside it."""
    met: set[int] = set()
    for start in alike:
        group, waiting = [], [start]
        while waiting:
            row = waiting.pop()
            if row not in met:
                met.add(row)
                group.append(row)
                waiting += alike[row]
        if group:
            yield group
