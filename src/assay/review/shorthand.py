"""Ways to write one canned sentence: typed wrongly, cut short, run together; by form alone, for a person to judge."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from assay.signals.folding import fold, misspelt, negations, numbers, words

USUAL = 5  # rows that write a phrase, from which others may be ways to write it
FEWEST, MOST = 3, 12  # words of a phrase
SMALL = frozenset({"the", "a", "an", "and"})  # left out in shorthand


def shorthands(answers: Iterable[str]) -> dict[str, Counter[str]]:
    """By phrase the answers that write it in shorthand, with how many rows write so; each under the most usual phrase.

    shorthands(24 times "Waiting for the figure test." and "Wating f. figure test") names the second under the first.
    """
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for answer in answers:
        if FEWEST - 1 <= len(answer.split()) <= MOST:
            written[fold(answer)][answer] += 1
    rows = {form: sum(ways.values()) for form, ways in written.items()}
    usual = sorted(
        (form for form, n in rows.items() if n >= USUAL and len(words(form)) >= FEWEST), key=lambda f: -rows[f]
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for form, ways in written.items():
        meant = next((one for one in usual if rows[one] > rows[form] and shortened(form, one)), None)
        if meant is not None:
            found[written[meant].most_common(1)[0][0]].update(ways)
    return dict(found)


def shortened(form: str, phrase: str) -> bool:
    """Whether a folded text is a folded phrase, typed wrongly or cut: ("wating f. test", "waiting for the test")."""
    short, long = ([word for word in words(text) if word not in SMALL] for text in (form, phrase))
    if numbers(form) != numbers(phrase) or negations(words(form)) != negations(words(phrase)):
        return False
    if "".join(short) == "".join(long):
        return True
    if len(short) != len(long):
        return False
    pairs = list(zip(short, long, strict=True))
    whole = sum(a == b for a, b in pairs)
    return 2 * whole >= len(pairs) and all(a == b or misspelt(a, b) or _cut(a, b) for a, b in pairs)


def _cut(short: str, long: str) -> bool:
    """_cut("rdy", "ready"), _cut("f", "for") -> True: its first letter and some of the others, in order."""
    rest = iter(long)
    return len(short) < len(long) and short[:1] == long[:1] and all(letter in rest for letter in short)
