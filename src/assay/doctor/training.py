"""Before step 0: will the answers be trained, whole, with their end, on a machine that can bear it?"""

from __future__ import annotations

import json
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
from assay.runs import DEPTH, training_seconds
from assay.train.audit import fault, rounded, tokens_needed
from assay.train.derived import settings_of
from assay.train.weights import demand_machine

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

FAR = 3_456  # tokens of a row at which reading those before costs as much as all else: six times the width of 576
WIDTH = 576  # numbers a token, of the default model
USUAL_TOKENS = 34  # of a short row, at which SECONDS_A_ROW was measured: longer rows take as much longer
SPARE = 512 << 20  # bytes of disk a run may need beside its weights: checkpoint, losses, spilled states
FEW = 20  # rows, below which a set teaches next to nothing
NAMED = 20  # rows named in a sign; the rest are counted


class _Rows(NamedTuple):
    examples: Sequence[Example]
    rendered: Sequence[chat.Rendered]

    @property
    def read(self) -> list[int]:
        """Tokens of each row that are trained on."""
        return [len(row.ids) for row in self.rendered]

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
        why = "there is nothing to learn from"
        fix = "`assay diff raw` says why each row is left out; `assay explain sources`, which column is the answer"
        return [*signs, Sign("red", "rows", "the set has no training row with an answer", why, fix=fix)]
    try:
        rendered = [chat.tokenise(example, tokenizer, spec.max_tokens, system) for example in examples]
        signs.append(_template(tokenizer, system))
    except AssayError as error:
        return [*signs, Sign("red", "template", error.what, "no token can be made", fix=error.hint)]
    rows = _Rows(examples, rendered)
    signs += [*_few(rows), _trained(rows, spec), _cut(base, rows, spec)]
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


def _few(rows: _Rows) -> list[Sign]:
    """Whether there are too few rows to learn from; nothing where there are enough."""
    count = len(rows.examples)
    if count >= FEW:
        return []
    what = "1 training row" if count == 1 else f"{count} training rows"
    why = "it would be learnt by heart, and nothing else" if count == 1 else "so few are learnt by heart"
    fix = f"add rows: {FEW} at least, better 50 of each kind; `assay diff raw` says what became of those read"
    return [Sign("red" if count == 1 else "amber", "rows", what, why, fix=fix)]


def _trained(rows: _Rows, spec: TrainSpec) -> Sign:
    faults = [
        f"{example.place}: {found[0]}"
        for example, row in zip(rows.examples, rows.rendered, strict=True)
        if (found := fault(example, row, spec.max_tokens))
    ]
    if faults:
        why = "a row without a trained token teaches nothing, one without its end teaches never to stop"
        what = f"{len(faults)} of {len(rows.examples):,} rows cannot be trained"
        needed = tokens_needed(rows.rendered)
        ways = [f"set train.max_tokens to {needed}: every answer fits then"] if needed else []
        if len(faults) > sum(not row.ended for row in rows.rendered):
            ways.append("fill in the empty answers, or drop these rows")
        setting = {"train.max_tokens": needed} if needed else {}
        return Sign("red", "answers", what, why, tuple(faults[:NAMED]), "; ".join(ways), setting)
    tokens, answers = sum(len(row.ids) for row in rows.rendered), sum(row.answer_tokens for row in rows.rendered)
    what = f"{answers:,} of {tokens:,} tokens are trained ({answers / tokens:.0%}): the answers and their ends"
    return Sign("green", "answers", what)


def _cut(base: BaseModel, rows: _Rows, spec: TrainSpec) -> Sign:
    cut = [example.place for example, row in zip(rows.examples, rows.rendered, strict=True) if row.truncated]
    longest = max(rows.lengths)
    if not cut:
        return Sign("green", "length", f"no row is cut: the longest has {longest:,} of {spec.max_tokens:,} tokens")
    lost = sum(row.truncated for row in rows.rendered)
    more = seconds(_seconds(rows.lengths, spec) - _seconds(rows.read, spec))
    why = f"{lost:,} tokens of prompts are left out: the model answers what it cannot see"
    room = _activations(base, longest, len(rows.examples), spec) / 1e9
    fix = (
        f"set train.max_tokens to {rounded(longest)}: about {more} more a run, up to {room:.1f} GB for a batch of them"
    )
    what = f"{len(cut)} of {len(rows.examples):,} rows are longer than {spec.max_tokens} tokens and are cut"
    return Sign("amber", "length", what, why, tuple(cut[:NAMED]), fix, _longer(longest))


def _longer(tokens: int) -> dict[str, int]:
    return {"train.max_tokens": rounded(tokens)}


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
    """An estimate from above: weights as float32, the kept states of the lower layers, and what a step keeps.

    Full tuning keeps each weight five times: as it is, as it was, its gradient, and two moments of the optimiser.
    """
    import psutil

    weights = 2 * sum(file.stat().st_size for file in base.folder.glob("*.safetensors"))
    weights *= 5 if spec.method == "full" else 1
    states = min(4 * 1024 * sum(len(row.ids) for row in rows.rendered), 1 << 30)
    step = _activations(base, max(rows.read), len(rows.read), spec)
    needed, free = weights + states + step + (1 << 30), psutil.virtual_memory().available
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
    took = seconds(_seconds(rows.read, spec))
    passes = "1 pass" if spec.epochs == 1 else f"{spec.epochs:g} passes"
    what = f"about {took} a run of {passes} on two cores, by speeds measured elsewhere"
    return Sign("green", "time", what + "; the first steps of a run tell more")


def _seconds(lengths: Sequence[int], spec: TrainSpec) -> float:
    """Of a run on rows of so many tokens: each token reads those before it, which tells in long rows."""
    tokens = sum(n * (1 + n / FAR) for n in lengths)
    return training_seconds(max(len(lengths), tokens / USUAL_TOKENS), spec)


def _activations(base: BaseModel, longest: int, count: int, spec: TrainSpec) -> int:
    """Bytes that a step keeps for its gradients, of a batch of the longest rows: 34 numbers a token, layer and width.

    After Korthikanti et al. 2022 (Reducing Activation Recomputation, section 4.1), without the attention matrix.
    """
    body = json.loads((base.folder / "config.json").read_text(encoding="utf-8"))
    width = int(body.get("hidden_size") or body.get("d_model") or body.get("n_embd") or WIDTH)
    depth = int(body.get("num_hidden_layers") or body.get("num_layers") or body.get("n_layer") or DEPTH)
    layers = 1 if spec.checkpointing else spec.layers or depth
    return min(spec.batch_size, count) * longest * layers * width * 34 * 4


def seconds(value: float) -> str:
    """seconds(75) -> "1m15s"; seconds(4.2) -> "4s"; seconds(0.3) -> "1s"."""
    whole = max(1, round(value))
    return f"{whole // 60}m{whole % 60:02d}s" if whole >= 60 else f"{whole}s"
