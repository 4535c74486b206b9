"""Who stands against the tuned model, and what asking each would take: told before anything is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from assay import dataset
from assay.errors import InputError, ModelError, Problem
from assay.evaluate import stats
from assay.evaluate.endpoint import AT_ONCE as ENDPOINT_AT_ONCE
from assay.evaluate.endpoint import TIMED, cost_of_thousand, from_environment
from assay.evaluate.scorers import Scorer
from assay.models.base import is_here, locate
from assay.passes import Progress, quiet
from assay.project import Project
from assay.records import Example, by_split
from assay.runs import TUNED
from assay.scoring import FEW_SHOT_ROWS, kept_test_rows, scorers_of
from assay.scoring.asking import BASELINES, ENDPOINTS, FEW_SHOT_HELD_OUT, FORMS, MODELS, Asking
from assay.scoring.prompted import place_of, prompts_of
from assay.store import Store

USUAL = ("zero-shot", "few-shot")  # the base model prompted: stands against the tuned one unless told otherwise
CHARS_A_TOKEN = 4.0  # of English, about: no tokeniser is loaded for an estimate
REPLY_SECONDS = 1.0  # of an endpoint, assumed: it was never asked
READ, WRITTEN = 0.010, 0.05  # seconds a token and billion parameters on two cores: guessed to fit 135M, not measured
BITS_A_WEIGHT = 4.6  # of a GGUF of four bits


class Weights(NamedTuple):
    """The weights of a model on this machine, by its files alone."""

    folder: Path | None  # None: not converted or not fetched yet
    mb: float | None  # on disk; None where they must be fetched first
    parameters: float | None


@dataclass(frozen=True)
class Contender:
    """One that the tuned model is held against, and what asking it would take."""

    name: str  # of its rung
    kind: str  # "tuned", "local", "endpoint" or "lookup"
    rows: int  # test rows it answers
    asked: int  # of these, those still to be asked: 0 where its answers are kept
    seconds: float | None  # about how long that takes; None where it cannot be known
    cost: float | None  # about what it costs, in the currency of eval.prices; None without a price
    weights: Weights | None  # None where others hold them, or there are none
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """What will be asked, before anything is."""

    project: Project
    version: str
    rung: str  # the tuned one
    test: list[Example]
    train: list[Example]
    scorers: list[Scorer]  # the primary one first
    few_shot_rows: int
    contenders: list[Contender]  # the tuned one first

    @property
    def seconds(self) -> float:
        """About how long all of them take; those that cannot be known are left out."""
        return sum(one.seconds or 0.0 for one in self.contenders)

    @property
    def smallest_effect(self) -> float:
        """The smallest difference that the test rows can show, 0 to 1."""
        groups = {row.group if row.group is not None else row.id for row in self.test}
        return stats.smallest_effect(len(groups))


def plan(
    project: Project, *, version: str = "", rung: str = "curated", against: Sequence[str] = (), rows: int = 0,
    few_shot_rows: int = FEW_SHOT_ROWS, progress: Progress = quiet,
) -> Plan:  # fmt: skip
    """Who will be asked how many rows, how long that takes, and what it costs. Nothing is asked, no weight is loaded.

    `against` names rungs, or models: a .gguf file, a folder, a hub id. Without any: the base model prompted, and the
    other models that `eval.rungs` names.

    Raises:
        InputError: no finished run of `rung`, no test rows, or a name that is no rung and no model.
        ModelError: with every file that is not there and every endpoint without an address.
    """
    if rung not in TUNED:
        raise InputError(f"--rung: '{rung}' is not tuned", hint=f"one of {', '.join(TUNED)}")
    if rows:
        only = project.recipe.eval.model_copy(update={"max_rows": rows})
        project = Project(project.root, project.recipe.model_copy(update={"eval": only}))
    store = Store(project.tables)
    chosen = dataset.load_version(store, version or None)
    kept = dataset.load_rows(store, chosen).kept
    test, train = kept_test_rows(project, kept), by_split(kept, "train")
    names = [rung, *(name for name in _names(project, against) if name != rung)]
    trained = {name for name in TUNED if list(project.runs.glob(f"{name}-{chosen.id}-s*/adapter/assay.json"))}
    if lacking := [name for name in names if name in TUNED and name not in trained]:
        what = f"there is no finished run of '{lacking[0]}' on version {chosen.id}"
        raise InputError(what, hint=f"assay train --on {','.join(lacking)}")
    _refuse_absent(project, names)
    scorers = scorers_of(project, test)
    asking = Asking(project, chosen.id, test, train, scorers[0], few_shot_rows, progress)
    forecast = _Forecast(project, asking, chosen.id)
    made = [forecast.of(name) for name in names if not (name == "retrieval" and asking.classify)]
    return Plan(project, chosen.id, rung, test, train, scorers, few_shot_rows, made)


def _names(project: Project, against: Sequence[str]) -> list[str]:
    """The rungs to ask: a model by itself stands for both ways of prompting it."""
    if not against:
        others = [name for name in project.recipe.eval.rungs if name.partition(":")[0] in (*ENDPOINTS, *MODELS)]
        return list(dict.fromkeys([*USUAL, *others]))
    named: list[str] = []
    for name in against:
        kind, _, model = name.partition(":")
        if (kind in (*ENDPOINTS, *MODELS) and model) or name in (*BASELINES, *TUNED):
            named.append(name)
        elif kind in ENDPOINTS or not name.strip():
            raise InputError(f"--against: '{name}' names no model", hint=", ".join((*BASELINES, *TUNED, *FORMS)))
        else:
            named += [f"model:{name}", f"model-shots:{name}"]
    return list(dict.fromkeys(named))


def _refuse_absent(project: Project, names: Sequence[str]) -> None:
    """Every model that cannot be asked, at once."""
    problems: dict[str, Problem] = {}
    for name in names:
        kind, _, model = name.partition(":")
        try:
            if kind in ENDPOINTS:
                from_environment(model)
            elif kind in MODELS:
                is_here(place_of(project, model))
        except ModelError as error:
            problems.setdefault(error.what, Problem(name, error.what, error.hint))
    if problems:
        raise ModelError("not all that were named can be asked; none was", problems=list(problems.values()))


@dataclass
class _Forecast:
    """What asking would take, by the length of the prompts."""

    project: Project
    asking: Asking
    version: str

    def of(self, name: str) -> Contender:
        kind, _, model = name.partition(":")
        rows, known = len(self.asking.rows_of(name)), False
        if kind in ENDPOINTS:
            known = self.asking.has(name)
            return self._endpoint(name, model, rows, known=known)
        if name in ("majority", "nearest"):
            return Contender(name, "lookup", rows, 0, 0.0, None, None)
        weights = self.weights(model if kind in MODELS else self.project.recipe.model)
        known = weights.folder is not None and self.asking.has(name)
        seconds = 0.0 if known else self._seconds(name, weights)
        note = self._note(weights, model) if kind in MODELS and not known else ""
        whose = "tuned" if name in TUNED else "local"
        return Contender(name, whose, rows, 0 if known else rows, seconds, None, weights, note)

    def _endpoint(self, name: str, model: str, rows: int, *, known: bool) -> Contender:
        price = self.project.recipe.eval.prices.get(model)
        if known:
            return Contender(name, "endpoint", rows, 0, 0.0, 0.0 if price else None, None)
        read = float(np.mean([len(text) for text in self._prompts(name)])) / CHARS_A_TOKEN
        each = cost_of_thousand(read, self._written, price.into, price.out) if price else None
        alone = min(rows, TIMED)
        seconds = REPLY_SECONDS * (alone + (rows - alone) / ENDPOINT_AT_ONCE)
        note = "" if price else f"no price of '{model}' in eval.prices: what it costs is not told"
        return Contender(name, "endpoint", rows, rows, seconds, each * rows / 1000 if each else None, None, note)

    def _seconds(self, name: str, weights: Weights) -> float | None:
        """Tokens read, the beginning that all share once, and written, by the parameters of the model."""
        if weights.parameters is None:
            return None
        prompts = self._prompts(name)
        shared = len(_shared(prompts))
        options = sum(len(label) + CHARS_A_TOKEN for label in self.asking.labels)
        read = (sum(len(text) - shared + options for text in prompts) + shared) / CHARS_A_TOKEN
        if name == "few-shot" and self.asking.classify:
            read *= 1 + 9 * FEW_SHOT_HELD_OUT * 7 / 12 / max(1, len(prompts))  # nine prompts are tried first
        seeds = len(list(self.project.runs.glob(f"{name}-{self.version}-s*/adapter"))) if name in TUNED else 1
        each = READ * read + WRITTEN * self._written * len(prompts)
        return max(1, seeds) * each * weights.parameters / 1e9

    def _prompts(self, name: str) -> list[str]:
        """What a rung would be told, as text, about."""
        asking, shots = self.asking, "shots" in name or name in ("few-shot", "retrieval")
        rows = asking.rows_of(name)
        if name in TUNED:
            return [row.prompt for row in rows]
        prompts, _ = prompts_of(rows, asking.train, asking.labels, self.project.recipe.system, shots=shots)
        return ["".join(turn.content for turn in prompt) for prompt in prompts]

    @cached_property
    def _written(self) -> float:
        """Tokens of an answer, about: those of the training rows."""
        answers = [len(row.answer) for row in self.asking.train if row.answer.strip()]
        return float(np.mean(answers)) / CHARS_A_TOKEN + 1 if answers else 1.0

    def weights(self, model: str) -> Weights:
        return weights_of(place_of(self.project, model))

    def _note(self, weights: Weights, model: str) -> str:
        import psutil

        if weights.parameters is None:
            return f"{model} is not on this machine: it would be fetched first"
        needed, free = 4 * weights.parameters / 1e9, psutil.virtual_memory().available / 1e9
        return f"needs about {needed:.0f} GB of memory, {free:.0f} GB are free" if needed > free else ""


def weights_of(model: str) -> Weights:
    """The weights of a base model by its files: nothing is loaded, fetched or converted.

    Raises:
        ModelError: nothing can be called so.
    """
    path = Path(model).expanduser()
    if is_here(model):
        folder = locate(model).folder
        size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
        told = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kind = str(told.get("dtype") or told.get("torch_dtype") or "float32")
        return Weights(folder, size / 1e6, size / (2 if kind in ("bfloat16", "float16") else 4))
    if path.is_file():
        size = path.stat().st_size
        return Weights(None, size / 1e6, 8 * size / BITS_A_WEIGHT)
    return Weights(None, None, None)


def _shared(texts: Sequence[str]) -> str:
    """What all texts begin with: _shared(["abc", "abd"]) -> "ab"."""
    pairs = zip(min(texts, default=""), max(texts, default=""), strict=False)
    return "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
