"""Label families: the several spellings of one label, found by what the labels look like *and* what they are put on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay import frames
from assay.signals.folding import apostrophed, label_tokens, misspelt, negations, turned, word_list

if TYPE_CHECKING:
    import numpy as np

MOST = 3000  # distinct labels beyond which they are free text, and only spelling is folded
TOGETHER = 250  # of them at once: of all at once the cosines would take most of the memory
LOOKED = 2_000  # rows of the smaller that are asked, evenly spaced
NEAR = 5  # neighbours asked whether two spellings stand on different inputs
APART = 0.35  # how far from chance (0) to fully separate (1) the inputs of two spellings may be


@dataclass(frozen=True)
class Families:
    """Which canonical form each label belongs to, and why."""

    canonical: dict[str, str]  # label as written -> the form most rows use
    reason: dict[str, str]  # label that is not canonical -> what ties it to its family

    def members(self, form: str) -> list[str]:
        """All spellings of a canonical form, itself first."""
        return sorted(
            (label for label, c in self.canonical.items() if c == form), key=lambda label: (label != form, label)
        )


def kinship(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    """How two labels could be one: "case or separators", "abbreviation", "typing mistake", or "" when they are not.

    kinship(("card", "arr"), ("card", "arrival")) -> "abbreviation"; ("invoice", "created") and ("invoice", "deleted")
    -> "".
    """
    if "".join(one) == "".join(other):
        return "case or separators"
    if _digits(one) != _digits(other) or negations(list(one)) != negations(list(other)):
        return ""
    one, other = _bare(one), _bare(other)
    if one == other:
        return "abbreviation"
    if len(one) != len(other):
        short, full = sorted((one, other), key=len)
        initials = "".join(token[0] for token in full)
        return "abbreviation" if len(short) == 1 and len(initials) >= 2 and short[0] == initials else ""
    ties = {_tie(a, b) for a, b in zip(one, other, strict=True) if a != b}
    if not ties or "" in ties:
        return ""
    return "abbreviation" if "abbreviation" in ties else "typing mistake"


def _bare(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a label without those that only join: ("lost", "or", "stolen") -> ("lost", "stolen")."""
    joining = word_list("joining")
    return tuple(token for token in tokens if token not in joining) or tokens


def _digits(tokens: tuple[str, ...]) -> str:
    return " ".join("".join(c for c in token if c.isdigit()) for token in tokens).strip()


def _tie(one: str, other: str) -> str:
    """How two unequal words could be one."""
    short, full = sorted((one, other), key=len)
    if short[0] != full[0] or turned(one, other) or apostrophed(one, other):
        return ""
    if len(short) >= 3 and full.startswith(short):
        return "abbreviation"
    if 2 <= len(short) < len(full) and _skeleton(short, full):
        return "abbreviation"
    return "typing mistake" if misspelt(one, other) else ""


def _skeleton(short: str, full: str) -> bool:
    """Whether `short` leaves out letters of `full` and keeps consonants: _skeleton("pmt", "payment")."""
    rest = iter(full)
    return all(c in rest for c in short) and not any(c in "aeiou" for c in short[1:])


