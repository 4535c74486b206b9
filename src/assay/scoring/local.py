"""A model on this machine as the ladder asks it: how long its answers may be, what they cost in tokens and time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from assay.evaluate import texts
from assay.evaluate.rungs import Rung
from assay.evaluate.speakers import Prompt, Reply
from assay.recipe import Recipe
from assay.records import Example

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from assay.evaluate.speakers import Speaker as Asked
    from assay.models.base import Loaded
    from assay.models.speaker import Speaker

TIMED_ROWS = 12  # rows whose latency is measured, one at a time


class Local:
    """A base model in memory, for the answers that the training rows and labels of a project ask for."""

    def __init__(
        self, loaded: Loaded, recipe: Recipe, train: Sequence[Example], labels: Sequence[str],
        report: Callable[[int, int], None] | None = None,
    ) -> None:  # fmt: skip
        self.loaded, self._recipe, self._train, self._labels = loaded, recipe, train, labels
        self._report = report

    @cached_property
    def limit(self) -> int:
        """Tokens an answer may have."""
        return self._recipe.eval.max_new_tokens or texts.length_limit(self._train, self.count_answer, self._labels)

    def count_answer(self, answer: str) -> int:
        """Tokens of an answer, end of turn included."""
        from assay.models.chat import option_ids

        return len(option_ids(answer, self.loaded.tokenizer, self._recipe.system))

    def count_tokens(self, prompt: Prompt) -> int:
        """Tokens of a prompt, template included."""
        from assay.models.chat import render

        return len(render(prompt, self.loaded.tokenizer, for_answer=True))

    def how(self) -> dict[str, Any]:
        """How it is asked."""
        return {"max_new_tokens": self.limit, "count_tokens": self.count_tokens, "count_answer": self.count_answer}

    def speaker(self) -> Speaker:
        """The model without an adapter, with the labels as drafts of what it may write."""
        from assay.models.speaker import Speaker

        return Speaker(self.loaded, drafts=self._labels, report=self._report)

    def plain(self, folder: Path | None = None) -> Speaker:
        """As a server runs it, with the adapter in `folder`: nothing read ahead, nothing shared with other runs."""
        from assay.models import adapter
        from assay.models.speaker import Speaker

        return Speaker(self.loaded, adapter.read(folder) if folder else None)

    def timed(self, rung: Rung, speaker: Speaker, rows: Sequence[Example], prompts: Sequence[Prompt]) -> Rung:
        """The rung with memory, and latencies as one user at a time would see them: of some rows, the others None."""
        picked = Random("latency rows").sample(range(len(rows)), min(TIMED_ROWS, len(rows)))
        speaker.write([prompts[picked[0]]], 1)  # the first request after loading is slower than any other
        took = {rows[i].id: speaker.write([prompts[i]], self.limit)[0].seconds for i in picked}
        answers = tuple(tuple(replace(answer, seconds=took.get(answer.id)) for answer in seed) for seed in rung.answers)
        held = sum(weight.nbytes for weight in speaker.model.parameters()) / 1e6
        return replace(rung, answers=answers, memory_mb=held, cut=cut(rung, self.limit))


def cut(rung: Rung, limit: int) -> int:
    """Answers that ended at the limit of tokens, over all seeds."""
    return sum((answer.tokens_out or 0) >= limit for answers in rung.answers for answer in answers)


class Overheard:
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
