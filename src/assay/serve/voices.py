"""The models that can be asked: a base model and adapters on it, each verified before the first request."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.errors import ModelError, ParityError
from assay.models import adapter as adapters
from assay.models import base as bases
from assay.models import chat
from assay.models.seq2seq import continuing
from assay.recipe import did_you_mean
from assay.records import Message
from assay.serve.refusals import Refused

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_AGAIN = "serve it with the base model and tokeniser it was trained with, or train it again"
_CONTEXT = 2048  # tokens, where the base model does not say


@dataclass(frozen=True, eq=False)
class Voice:
    """One model that can be asked, and how it wants to be."""

    id: str  # what a request calls it
    model: Any  # a causal language model of transformers, in eval mode, its adapter merged in
    tokenizer: PreTrainedTokenizerBase
    system: str  # used where a request has no system message
    fingerprint: str  # of weights and template
    tuned: bool = False  # trained here, under the system prompt `system`
    version: str = ""  # id of the dataset version it was trained on

    @property
    def context(self) -> int:
        """Tokens of prompt and answer together, at most."""
        return int(getattr(self.model.config, "max_position_embeddings", None) or _CONTEXT)

    @property
    def ends(self) -> frozenset[int]:
        """The ids that end an answer."""
        return chat.ends(self.tokenizer, self.model)

    def read(self, messages: Sequence[Message]) -> list[int]:
        """The ids the model is given: those of `chat.render`, and no others."""
        return chat.render(messages, self.tokenizer, for_answer=True, system=self.system)

    def warning(self, messages: Sequence[Message]) -> str:
        """Why this answer may be worse than measured; "" when nothing is known against it."""
        if not self.tuned or messages[0].role != "system" or messages[0].content == self.system:
            return ""
        return "system-prompt-differs: trained and measured with another system prompt; leave yours out to use that one"


@dataclass(frozen=True, slots=True)
class Served:
    """All that can be asked; the first is the one to recommend."""

    voices: tuple[Voice, ...]

    def find(self, name: str) -> Voice:
        """The voice of that id.

        Raises:
            Refused: 404, with the nearest known id.
        """
        names = [voice.id for voice in self.voices]
        if name not in names:
            meant = did_you_mean(name[:80], names)
            raise Refused(
                404,
                f"there is no model '{name[:80]}'{meant}",
                param="model",
                code="model_not_found",
                hint=f"served: {', '.join(names)}",
            )
        return self.voices[names.index(name)]


def load_served(folder: Path, name: str, *, dtype: bases.Dtype = "auto") -> Served:
    """The adapter in `folder`, called `name`, and the base model it was trained on.

    The adapter is merged into the base model's weights: the same answers, sooner.

    Raises:
        ParityError: its template, tokens, system prompt or base model are not those it was trained with.
        ModelError: it cannot be read.
    """
    adapter = adapters.read(folder)
    own = adapters.tokenizer_of(adapter)
    try:
        chat.verify(adapter.fingerprint, own, adapter.system)
    except ParityError:
        raise
    except ModelError as error:  # so different that nothing can be rendered with it
        raise ParityError(f"{folder}: not the chat template it was trained with: {error.what}", hint=_AGAIN) from error
    loaded = bases.load(adapter.base, adapter.dtype or dtype if dtype == "auto" else dtype)
    if loaded.base.digest != adapter.base_digest:
        raise ParityError(
            f"{folder}: trained on weights {adapter.base_digest[:12]} of '{adapter.base}', "
            f"and those here are {loaded.base.digest[:12]} ({loaded.base.source})",
            hint=_AGAIN,
        )
    mark = f"{adapter.weights_digest[:8]}-{adapter.fingerprint[:8]}"
    merged = adapters.applied(loaded, adapter)
    tuned = Voice(name, merged, own, adapter.system, mark, tuned=True, version=adapter.version)
    return Served((tuned, _plain(loaded))) if name != loaded.base.name else Served((tuned,))


def leave_a_core() -> int:
    """Use all cores but one for the models, or what OMP_NUM_THREADS says; how many.

    With a thread on every core, each step waits for the slowest: next to other work on two cores, an answer took 2.3 s
    and more with two threads, and 0.4 to 0.7 s with one.
    """
    import torch

    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, torch.get_num_threads() - 1))
    return torch.get_num_threads()


def load_base(name: str, *, dtype: bases.Dtype = "auto") -> Served:
    """The base model alone, as it came.

    Raises:
        ModelError: it cannot be found or read.
    """
    return Served((_plain(bases.load(name, dtype)),))


def _plain(loaded: bases.Loaded) -> Voice:
    template = chat.fingerprint(loaded.tokenizer, "")
    return Voice(
        loaded.base.name, continuing(loaded.model), loaded.tokenizer, "", f"{loaded.base.digest[:8]}-{template[:8]}"
    )
