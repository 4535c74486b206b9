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
from assay.evaluate.replies import Kept, Replies
from assay.evaluate.rungs import Rung, ask, prompt_of, run_rung
from assay.evaluate.scorers import Scorer
from assay.evaluate.speakers import Prompt
from assay.passes import Progress
from assay.project import Project
from assay.records import Example, digest_of
from assay.scoring.local import Local, Overheard, cut
from assay.scoring.prompted import place_of, prompted, prompts_of
from assay.store import write_atomically

if TYPE_CHECKING:
    from assay.evaluate.speakers import Speaker as Asked
    from assay.models.base import BaseModel
    from assay.models.speaker import Speaker
    from assay.models.trunk import Trunk

FEW_SHOT_ROWS = 80  # test rows asked unless told otherwise: prompts with examples are ten times longer
FEW_SHOT_HELD_OUT = 16  # training rows the few-shot search is scored on
BASELINES = ("majority", "nearest", "zero-shot", "few-shot", "retrieval")
ENDPOINTS = ("endpoint", "endpoint-shots")
MODELS = ("model", "model-shots")
FORMS = tuple(f"{kind}:MODEL" for kind in ENDPOINTS) + tuple(f"{kind}:PATH" for kind in MODELS)
ENDPOINT_TOKENS = 512  # of an answer, where neither recipe nor tokeniser says
KEPT = 2  # of the form of kept answers: those of another form are asked for anew


class _Unasked(Exception):
    """There are no answers yet, and none may be asked for."""


