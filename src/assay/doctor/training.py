"""Before step 0: will the answers be trained, whole, with their end, on a machine that can bear it?"""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from assay.doctor.signs import Sign
from assay.errors import AssayError
from assay.models import chat
from assay.models.base import BaseModel, load_tokenizer, locate
from assay.project import Project
from assay.recipe import TrainSpec
from assay.records import Example
from assay.runs import SECONDS_A_ROW
from assay.train.audit import fault
from assay.train.derived import settings_of
from assay.train.weights import demand_machine

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

USUAL_TOKENS = 34  # of a short row, at which SECONDS_A_ROW was measured: longer rows take as much longer
SPARE = 512 << 20  # bytes of disk a run may need beside its weights: checkpoint, losses, spilled states
NAMED = 20  # rows named in a sign; the rest are counted


class _Rows(NamedTuple):
    examples: Sequence[Example]
    rendered: Sequence[chat.Rendered]

    @property
    def lengths(self) -> list[int]:
        """Tokens of each row before anything is cut."""
        return [len(row.ids) + row.truncated for row in self.rendered]


def train_signs(project: Project, examples: Sequence[Example]) -> list[Sign]:
    """The signs of a training on `examples`: tokens are counted, no weight is loaded."""
    spec, system = project.recipe.train, project.recipe.system
    try:
        base = locate(project.recipe.model)
        tokenizer = load_tokenizer(base)
    except AssayError as error:
        return [Sign("red", "model", error.what, "there is nothing to tune", fix=error.hint)]
    signs = [Sign("green", "model", f"{base.name} from {base.source}, sha256 {base.digest[:12]}"), _method(spec)]
    if not examples:
        why, fix = "there is nothing to learn from", "assay build"
        return [*signs, Sign("red", "rows", "the set has no training row with an answer", why, fix=fix)]
    try:
        rendered = [chat.tokenise(example, tokenizer, spec.max_tokens, system) for example in examples]
        signs.append(_template(tokenizer, system))
    except AssayError as error:
        return [*signs, Sign("red", "template", error.what, "no token can be made", fix=error.hint)]
    rows = _Rows(examples, rendered)
    signs += [_trained(rows, spec), _cut(rows, spec)]
    labels = sorted({example.label for example in examples if example.label is not None})
    if project.recipe.task == "classify" and labels:
        signs.append(_alike(labels, tokenizer, system))
    return [*signs, _memory(base, rows, spec), _disk(project.root, base), _minutes(rows, spec)]


def _method(spec: TrainSpec) -> Sign:
    try:
        demand_machine(spec)
    except AssayError as error:
        return Sign("red", "method", error.what, "the run would stop before its first step", fix=error.hint)
    told = ", ".join(f"{key} {value}" for key, value, _ in settings_of(spec))
    return Sign("green", "method", f"{told}; why: `assay train --dry-run`")


def _template(tokenizer: PreTrainedTokenizerBase, system: str) -> Sign:
    end = tokenizer.decode([chat.end_of_turn(tokenizer)])
    what = f"the template ends a turn with {end!r}, which is trained"
    if chat.inserts_its_own(tokenizer, str(tokenizer.chat_template)):
        what += "; the system prompt it would insert by itself is kept out, in training and in serving"
    return Sign("green", "template", what + (f"; system prompt {system!r}" if system else "; no system prompt"))


def _trained(rows: _Rows, spec: TrainSpec) -> Sign:
    faults = [
        f"{example.place}: {found[0]}"
        for example, row in zip(rows.examples, rows.rendered, strict=True)
        if (found := fault(example, row, spec.max_tokens))
    ]
    if faults:
        why = "a row without a trained token teaches nothing, one without its end teaches never to stop"
        what = f"{len(faults)} of {len(rows.examples):,} rows cannot be trained"
        longest = max(rows.lengths)
        fits = longest > spec.max_tokens
        fix = f"set train.max_tokens to {longest}" if fits else "fill in the answers, or drop the rows"
        return Sign("red", "answers", what, why, tuple(faults[:NAMED]), fix, _longer(longest) if fits else {})
    tokens, answers = sum(len(row.ids) for row in rows.rendered), sum(row.answer_tokens for row in rows.rendered)
    what = f"{answers:,} of {tokens:,} tokens are trained ({answers / tokens:.0%}): the answers and their ends"
    return Sign("green", "answers", what)