def label_families(labels: Sequence[str], vectors: np.ndarray) -> Families:
    """The families of `labels`, one a row; `vectors` of shape (n, d) are of the rows' inputs.

    Spellings that differ in case and separators are one family. Abbreviations and typing mistakes join it only when the
    inputs agree: the nearest other label is that one, and neighbours do not tell the two apart.
    """
    import numpy as np

    names, codes, counts = np.unique(
        np.asarray(labels, dtype=object).astype(str), return_inverse=True, return_counts=True
    )
    parent = list(range(len(names)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    def join(i: int, j: int) -> None:
        a, b = sorted((root(i), root(j)))
        parent[b] = a

    tokens = [label_tokens(name) for name in names]
    same: dict[str, int] = {}
    for i, words in enumerate(tokens):
        key = "".join(words)
        if key:
            join(same.setdefault(key, i), i)
    reason: dict[int, str] = {}
    if 2 <= len(names) <= MOST:
        groups = np.array([root(i) for i in range(len(names))])
        inputs = None
        for a, b, why in _kin(tokens, groups):
            inputs = inputs or _Inputs(groups[codes], vectors)
            if root(a) != root(b) and _like_inputs(inputs, a, b, {root(a), root(b)}):
                join(a, b)
                reason[a] = reason[b] = why
    return _families([str(name) for name in names], counts, [root(i) for i in range(len(names))], reason)


def _kin(tokens: list[tuple[str, ...]], groups: np.ndarray) -> list[tuple[int, int, str]]:
    """Pairs of spelling groups that could be one label. Kin share their first letter: only those are compared."""
    by_letter: dict[str, list[int]] = {}
    for i in sorted({int(g) for g in groups}):
        if tokens[i] and tokens[i][0]:
            by_letter.setdefault(tokens[i][0][0], []).append(i)
    found = []
    for members in by_letter.values():
        for at, a in enumerate(members):
            for b in members[at + 1 :]:
                why = kinship(tokens[a], tokens[b])
                if why:
                    found.append((a, b, why))
    return found


class _Inputs:
    """The inputs of spelling groups. `groups`, shape (n,), names the group of each row; `vectors` are of the rows."""

    def __init__(self, groups: np.ndarray, vectors: np.ndarray) -> None:
        import numpy as np

        self.vectors = vectors
        self.ids, at, sizes = np.unique(groups, return_inverse=True, return_counts=True)
        self.rows = np.split(np.argsort(at, kind="stable"), np.cumsum(sizes)[:-1])
        sums = np.stack([vectors[rows].sum(0, dtype=np.float64) for rows in self.rows])
        self.centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)

    def of(self, group: int) -> np.ndarray:
        """The rows of a group, ascending."""
        import numpy as np

        return self.rows[int(np.searchsorted(self.ids, group))]


def _like_inputs(inputs: _Inputs, a: int, b: int, pair: set[int]) -> bool:
    """Whether the rows of two labels are drawn from one place: nearest of all labels, and mixed among each other."""
    import numpy as np

    vectors, rows_a, rows_b = inputs.vectors, inputs.of(a), inputs.of(b)
    few, many = (rows_a, rows_b) if len(rows_a) <= len(rows_b) else (rows_b, rows_a)
    others = ~np.isin(inputs.ids, list(pair))
    centre = vectors[few].mean(0, dtype=np.float64)
    to_many = float(_unit(vectors[many].mean(0, dtype=np.float64)) @ centre)
    if others.any() and float((inputs.centres[others] @ centre).max()) > to_many + 0.02:
        return False
    return _separation(vectors, few, many) <= APART


def _unit(vector: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9))


def _separation(vectors: np.ndarray, few: np.ndarray, many: np.ndarray) -> float:
    """How far neighbours tell two sets of rows apart: 0 by chance, 1 always (Schilling's nearest-neighbour test).

    Two standard deviations are taken off, so that a handful of rows decides nothing.
    """
    import numpy as np

    if len(few) < 2:
        return 0.0
    few = few[:: -(-len(few) // LOOKED)]
    union = np.concatenate([few, many[: max(len(few) * 20, 200)]])
    among = frames.wide(vectors[union])
    k = min(NEAR, len(union) - 1)
    alike = 0
    for low in range(0, len(few), TOGETHER):
        near = among[low : min(low + TOGETHER, len(few))] @ among.T
        near[np.arange(len(near)), np.arange(low, low + len(near))] = -2.0
        alike += int((np.argpartition(-near, k - 1, axis=1)[:, :k] < len(few)).sum())
    observed = alike / (k * len(few))
    chance = (len(few) - 1) / (len(union) - 1)
    spread = (chance * (1 - chance) / (k * len(few))) ** 0.5
    return (observed - chance - 2 * spread) / (1 - chance) if chance < 1 else 0.0


def _families(names: list[str], counts: np.ndarray, roots: list[int], reason: dict[int, str]) -> Families:
    """The canonical form of each: the one most rows use; on ties the longer, then the first by alphabet."""
    best: dict[int, int] = {}
    for i, r in enumerate(roots):
        held = best.get(r)
        if held is None or (-counts[i], -len(names[i]), names[i]) < (-counts[held], -len(names[held]), names[held]):
            best[r] = i
    canonical = {name: names[best[r]] for name, r in zip(names, roots, strict=True)}
    why = {names[i]: reason.get(i, "case or separators") for i, r in enumerate(roots) if best[r] != i}
    return Families(canonical, why)
