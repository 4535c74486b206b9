"""Before anyone meets the model: is the adapter the one that was trained, did it learn, did it forget?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from assay.doctor.signs import Sign, places
from assay.errors import AssayError
from assay.models import adapter as adapters
from assay.models.base import Loaded, load
from assay.models.seq2seq import is_seq2seq
from assay.project import Project
from assay.records import Example
from assay.serve import runs
from assay.store import Store
from assay.train.worth import destroyed, forgotten, general_loss

if TYPE_CHECKING:
    from torch import nn

REPRODUCED = 20  # training rows the model is asked to reproduce
LEAST = 0.5  # share of them below which it has hardly learnt
LOWER = "lower train.learning_rate (`assay doctor train --rates` finds one), then assay train --fresh"
LONGER = "raise train.epochs or rank; `assay doctor train --rates` tells whether the rate is sound"
FORGOTTEN = 0.15  # rise of the loss on general sentences, nats a token, from which it is told


def serve_signs(project: Project, examples: Sequence[Example], rung: str = "curated") -> list[Sign]:
    """The signs of the newest finished run of a rung; `examples` are rows it was trained on. Loads the model."""
    try:
        folder = runs.newest(project.runs, rung)
        adapter = adapters.read(folder)
        base = load(adapter.base, adapter.dtype or "auto")
        tuned = adapters.applied(base, adapter)
    except AssayError as error:
        return [Sign("red", "adapter", error.what, "there is nothing to serve", fix=error.hint or "assay train")]
    what = f"{folder.parent.name}: its template, system prompt, tokens and base model are those it was trained with"
    signs = [Sign("green", "adapter", what)]
    head = Store(project.tables).head()
    if head is not None and adapter.version and adapter.version != head:
        why = "what changed in the data since is not in the model"
        what = f"trained on version {adapter.version}; the newest is {head}"
        signs.append(Sign("amber", "version", what, why, fix=f"assay train --on {rung}"))
    signs += _prompt(adapter.system, project.recipe.system, rung)
    forgot = [] if is_seq2seq(base.model) else [_forgot(base, tuned)]  # one reads, and writes, no plain text
    known = [example for example in examples if example.answer.strip()]
    if known:
        lost = any(sign.level == "red" for sign in forgot)
        signs.append(_learnt(base, adapter, Random(0).sample(known, min(REPRODUCED, len(known))), lost=lost))
    return signs + forgot


def _prompt(trained: str, now: str, rung: str) -> list[Sign]:
    """Whether assay.yaml asks for another system prompt than the model was trained with."""
    if trained == now:
        return []
    what = f"trained, and served, with the system prompt {trained!r}; assay.yaml now says {now!r}"
    why = "the change has no effect until the model is trained with it"
    return [Sign("amber", "prompt", what, why, fix=f"assay train --on {rung} --fresh, or take the change back")]


def _learnt(base: Loaded, adapter: adapters.Adapter, rows: Sequence[Example], *, lost: bool) -> Sign:
    """Whether it writes the answers of rows it was trained on, and the base model does not."""
    from assay.evaluate.rungs import MAX_NEW_TOKENS, prompt_of
    from assay.models.speaker import Speaker

    prompts = [prompt_of(row, adapter.system) for row in rows]
    right = []
    for speaker in (Speaker(base, drafts=adapter.labels), Speaker(base, adapter, drafts=adapter.labels)):
        longest = max(len(speaker.tokenizer(row.answer)["input_ids"]) for row in rows)
        written = speaker.write(prompts, max(MAX_NEW_TOKENS, min(longest + 1, 128)))
        right.append([reply.text.strip() == row.answer.strip() for reply, row in zip(written, rows, strict=True)])
    before, after = map(sum, right)
    what = f"it writes {after} of {len(rows)} answers it was trained on word for word; the base model {before}"
    missed = places(row for row, hit in zip(rows, right[1], strict=True) if not hit)
    if after == before == 0 and not adapter.labels:
        why = "of free answers few are repeated word for word: look at the ladder instead"
        return Sign("amber", "learnt", what, why, missed, "assay eval")
    if after <= before or after < LEAST * len(rows):
        why = "a model that does not know its own training rows knows little else"
        return Sign("red" if after <= before else "amber", "learnt", what, why, missed, LOWER if lost else LONGER)
    return Sign("green", "learnt", what)


def _forgot(base: Loaded, tuned: nn.Module) -> Sign:
    before, after = (general_loss(base.tokenizer, model) for model in (base.model, tuned))
    what = f"loss on general sentences {before:.3f} before, {after:.3f} after, nats a token"
    if after - before <= FORGOTTEN:
        return Sign("green", "forgot", what)
    if forgotten(before, after, base.model.config.vocab_size):
        lost = destroyed(before, after, base.model.config.vocab_size)
        why = "it guesses blindly: nothing is left of the base model" if lost else "little is left of the base model"
        return Sign("red", "forgot", what, why, fix=LOWER)
    why = "the model has lost some of what it knew outside the task; for a narrow task that may be well"
    return Sign("amber", "forgot", what, why, fix="lower train.learning_rate or train.epochs if it matters")
