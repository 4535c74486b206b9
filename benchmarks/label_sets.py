"""The sets of `label_errors`: real label errors with people's verdicts, planted ones, and small sets without any.

Three sets were written for this: requests to a personnel office, messages to a surgery, clauses of contracts. Each
class names the two that a hurried person takes it for.
"""

from __future__ import annotations

import ast
import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np

from assay.encoders import WordLlama
from benchmarks.shared import shared_data

Rows = list[tuple[str, str]]  # text, label
ROWS = 1200  # of a set at most, drawn by seed
SHARE = 0.08  # of the labels that are planted wrong


class LabelSet(NamedTuple):
    """Texts with the labels they carry, and which of those are wrong."""

    name: str
    texts: list[str]
    labels: list[str]
    wrong: np.ndarray  # bool; of the first rows: what stands behind them is there to compare with, and not judged


def real_sets() -> Iterator[LabelSet]:
    """HINT3: test labels its authors corrected; MMLU-Redux: answer keys that experts found wrong."""
    yield from hint_sets()
    yield _mmlu(shared_data() / "err_mmlu_redux" / "dev")


def hint_sets() -> Iterator[LabelSet]:
    """What users asked three bots; alone, and beside the bot's training rows as a new batch beside the old data."""
    for bot in ("curekart", "powerplay11", "sofmattress"):
        first, second, old = (
            _csv(shared_data() / f"kb_hint3/{part}.csv")
            for part in (f"v1/{bot}_test", f"v2/{bot}_test", f"v1/{bot}_train")
        )
        wrong = np.array([a[1] != b[1] for a, b in zip(first, second, strict=True)])
        for kind, rows in (("", first), ("_beside_training", first + old)):
            yield LabelSet(f"real.hint3_{bot}{kind}", [text for text, _ in rows], [label for _, label in rows], wrong)


def written_sets(seeds: Sequence[int]) -> Iterator[LabelSet]:
    """Three sets of 154 to 200 rows and 7 to 10 classes: 8% wrong, half of them as a hurried person would err."""
    for path in sorted((Path(__file__).parent / "data").glob("*_*.txt")):
        rows, taken_for = written(path)
        right = [label for _, label in rows]
        for seed in seeds:
            rng = Random(seed)
            chosen = rng.sample(range(len(rows)), round(SHARE * len(rows)))
            labels = list(right)
            for rank, i in enumerate(chosen):
                others = taken_for[right[i]] if rank % 2 else sorted(set(right) - {right[i]})
                labels[i] = rng.choice(others)
            yield LabelSet(f"written.{path.stem}_{seed}", [text for text, _ in rows], labels, _unlike(labels, right))


def written(path: Path) -> tuple[Rows, dict[str, list[str]]]:
    """The rows of a file, and for each class those it is taken for: "# class | others", then a text a line."""
    rows, taken_for, label = Rows(), dict[str, list[str]](), ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            label, _, others = line[2:].partition(" | ")
            taken_for[label] = others.split()
        else:
            rows.append((line, label))
    classes = {label for _, label in rows}
    return rows, {label: [other for other in others if other in classes] for label, others in taken_for.items()}