class Asking:
    """The rungs of one evaluation."""

    def __init__(
        self, project: Project, version: str, test: list[Example], train: list[Example], scorer: Scorer,
        few_shot_rows: int, progress: Progress,
    ) -> None:  # fmt: skip
        self.project, self.version, self.test, self.train = project, version, test, train
        self.scorer, self.few_shot_rows, self.progress = scorer, few_shot_rows, progress
        self._may_ask = True
        self.classify = test[0].task == "classify"
        self.labels = sorted({row.label for row in test if row.label is not None}) if self.classify else []

    def has(self, name: str) -> bool:
        """Whether the answers of a rung are kept, so that nothing would be asked."""
        self._may_ask = False
        try:
            return self.rung(name) is not None
        except _Unasked:
            return False
        finally:
            self._may_ask = True

    def rung(self, name: str) -> Rung | None:
        """The answers of a rung, kept or asked for now; None for one that this task or project does not have."""
        if name in runs.TUNED:
            return self._tuned(name)
        kind, _, model = name.partition(":")
        if kind in ENDPOINTS and model:
            return self._endpoint(name, kind, model)
        if kind in MODELS and model:
            return self._model(name, kind, model)
        if name not in BASELINES:
            raise InputError(f"'{name}' is not a rung", hint=", ".join((*BASELINES, *runs.TUNED, *FORMS)))
        if name == ("retrieval" if self.classify else "majority"):
            return None
        rows = self.rows_of(name)
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
        asked = Overheard(self._speaker(None))
        asking = self._local.how()
        if name == "retrieval":
            rung = texts.retrieval(asked, self.train, rows, encoder, system=system, **asking)
        elif name == "few-shot":
            rung = self._few_shot(asked, rows, asking)
        elif self.classify:
            sample = Random("habit rows").sample(self.train, len(self.train))
            rung = baselines.zero_shot(asked, rows, self.labels, unlabelled=sample, **asking)
        else:
            rung = texts.zero_shot_text(asked, rows, system=system, **asking)
        return self._local.timed(rung, self._local.plain(), rows, asked.prompts)

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
            train_rows=record["rows"], answer_tokens=record["answer_tokens"], **self._local.how(),
        )  # fmt: skip
        prompts = [prompt_of(row, system) for row in self.test]
        return self._local.timed(rung, self._local.plain(adapter), self.test, prompts)

    def _tuned_speakers(self, folders: Sequence[Path]) -> Iterator[tuple[int, Speaker]]:
        for folder in folders:
            self.progress(f"asking {folder.name}", 0.5)
            yield int(folder.name.rpartition("-s")[2]), self._speaker(folder / "adapter")

    def _endpoint(self, name: str, kind: str, model: str) -> Rung:
        """A model of others, told what the base model is told without tuning; with shots, five similar rows too."""
        limit = self.project.recipe.eval.max_new_tokens or (64 if self.classify else ENDPOINT_TOKENS)
        shots, endpoint = kind.endswith("-shots"), from_environment(model, report=self._tell_asked)
        prompts, shown = self._prompts(self.test, shots=shots)
        key = digest_of([KEPT, name, endpoint.url, limit, [[turn._asdict() for turn in prompt] for prompt in prompts]])

        def asked() -> Rung:
            replies = self._replies(name, key)
            answers = ask(replace(endpoint, replies=replies), self.test, prompts, max_new_tokens=limit)
            asked_once = Rung(name, (0,), (answers,), prompted(model, shots=shots), train_rows=shown)
            return replace(asked_once, cut=cut(asked_once, limit))

        rung, price = self._kept(name, key, asked), self.project.recipe.eval.prices.get(model)
        into, out = (_mean([getattr(a, side) for a in rung.answers[0]]) for side in ("tokens_in", "tokens_out"))
        return replace(rung, cost=cost_of_thousand(into, out, price.into, price.out) if price else None)

    def _model(self, name: str, kind: str, model: str) -> Rung:
        """Another base model, on this machine, told what an endpoint is told; a part of the rows where it has shots."""
        from assay.models.base import locate

        shots, base = kind.endswith("-shots"), locate(place_of(self.project, model))
        rows = self.rows_of(name)
        prompts, shown = self._prompts(rows, shots=shots)
        told = [[turn._asdict() for turn in prompt] for prompt in prompts]
        limit = self.project.recipe.eval.max_new_tokens
        key = digest_of([KEPT, name, base.digest, limit, _rows_digest(rows), _rows_digest(self.train), told])

        def asked() -> Rung:
            rung = self._ask_model(base, rows, prompts, self._replies(name, key), shots=shots)
            return replace(rung, name=name, title=prompted(Path(model).name, shots=shots), train_rows=shown)

        return self._kept(name, key, asked)

    def _ask_model(
        self, base: BaseModel, rows: Sequence[Example], prompts: Sequence[Prompt], replies: Replies, *, shots: bool
    ) -> Rung:
        from assay.models.base import load

        self.progress(f"loading {base.source}", 0.3)
        local = Local(load(str(base.folder)), self.project.recipe, self.train, self.labels)
        speaker, habit = Kept(local.speaker(), replies, self.labels), None
        if self.classify and not shots:
            sample = Random("habit rows").sample(self.train, len(self.train))[: baselines.HABIT_ROWS]
            asked = self._prompts(sample, shots=False)[0]
            habit = speaker.choose(asked, self.labels).mean(axis=0) if sample else None
        self.progress(f"asking {base.source}", 0.5)
        answers = ask(speaker, rows, prompts, self.labels, prior=habit, **local.how())
        return local.timed(Rung("", (0,), (answers,)), local.plain(), rows, prompts)

    def _prompts(self, rows: Sequence[Example], *, shots: bool) -> tuple[list[Prompt], int]:
        return prompts_of(rows, self.train, self.labels, self.project.recipe.system, shots=shots)

    def _tell_asked(self, done: int, total: int) -> None:
        self.progress(f"endpoint ({done}/{total})", 0.5)

    def _replies(self, name: str, key: str) -> Replies:
        return Replies(self._place(name, key).with_suffix(".replies"))

    def _place(self, name: str, key: str) -> Path:
        return self.project.state / "answers" / f"{re.sub(r'[^A-Za-z0-9._-]', '_', name)[-100:]}-{key[:16]}.json"

    def _kept(self, name: str, key: str, ask: Callable[[], Rung]) -> Rung:
        """The answers kept under this key, or asked for now and kept; with what the machine costs meanwhile."""
        path = self._place(name, key)
        if path.exists():
            rung = Rung.from_dict(json.loads(path.read_text(encoding="utf-8")))
        elif not self._may_ask:
            raise _Unasked
        else:
            rung = ask()
            write_atomically(path, json.dumps(rung.as_dict(), ensure_ascii=False))
            self._replies(name, key).forget()
        hour, took = self.project.recipe.eval.machine_hour, _mean([a.seconds for seed in rung.answers for a in seed])
        return replace(rung, cost=1000 * took * hour / 3600) if hour and took is not None else rung

    def rows_of(self, name: str) -> list[Example]:
        """The test rows a rung is asked: a part where a model on this machine reads long prompts."""
        if name not in ("few-shot", "retrieval") and not name.startswith("model-shots:"):
            return self.test
        if not 0 < self.few_shot_rows < len(self.test):
            return self.test
        return sorted(Random("few-shot rows").sample(self.test, self.few_shot_rows), key=lambda row: row.id)

    @cached_property
    def _local(self) -> Local:
        from assay.models.base import load

        return Local(load(self.project.recipe.model), self.project.recipe, self.train, self.labels)

    @cached_property
    def _trunk(self) -> Trunk | None:
        """What the lower layers make of the test rows, shared by the tuned runs."""
        from assay.train.lora import trunk_for

        return trunk_for(self._local.loaded, self.project.recipe.train)

    def _speaker(self, folder: Path | None) -> Speaker:
        """The base model, or a tuned one, with the labels as drafts of what it may write."""
        from assay.models import adapter
        from assay.models.speaker import Speaker

        tuned = adapter.read(folder) if folder else None
        return Speaker(self._local.loaded, tuned, drafts=self.labels, trunk=self._trunk if tuned else None)


def _rows_digest(rows: Sequence[Example]) -> str:
    return digest_of([[row.id, row.digest] for row in rows])


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
