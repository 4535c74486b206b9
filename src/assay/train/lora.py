"""From rows to an adapter on disk, by any method: `fit`. (The loop itself is in loop.py.)"""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from assay.errors import TrainingError
from assay.models import adapter as adapters
from assay.models import chat
from assay.models.adapter import Adapter, verify
from assay.models.base import Loaded, sha256_of
from assay.models.seq2seq import is_seq2seq
from assay.models.stack import stack_of
from assay.models.trunk import Trunk
from assay.recipe import TrainSpec
from assay.records import Example
from assay.train import checkpoint
from assay.train.audit import audit
from assay.train.batches import Plan, plan
from assay.train.derived import settings_of
from assay.train.descent import MAX_NORM, PARTS, Rows, parts_of
from assay.train.forward import Forward, over_trunk, whole
from assay.train.identity import identity_of, settings_kept
from assay.train.loop import Pace, Progress, Report, run_loop
from assay.train.weights import LORA_KINDS, Tuned, demand, demand_shape, start_from, top_layers, tuned_on
from assay.train.world import World, world
from assay.train.worth import GENERAL, Ruined, general_loss, sentences

__all__ = ["MAX_NORM", "Progress", "Report", "Run", "fit", "trunk_for"]


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run."""

    folder: Path
    adapter: Path  # the adapter's folder
    steps: int
    rows: int
    answer_tokens: int  # trained in all, repeats counted
    epoch_losses: tuple[float, ...]  # mean over the examples of each epoch
    seconds: dict[str, float]  # wall seconds of "trunk" and "train"; a resumed run counts its last part
    audit: dict[str, Any]
    path: str  # "cached lower layers" or "whole model"
    padding: float  # share of positions that were padding
    validation_losses: tuple[float, ...] = ()  # an answer token, after each epoch; () without validation rows
    answer_loss: dict[str, float] | None = None  # of a few training rows, "before" and "after"; None of an older run
    general_loss: dict[str, float] | None = None  # of general sentences, likewise; None of an encoder-decoder as well
    vocabulary: int = 0  # tokens the model knows
    goes_on: bool = False  # from an adapter
    answers_known: dict[str, int] | None = None  # of those rows, "known" it writes word for word, of "rows"

    @property
    def losses(self) -> Path:
        """Table of the loss of each example in each epoch."""
        return self.folder / checkpoint.LOSSES


def fit(
    examples: Sequence[Example], *, base: Loaded, spec: TrainSpec, out: Path, system: str = "", version: str = "",
    budget: int | None = None, trunk: Trunk | None = None, report: Report | None = None,
    resume: bool = False, checkpoint_seconds: float = 30.0, validation: Sequence[Example] = (),
    start: Adapter | None = None, lineage: Mapping[str, Any] | None = None,
) -> Run:  # fmt: skip
    """Tune weights on the answers of `examples` and leave a run in the folder `out`, its adapter in `out`/adapter.

    `budget` is the number of answer tokens to train (default: `spec.epochs` passes). `trunk` (see `trunk_for`) lets
    several runs share the computation of the lower layers. With `resume`, an interrupted run goes on from its last
    checkpoint, to the same weights bit for bit (on the same machine), and a finished one is returned.

    `validation` rows decide which pass was best, where `spec.patience` is not 0. `start` is an adapter to go on from,
    and `lineage` what its card shall say of that. In several processes (see `world`) each takes a part of every batch.

    Raises:
        TrainingError: rows that cannot be trained (named), a loss that is not a number (rows named), weights that did
            not move, a run that is not this one, a folder that cannot be written, a method this machine cannot train.
            Ruined: nothing was learnt, or the model was destroyed; the folder then holds no run to go on with.
        ModelError, ParityError: `start` was trained on another base model or other tokens.
    """
    demand(spec, base.model)
    if start:
        verify(start, base.tokenizer, base.base)
        demand_shape(start, spec)
    here = world()
    rendered = [chat.tokenise(example, base.tokenizer, spec.max_tokens, system) for example in examples]
    audited = audit(examples, rendered, spec.max_tokens)
    held = [chat.tokenise(e, base.tokenizer, spec.max_tokens, system) for e in validation] if spec.patience else []
    planned = plan(
        [len(row.ids) for row in rendered], [row.answer_tokens for row in rendered],
        batch_size=spec.batch_size, seed=spec.seed, epochs=spec.epochs, budget_tokens=budget,
    )  # fmt: skip
    if not planned.steps:
        raise TrainingError(f"a budget of {budget} answer tokens is less than one row", hint="give a larger budget")
    own = trunk_for(base, spec)
    if trunk and own and (trunk.depth != own.depth or trunk.stack.layers[0] is not own.stack.layers[0]):
        raise TrainingError("the trunk given is of another model or depth", hint="make it by trunk_for(base, spec)")
    trunk = (trunk or own) if own else None
    card = Adapter(
        out / checkpoint.ADAPTER, base.base.name, base.base.digest, chat.fingerprint(base.tokenizer, system), system,
        task=examples[0].task, labels=tuple(sorted({e.label for e in examples if e.label is not None})),
        version=version, settings=settings_kept(spec), audit=audited._asdict(), lineage=dict(lineage or {}),
        dtype=cast(Any, str(base.model.dtype).removeprefix("torch.")),
    )  # fmt: skip
    identity = identity_of(
        examples, base=base.base, dtype=str(base.model.dtype), fingerprint=card.fingerprint, system=system, spec=spec,
        budget=budget, version=version, validation=validation if held else (), start=start,
    ) | {"path": "cached lower layers" if trunk else "whole model"}  # fmt: skip
    with checkpoint.disk_errors(out):
        record = _opened(out, identity, examples, resume=resume, here=here)
        if record["state"] == "done" and (out / checkpoint.ADAPTER / adapters.CARD).is_file():
            return _run(out, record)
        with tuned_on(base, spec) as tuned, _given_up(out, record, here):
            if start:
                start_from(tuned, start)
            begun, mine = time.perf_counter(), _mine(planned, here)
            forward = _forward_of(tuned, trunk, rendered, report, mine)
            rows = Rows(examples, rendered, forward)
            tested = Rows(validation, held, _forward_of(tuned, trunk, held, report)) if held else None
            seconds = {"trunk": time.perf_counter() - begun}
            pace = Pace(out, checkpoint_seconds, here, mine, bool(start), partial(_general, base, tuned))
            with _recomputed(base.model, spec.checkpointing):
                result = run_loop(tuned, rows, tested, planned, spec, pace, report or (lambda _: None))
            if here.first:
                _save(tuned, base, card)
        result["seconds"] |= seconds
        record |= {"state": "done", "machine": _machine(here), "audit": audited._asdict(), "padding": planned.padding}
        record |= {"derived": [setting._asdict() for setting in settings_of(spec)], **result}
        if here.first:
            checkpoint.write_json(out / checkpoint.RUN, record)
            (out / checkpoint.CHECKPOINT).unlink(missing_ok=True)
        here.wait()
    return _run(out, record)


def trunk_for(base: Loaded, spec: TrainSpec, **settings: Any) -> Trunk | None:
    """The lower layers that a run with `spec` leaves frozen, for several runs.

    None where the whole model must be run: an unknown architecture, learnt positions, all weights, checkpointing.
    """
    every = spec.method == "full" and not top_layers(base.model, spec.layers)
    if spec.method not in (*LORA_KINDS, "full") or every or spec.checkpointing:
        return None
    stack = stack_of(base.model)
    return Trunk(stack, max(0, stack.depth - (spec.layers or stack.depth)), **settings) if stack else None


def _opened(
    out: Path, identity: Mapping[str, Any], examples: Sequence[Example], *, resume: bool, here: World
) -> dict[str, Any]:
    """The record of the run; the first process makes it, the others read what it made."""
    if here.first:
        record = checkpoint.open_run(out, identity, examples, resume=resume)
        here.wait()
        return record
    here.wait()
    return checkpoint.open_run(out, identity, examples, resume=True)


@contextmanager
def _given_up(out: Path, record: dict[str, Any], here: World) -> Iterator[None]:
    """Leave of a run that was ruined only what it was and why: the next one starts anew."""
    try:
        yield
    except Ruined as ruined:
        if here.first:
            (out / checkpoint.CHECKPOINT).unlink(missing_ok=True)
            checkpoint.write_json(out / checkpoint.RUN, record | {"state": "stopped", "why": ruined.what})
        raise


def _general(base: Loaded, tuned: Tuned) -> float | None:
    """Loss on some general sentences; None for an encoder-decoder, which reads, and writes, no plain text."""
    if is_seq2seq(base.model):
        return None
    return general_loss(base.tokenizer, tuned.model, sentences()[:GENERAL])


def _mine(planned: Plan, here: World) -> list[int] | None:
    """The rows this process will differentiate; None for all."""
    if here.size == 1:
        return None
    parts = [parts_of(batch, max(PARTS, here.size))[here.rank :: here.size] for _, batch in planned.steps]
    return sorted({i for step in parts for part in step for i in part})


def _forward_of(
    tuned: Tuned, trunk: Trunk | None, rendered: Sequence[chat.Rendered], report: Report | None,
    needed: Sequence[int] | None = None,
) -> Forward:  # fmt: skip
    if trunk is None:
        return whole(tuned.model, rendered)
    say, begun = report or (lambda _: None), time.perf_counter()

    def tell(done: int, total: int) -> None:
        say(Progress("lower layers", done, total, (time.perf_counter() - begun) * (total - done) / done))

    return over_trunk(trunk, rendered, tell, needed)


@contextmanager
def _recomputed(model: Any, wanted: bool) -> Iterator[None]:
    """Within it, activations are computed again for the gradients, where `wanted`: less memory, more time."""
    if not wanted:
        yield
        return
    settings = {"use_reentrant": False, "preserve_rng_state": False}
    model.activation_checkpointing_enable(activation_checkpointing_kwargs=settings)
    try:
        yield
    finally:
        model.activation_checkpointing_disable()


def _save(tuned: Tuned, base: Loaded, card: Adapter) -> None:
    tuned.save(card.folder)
    base.tokenizer.save_pretrained(card.folder)
    adapters.save_card(replace(card, weights_digest=sha256_of(card.folder / adapters.WEIGHTS)))


def _machine(here: World) -> dict[str, Any]:
    import peft
    import torch
    import transformers

    versions = {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__}
    told = {"threads": torch.get_num_threads(), "python": platform.python_version(), "processes": here.size}
    return told | versions


def _run(out: Path, record: dict[str, Any]) -> Run:
    return Run(
        out, out / checkpoint.ADAPTER, record["steps"], record["rows"], record["answer_tokens"],
        tuple(record["epoch_losses"]), record["seconds"], record["audit"], record["identity"]["path"],
        record["padding"], tuple(record.get("validation_losses", ())),
        record.get("answer_loss"), record.get("general_loss"), record.get("vocabulary", 0),
        "start" in record["identity"], record.get("answers_known"),
    )  # fmt: skip
