"""The ladder of a project: every baseline and every finished run asked the same frozen test rows.

Answers once given are kept under .assay/answers and not asked for again, so an interrupted evaluation goes on.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

from assay import dataset
from assay.encoders import WordLlama
from assay.errors import InputError
from assay.evaluate.compare import compare
from assay.evaluate.ladder import Ladder
from assay.evaluate.scorers import Scorer, scorers_for
from assay.evaluate.similarity import neighbours
from assay.evaluate.slices import parts
from assay.passes import Progress, quiet
from assay.project import Project
from assay.records import Example, by_split
from assay.runs import TUNED
from assay.scoring.asking import FEW_SHOT_ROWS, Asking
from assay.scoring.looks import Looks, take_look
from assay.store import Store, write_atomically

__all__ = ["FEW_SHOT_ROWS", "Looks", "Scored", "kept_test_rows", "score", "scorers_of", "take_look"]


class Scored(NamedTuple):
    """What an evaluation gives."""

    ladder: Ladder
    version: str
    missing: list[str]  # tuned rungs of the recipe without a finished run
    looks: Looks
    judged: dict[str, Any] | None = None  # what a model thought of two rungs' answers, where one was asked

    def as_dict(self) -> dict[str, Any]:
        """JSON twin, as `assay eval --json` prints it."""
        return {"version": self.version, "missing": self.missing, "looks": self.looks._asdict(),
                "judged": self.judged, **self.ladder.as_dict()}  # fmt: skip


class Judge(NamedTuple):
    """What to ask a judge, if anything: see `assay.scoring.judging`."""

    model: str = ""
    pair: tuple[str, str] = ("curated", "raw")
    rows: int = 100
    people: str = ""  # file of people's judgements


def score(
    project: Project, *, version: str = "", few_shot_rows: int = FEW_SHOT_ROWS, judge: Judge | None = None,
    progress: Progress = quiet,
) -> Scored:  # fmt: skip
    """Ask every rung of the recipe, compare, and keep the ladder in .assay/scores.json.

    The look at the test rows is noted first, with the primary metric: it cannot be chosen by the outcome.

    Raises:
        InputError: no test rows, or none with an answer.
        RecipeError: a metric nobody knows.
        ModelError: the base model, an adapter or an endpoint cannot be used.
    """
    store = Store(project.tables)
    chosen = dataset.load_version(store, version or None)
    rows = dataset.load_rows(store, chosen)
    test, train = kept_test_rows(project, rows.kept), by_split(rows.kept, "train")
    primary, *others = scorers_of(project, test)
    names = project.recipe.eval.rungs
    asking = Asking(project, chosen.id, test, train, primary, few_shot_rows, progress)
    rungs, missing = [], []
    looks = take_look(project, test, chosen.id, f"eval: {', '.join(names)}", primary.key)
    for place, name in enumerate(names):
        progress(name, place / len(names))
        rung = asking.rung(name)
        if rung is not None:
            rungs.append(rung)
        elif name in TUNED:
            missing.append(name)
    if not rungs:
        what = "there is nothing to evaluate: no baseline is asked for and no run is finished"
        raise InputError(what, hint="assay train --on all")
    prompts, known = [row.prompt for row in test], [row.prompt for row in train]
    near = neighbours(prompts, known, WordLlama()).cosine[:, 0].astype(float) if known else None
    ladder = compare(
        rungs, test, seed=project.recipe.train.seed, scorer=primary, similarity=near, others=others,
        parts=parts(test, train, near),
    )  # fmt: skip
    judged = None
    if judge:
        from assay.scoring.judging import judged_by

        judged = judged_by(project, judge, {rung.name: rung for rung in rungs}, test, progress)
    scored = Scored(ladder, chosen.id, missing, looks, judged)
    body = {"version": chosen.id, "missing": missing, "looks": looks._asdict(), "judged": judged}
    kept = {**body, "ladder": ladder.as_dict()}
    write_atomically(project.scores, json.dumps(kept, ensure_ascii=False, indent=1))
    progress("done", 1.0)
    return scored


def scorers_of(project: Project, test: Sequence[Example]) -> list[Scorer]:
    """The scorers of a project, the primary one first."""
    asked = project.recipe.eval
    schema = project.root / asked.answer_schema if asked.answer_schema else None
    return scorers_for(test[0].task, asked.metric, schema)


def kept_test_rows(project: Project, kept: Sequence[Example]) -> list[Example]:
    """The test rows that are scored: those with an answer, or `eval.max_rows` of them.

    Raises:
        InputError: there are none.
    """
    test = [row for row in by_split(kept, "test") if row.answer.strip()]
    if not test:
        raise InputError("there are no test rows with an answer", hint="add a source with `split: test` to assay.yaml")
    limit = project.recipe.eval.max_rows
    return sorted(Random("test rows").sample(test, limit), key=test.index) if 0 < limit < len(test) else test
