"""Canned answers: one answer that many like prompts get, and the rows that write it another way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from assay import frames
from assay.signals.folding import apostrophed, fold, negations, numbers, turned, word_list, words

if TYPE_CHECKING:
    from assay.signals.measured import Measured

WORDS = 30  # an answer of more words is not canned
NEAR = 15  # like rows asked
OPENING = 3  # first words of a prompt: there an unknown word is another request, further on it may be a name
LIKE = 0.6  # cosine of the prompts, names and numbers left out, below which rows are not like
NEGATED = 3  # words after a negation that it may deny
SPELLED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ALWAYS, NEVER = 0.8, 0.1  # shares of its prompts in which a word tells a form from another
SPELT = 0.85  # share of its letters a form has in common with another, from which it is a spelling of it
NEARLY_ALL = 0.8  # share of the like rows that must use a form before another usual one is called misplaced
USUAL = 0.8  # share of the rows of a form that write it with the same capitals
OPENS = 3  # prompts that a word must open to be no name, though it is written with a capital elsewhere
RELATED, UNRELATED = 2, 6  # times as many rows as the stray form must use the common one; less where they share a word


class Stray(NamedTuple):
    """A row that answers in its own words what its like answer in one form."""

    row: int
    like: int  # the most similar row that answers in the common form
    share: float  # of the like rows that use the common form, 0 to 1
    of: int  # like rows asked


def strays(measured: Measured, majority: float, least: int) -> Iterator[Stray]:
    """Rows whose like answer alike, and they do not.

    Likeness is that of the prompts without names and numbers. Only answers of unlabelled rows, of thirty words or
    fewer; only against a form that at least `least` rows use, and far more than the stray's own; and only where every
    known word of the prompt also occurs in prompts of that form: "delete the invoice" is not a stray of "create the
    invoice". A form that is itself usual is one only where the words of the two requests tell that it belongs to the
    other, and the common form only where it has other capitals than nearly everywhere.
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
    said, usual_forms = _Said(forms, templates, least), [form for form, n in counts.items() if n >= least]

    @cache
    def spelt(form: str) -> str:
        """The usual form that another one is a spelling of; "" for none."""
        others = [other for other in usual_forms if other != form and counts[other] > counts[form]]
        return next(iter(get_close_matches(form, others, 1, SPELT)), "")

    written = _written([measured.examples[row].answer.strip() for row in rows], forms, least)
    for at, row in enumerate(rows):
        like = [
            int(i) for i, near_by in zip(near.rows[at], near.similarity[at], strict=True)
            if near_by >= LIKE and i >= 0 and (forms[i] == forms[at] or not said.elsewhere(at, forms[i]))
        ]  # fmt: skip
        votes = Counter(forms[i] for i in like)
        if not votes:
            continue
        meant = spelt(forms[at])
        if meant in votes and counts[forms[at]] < least:
            votes = Counter({meant: votes[meant]})  # another spelling of one usual form is none of another
        common, n = min(votes.items(), key=lambda item: (-item[1], item[0]))
        enough = counts[common] >= least and n >= max(3, majority * len(like))
        if not enough or said.foreign(at, common) or (meant and meant != common):
            continue
        if common == forms[at]:
            usual = written.get(common, -1)
            if usual >= 0 and _cased_otherwise(measured.examples[row].answer, measured.examples[rows[usual]].answer):
                yield Stray(row, rows[usual], n / len(like), len(like))
        elif stray_form(forms[at], common, counts) or (n >= NEARLY_ALL * len(like) and said.instead(at, common)):
            yield Stray(row, rows[next(i for i in like if forms[i] == common)], n / len(like), len(like))


class _Said:
    """Which words stand in the prompts of which form."""

    def __init__(self, forms: list[str], templates: list[list[str]], least: int) -> None:
        self._forms, self._templates, self._least = forms, templates, least
        self._rows = Counter(forms)
        self._spread = Counter(word for template in templates for word in set(template))
        self._words: dict[str, Counter[str]] = defaultdict(Counter)  # of a form: in how many of its prompts a word is
        for form, template in zip(forms, templates, strict=True):
            self._words[form].update(set(template))

    def foreign(self, at: int, form: str) -> bool:
        """Whether a prompt holds a known word that no prompt of the form holds: it asks for something else."""
        return any(
            not self._words[form][word] and (self._spread[word] >= 2 or place < OPENING)
            for place, word in enumerate(self._templates[at])
        )

    def elsewhere(self, at: int, form: str) -> bool:
        """Whether the form is an established one of other requests: its rows have no say in what is usual here.

        Nearly all prompts of the form share a word that the prompt lacks, and it holds words that none of them does.
        """
        if self._rows[form] < 2 * self._least or not self.foreign(at, form):
            return False
        least, template = ALWAYS * self._rows[form], set(self._templates[at])
        return any(n >= least and word not in template for word, n in self._words[form].items())

    def instead(self, at: int, form: str) -> bool:
        """Whether a prompt of one request has the canned answer of another.

        Each of the two forms has words that stand in nearly all of its prompts and in hardly any of the other's; the
        prompt holds all such words of `form`, and none of those of the answer it has.
        """
        own = self._forms[at]
        if min(self._rows[own], self._rows[form]) < 2 * self._least:
            return False
        template = set(self._templates[at])
        here, there = self._signs(form, own, at), self._signs(own, form, at)
        return bool(here) and bool(there) and here <= template and not there & template

    def _signs(self, form: str, other: str, at: int) -> set[str]:
        """Words in nearly all prompts of a form and hardly any of another, the prompt in question left out."""
        template = set(self._templates[at])

        def share(word: str, of: str) -> float:
            out = self._forms[at] == of
            return (self._words[of][word] - (out and word in template)) / max(1, self._rows[of] - out)

        return {word for word in self._words[form] if share(word, form) >= ALWAYS and share(word, other) <= NEVER}


def _written(answers: list[str], forms: list[str], least: int) -> dict[str, int]:
    """The position of a row that writes a form of several words as nearly all of its rows do, by form."""
    ways = Counter(zip(forms, answers, strict=True))
    of_form = Counter(forms)
    first = {way: at for at, way in reversed(list(enumerate(zip(forms, answers, strict=True))))}
    return {
        form: first[form, answer] for (form, answer), n in ways.items()
        if n >= max(least, USUAL * of_form[form]) and " " in form
    }  # fmt: skip


def _cased_otherwise(answer: str, usual: str) -> bool:
    """_cased_otherwise("STOCK UPDATED", "Stock Updated") -> True; ("Stock Updated.", "Stock Updated") -> False."""
    return [c for c in answer if c.isalnum()] != [c for c in usual if c.isalnum()]


def stray_form(form: str, common: str, counts: Counter[str]) -> bool:
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
    opening = Counter(next(iter(words(fold(text))), "") for text in texts)
    names -= {word for word, n in opening.items() if n >= max(OPENS, 0.02 * len(texts))}
    out = []
    for text in texts:
        tokens = [word for word in words(fold(text)) if not word[0].isdigit()]
        opens_with_name = len(tokens) > 1 and tokens[0] not in lower and tokens[1] in names
        out.append([word for word in tokens[opens_with_name:] if word not in names])
    return out
