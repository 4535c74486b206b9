"""Answers that stand on the wrong row: exchanged, dealt anew, or shifted by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from assay.signals.folding import contrary, fold, words
from assay.signals.pairing import REACH, Pairing, stems
from assay.signals.tongues import unknown

if TYPE_CHECKING:
    import numpy as np

    from assay.signals.measured import Measured

LEAST = 60  # free answers below which nothing is usual
COUPLED = 0.85  # share of random pairs that rows must fit better than, on the average; less, and answers echo nothing
DOUBTFUL = 0.98  # quantile of random pairs below which a row's own fit is no better than chance
MOST = 3000  # rows whose answers are dealt anew: the worst fitting ones, in very large sets
MANY = 6.0  # by which moving gets cheaper where as many rows move as stay
BESIDE = 1.5  # deviations by which the next row is likelier than any other to have the answer
RUN = 3  # rows that must be shifted the same way before their neighbours are asked
WINDOW = 5  # rows over which a shift must show
GAIN = 2.0  # deviations that rows of a stretch must gain by shifting, on average
HABIT = 0.04  # pairs of rows with one answer for each row, from which sharing answers is the custom of a set
COPIED = 0.6  # of the median fit of all rows, by which an answer that two rows share must fit one of them better
RARE, FEW = 0.02, 3  # share of the rows, and rows at least, that may use a word for it to be a rare one
NAMED = 3  # rare words two rows in a language without vectors must have in common with each other's answers, together
LIKE_RIGHT, EACH = 0.6, 0.4  # of the median fit of all rows: what the new pairs of a row must reach, and each of them
SMALL = 300  # rows below which each of the new pairs must fit: the fits are learnt from few rows
TIGHT = 0.9  # as COUPLED: less, and only two rows that exchange with each other are believed, no ring of them
CLEAR = 6.0  # deviations one row may bring into that, at most


class Misplaced(NamedTuple):
    """A row whose answer fits another row's prompt, while another row's answer fits its own."""

    row: int
    source: int  # the row that has the answer which fits this row's prompt; -1 where that answer is gone
    owner: int  # the row whose prompt this row's answer fits
    own: float  # how well the row's own answer fits: 0 is a random pair, in standard deviations of those
    found: float  # the same of the two pairs the row should be part of, their mean
    sure: bool  # whether rare words say so as well: the row's own pair shares less by them


def misplaced(measured: Measured) -> Iterator[Misplaced]:
    """Rows whose answers were exchanged, by row; none in a set whose answers do not echo their prompts."""
    from threadpoolctl import threadpool_limits

    pairing = Pairing(measured)
    if len(pairing.rows) < LEAST:
        return
    with threadpool_limits(1):
        found = _found(pairing)
        sure = _sure(pairing, found)
    rows, named = pairing.rows, _Named(pairing)
    for at in sorted(found):
        source, owner, own, fit = found[at]
        if at not in sure or not named.speaks_for(at, source, owner):
            continue
        here = int(rows[source]) if source >= 0 else -1
        yield Misplaced(int(rows[at]), here, int(rows[owner]), own, fit, sure[at])


class _Named:
    """What the words of prompts and answers must say where their vectors say little."""

    def __init__(self, pairing: Pairing) -> None:
        self.pairing = pairing
        self._rare: set[str] | None = None

    def speaks_for(self, at: int, source: int, owner: int) -> bool:
        """Whether an exchange can be believed.

        Between prompts that are the same but for a word or two, each answer has to name what the other prompt is about:
        meaning does not tell "before the operation" from "after the operation". In a language whose meaning the vectors
        do not know, no rare word may tie the answer to its own prompt, and several have to tie it to the other.
        """
        moves = [(answer, prompt) for answer, prompt in ((at, owner), (source, at)) if answer >= 0]
        if any(self._twins(answer, prompt) and not self._names(answer, prompt) for answer, prompt in moves):
            return False
        if not any(self._unread(row) for move in moves for row in move):
            return True
        ties = [self._tie(prompt, answer) for answer, prompt in moves]
        return not self._tie(at, at) and min(ties) >= 1 and sum(ties) >= NAMED

    def _asked(self, at: int) -> set[str]:
        return set(words(self.pairing.measured.prompts[int(self.pairing.rows[at])][: 4 * REACH]))

    def _said(self, at: int) -> set[str]:
        return stems(fold(self.pairing.measured.examples[int(self.pairing.rows[at])].answer[:REACH]))

    def _twins(self, one: int, other: int) -> bool:
        """Whether most words of two prompts are the same, and none of those they are asked with differs."""
        left, right = self._asked(one), self._asked(other)
        alike = stems(" ".join(left & right))
        apart = [stems(" ".join(words)) for words in (left - right, right - left)]
        return len(alike) > max(map(len, apart)) and max(map(len, apart)) <= 1

    def _names(self, one: int, other: int) -> bool:
        """Whether the answer of `one` has a word that only the prompt of `other` has, and none that only its own."""
        left, right = self._asked(one), self._asked(other)
        mine = {word for word in left - right if not any(contrary(word, against) for against in right - left)}
        theirs = {word for word in right - left if not any(contrary(word, against) for against in left - right)}
        said = self._said(one)
        return bool(said & stems(" ".join(theirs))) and not said & stems(" ".join(mine))

    def _unread(self, at: int) -> bool:
        measured = self.pairing.measured
        return unknown(measured.languages[int(self.pairing.rows[at])], measured.main_language, measured.given)

    def _tie(self, prompt: int, answer: int) -> int:
        """How many rare words a prompt and an answer have in common."""
        if self._rare is None:
            self._rare = self.pairing.rare(max(FEW, int(RARE * len(self.pairing.rows))))
        return len(stems(" ".join(self._asked(prompt))) & self._said(answer) & self._rare)


def _found(pairing: Pairing) -> dict[int, tuple[int, int, float, float]]:
    """Source, owner, own fit and the better fit of each misplaced row; positions in `pairing.rows`."""
    if pairing.coupled(pairing.own) < COUPLED:
        return _all_shifted(pairing)
    found = {**_copied(pairing), **_dealt(pairing)}
    for step in (-1, 1):
        if sum(source - at == step for at, (source, *_) in found.items()) >= RUN:
            found = {**_shifted(pairing, step, GAIN), **found}
    return found


def _sure(pairing: Pairing, found: dict[int, tuple[int, int, float, float]]) -> dict[int, bool]:
    """The rows to be told, and whether for sure.

    The best of many chance pairs passes for an exchange where questions are alike, and the rows of a ring vouch for
    each other. So the new pairs of a row have to fit as right pairs of this set do, and to share as much by rare words
    as its own pair does, or it is not told. To be sure of it they must share more; in a small set each of them, and
    each must fit. Where answers say little of their prompts, only two rows that exchange with each other are told, if
    that is sure. Stretches shifted by one vouch for themselves.
    """
    import numpy as np

    coupled = pairing.coupled(pairing.own)
    if coupled < COUPLED:
        return dict.fromkeys(found, True)  # all rows are shifted
    if not found:
        return {}
    at = np.array(sorted(found))
    source, owner = (np.array([found[i][part] for i in at.tolist()]) for part in (0, 1))
    gone = source < 0  # a copy: only the pair with the owner can be asked
    prompts, answers = np.stack([np.where(gone, owner, at), owner]), np.stack([np.where(gone, at, source), at])
    fits = np.stack([pairing.pairs(*pair) for pair in zip(prompts, answers, strict=True)])
    shared = np.stack([pairing.shared(*pair) for pair in zip(prompts, answers, strict=True)])
    usual, mine = float(np.median(pairing.own)), pairing.shared(at, at)
    told = (fits.mean(0) >= LIKE_RIGHT * usual) & (shared.mean(0) >= mine)
    sure = told & (shared.mean(0) > mine)
    if len(pairing.rows) < SMALL or coupled < TIGHT:
        sure &= (fits.min(0) >= EACH * usual) & (shared.min(0) > mine)
    if coupled < TIGHT:
        told = sure = sure & (gone | (source == owner))
    for step in (-1, 1):
        beside = (source - at == step) & ~gone
        if (beside & sure).sum() >= RUN:
            told, sure = told | beside, sure | beside
    return dict(zip(at[told].tolist(), sure[told].tolist(), strict=True))


def _dealt(pairing: Pairing) -> dict[int, tuple[int, int, float, float]]:
    """The rows that change their answers when answers are dealt anew so that the sum of fits is greatest.

    Only rows whose own fit is no better than chance take part. Moving an answer costs as much as the best of so many
    random pairs would bring: what moves nevertheless was misplaced. Where much moves, a second dealing asks for less.
    The dealing is a linear assignment.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    own = pairing.own
    doubtful = np.flatnonzero(own < np.quantile(pairing.chance, DOUBTFUL))
    rows = np.sort(doubtful[np.argsort(own[doubtful], kind="stable")[:MOST]])
    if len(rows) < 2:
        return {}
    fits = pairing.between(rows, rows)
    gain = fits + BESIDE * (np.abs(rows[:, None] - rows) == 1)
    at, lucky = np.arange(len(rows)), 1.0
    for _ in range(2):
        price = float(np.quantile(pairing.chance, 1 - min(0.5, lucky / len(rows))))
        np.fill_diagonal(gain, own[rows] + price)
        _, source = linear_sum_assignment(-gain)
        moved = int((source != at).sum())
        lucky = max(1.0, MANY * moved / max(1, len(rows) - moved))  # rows that may gain by chance
    owner = np.argsort(source)
    better = (fits[at, source] + fits[owner, at]) / 2
    return {
        int(rows[i]): (int(rows[source[i]]), int(rows[owner[i]]), float(own[rows[i]]), float(better[i]))
        for i in np.flatnonzero(source != at)
    }


