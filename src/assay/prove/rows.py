"""`assay prove rows`: which training rows hurt, and which taught the model a wrong answer."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from assay import dataset, runs
from assay.errors import InputError
from assay.evaluate.rungs import Rung as Answers
from assay.evaluate.scorers import scorer_for
from assay.passes import Progress, quiet
from assay.project import Project
from assay.prove.dynamics import Dynamics, dynamics, losses_of
from assay.prove.influence import MOMENTS, Influence, influence
from assay.prove.shortlist import nearest_first, shortlist
from assay.prove.suspects import harm
from assay.prove.told import as_dict, read
from assay.recipe import TrainSpec
from assay.records import Example, by_split, digest_of
from assay.runs import SECONDS_A_LAYER
from assay.store import Store, write_atomically

LIMIT = 1000  # rows traced; of more, a shortlist
RUNS = 3  # cross-fitted runs: each row is taught in two and held out in one
LEAST = 12  # different prompts
WHY = 5  # rows named as evidence
PROBE: dict[str, Any] = {"method": "lora", "layers": 4, "rank": 8, "learning_rate": 2e-3, "batch_size": 8}
PASSES, STEPS = 3, 100  # over the rows, at least; more where there are few, for so many steps in all
SHORT = 80  # characters of a short row


class Wrong(NamedTuple):
    """A test row the model answered wrongly."""

    test: Example  # with the answer expected
    written: str


@dataclass(frozen=True)
class Plan:
    """What will be traced, before anything is."""

    version: str
    rung: str
    rows: list[Example]  # training rows
    of: int  # training rows the rung has
    wrong: list[Wrong]
    evaluated: bool  # whether there are answers of this run: else `wrong` is empty
    spec: TrainSpec
    run: Path  # the run of the rung, finished or not
    path: Path  # where the proof is kept

    @property
    def key(self) -> str:
        """Of everything the numbers follow from, but for the weights of the base model."""
        rows = [[row.id, row.digest] for row in self.rows]
        wrong = [[one.test.id, one.test.digest, one.written] for one in self.wrong]
        return digest_of([rows, wrong, self.spec.model_dump(mode="json"), RUNS, sorted(MOMENTS.items())])

    @property
    def seconds(self) -> float:
        """About how long it takes on two quiet cores."""
        traced = sum(MOMENTS.values()) * RUNS * (len(self.rows) + 2 * len(self.wrong))
        trained = self.spec.epochs * (RUNS - 1) * len(self.rows)
        length = float(np.mean([len(row.text) for row in self.rows])) / SHORT
        return (traced + trained) * self.spec.layers * SECONDS_A_LAYER * max(1.0, length)


class Because(NamedTuple):
    """One row as evidence for another."""

    row: Example
    influence: float  # positive: lowers the loss of the other, or makes the wrong answer likelier


class Ranked(NamedTuple):
    """One training row, and what it does."""

    row: Example
    harm: float  # 0 to 1: share of the rows that look less harmful
    held_out: float  # mean loss of its answer in runs that did not train on it, nats a token
    confidence: float
    variability: float
    forgotten: int
    why: tuple[Because, ...]  # held-out rows whose loss it raises most


class Taught(NamedTuple):
    """A wrong answer, and the rows that taught it: those that make it likelier than the right one."""

    wrong: Wrong
    by: tuple[Because, ...]


class Proof(NamedTuple):
    """What came of it."""

    plan: Plan
    rows: list[Ranked]  # the most harmful first
    answers: list[Taught]
    dynamics: str  # where they are from: "run" or "probe"


def plan(
    project: Project, *, version: str = "", rung: str = "curated", answer: str = "", limit: int = LIMIT, seed: int = 0
) -> Plan:
    """Choose the rows; nothing is trained.

    With `answer`, the id of a test row, only rows near it are looked at where there are more than `limit`.

    Raises:
        InputError: no such rung, no rows, no such wrong answer.
        StoreError: no such version.
    """
    train = project.recipe.train
    chosen = runs.rungs(project, [rung], [train.seed], version)[0]
    wrong, evaluated = _wrong(project, chosen, answer)
    rows, of = chosen.examples, len(chosen.examples)
    asked = len({" ".join(row.prompt.casefold().split()) for row in rows})
    if asked < LEAST:
        what = f"'{rung}' of version {chosen.version} has {asked} different prompts: too few to hold some of them out"
        raise InputError(what, hint=f"prove rows needs {LEAST}")
    if of > limit:
        near = nearest_first([one.test.prompt for one in wrong if not answer or one.test.id == answer], rows, limit)
        rows = [rows[i] for i in sorted(near if wrong else shortlist(rows, limit, seed))]
    spec = spec_for(len(rows), seed, train.max_tokens)
    path = project.state / "prove" / f"rows-{chosen.version}-{rung}.json"
    return Plan(chosen.version, rung, rows, of, wrong, evaluated, spec, chosen.folder, path)


def spec_for(count: int, seed: int, max_tokens: int = 512) -> TrainSpec:
    """How the runs over so many rows are tuned: a few top layers, long enough that answers are learnt."""
    steps = count * (RUNS - 1) / RUNS / PROBE["batch_size"]  # of a pass
    passes = max(PASSES, math.ceil(STEPS / steps))
    return TrainSpec(**{**PROBE, "epochs": passes, "max_tokens": max_tokens, "seed": seed})


def _wrong(project: Project, rung: runs.Rung, answer: str) -> tuple[list[Wrong], bool]:
    """The test rows this rung's run was wrong on, in the evaluation it had; the one asked for must be among them."""
    store = Store(project.tables)
    kept = dataset.load_rows(store, dataset.load_version(store, rung.version)).kept
    test = [row for row in by_split(kept, "test") if row.answer.strip()]
    said = _said(project, rung, {row.id for row in test})
    if not said:
        if answer:
            what = f"'{rung.name}' of version {rung.version} has not answered the test rows"
            raise InputError(what, hint=f"assay train --on {rung.name}, then assay eval")
        return [], False
    scorer = scorer_for(project.recipe.task)
    found = []
    for example in test:
        written = said.get(example.id)
        score = scorer.score(example, written) if written is not None else None
        if written is not None and score is not None and score < 0.5:
            found.append(Wrong(example, written))
    if answer and answer not in {one.test.id for one in found}:
        known = {example.id for example in test}
        why = "is answered rightly" if answer in known else "is not a test row with an answer"
        raise InputError(f"{answer} {why}", hint="assay prove rows --wrong lists the wrong answers")
    return found, True


