"""The training runs of a project: which rows each rung of the ladder learns from, at which budget, and where it lies.

All rungs spend the same budget of answer tokens: that of `epochs` passes over the raw rows. So neither a large set nor
a small one is favoured by the number of steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from assay import dataset, pipeline
from assay.errors import InputError
from assay.passes import curate
from assay.project import Project
from assay.records import Example, by_split
from assay.store import Store

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from assay.recipe import TrainSpec

SECONDS_A_ROW = 0.033  # of training, a short row and pass, on two cores with the default layers and rank: LOG.md
SECONDS_A_LAYER = SECONDS_A_ROW / 10  # the default tunes ten layers
SHORT = 80  # characters of a short row, which the seconds of a row and layer are of
DEPTH = 30  # layers, where all of them are tuned: of the default model
SECONDS_A_QUESTION = 0.35 * DEPTH * SECONDS_A_LAYER  # asking a short test row: a pass without gradients, all layers
JUDGING = 88 * SECONDS_A_QUESTION  # some rows and general sentences are read before the first step and after the last
DORA = 3.0  # times as long as LoRA: the norm of every weight is computed at each step
TUNED = ("raw", "random", "rules", "curated")
MEANING = {
    "raw": "every row as it was read",
    "random": "a random part of the raw rows, as large as the curated set",
    "rules": "what the rules alone leave",
    "curated": "what the rules and people leave",
}


def training_seconds(rows: float, spec: TrainSpec, long: float = 1.0) -> float:
    """About how long a run takes on two quiet cores, from its rows, passes and layers; `long`: mean length of the rows,
    in short ones.
    """
    layers = DEPTH if spec.method in ("prompt", "prefix") else spec.layers or DEPTH
    slower = DORA if spec.method == "dora" else 1.0
    return JUDGING + rows * spec.epochs * layers * SECONDS_A_LAYER * long * slower


def length_of(rows: Sequence[Example]) -> float:
    """Mean length of rows, in short rows; at least 1."""
    return max(1.0, sum(len(row.text) for row in rows) / max(1, len(rows)) / SHORT)


class Rung(NamedTuple):
    """One tuned rung: what it learns from, and where its run lies."""

    name: str
    version: str
    seed: int
    examples: list[Example]  # of the split train
    left_out: int  # raw rows without an answer: no trainer can learn from them
    folder: Path


def _refuse_one_label(project: Project, rows: Sequence[Example], name: str) -> None:
    labels = {row.label for row in rows}
    if project.recipe.task == "classify" and len(labels) == 1:
        what = f"every row of '{name}' has the label {labels.pop()!r}: a model would learn to say it to everything"
        raise InputError(what, hint="add rows of the other labels; `assay doctor data` counts them")


def rungs(project: Project, names: Sequence[str], seeds: Sequence[int], version: str = "") -> list[Rung]:
    """The rows of the named rungs of a version (the newest when none is named), one rung a name and seed.

    Raises:
        InputError: a rung nobody knows, or one with no row to learn from, or of labels with one label only.
        StoreError: no such version.
    """
    unknown = [name for name in names if name not in TUNED]
    if unknown:
        raise InputError(f"'{unknown[0]}' is not a rung that is tuned", hint=f"one of {', '.join(TUNED)}, or all")
    store = Store(project.tables)
    chosen = dataset.load_version(store, version or None)
    rows = dataset.load_rows(store, chosen)
    made = []
    raw, curated = by_split(rows.read, "train"), by_split(rows.kept, "train")
    alone = _rules_alone(project, rows) if "rules" in names else []
    for seed in seeds:
        for name in names:
            examples = {"rules": alone, "curated": curated, "raw": raw}.get(name) or _random(raw, len(curated), seed)
            if not examples:
                raise InputError(f"version {chosen.id} leaves '{name}' no row to learn from", hint="assay diff raw")
            usable = [e for e in examples if e.answer.strip()] if name in ("raw", "random") else examples
            _refuse_one_label(project, usable, name)
            folder = project.runs / f"{name}-{chosen.id}-s{seed}"
            made.append(Rung(name, chosen.id, seed, usable, len(examples) - len(usable), folder))
    return made


def _random(examples: Sequence[Example], size: int, seed: int) -> list[Example]:
    """`size` of the examples, drawn without replacement."""
    return Random(f"random rung {seed}").sample(list(examples), min(size, len(examples)))


def _rules_alone(project: Project, rows: dataset.Rows) -> list[Example]:
    """The training rows that the rules leave when nobody reviews."""
    rules = pipeline.rules_of(project)
    return by_split(curate(rows.read, rules, **pipeline.domain_of(project)).kept, "train")


def raw_budget(project: Project, version: str, tokenizer: PreTrainedTokenizerBase) -> int:
    """Answer tokens of `epochs` passes over the raw rows of a version: what every rung spends.

    Raises:
        StoreError: no such version.
    """
    from assay.models.chat import tokenise

    store = Store(project.tables)
    raw = by_split(dataset.load_rows(store, dataset.load_version(store, version)).read, "train")
    spec, system = project.recipe.train, project.recipe.system
    usable = [row for row in raw if row.answer.strip()]
    once = sum(tokenise(row, tokenizer, spec.max_tokens, system).answer_tokens for row in usable)
    return round(spec.epochs * once)