def _copied(pairing: Pairing) -> dict[int, tuple[int, int, float, float]]:
    """Rows whose answer stands on one other row as well, where it fits, while here it fits no better than chance."""
    import numpy as np

    examples, own = pairing.measured.examples, pairing.own
    groups: dict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(pairing.rows.tolist()):
        groups[fold(examples[row].answer)].append(at)
    chance, clear = float(np.quantile(pairing.chance, DOUBTFUL)), COPIED * float(np.median(own))
    pairs = [sorted(group, key=lambda at: own[at]) for group in groups.values() if len(group) == 2]
    if len(pairs) > HABIT * len(own):
        return {}
    return {
        here: (-1, there, float(own[here]), float(own[there]))
        for here, there in pairs
        if own[here] < chance and own[there] - own[here] >= clear
    }


def _shifted(pairing: Pairing, step: int, least: float) -> dict[int, tuple[int, int, float, float]]:
    """Rows of stretches in which the answer `step` rows on fits better than the row's own, by `least` on average."""
    import numpy as np

    n = len(pairing.rows)
    at = _with_next(n, step)
    fits, own = pairing.pairs(at, at + step), pairing.own[at]
    gained = np.convolve(np.minimum(fits - own, CLEAR), np.ones(WINDOW) / WINDOW, mode="same")
    inside = (gained > least) & (fits > own)
    return {
        int(i): (int(i + step), int(np.clip(i - step, 0, n - 1)), float(here), float(there))
        for i, here, there in zip(at[inside], own[inside], fits[inside], strict=True)
    }


def _all_shifted(pairing: Pairing) -> dict[int, tuple[int, int, float, float]]:
    """Every row, where prompts fit the answers of the next or of the last row, and not their own."""
    for step in (-1, 1):
        at = _with_next(len(pairing.rows), step)
        if pairing.coupled(pairing.pairs(at, at + step)) >= COUPLED:
            return _shifted(pairing, step, 0.0)
    return {}


def _with_next(n: int, step: int) -> np.ndarray:
    """The rows that have another one `step` rows on."""
    import numpy as np

    return np.arange(max(0, -step), n - max(0, step))
