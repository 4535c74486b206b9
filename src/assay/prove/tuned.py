"""The real tier: LoRA on the top layers, over lower layers computed once for all arms, seeds and test rows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assay.evaluate.rungs import MAX_NEW_TOKENS, gold_scores, prompt_of, run_rung, written_scores
from assay.evaluate.scorers import scorer_for
from assay.evaluate.texts import length_limit
from assay.prove.scores import Scores, kept, rows_digest, together
from assay.recipe import TrainSpec
from assay.records import Example

if TYPE_CHECKING:
    from assay.models.adapter import Adapter
    from assay.models.base import Loaded
    from assay.models.speaker import Speaker
    from assay.models.trunk import Trunk
    from assay.train.lora import Progress

Told = Callable[[str, float], None]  # what is going on, share of this run


class Tuner:
    """Trains a model on the rows of an arm and asks it the test rows; the scores are kept, the weights are not.

    Of labels the primary score is what it writes. Of texts it is minus the loss of the expected answer, in nats a
    token: all test rows in one pass; answers are written too where `known` is given, rows that say how long one may be.
    """

    def __init__(
        self, model: str, spec: TrainSpec, test: Sequence[Example], *, system: str, folder: Path,
        known: Sequence[Example] = (),
    ) -> None:  # fmt: skip
        self.model, self.spec, self.test, self.system, self.folder = model, spec, list(test), system, folder
        self.texts, self.known = test[0].task != "classify", known
        self.labels = sorted({row.label for row in test if row.label is not None}) if test[0].task == "classify" else []
        self._base: Loaded | None = None
        self._trunk: Trunk | None = None

    @property
    def base(self) -> Loaded:
        """The base model, loaded when first asked for.

        Raises:
            ModelError: it cannot be had.
        """
        from assay.models.base import load
        from assay.train.derived import dtype_of
        from assay.train.lora import trunk_for

        if self._base is None:
            self._base = load(self.model, dtype_of(self.spec), four_bit=self.spec.method == "qlora")
            self._trunk = trunk_for(self._base, self.spec)
        return self._base

    def tokens(self, examples: Sequence[Example]) -> int:
        """Answer tokens of one pass over these rows."""
        from assay.models.chat import tokenise

        tokenizer = self.base.tokenizer
        return sum(tokenise(row, tokenizer, self.spec.max_tokens, self.system).answer_tokens for row in examples)

    def scores(self, examples: Sequence[Example], *, seeds: Sequence[int], budget: int | None, told: Told) -> Scores:
        """One training run a seed, of so many answer tokens (None: the passes of the recipe).

        Raises:
            TrainingError: rows that cannot be trained, named.
        """
        return together([self._one(examples, seed, budget, told) for seed in seeds])

    def _one(self, examples: Sequence[Example], seed: int, budget: int | None, told: Told) -> Scores:
        spec = self.spec.model_copy(update={"seed": seed})
        key = [
            rows_digest(examples), rows_digest(self.test), spec.model_dump(mode="json"), budget, self.system,
            self.base.base.digest, self.labels, *(["gold-loss", rows_digest(self.known)] if self.texts else []),
        ]  # fmt: skip
        return kept(self.folder / "scores", key, lambda: self._run(examples, spec, budget, told))

    def _run(self, examples: Sequence[Example], spec: TrainSpec, budget: int | None, told: Told) -> Scores:
        from assay.models import adapter
        from assay.train.lora import fit

        def report(state: Progress) -> None:
            told(f"{state.stage} {state.done}/{state.total}", 0.9 * state.done / max(1, state.total))

        out = self.folder / "run"
        shutil.rmtree(out, ignore_errors=True)
        run = fit(
            list(examples), base=self.base, spec=spec, out=out, system=self.system, budget=budget, trunk=self._trunk,
            report=report,
        )  # fmt: skip
        told("asking the test rows", 0.9)
        scores = (self._read if self.texts else self._asked)(adapter.read(run.adapter))
        shutil.rmtree(out, ignore_errors=True)
        return scores

    def _asked(self, tuned: Adapter) -> Scores:
        """Labels: what is written to each test row."""
        from assay.models.speaker import Speaker

        speaker = Speaker(self.base, tuned, drafts=self.labels, trunk=self._trunk)
        rung = run_rung("arm", [(0, speaker)], self.test, self.labels, system=self.system,
                        max_new_tokens=MAX_NEW_TOKENS)  # fmt: skip
        return Scores(written_scores(rung, self.test, scorer_for(self.test[0].task)), gold_scores(rung, self.test))

    def _read(self, tuned: Adapter) -> Scores:
        """Texts: how probable the expected answers are, cut as training rows are; and, if asked, what is written."""
        from assay.models.chat import tokenise
        from assay.models.speaker import Speaker

        speaker = Speaker(self.base, tuned, trunk=self._trunk)
        rows = [tokenise(row, self.base.tokenizer, self.spec.max_tokens, self.system) for row in self.test]
        gold = speaker.score_ids([r.ids[: r.answer_start] for r in rows], [r.ids[r.answer_start :] for r in rows])
        tokens = np.array([row.answer_tokens for row in rows], dtype=np.float64)
        mean = np.divide(gold, tokens, out=np.full_like(gold, np.nan), where=tokens > 0)
        return Scores(mean[None], gold[None], self._written(speaker)[None] if self.known else None)

    def _written(self, speaker: Speaker) -> np.ndarray:
        scorer = scorer_for(self.test[0].task)
        limit = length_limit(self.known, lambda answer: len(speaker.tokenizer(answer)["input_ids"]) + 1)
        replies = speaker.write([prompt_of(row, self.system) for row in self.test], limit)
        scores = [scorer.score(row, reply.text) for row, reply in zip(self.test, replies, strict=True)]
        return np.array([np.nan if score is None else score for score in scores], dtype=np.float64)