def _cut(rows: _Rows, spec: TrainSpec) -> Sign:
    cut = [example.place for example, row in zip(rows.examples, rows.rendered, strict=True) if row.truncated]
    longest = max(rows.lengths)
    if not cut:
        return Sign("green", "length", f"no row is cut: the longest has {longest:,} of {spec.max_tokens:,} tokens")
    lost = sum(row.truncated for row in rows.rendered)
    now = _seconds(rows, spec)
    more = now * lost / max(1, sum(len(row.ids) for row in rows.rendered)) / 60
    why = f"{lost:,} tokens of prompts are left out: the model answers what it cannot see"
    fix = f"set train.max_tokens to {_rounded(longest)}: about {more:.1f} minutes more a run"
    what = f"{len(cut)} of {len(rows.examples):,} rows are longer than {spec.max_tokens} tokens and are cut"
    return Sign("amber", "length", what, why, tuple(cut[:NAMED]), fix, _longer(longest))


def _longer(tokens: int) -> dict[str, int]:
    return {"train.max_tokens": _rounded(tokens)}


def _rounded(tokens: int) -> int:
    """The next multiple of 64: _rounded(513) -> 576."""
    return 64 * math.ceil(tokens / 64)


def _alike(labels: Sequence[str], tokenizer: PreTrainedTokenizerBase, system: str) -> Sign:
    """Labels whose tokens begin another label's: there only the end of turn tells them apart."""
    ids = {label: chat.option_ids(label, tokenizer, system)[:-1] for label in labels}
    pairs = [
        f"{one!r} begins {other!r}"
        for one in labels
        for other in labels
        if one != other and ids[other][: len(ids[one])] == ids[one]
    ]
    if not pairs:
        return Sign("green", "label tokens", f"{len(labels)} labels, none of which begins another in tokens")
    why = "a model that stops a token early writes another label"
    fix = "rename one of each pair where you can"
    return Sign("amber", "label tokens", f"{len(pairs)} labels begin another one", why, tuple(pairs[:NAMED]), fix)


def _memory(base: BaseModel, rows: _Rows, spec: TrainSpec) -> Sign:
    """An estimate from above: weights as float32, the kept states of the lower layers, and what a step needs.

    Full tuning keeps each weight five times: as it is, as it was, its gradient, and two moments of the optimiser.
    """
    import psutil

    weights = 2 * sum(file.stat().st_size for file in base.folder.glob("*.safetensors"))
    weights *= 5 if spec.method == "full" else 1
    states = min(4 * 1024 * sum(len(row.ids) for row in rows.rendered), 1 << 30)
    needed, free = weights + states + (1 << 30), psutil.virtual_memory().available
    what = f"about {needed / 1e9:.1f} GB of memory needed at most, {free / 1e9:.1f} GB free"
    if needed <= free:
        return Sign("green", "memory", what)
    return Sign("amber", "memory", what, "the machine would swap or kill the run", fix="close other programs")


def _disk(root: Path, base: BaseModel) -> Sign:
    free = shutil.disk_usage(root).free
    what = f"a run needs up to {SPARE / 1e9:.1f} GB of disk, {free / 1e9:.1f} GB are free"
    if free >= SPARE:
        return Sign("green", "disk", what)
    return Sign("red", "disk", what, "a run that cannot write its checkpoint stops", fix="free some disk space")


def _minutes(rows: _Rows, spec: TrainSpec) -> Sign:
    took = _seconds(rows, spec) / 60
    what = f"about {took:.1f} minutes a run of {spec.epochs:g} passes on two cores, by speeds measured elsewhere"
    return Sign("green", "time", what + "; the first steps of a run tell more")


def _seconds(rows: _Rows, spec: TrainSpec) -> float:
    tokens = sum(len(row.ids) for row in rows.rendered)
    return SECONDS_A_ROW * spec.epochs * max(len(rows.rendered), tokens / USUAL_TOKENS)
