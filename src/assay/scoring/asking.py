"""Asking the rungs of one evaluation; the base model and what its lower layers make of the test rows are shared."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from assay import runs
from assay.encoders import WordLlama
from assay.errors import InputError
from assay.evaluate import baselines, texts
from assay.evaluate.endpoint import cost_of_thousand, from_environment
from assay.evaluate.prompting import PromptPlan, prompts_for
from assay.evaluate.rungs import Rung, ask, prompt_of, run_rung
from assay.evaluate.scorers import Scorer
from assay.evaluate.speakers import Prompt, Reply
from assay.passes import Progress
from assay.project import Project
from assay.records import Example, digest_of
from assay.store import write_atomically

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assay.evaluate.speakers import Speaker as Asked
    from assay.models.base import Loaded
    from assay.models.speaker import Speaker
    from assay.models.trunk import Trunk

FEW_SHOT_ROWS = 80  # test rows asked unless told otherwise: prompts with examples are ten times longer
FEW_SHOT_HELD_OUT = 16  # training rows the few-shot search is scored on
TIMED_ROWS = 12  # rows whose latency is measured, one at a time
BASELINES = ("majority", "nearest", "zero-shot", "few-shot", "retrieval")
ENDPOINTS = ("endpoint", "endpoint-shots")
ENDPOINT_TOKENS = 512  # of an answer, where neither recipe nor tokeniser says
KEPT = 2  # of the form of kept answers: those of another form are asked for anew


class Asking:
    """The rungs of one evaluation."""

    def __init__(
        self, project: Project, version: str, test: list[Example], train: list[Example], scorer: Scorer,
        few_shot_rows: int, progress: Progress,
    ) -> None:  # fmt: skip
        self.project, self.version, self.test, self.train = project, version, test, train
        self.scorer, self.few_shot_rows, self.progress = scorer, few_shot_rows, progress
        self.classify = test[0].task == "classify"
        self.labels = sorted({row.label for row in test if row.label is not None}) if self.classify else []

    def rung(self, name: str) -> Rung | None:
        """The answers of a rung, kept or asked for now; None for one that this task or project does not have."""
        if name in runs.TUNED:
            return self._tuned(name)
        kind, _, model = name.partition(":")
        if kind in ENDPOINTS and model:
            return self._endpoint(name, kind, model)
        if name not in BASELINES:
            known = ", ".join((*BASELINES, *runs.TUNED, "endpoint:MODEL", "endpoint-shots:MODEL"))
            raise InputError(f"'{name}' is not a rung", hint=known)
        if name == ("retrieval" if self.classify else "majority"):
            return None
        rows = self._part() if name in ("few-shot", "retrieval") else self.test
        asked_of = [
            KEPT,
            name,
            self._weights(name),
            _rows_digest(rows),
            _rows_digest(self.train),
            self.labels,
            self._asked_with(),
        ]
        return self._kept(name, digest_of(asked_of), lambda: self._baseline(name, rows))

    def _weights(self, name: str) -> str:
        """The digest of the weights a baseline asks: other weights under the same name are asked anew."""
        from assay.models.base import locate

        return "" if name in ("majority", "nearest") else locate(self.project.recipe.model).digest

    def _asked_with(self) -> list[Any]:
        recipe = self.project.recipe
        return [] if self.classify else [recipe.system, recipe.eval.max_new_tokens, self.scorer.key]

    def _baseline(self, name: str, rows: Sequence[Example]) -> Rung:
        encoder, system = WordLlama(), self.project.recipe.system
        if name == "majority":
            return baselines.majority(self.train, rows)
        if name == "nearest":
            return (baselines.nearest if self.classify else texts.nearest_answer)(self.train, rows, encoder)
        asked = _Overheard(self._speaker(None))
        asking = self._how()
        if name == "retrieval":
            rung = texts.retrieval(asked, self.train, rows, encoder, system=system, **asking)
        elif name == "few-shot":
            rung = self._few_shot(asked, rows, asking)
        elif self.classify:
            sample = Random("habit rows").sample(self.train, len(self.train))
            rung = baselines.zero_shot(asked, rows, self.labels, unlabelled=sample, **asking)
        else:
            rung = texts.zero_shot_text(asked, rows, system=system, **asking)
        return self._timed(rung, self._plain_speaker(None), rows, asked.prompts)

    def _few_shot(self, asked: Asked, rows: Sequence[Example], asking: dict[str, Any]) -> Rung:
        held = FEW_SHOT_HELD_OUT if self.classify else FEW_SHOT_HELD_OUT // 2  # texts take longer to write
        seed = self.project.recipe.train.seed
        search: dict[str, Any] = {"seed": seed, "held_out": held, "report": self._tell_few_shot}
        if self.classify:
            return baselines.few_shot(asked, self.train, rows, self.labels, WordLlama(), **search, **asking)
        system = self.project.recipe.system
        return texts.few_shot_text(asked, self.train, rows, WordLlama(), self.scorer, system=system, **search, **asking)

    def _tell_few_shot(self, what: str, done: int, total: int) -> None:
        self.progress(f"few-shot: {what} ({done}/{total})", 0.3)

    def _tuned(self, name: str) -> Rung | None:
        cards = sorted(self.project.runs.glob(f"{name}-{self.version}-s*/adapter/assay.json"))
        if not cards:
            return None
        adapters = [json.loads(card.read_text(encoding="utf-8")) for card in cards]
        key = digest_of([KEPT, name, _rows_digest(self.test), self.labels, adapters, self._asked_with()[1:2]])
        return self._kept(name, key, lambda: self._ask_tuned(name, [card.parent.parent for card in cards]))

    def _ask_tuned(self, name: str, folders: Sequence[Path]) -> Rung:
        """The answers of the runs of one rung, a seed each; size, rows and tokens are those of the first."""
        adapter, system = folders[0] / "adapter", self.project.recipe.system
        record = json.loads((folders[0] / "run.json").read_text(encoding="utf-8"))
        rung = run_rung(
            name, self._tuned_speakers(folders), self.test, self.labels, system=system,
            size_mb=sum(path.stat().st_size for path in adapter.glob("*.safetensors")) / 1e6,
            train_rows=record["rows"], answer_tokens=record["answer_tokens"], **self._how(),
        )  # fmt: skip
        prompts = [prompt_of(row, system) for row in self.test]
        return self._timed(rung, self._plain_speaker(adapter), self.test, prompts)

    def _tuned_speakers(self, folders: Sequence[Path]) -> Iterator[tuple[int, Speaker]]:
        for folder in folders:
            self.progress(f"asking {folder.name}", 0.5)
            yield int(folder.name.rpartition("-s")[2]), self._speaker(folder / "adapter")

    def _endpoint(self, name: str, kind: str, model: str) -> Rung:
        """A model of others, told what the base model is told without tuning; with shots, five similar rows too."""
        limit = self.project.recipe.eval.max_new_tokens or (64 if self.classify else ENDPOINT_TOKENS)
        system, shots = self.project.recipe.system, kind == "endpoint-shots"
        endpoint = from_environment(model, report=self._tell_endpoint)
        if self.classify:
            plan = PromptPlan("told", "nearest", 5) if shots else PromptPlan("told")
            pool = [row for row in self.train if row.label]
            prompts = prompts_for(plan, self.test, pool, self.labels, WordLlama(), seed=0)
        else:
            plan_of_texts = texts.Shots("nearest", 5) if shots else texts.Shots("none", 0)
            pool = [row for row in self.train if row.answer.strip()]
            prompts = texts.shown(plan_of_texts, self.test, pool, WordLlama(), system)
        key = digest_of([KEPT, name, endpoint.url, limit, [[turn._asdict() for turn in prompt] for prompt in prompts]])

        def asked() -> Rung:
            answers = ask(endpoint, self.test, prompts, max_new_tokens=limit)
            title = f"{model}, prompted{' with 5 similar rows' if shots else ''}"
            asked_once = Rung(name, (0,), (answers,), title, train_rows=len(pool) if shots else 0)
            return replace(asked_once, cut=_cut(asked_once, limit))

        rung, price = self._kept(name, key, asked), self.project.recipe.eval.prices.get(model)
        into, out = (_mean([getattr(a, side) for a in rung.answers[0]]) for side in ("tokens_in", "tokens_out"))
        return replace(rung, cost=cost_of_thousand(into, out, price.into, price.out) if price else None)

    def _tell_endpoint(self, done: int, total: int) -> None:
        self.progress(f"endpoint ({done}/{total})", 0.5)

    def _kept(self, name: str, key: str, ask: Callable[[], Rung]) -> Rung:
        """The answers kept under this key, or asked for now and kept; with what the machine costs meanwhile."""
        path = self.project.state / "answers" / f"{re.sub(r'[^A-Za-z0-9._-]', '_', name)}-{key[:16]}.json"
        if path.exists():
            rung = Rung.from_dict(json.loads(path.read_text(encoding="utf-8")))
        else:
            rung = ask()
            write_atomically(path, json.dumps(rung.as_dict(), ensure_ascii=False))
        hour, took = self.project.recipe.eval.machine_hour, _mean([a.seconds for seed in rung.answers for a in seed])
        return replace(rung, cost=1000 * took * hour / 3600) if hour and took is not None else rung

    def _part(self) -> list[Example]:
        if not 0 < self.few_shot_rows < len(self.test):
            return self.test
        return sorted(Random("few-shot rows").sample(self.test, self.few_shot_rows), key=lambda row: row.id)

    @cached_property
    def _base(self) -> Loaded:
        from assay.models.base import load

        return load(self.project.recipe.model)

    @cached_property
    def _trunk(self) -> Trunk | None:
        """What the lower layers make of the test rows, shared by the tuned runs."""
        from assay.train.lora import trunk_for

        return trunk_for(self._base, self.project.recipe.train)

    def _speaker(self, folder: Path | None) -> Speaker:
        """The base model, or a tuned one, with the labels as drafts of what it may write."""
        from assay.models import adapter
        from assay.models.speaker import Speaker

        tuned = adapter.read(folder) if folder else None
        return Speaker(self._base, tuned, drafts=self.labels, trunk=self._trunk if tuned else None)

    def _plain_speaker(self, folder: Path | None) -> Speaker:
        """As a server runs it: nothing read ahead, nothing shared with other runs."""
        from assay.models import adapter
        from assay.models.speaker import Speaker

        return Speaker(self._base, adapter.read(folder) if folder else None)

    @cached_property
    def _limit(self) -> int:
        """Tokens an answer may have."""
        return self.project.recipe.eval.max_new_tokens or texts.length_limit(
            self.train, self._count_answer, self.labels
        )

    def _count_answer(self, answer: str) -> int:
        from assay.models.chat import option_ids

        return len(option_ids(answer, self._base.tokenizer, self.project.recipe.system))

    def _count_tokens(self, prompt: Prompt) -> int:
        from assay.models.chat import render

        return len(render(prompt, self._base.tokenizer, for_answer=True))

    def _how(self) -> dict[str, Any]:
        """How a local model is asked."""
        return {
            "max_new_tokens": self._limit, "count_tokens": self._count_tokens, "count_answer": self._count_answer,
        }  # fmt: skip

    def _timed(self, rung: Rung, speaker: Speaker, rows: Sequence[Example], prompts: Sequence[Prompt]) -> Rung:
        """The rung with memory, and latencies as one user at a time would see them: of some rows, the others None."""
        picked = Random("latency rows").sample(range(len(rows)), min(TIMED_ROWS, len(rows)))
        took = {rows[i].id: speaker.write([prompts[i]], self._limit)[0].seconds for i in picked}
        answers = tuple(tuple(replace(answer, seconds=took.get(answer.id)) for answer in seed) for seed in rung.answers)
        held = sum(weight.nbytes for weight in speaker.model.parameters()) / 1e6
        return replace(rung, answers=answers, memory_mb=held, cut=_cut(rung, self._limit))


class _Overheard:
    """A speaker that remembers the prompts it was last asked to answer."""

    def __init__(self, speaker: Asked) -> None:
        self._speaker = speaker
        self.prompts: Sequence[Prompt] = ()

    def write(self, prompts: Sequence[Prompt], max_new_tokens: int) -> Sequence[Reply | None]:
        """What the speaker writes."""
        self.prompts = prompts
        return self._speaker.write(prompts, max_new_tokens)

    def choose(self, prompts: Sequence[Prompt], options: Sequence[str]) -> NDArray[np.floating]:
        """What the speaker chooses."""
        return self._speaker.choose(prompts, options)


def _cut(rung: Rung, limit: int) -> int:
    return sum((answer.tokens_out or 0) >= limit for answers in rung.answers for answer in answers)


def _rows_digest(rows: Sequence[Example]) -> str:
    return digest_of([[row.id, row.digest] for row in rows])


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
