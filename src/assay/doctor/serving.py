"""Before anyone meets the model: is the adapter the one that was trained, did it learn, did it forget?"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
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

if TYPE_CHECKING:
    from torch import nn

REPRODUCED = 20  # training rows the model is asked to reproduce
LEAST = 0.5  # share of them below which it has hardly learnt
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
    known = [example for example in examples if example.answer.strip()]
    if known:
        signs.append(_learnt(base, adapter, Random(0).sample(known, min(REPRODUCED, len(known)))))
    return signs if is_seq2seq(base.model) else [*signs, _forgot(base, tuned)]  # which reads, and writes, no plain text


def _learnt(base: Loaded, adapter: adapters.Adapter, rows: Sequence[Example]) -> Sign:
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
        return Sign("red" if after <= before else "amber", "learnt", what, why, missed, "raise train.epochs or rank")
    return Sign("green", "learnt", what)


def _forgot(base: Loaded, tuned: nn.Module) -> Sign:
    before, after = (general_loss(base, model) for model in (base.model, tuned))
    what = f"loss on general sentences {before:.3f} before, {after:.3f} after, nats a token"
    if after - before <= FORGOTTEN:
        return Sign("green", "forgot", what)
    why = "the model has lost some of what it knew outside the task; for a narrow task that may be well"
    return Sign("amber", "forgot", what, why, fix="lower train.learning_rate or train.epochs if it matters")


def general_loss(base: Loaded, model: nn.Module) -> float:
    """Mean loss a token over a few dozen general sentences, natural logarithm."""
    import torch

    total, count = 0.0, 0
    for line in sentences():
        ids = torch.tensor([base.tokenizer(line, add_special_tokens=False)["input_ids"]], device=base.model.device)
        with torch.inference_mode():
            logits = model(input_ids=ids).logits[0, :-1].float()
        total += float(torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="sum"))
        count += ids.shape[1] - 1
    return total / max(1, count)


def sentences() -> list[str]:
    """The general sentences, one a line in general.txt."""
    text = files("assay.doctor").joinpath("general.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line.strip()]
