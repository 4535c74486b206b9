"""Canned answers: one short answer that many like prompts get, and the rows that write it another way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from assay import frames
from assay.signals.folding import apostrophed, fold, negations, numbers, turned, word_list, words

if TYPE_CHECKING:
    from assay.signals.measured import Measured

WORDS = 8  # an answer of more words is not canned
NEAR = 15  # like rows asked
OPENING = 3  # first words of a prompt: there an unknown word is another request, further on it may be a name
LIKE = 0.6  # cosine of the prompts, names and numbers left out, below which rows are not like
NEGATED = 3  # words after a negation that it may deny
SPELLED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
RELATED, UNRELATED = 2, 6  # times as many rows as the stray form must use the common one; less where they share a word


class Stray(NamedTuple):
    """A row that answers in its own words what its like answer in one form."""

    row: int
    like: int  # the most similar row that answers in the common form
    share: float  # of the like rows that use the common form, 0 to 1
    of: int  # like rows asked


def strays(measured: Measured, majority: float, least: int) -> Iterator[Stray]:
    """Rows whose like answer alike, and they do not.

    Likeness is that of the prompts without names and numbers. Only short answers of unlabelled rows; only against a
    form that at least `least` rows use, and far more than the stray's own; and only where every known word of the
    prompt also occurs in prompts of that form: "delete the invoice" is not a stray of "create the invoice".
    """
    rows = [
        row for row, example in enumerate(measured.examples)
        if example.label is None and 0 < len(example.answer.split()) <= WORDS
    ]  # fmt: skip
    forms = [fold(measured.examples[row].answer) for row in rows]
    counts = Counter(forms)
    if not any(n >= least for n in counts.values()):
        return
    templates = _templates([measured.topics[row].text for row in rows])
    near = frames.neighbours(frames.embed([" ".join(words) for words in templates], measured.encoder), NEAR)
    spread = Counter(word for template in templates for word in set(template))
    vocabulary: dict[str, set[str]] = defaultdict(set)
    for form, template in zip(forms, templates, strict=True):
        vocabulary[form].update(template)
    for at, row in enumerate(rows):
        like = [
            int(i) for i, near_by in zip(near.rows[at], near.similarity[at], strict=True) if near_by >= LIKE and i >= 0
        ]
        votes = Counter(forms[i] for i in like)
        if not votes:
            continue
        common, n = min(votes.items(), key=lambda item: (-item[1], item[0]))
        enough = counts[common] >= least and n >= max(3, majority * len(like))
        foreign = any(
            word not in vocabulary[common] and (spread[word] >= 2 or place < OPENING)
            for place, word in enumerate(templates[at])
        )
        if common != forms[at] and enough and not foreign and _stray_form(forms[at], common, counts):
            yield Stray(row, rows[next(i for i in like if forms[i] == common)], n / len(like), len(like))


def _stray_form(form: str, common: str, counts: Counter[str]) -> bool:
    """Whether a form can be another way to write the common one: much rarer, and not its opposite."""
    own, other = words(form), words(common)
    if _amounts(own) != _amounts(other) or _denies(own, other):
        return False
    if any(turned(a, b) for a in own for b in other if a != b):
        return False
    if any(apostrophed(a, b) for a, b in zip(form.split(), common.split(), strict=False)):
        return False
    related = _related(own, other)
    return counts[form] * (RELATED if related else UNRELATED) <= counts[common]


def _related(own: list[str], other: list[str]) -> bool:
    """Whether two forms share the beginning of a word."""
    return any(a[:3] == b[:3] for a in own for b in other if min(len(a), len(b)) >= 3)


def _amounts(tokens: list[str]) -> Counter[str]:
    """The numbers of a form, those up to twelve also where they are spelled out: ["three", "days"] -> {"3": 1}."""
    return numbers(" ".join(str(SPELLED.index(token) + 1) if token in SPELLED else token for token in tokens))


def _denies(own: list[str], other: list[str]) -> bool:
    """Whether a form has a negation that the common one lacks, or says what that one denies.

    _denies(["approved"], ["not", "approved"]) is true; ["all", "normal"] may stand for "results are normal, no action
    needed".
    """
    if negations(own) == negations(other):
        return False
    known = word_list("negations")
    denied = [word for at, word in enumerate(other) if known & set(other[max(0, at - NEGATED) : at])]
    affirmed = [word for word in other if word not in denied and word not in known]
    return bool(negations(own) - negations(other)) or _related(own, denied) or not _related(own, affirmed)


def _templates(texts: list[str]) -> list[list[str]]:
    """The words of each text without numbers and names."""
    lower = {word for text in texts for raw in text.split() if raw[:1].islower() for word in words(fold(raw))}
    names = {
        word for text in texts for raw in text.split()[1:] if raw[:1].isupper() for word in words(fold(raw))
    } - lower
    out = []
    for text in texts:
        tokens = [word for word in words(fold(text)) if not word[0].isdigit()]
        opens_with_name = len(tokens) > 1 and tokens[0] not in lower and tokens[1] in names
        out.append([word for word in tokens[opens_with_name:] if word not in names])
    return out
