"""The ladder of a project: every baseline and every finished run asked the same frozen test rows.

Answers once given are kept under .assay/answers and not asked for again, so an interrupted evaluation goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from assay import dataset, runs
from assay.encoders import WordLlama
from assay.errors import InputError
from assay.evaluate import baselines
from assay.evaluate.compare import compare
from assay.evaluate.ladder import Ladder
from assay.evaluate.rungs import MAX_NEW_TOKENS, Rung, prompt_of, run_rung
from assay.evaluate.similarity import neighbours
from assay.evaluate.speakers import Prompt, Reply
from assay.passes import Progress, quiet
from assay.project import Project
from assay.records import Example, by_split, digest_of
from assay.store import Store, write_atomically

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from assay.models.base import Loaded
    from assay.models.speaker import Speaker
    from assay.models.trunk import Trunk

FEW_SHOT_ROWS = 80  # test rows asked unless told otherwise: prompts with examples are ten times longer
FEW_SHOT_HELD_OUT = 16  # training rows the few-shot search is scored on
TIMED_ROWS = 12  # rows whose latency is measured, one at a time
BASELINES = ("majority", "nearest", "zero-shot", "few-shot")


class Scored(NamedTuple):
    """What an evaluation gives."""

    ladder: Ladder
    version: str
    missing: list[str]  # tuned rungs of the recipe without a finished run


def score(
    project: Project, *, version: str = "", few_shot_rows: int = FEW_SHOT_ROWS, progress: Progress = quiet
) -> Scored:
    """Ask every rung of the recipe, compare, and keep the ladder in .assay/scores.json.

    Raises:
        InputError: no test rows, or none with an answer.
        ModelError: the base model or an adapter cannot be used.
    """
    store = Store(project.tables)
    chosen = dataset.load_version(store, version or None)
    rows = dataset.load_rows(store, chosen)
    test = _test_rows(project, rows.kept)
    train = by_split(rows.kept, "train")
    asked = _Asked(project, chosen.id, test, train, few_shot_rows, progress)
    rungs, missing = [], []
    names = project.recipe.eval.rungs
    for place, name in enumerate(names):
        progress(name, place / len(names))
        rung = asked.rung(name)
        if rung is None:
            missing.append(name)
        else:
            rungs.append(rung)
    if not rungs:
        what = "there is nothing to evaluate: no baseline is asked for and no run is finished"
        raise InputError(what, hint="assay train --on all")
    prompts, known = [row.prompt for row in test], [row.prompt for row in train]
    near = neighbours(prompts, known, WordLlama()).cosine[:, 0] if known else None
    ladder = compare(rungs, test, seed=project.recipe.train.seed, similarity=near)
    body = {"version": chosen.id, "missing": missing, "ladder": ladder.as_dict()}
    write_atomically(project.scores, json.dumps(body, ensure_ascii=False, indent=1))
    progress("done", 1.0)
    return Scored(ladder, chosen.id, missing)


def _test_rows(project: Project, kept: Sequence[Example]) -> list[Example]:
    test = [row for row in by_split(kept, "test") if row.answer.strip()]
    if not test:
        raise InputError("there are no test rows with an answer", hint="add a source with `split: test` to assay.yaml")
    limit = project.recipe.eval.max_rows
    return sorted(Random("test rows").sample(test, limit), key=test.index) if 0 < limit < len(test) else test


class _Asked:
    """The rungs of one evaluation; the base model and what its lower layers make of the test rows are shared."""

    def __init__(
        self,
        project: Project,
        version: str,
        test: list[Example],
        train: list[Example],
        few_shot_rows: int,
        progress: Progress,
    ) -> None:
        self.project, self.version, self.test, self.train = project, version, test, train
        self.few_shot_rows, self.progress = few_shot_rows, progress
        self.labels = sorted({row.label for row in test if row.label is not None}) if test[0].task == "classify" else []
        self._base: Loaded | None = None
        self._trunk: Trunk | None = None

    def rung(self, name: str) -> Rung | None:
        """The answers of a rung, kept or asked for now; None for a tuned rung without a finished run."""
        if name in runs.TUNED:
            return self._tuned(name)
        if name in ("majority", "nearest") and self.test[0].task != "classify":
            return None
        rows = self._few_shot_test() if name == "few-shot" else self.test
        asked_of = [name, self._weights(name), _rows_digest(rows), _rows_digest(self.train), self.labels]
        return self._kept(name, digest_of(asked_of), lambda: self._baseline(name, rows))

    def _weights(self, name: str) -> str:
        """The digest of the weights a baseline asks: other weights under the same name are asked anew."""
        from assay.models.base import locate

        return locate(self.project.recipe.model).digest if name in ("zero-shot", "few-shot") else ""

    def _baseline(self, name: str, rows: Sequence[Example]) -> Rung:
        if name == "majority":
            return baselines.majority(self.train, rows)
        if name == "nearest":
            return baselines.nearest(self.train, rows, WordLlama())
        if name not in BASELINES:
            raise InputError(f"'{name}' is not a rung", hint=", ".join((*BASELINES, *runs.TUNED)))
        asked, count = _Overheard(self._speaker(None)), self._count_tokens()
        if name == "zero-shot":
            sample = Random("habit rows").sample(self.train, len(self.train))
            rung = baselines.zero_shot(asked, rows, self.labels, unlabelled=sample, count_tokens=count)
        else:
            rung = baselines.few_shot(
                asked, self.train, rows, self.labels, WordLlama(), seed=self.project.recipe.train.seed,
                held_out=FEW_SHOT_HELD_OUT, count_tokens=count, report=self._tell_few_shot,
            )  # fmt: skip
        return _timed(rung, self._plain_speaker(None), rows, asked.prompts)

    def _tell_few_shot(self, what: str, done: int, total: int) -> None:
        self.progress(f"few-shot: {what} ({done}/{total})", 0.3)

    def _tuned(self, name: str) -> Rung | None:
        cards = sorted(self.project.runs.glob(f"{name}-{self.version}-s*/adapter/assay.json"))
        if not cards:
            return None
        adapters = [json.loads(card.read_text(encoding="utf-8")) for card in cards]
        key = digest_of([name, _rows_digest(self.test), self.labels, adapters])
        return self._kept(name, key, lambda: self._ask_tuned(name, [card.parent.parent for card in cards]))

    def _ask_tuned(self, name: str, folders: Sequence[Path]) -> Rung:
        """The answers of the runs of one rung, a seed each; size, rows and tokens are those of the first."""
        adapter, system = folders[0] / "adapter", self.project.recipe.system
        record = json.loads((folders[0] / "run.json").read_text(encoding="utf-8"))
        rung = run_rung(
            name, self._tuned_speakers(folders), self.test, self.labels, system=system,
            size_mb=(adapter / "adapter_model.safetensors").stat().st_size / 1e6, train_rows=record["rows"],
            answer_tokens=record["answer_tokens"], count_tokens=self._count_tokens(),
        )  # fmt: skip
        prompts = [prompt_of(row, system) for row in self.test]
        return _timed(rung, self._plain_speaker(adapter), self.test, prompts)

    def _tuned_speakers(self, folders: Sequence[Path]) -> Iterator[tuple[int, Speaker]]:
        for folder in folders:
            self.progress(f"asking {folder.name}", 0.5)
            yield int(folder.name.rpartition("-s")[2]), self._speaker(folder / "adapter")

    def _kept(self, name: str, key: str, ask: Callable[[], Rung]) -> Rung:
        """The answers kept under this key, or asked for now and kept."""
        path = self.project.state / "answers" / f"{name}-{key[:16]}.json"
        if path.exists():
            return Rung.from_dict(json.loads(path.read_text(encoding="utf-8")))
        rung = ask()
        write_atomically(path, json.dumps(rung.as_dict(), ensure_ascii=False))
        return rung

    def _few_shot_test(self) -> list[Example]:
        if not 0 < self.few_shot_rows < len(self.test):
            return self.test
        return sorted(Random("few-shot rows").sample(self.test, self.few_shot_rows), key=lambda row: row.id)

    def _model(self) -> Loaded:
        """The base model, loaded when first asked for; with what its lower layers make of the test rows."""
        from assay.models.base import load
        from assay.train.lora import trunk_for

        if self._base is None:
            self._base = load(self.project.recipe.model)
            self._trunk = trunk_for(self._base, self.project.recipe.train)
        return self._base

    def _speaker(self, folder: Path | None) -> Speaker:
        """The base model, or a tuned one, with the labels as drafts of what it may write."""
        from assay.models import adapter
        from assay.models.speaker import Speaker

        base = self._model()
        tuned = adapter.read(folder) if folder else None
        return Speaker(base, tuned, drafts=self.labels, trunk=self._trunk if tuned else None)

    def _plain_speaker(self, folder: Path | None) -> Speaker:
        """As a server runs it: nothing read ahead, nothing shared with other runs."""
        from assay.models import adapter
        from assay.models.speaker import Speaker

        return Speaker(self._model(), adapter.read(folder) if folder else None)

    def _count_tokens(self) -> Callable[[Prompt], int]:
        from assay.models.chat import render

        tokenizer = self._model().tokenizer
        return lambda prompt: len(render(prompt, tokenizer, for_answer=True))


def _rows_digest(rows: Sequence[Example]) -> str:
    return digest_of([[row.id, row.digest] for row in rows])


class _Overheard:
    """A speaker that remembers the prompts it was last asked to answer."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self.prompts: Sequence[Prompt] = ()

    def write(self, prompts: Sequence[Prompt], max_new_tokens: int) -> Sequence[Reply]:
        """What the speaker writes."""
        self.prompts = prompts
        return self._speaker.write(prompts, max_new_tokens)

    def choose(self, prompts: Sequence[Prompt], options: Sequence[str]) -> NDArray[np.floating]:
        """What the speaker chooses."""
        return self._speaker.choose(prompts, options)


def _timed(rung: Rung, speaker: Speaker, rows: Sequence[Example], prompts: Sequence[Prompt]) -> Rung:
    """The rung with latencies as one user at a time would see them: measured on some rows, None on the others."""
    picked = Random("latency rows").sample(range(len(rows)), min(TIMED_ROWS, len(rows)))
    took = {rows[i].id: speaker.write([prompts[i]], MAX_NEW_TOKENS)[0].seconds for i in picked}
    answers = tuple(tuple(replace(answer, seconds=took.get(answer.id)) for answer in seed) for seed in rung.answers)
    return replace(rung, answers=answers)