def harder_sets(seeds: Sequence[int]) -> Iterator[LabelSet]:
    """Noise that hides: small or unequal classes, one-way confusion, one careless annotator, three domains at once."""
    bank = _csv(shared_data() / "kb_banking77" / "train.csv")
    for seed in seeds:
        rng = Random(seed)
        few = set(rng.sample(sorted({label for _, label in bank}), 30))
        by_label: dict[str, Rows] = {}
        for row in rng.sample(bank, len(bank)):
            if row[1] in few:
                by_label.setdefault(row[1], []).append(row)
        small = [row for rows in by_label.values() for row in rows[:16]]
        yield _planted(f"harder.16_rows_a_class_{seed}", small, True, seed)
        unequal = [row for n, rows in enumerate(by_label.values()) for row in rows[: max(12, 120 // (n + 1))]]
        yield _planted(f"harder.unequal_classes_{seed}", unequal, True, seed)
        even = [row for rows in by_label.values() for row in rows[:40]]
        yield _one_way(f"harder.one_way_{seed}", even, seed)
        yield _careless(f"harder.one_annotator_{seed}", rng.sample(even, len(even)), seed)
        mixed = rng.sample(bank, 400) + rng.sample(_clinc(), 400) + rng.sample(_triage(), 400)
        yield _planted(f"harder.three_domains_{seed}", mixed, True, seed)


def planted_sets(seeds: Sequence[int]) -> Iterator[LabelSet]:
    """8% of the labels changed, at random or to one of the two classes most like the right one."""
    kinds: dict[str, Rows] = {
        "banking77": [(a, b) for a, b in _csv(shared_data() / "kb_banking77" / "train.csv")], "clinc150": _clinc(),
        "symptom2disease": _triage(),
    }  # fmt: skip
    for seed in seeds:
        for name, rows in kinds.items():
            some = Random(seed).sample(rows, min(ROWS, len(rows)))
            for confused in (False, True):
                yield _planted(f"planted.{name}_{'confused' if confused else 'random'}_{seed}", some, confused, seed)
        yield _planted(f"planted.rqe_random_{seed}", Random(seed).sample(_rqe(), ROWS), False, seed)


def clean_sets(seeds: Sequence[int]) -> Iterator[LabelSet]:
    """Small sets as published: 60 to 290 rows of 3 to 20 classes."""
    kinds = {
        "banking77": _csv(shared_data() / "kb_banking77" / "train.csv"),
        "clinc150": _clinc(),
        "symptom2disease": _triage(),
    }
    for seed in seeds:
        for name, rows in kinds.items():
            labels = sorted({label for _, label in rows})
            for classes, size in ((3, 60), (5, 150), (8, 160), (12, 150), (20, 290)):
                kept = set(Random(seed).sample(labels, classes))
                some = [(text, label) for text, label in rows if label in kept]
                some = Random(seed).sample(some, min(size, len(some)))
                texts, right = [text for text, _ in some], [label for _, label in some]
                yield LabelSet(f"clean.{name}_{classes}x{size}_{seed}", texts, right, np.zeros(len(some), dtype=bool))


def judged_scores() -> tuple[np.ndarray, np.ndarray, dict[int, bool]]:
    """20news as published: out-of-fold probabilities, labels, and whether people found the label of a row wrong.

    A label is wrong when fewer than three of the five people chose it. The probabilities of IMDB are published too, but
    not the order of their rows.
    """
    folder = shared_data() / "err_label_errors"
    believed = np.load(folder / "20news_test_set_pyx.npy", allow_pickle=False)
    labels = np.load(folder / "20news_test_set_original_labels.npy", allow_pickle=False)
    seen = json.loads((folder / "20news_mturk.json").read_text(encoding="utf-8"))
    return believed, labels, {one["id"]: one["mturk"]["given"] < 3 for one in seen}


def _planted(name: str, rows: Rows, confused: bool, seed: int) -> LabelSet:
    rng, texts, right = Random(seed), [text for text, _ in rows], [label for _, label in rows]
    like = _alike(rows) if confused else {label: sorted(set(right) - {label}) for label in set(right)}
    chosen = set(rng.sample(range(len(rows)), round(SHARE * len(rows))))
    labels = [rng.choice(like[label]) if i in chosen else label for i, label in enumerate(right)]
    return LabelSet(name, texts, labels, _unlike(labels, right))


def _one_way(name: str, rows: Rows, seed: int) -> LabelSet:
    """A third of the classes lose a quarter of their rows to the class most like them."""
    rng, right, like = Random(seed), [label for _, label in rows], _alike(rows)
    losing = set(rng.sample(sorted(like), len(like) // 3))
    labels = [like[label][0] if label in losing and rng.random() < 0.25 else label for label in right]
    return LabelSet(name, [text for text, _ in rows], labels, _unlike(labels, right))


def _careless(name: str, rows: Rows, seed: int) -> LabelSet:
    """One of five annotators takes two rows in five for a class like theirs; each had every fifth row."""
    rng, right, like = Random(seed), [label for _, label in rows], _alike(rows)
    labels = [rng.choice(like[c]) if i % 5 == 0 and rng.random() < 0.4 else c for i, c in enumerate(right)]
    return LabelSet(name, [text for text, _ in rows], labels, _unlike(labels, right))


def _alike(rows: Rows) -> dict[str, list[str]]:
    """The two classes most like each, the nearest first, by the means of their vectors."""
    vectors, labels = WordLlama().encode([text for text, _ in rows]), np.array([label for _, label in rows])
    classes = sorted(set(labels.tolist()))
    centres = np.stack([vectors[labels == label].mean(0) for label in classes])
    near = centres @ centres.T / np.outer(*[np.linalg.norm(centres, axis=1)] * 2) - 2 * np.eye(len(classes))
    return {label: [classes[j] for j in np.argsort(-near[i])[:2]] for i, label in enumerate(classes)}


def _unlike(labels: Sequence[str], right: Sequence[str]) -> np.ndarray:
    return np.array([a != b for a, b in zip(labels, right, strict=True)])


def _csv(path: Path) -> Rows:
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        return [(row[0], row[1]) for row in csv.reader(lines)][1:]


def _clinc() -> Rows:
    rows = json.loads((shared_data() / "kb_clinc150" / "data_full_train_val.json").read_text(encoding="utf-8"))["train"]
    return [(text, label) for text, label in rows]


def _triage() -> Rows:
    with (shared_data() / "triage_symptom2disease" / "Symptom2Disease.csv").open(encoding="utf-8", newline="") as lines:
        return list(dict.fromkeys((row["text"], row["label"]) for row in csv.DictReader(lines)))


def _rqe() -> Rows:
    root = ElementTree.parse(shared_data() / "health_rqe" / "RQE_Train_8588_AMIA2016.xml").getroot()
    texts = ((pair, " / ".join((pair.findtext(part) or "").strip() for part in ("chq", "faq"))) for pair in root)
    return [(text, pair.attrib["value"]) for pair, text in texts]


def _mmlu(folder: Path) -> LabelSet:
    texts, labels, wrong = [], [], []
    for path in sorted(folder.glob("*.csv")):
        for row in _table(path):
            texts.append(f"{row['question']} {' '.join(map(str, ast.literal_eval(row['choices'])))}")
            labels.append("ABCD"[int(row["answer"])])
            wrong.append((row["error_type"] or "").strip().lower().replace(" ", "_") == "wrong_groundtruth")
    return LabelSet("real.mmlu_redux", texts, labels, np.array(wrong))


def _table(path: Path) -> list[dict[str, str]]:
    """The rows of a table that is written with commas or semicolons, in one of two encodings."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("mac-roman")
    mark = ";" if text.startswith("question;") else ","
    rows = csv.DictReader(text.splitlines(keepends=True), delimiter=mark)
    return [row for row in rows if (row.get("choices") or "").startswith("[") and (row.get("answer") or "").isdigit()]
