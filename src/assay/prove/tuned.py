"""The real tier: LoRA on the top layers, over lower layers computed once for all arms, seeds and test rows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assay.evaluate.rungs import MAX_NEW_TOKENS, gold_scores, run_rung, written_scores
from assay.evaluate.scorers import scorer_for
from assay.prove.scores import Scores, kept, rows_digest, together
from assay.recipe import TrainSpec
from assay.records import Example

if TYPE_CHECKING:
    from assay.models.base import Loaded
    from assay.models.trunk import Trunk
    from assay.train.lora import Progress

Told = Callable[[str, float], None]  # what is going on, share of this run


class Tuner:
    """Trains a model on the rows of an arm and asks it the test rows; the scores are kept, the weights are not."""

    def __init__(self, model: str, spec: TrainSpec, test: Sequence[Example], *, system: str, folder: Path) -> None:
        self.model, self.spec, self.test, self.system, self.folder = model, spec, list(test), system, folder
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
        from assay.train.lora import trunk_for

        if self._base is None:
            self._base = load(self.model)
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
            self.base.base.digest, self.labels,
        ]  # fmt: skip
        return kept(self.folder / "scores", key, lambda: self._run(examples, spec, budget, told))

    def _run(self, examples: Sequence[Example], spec: TrainSpec, budget: int | None, told: Told) -> Scores:
        from assay.models import adapter
        from assay.models.speaker import Speaker
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
        speaker = Speaker(self.base, adapter.read(run.adapter), drafts=self.labels, trunk=self._trunk)
        rung = run_rung("arm", [(spec.seed, speaker)], self.test, self.labels, system=self.system,
                        max_new_tokens=MAX_NEW_TOKENS)  # fmt: skip
        shutil.rmtree(out, ignore_errors=True)
        written = written_scores(rung, self.test, scorer_for(self.test[0].task))
        return Scores(written, gold_scores(rung, self.test))
