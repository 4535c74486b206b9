"""Makes a clean file of labelled texts messy, with the faults real files have, and keeps the truth of what was done.

    python -m assay.demo.mess FOLDER [SEED]    writes tickets.csv, tickets.truth.jsonl and test.csv

Rates are shares of the rows of the messy file; `RATES` is the whole table. Faults that change a row (label, text)
take rows of the clean file; the others add rows. A row carries at most two planted faults: a text fault may fall on a
row whose label is wrong or misspelt (`DOUBLED` of them do), and a copied row may carry another spelling of the label.
Two labels are thinned out, as the topics a support desk hears of less. Everything follows from the seed.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import NamedTuple

from assay.demo import truth as truths
from assay.demo.faults import IN_TEXT, reworded, words
from assay.demo.truth import Fault, Row, Truth

SEED = 7
CONFUSABLE = (
    0.09  # of the rows: mistakes between two labels that people confuse; the rest of the wrong labels are random
)
RATES: Mapping[Fault, float] = {
    "exact_duplicate": 0.04, "near_duplicate": 0.05, "off_domain": 0.06, "leakage": 0.02,  # rows added
    "wrong_label": 0.14, "label_spelling": 0.12, "empty_answer": 0.03,  # labels changed
    "typo": 0.06, "mojibake": 0.03, "spacing": 0.03, "pii": 0.04, "offensive": 0.02,  # texts changed
}  # fmt: skip
ADDED: tuple[Fault, ...] = ("exact_duplicate", "near_duplicate", "off_domain", "leakage")
DOUBLED = 0.4  # share of the text faults, and of the spellings of a label, that fall on a row with another fault
THINNED_TO = 0.35  # share of the rows kept of a thinned label
DIRECTED = 0.7  # share of the confusions of a pair that go the usual way
OURS = 0.35  # share of the rows of another domain that carry one of our labels
SAME_WORDS = 0.7  # Jaccard of word sets from which a clean row may pass for a copy of a test row: neutral in any score


class Mess(NamedTuple):
    """The messy rows, and the truth of each, in the same order."""

    rows: list[Row]
    truth: list[Truth]
    thinned: tuple[str, ...]  # labels that lost rows on purpose


@dataclass(slots=True)
class _Draft:
    """A row in the making. `source` is the draft it was copied from."""

    row: Row
    clean: Row | None
    faults: list[Fault] = field(default_factory=list)
    natural: list[Fault] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)
    source: _Draft | None = None
    test_row: int | None = None
    copied: bool = False

    def plant(self, fault: Fault, row: Row, kind: str) -> None:
        self.row = row
        self.faults.append(fault)
        self.details[fault] = kind


def mess(rows: Sequence[Row], other: Sequence[Row], test: Sequence[Row], seed: int = SEED) -> Mess:
    """The rows made messy by `RATES`.

    Args:
        rows: clean training rows; their labels are those of `data/words.yaml`.
        other: rows of another domain, at least 6% of the result.
        test: rows of the test file: a few leak into the result, none is changed.
        seed: the same seed gives the same rows.

    Raises:
        ValueError: too few rows to take the faults from.
    """
    rng = Random(seed)
    base = _born(_thinned(rng, rows), test)
    total = round(len(base) / (1 - sum(RATES[fault] for fault in ADDED)))
    count: dict[Fault, int] = {fault: round(rate * total) for fault, rate in RATES.items()}
    count["near_duplicate"] += total - len(base) - sum(count[fault] for fault in ADDED)  # what rounding left over
    free = [draft for draft in base if not draft.faults]
    rng.shuffle(free)
    copies = _copies(rng, free, count)
    spelt_copies = round(DOUBLED / 2 * count["label_spelling"])
    _plant_spellings(rng, rng.sample(copies, spelt_copies))
    _plant_wrong_labels(rng, free, round(CONFUSABLE * total), count["wrong_label"])
    _plant_spellings(rng, _some(rng, free, count["label_spelling"] - spelt_copies))
    _plant_empty(rng, _some(rng, free, count["empty_answer"]))
    for fault in IN_TEXT:
        _plant_in_text(rng, free, fault, count[fault])
    drafts = [*base, *copies, *_leaks(rng, test, count["leakage"]), *_strangers(rng, rows, other, count["off_domain"])]
    rng.shuffle(drafts)
    return Mess([d.row for d in drafts], _truth(drafts), tuple(words()["thinned"]))


def _thinned(rng: Random, rows: Sequence[Row]) -> list[Row]:
    kept = list(rows)
    for label in words()["thinned"]:
        of_label = [i for i, row in enumerate(kept) if row.label == label]
        gone = set(rng.sample(of_label, len(of_label) - round(THINNED_TO * len(of_label))))
        kept = [row for i, row in enumerate(kept) if i not in gone]
    return kept


def _in_order(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _bag(text: str) -> frozenset[str]:
    return frozenset(_in_order(text))


def _born(rows: Sequence[Row], test: Sequence[Row]) -> list[_Draft]:
    """The clean rows, with what they have in common with the test file since they were born."""
    drafts, bags = [_Draft(row, row) for row in rows], [_bag(row.text) for row in test]
    for draft in drafts:
        bag = _bag(draft.row.text)
        shared = [len(bag & other) / (len(bag | other) or 1) for other in bags]
        if max(shared, default=0.0) >= SAME_WORDS:
            draft.test_row = shared.index(max(shared))
            draft.natural.append("leakage")
            if _in_order(draft.row.text) == _in_order(test[draft.test_row].text):
                draft.faults.append("leakage")
                draft.details["leakage"] = "natural"
    return drafts


def _plain(draft: _Draft) -> bool:
    """Nothing is wrong with it yet, and nothing may be: no other row was copied from it."""
    return not draft.faults and not draft.natural and not draft.copied


def _some(rng: Random, drafts: Sequence[_Draft], n: int) -> list[_Draft]:
    plain = [d for d in drafts if _plain(d)]
    if len(plain) < n:
        raise ValueError(f"too few rows to plant in: {n} wanted, {len(plain)} without a fault left")
    return rng.sample(plain, n)


def _copies(rng: Random, free: Sequence[_Draft], count: Mapping[Fault, int]) -> list[_Draft]:
    exact, near = count["exact_duplicate"], count["near_duplicate"]
    copies = []
    for n, source in enumerate(_some(rng, free, exact + near)):
        copy = _Draft(source.row, source.row, source=source)
        if n < exact:
            copy.plant("exact_duplicate", source.row, "same")
        else:
            text, kind = reworded(rng, source.row.text)
            copy.plant("near_duplicate", Row(text, source.row.label), kind)
        source.copied = True
        copies.append(copy)
    return copies


def _plant_spellings(rng: Random, drafts: Sequence[_Draft]) -> None:
    for draft in drafts:
        spelling = rng.choice(words()["spellings"][draft.row.label])
        draft.plant("label_spelling", draft.row._replace(label=spelling), "spelling")


def _plant_wrong_labels(rng: Random, free: Sequence[_Draft], confused: int, total: int) -> None:
    labels = sorted({draft.row.label for draft in free})
    pairs = [tuple(pair) for pair in words()["confusable"]]
    for n in range(confused):
        pair = pairs[n % len(pairs)]
        right, wrong = pair if rng.random() < DIRECTED else reversed(pair)
        (draft,) = _some(rng, [d for d in free if d.row.label == right], 1)
        draft.plant("wrong_label", draft.row._replace(label=wrong), "confused")
    for draft in _some(rng, free, total - confused):
        wrong = rng.choice([label for label in labels if label != draft.row.label])
        draft.plant("wrong_label", draft.row._replace(label=wrong), "random")


def _plant_empty(rng: Random, drafts: Sequence[_Draft]) -> None:
    """Three in four lose the label, the others the text."""
    for n, draft in enumerate(drafts):
        part = "text" if n % 4 == 3 else "label"
        draft.plant("empty_answer", draft.row._replace(**{part: rng.choice(words()["placeholders"][part])}), part)


def _plant_in_text(rng: Random, free: Sequence[_Draft], fault: Fault, n: int) -> None:
    doubled = round(DOUBLED * n)
    second = rng.sample([d for d in free if d.faults in (["wrong_label"], ["label_spelling"])], doubled)
    for draft in [*second, *_some(rng, free, n - doubled)]:
        text, kind = IN_TEXT[fault](rng, draft.row.text)
        draft.plant(fault, draft.row._replace(text=text), kind)


def _leaks(rng: Random, test: Sequence[Row], n: int) -> list[_Draft]:
    """Every other one word for word, the others reworded."""
    leaks: list[_Draft] = []
    for at in rng.sample(range(len(test)), n):
        leak = _Draft(test[at], test[at], test_row=at)
        near = len(leaks) % 2 == 1
        leak.plant(
            "leakage",
            test[at]._replace(text=reworded(rng, test[at].text).text) if near else test[at],
            "near" if near else "exact",
        )
        leaks.append(leak)
    return leaks


def _strangers(rng: Random, rows: Sequence[Row], other: Sequence[Row], n: int) -> list[_Draft]:
    labels = sorted({row.label for row in rows})
    strangers = []
    for row in rng.sample(list(other), n):
        ours = rng.random() < OURS
        stranger = _Draft(row, None)
        stranger.plant(
            "off_domain", row._replace(label=rng.choice(labels)) if ours else row, "our label" if ours else "own label"
        )
        strangers.append(stranger)
    return strangers


def _truth(drafts: Sequence[_Draft]) -> list[Truth]:
    place = {id(draft): i for i, draft in enumerate(drafts)}
    return [
        Truth(
            row=i, faults=tuple(d.faults), natural=tuple(d.natural), original=d.clean if d.clean != d.row else None,
            twin=place[id(d.source)] if d.source else None, test_row=d.test_row,
            details=d.details,
        )
        for i, d in enumerate(drafts)
    ]  # fmt: skip


def read_rows(name: str) -> list[Row]:
    """The rows of one of the CSV files shipped with the demo, without the header."""
    text = (files("assay.demo") / "data" / name).read_bytes().decode("utf-8")
    return [Row(*record) for record in list(csv.reader(io.StringIO(text, newline="")))[1:]]


def shipped(seed: int = SEED) -> Mess:
    """The demo's own rows made messy."""
    return mess(read_rows("banking_train.csv"), read_rows("other_domain.csv"), read_rows("banking_test.csv"), seed)


def write(folder: Path, seed: int = SEED) -> Mess:
    """Writes `tickets.csv`, `tickets.truth.jsonl` beside it, and `test.csv` exactly as it is shipped."""
    made = shipped(seed)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "tickets.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([Row("text", "category"), *made.rows])
    truths.write(folder / "tickets.truth.jsonl", made.truth)
    (folder / "test.csv").write_bytes((files("assay.demo") / "data" / "banking_test.csv").read_bytes())
    return made


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m assay.demo.mess", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where tickets.csv, tickets.truth.jsonl and test.csv go")
    parser.add_argument("seed", type=int, nargs="?", default=SEED)
    asked = parser.parse_args()
    made = write(asked.folder, asked.seed)
    print(f"{asked.folder}: {len(made.rows)} rows, {sum(bool(t.faults) for t in made.truth)} of them faulty")
