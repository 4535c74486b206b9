"""Do two alike texts ask the same? Shingles say how alike they look; the words that changed say whether it matters."""

from __future__ import annotations

from collections import Counter
from functools import cached_property, lru_cache

from assay.signals.folding import fold, misspelt, negations, numbers, symbols, word_list, words

REWORDED = 0.1  # share of the content words of a long text that may differ: below, a short text may differ in none


def says_the_same(one: str, other: str, *, reworded: float = REWORDED) -> bool:
    """Whether two alike texts differ only in looks, typing mistakes, politeness, or a few words of a long text.

    Not when words change places ("from A to B" / "from B to A"), nor when a number, a sign, a negation or a name
    differs: "order 12" / "order 13", "arrived" / "not arrived", "to Ana" / "to Bo". The texts are raw: their case
    tells names. `reworded` is the share of content words that may differ, 0 to 1.
    """
    a, b = _parts(one), _parts(other)
    if a.folded == b.folded:
        return True
    if a.facts != b.facts:
        return False
    left, right = unmatched(a.words, b.words)
    if max(len(left), len(right)) > reworded * max(a.content, b.content):  # asked first: it tells most pairs apart
        return False
    if left and right and not (a.names.isdisjoint(left) or b.names.isdisjoint(right)):
        return False
    return in_order(a.sequence, b.sequence)


def in_order(one: list[str], other: list[str]) -> bool:
    """Whether the words both texts have stand in one order, but for a tenth of them: none may move in a short text."""
    from rapidfuzz.distance import LCSseq

    shared = Counter(one) & Counter(other)
    left, right = _only(one, shared), _only(other, shared)
    return sum(shared.values()) - LCSseq.similarity(left, right) <= REWORDED * min(len(left), len(right))


def _only(tokens: list[str], shared: Counter[str]) -> list[str]:
    return [token for token in tokens if token in shared]


def unmatched(one: Counter[str], other: Counter[str]) -> tuple[list[str], list[str]]:
    """The content words of each side without counterpart on the other; typing mistakes and split words are forgiven."""
    light = word_list("light")
    left, right = _beyond(one, other), _beyond(other, one)
    if "".join(left) == "".join(right):
        return [], []  # "log in" / "login"
    left, right = [word for word in left if word not in light], [word for word in right if word not in light]
    for word in list(left):
        twin = next((candidate for candidate in right if misspelt(word, candidate)), None)
        if twin is not None:
            left.remove(word)
            right.remove(twin)
    return left, right


def _beyond(one: Counter[str], other: Counter[str]) -> list[str]:
    """The words of one text that the other has not, or not as often: those of `one - other`."""
    known = other.get
    return [word for word, n in one.items() for _ in range(n - known(word, 0))]


class _Parts:
    """What is compared of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        tokens = words(self.folded)
        self.words = Counter(tokens)
        # as plain dicts: counters are compared one by one, in Python
        self.facts = dict(numbers(self.folded)), dict(negations(tokens)), dict(symbols(self.folded))
        light = word_list("light")
        self.sequence = [token for token in tokens if token not in light]
        self.content = len(self.sequence)

    @cached_property
    def names(self) -> set[str]:
        """Words in capitals that do not begin a sentence, folded."""
        starts = {sentence.split()[0] for sentence in _sentences(self.text) if sentence.split()}
        return {
            word for raw in self.text.split() if raw[:1].isupper() and raw not in starts for word in words(fold(raw))
        }


def _sentences(text: str) -> list[str]:
    return text.replace("!", ".").replace("?", ".").replace("\n", ".").replace(":", ".").split(".")


@lru_cache(maxsize=50_000)
def _parts(text: str) -> _Parts:
    return _Parts(text)


def shingle_similarity(one: str, other: str, size: int = 4) -> float:
    """Jaccard similarity of the character 4-grams of two folded texts: the measure `frames.near_pairs` uses. 0 to 1."""
    if one == other:
        return 1.0
    a = {one[i : i + size] for i in range(max(1, len(one) - size + 1))}
    b = {other[i : i + size] for i in range(max(1, len(other) - size + 1))}
    return len(a & b) / len(a | b)
