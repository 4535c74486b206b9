"""Canned answers: one short answer that many like prompts get, and the rows that write it another way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from assay.signals.folding import fold, words

if TYPE_CHECKING:
    from assay.signals.measured import Measured

WORDS = 8  # an answer of more words is not canned
NEAR = 12  # like rows asked
LIKE = 0.45  # cosine of the prompts below which rows are not like


class Stray(NamedTuple):
    """A row that answers in its own words what its like answer in one form."""

    row: int
    like: int  # the most similar row that answers in the common form
    share: float  # of the like rows that use the common form, 0 to 1
    of: int  # like rows asked


def strays(measured: Measured, majority: float, least: int) -> Iterator[Stray]:
    """Rows whose like answer alike, and they do not.

    Only short answers of free-text rows; only against a form that at least `least` rows use, and that uses it ten times as
    often; and only where every known word of the prompt also occurs in prompts of that form: "delete the invoice" is not a
    stray of "create the invoice".
    """
    forms = {
        row: fold(example.answer) for row, example in enumerate(measured.examples)
        if measured.families[row] is None and example.answered and 0 < len(example.answer.split()) <= WORDS
    }  # fmt: skip
    counts = Counter(forms.values())
    if not any(n >= least for n in counts.values()):
        return
    vocabulary = _vocabularies(measured, forms)
    near = measured.neighbours
    for row, form in forms.items():
        asked = [
            int(i) for i, likeness in zip(near.rows[row], near.similarity[row], strict=True) if likeness >= LIKE and i in forms
        ][:NEAR]  # fmt: skip
        votes = Counter(forms[i] for i in asked)
        if not votes:
            continue
        common, n = min(votes.items(), key=lambda item: (-item[1], item[0]))
        rare = counts[form] * 10 <= counts[common] or counts[form] <= 2
        if common == form or counts[common] < least or n < max(3, majority * len(asked)) or not rare:
            continue
        if _foreign(measured, row, vocabulary[common]):
            continue
        yield Stray(row, next(i for i in asked if forms[i] == common), n / len(asked), len(asked))


def _vocabularies(measured: Measured, forms: dict[int, str]) -> dict[str, set[str]]:
    """The words of all prompts answered by each form."""
    out: dict[str, set[str]] = defaultdict(set)
    for row, form in forms.items():
        out[form].update(words(measured.prompts[row]))
    return out


def _foreign(measured: Measured, row: int, vocabulary: set[str]) -> bool:
    """Whether the prompt has a word that others use, but never those who get the common answer."""
    known = (word for word in set(words(measured.prompts[row])) if word.isalpha() and measured.word_rows[word] >= 2)
    return any(word not in vocabulary for word in known)