def _said(project: Project, rung: runs.Rung, known: set[str]) -> dict[str, str | None]:
    """What the rung wrote to each test row when it was last evaluated, under its first seed; {} when it was not.

    Answers older than the run's adapter, or to other test rows, are another run's.
    """
    card = rung.folder / "adapter" / "assay.json"
    files = (project.state / "answers").glob(f"{rung.name}-*.json")
    for path in sorted(files, key=lambda path: path.stat().st_mtime, reverse=True):
        if card.is_file() and path.stat().st_mtime >= card.stat().st_mtime:
            given = Answers.from_dict(json.loads(path.read_text(encoding="utf-8")))
            said = {one.id: one.written for one in given.answers[0]}
            if said.keys() <= known:
                return said
    return {}


def prove(project: Project, planned: Plan, *, progress: Progress = quiet) -> dict[str, Any]:
    """Trace, rank, and keep the proof as JSON; one that is kept already is not made again.

    Raises:
        TrainingError, ModelError: what stops a run; finished ones are kept.
    """
    kept = read(planned.path)
    if kept is not None and kept.get("key") == planned.key:
        return kept
    found = _trace(project, planned, progress)
    proof = judge(planned, found)
    body = as_dict(proof)
    write_atomically(planned.path, json.dumps(body, indent=1))
    shutil.rmtree(_folder(planned), ignore_errors=True)
    progress("done", 1.0)
    return body


def _folder(planned: Plan) -> Path:
    return planned.path.parent / f"rows-{planned.key[:16]}"


def _trace(project: Project, planned: Plan, progress: Progress) -> Influence:
    from assay.models.base import load
    from assay.prove.trace import Tracer
    from assay.train.audit import audit
    from assay.train.derived import dtype_of

    progress("loading the base model", 0.0)
    base = load(project.recipe.model, dtype_of(project.recipe.train))
    asked = [row for one in planned.wrong for row in (one.test.with_answer(one.written), one.test)]
    tracer = Tracer(base, planned.spec, [*planned.rows, *_answered(asked)], system=project.recipe.system)
    count = len(planned.rows)
    audit(planned.rows, tracer.rendered[:count], planned.spec.max_tokens)
    return influence(tracer, count, runs=RUNS, seed=planned.spec.seed, keep=_folder(planned), tell=progress)


def _answered(rows: Sequence[Example]) -> list[Example]:
    """A model may write nothing: a blank stands for it, so that there is a token to look at."""
    return [row if row.answer else row.with_answer(" ") for row in rows]


def judge(planned: Plan, found: Influence) -> Proof:
    """From influence to the rows that hurt, worst first, and to those behind each wrong answer."""
    losses = losses_of(planned.run / "losses.parquet", planned.rows)
    learnt = dynamics(found.taught if losses is None else losses)
    score = harm(found, planned.rows)
    order = np.argsort(-score, kind="stable")
    rows = [_ranked(planned, found, learnt, score, int(i)) for i in order]
    answers = [_taught(planned, found, place) for place in range(len(planned.wrong))]
    return Proof(planned, rows, answers, "probe" if losses is None else "run")


def _ranked(planned: Plan, found: Influence, learnt: Dynamics, score: np.ndarray, i: int) -> Ranked:
    onto = np.nan_to_num(found.among[i])
    hurt = [int(j) for j in np.argsort(onto, kind="stable")[:WHY] if onto[j] < 0 and j != i]
    return Ranked(
        planned.rows[i], float(score[i]), float(np.nanmean(found.held[:, i])), float(learnt.confidence[i]),
        float(learnt.variability[i]), int(learnt.forgotten[i]),
        tuple(Because(planned.rows[j], float(onto[j])) for j in hurt),
    )  # fmt: skip


def _taught(planned: Plan, found: Influence, place: int) -> Taught:
    towards = np.nan_to_num(found.asked[:, 2 * place] - found.asked[:, 2 * place + 1])
    best = [int(i) for i in np.argsort(-towards, kind="stable")[:WHY] if towards[i] > 0]
    return Taught(planned.wrong[place], tuple(Because(planned.rows[i], float(towards[i])) for i in best))
