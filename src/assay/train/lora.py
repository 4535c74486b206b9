"""LoRA on the top layers of a base model: one flat loop, from rows to an adapter on disk."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.errors import Problem, TrainingError
from assay.models import adapter as adapters
from assay.models import chat
from assay.models.adapter import Adapter
from assay.models.base import Loaded, describe, sha256_of
from assay.models.parallel import pool
from assay.models.stack import stack_of
from assay.models.trunk import Trunk
from assay.recipe import TrainSpec
from assay.records import Example, digest_of
from assay.train import checkpoint
from assay.train.audit import audit, place
from assay.train.batches import Plan, plan
from assay.train.forward import Forward, over_trunk, whole
from assay.train.weights import lora_on, restore, state_of

if TYPE_CHECKING:
    from peft import PeftModel
    from torch import Tensor

WARMUP_SHARE = 0.05  # of the steps, the learning rate rises from 0 to its peak; then it falls in a line to 0
MAX_NORM = 1.0  # gradients are scaled down to this norm
PARTS = 2  # of a batch, each on a core of its own: fixed, so that any machine adds the same sums in the same order
_SETTLED = 3  # steps before the time left is estimated: the first are slower


class Progress(NamedTuple):
    """What a run says of itself while it runs."""

    stage: str  # "lower layers" or "train"
    done: int  # rows, or steps
    total: int
    seconds_left: float | None  # None until it can be estimated
    loss: float | None = None  # mean over the rows of the last step


Report = Callable[[Progress], None]


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

    @property
    def losses(self) -> Path:
        """Table of the loss of each example in each epoch."""
        return self.folder / checkpoint.LOSSES


def fit(
    examples: Sequence[Example], *, base: Loaded, spec: TrainSpec, out: Path, system: str = "", version: str = "",
    budget: int | None = None, trunk: Trunk | None = None, report: Report | None = None,
    resume: bool = False, checkpoint_seconds: float = 30.0,
) -> Run:  # fmt: skip
    """Tune LoRA weights on the answers of `examples` and leave a run in the folder `out`, its adapter in `out`/adapter.

    `budget` is the number of answer tokens to train (default: `spec.epochs` passes). `trunk` (see `trunk_for`) lets
    several runs share the computation of the lower layers. With `resume`, an interrupted run goes on from its last
    checkpoint, to the same weights bit for bit (on the same machine), and a finished one is returned.

    Raises:
        TrainingError: rows that cannot be trained (named), a loss that is not a number (rows named), a run that is not
            this one, a folder that cannot be written.
    """
    rendered = [chat.tokenise(example, base.tokenizer, spec.max_tokens, system) for example in examples]
    audited = audit(examples, rendered, spec.max_tokens)
    planned = plan(
        [len(row.ids) for row in rendered], [row.answer_tokens for row in rendered],
        batch_size=spec.batch_size, seed=spec.seed, epochs=spec.epochs, budget_tokens=budget,
    )  # fmt: skip
    if not planned.steps:
        raise TrainingError(f"a budget of {budget} answer tokens is less than one row", hint="give a larger budget")
    own = trunk_for(base, spec)
    if trunk and own and (trunk.depth != own.depth or trunk.stack.layers[0] is not own.stack.layers[0]):
        raise TrainingError("the trunk given is of another model or depth", hint="make it by trunk_for(base, spec)")
    trunk = trunk or own
    fingerprint = chat.fingerprint(base.tokenizer, system)
    settings = spec.model_dump(mode="json")
    identity = {
        "base": describe(base.base), "dtype": str(base.model.dtype), "fingerprint": fingerprint, "system": system,
        "settings": settings, "budget": budget, "version": version,
        "data": digest_of([[example.id, example.digest] for example in examples]),
        "path": "cached lower layers" if trunk else "whole model",
    }  # fmt: skip
    with checkpoint.disk_errors(out):
        record = checkpoint.open_run(out, identity, examples, resume=resume)
        if record["state"] == "done" and (out / checkpoint.ADAPTER / adapters.CARD).is_file():
            return _run(out, record)
        card = Adapter(
            out / checkpoint.ADAPTER, base.base.name, base.base.digest, fingerprint, system,
            task=examples[0].task, labels=tuple(sorted({e.label for e in examples if e.label is not None})),
            version=version, settings=settings, audit=audited._asdict(),
        )  # fmt: skip
        with lora_on(base, spec) as tuned:
            result = _train(tuned, base, examples, rendered, planned, spec, trunk, out, report, checkpoint_seconds)
            _save(tuned, base, card)
        record |= {
            "state": "done",
            "machine": _machine(),
            "audit": audited._asdict(),
            "padding": planned.padding,
            **result,
        }
        checkpoint.write_json(out / checkpoint.RUN, record)
        (out / checkpoint.CHECKPOINT).unlink(missing_ok=True)
    return _run(out, record)


def trunk_for(base: Loaded, spec: TrainSpec, **settings: Any) -> Trunk | None:
    """The lower layers that a run with `spec` leaves frozen, for several runs; None for an unknown architecture."""
    stack = stack_of(base.model)
    return Trunk(stack, max(0, stack.depth - spec.layers), **settings) if stack else None


def _train(
    tuned: PeftModel, base: Loaded, examples: Sequence[Example], rendered: Sequence[chat.Rendered], planned: Plan,
    spec: TrainSpec, trunk: Trunk | None, out: Path, report: Report | None, checkpoint_seconds: float,
) -> dict[str, Any]:  # fmt: skip
    """The loop. Returns what run.json keeps of it."""
    import numpy as np
    import torch

    say = report or (lambda _: None)
    begun = time.perf_counter()
    forward: Forward = whole(tuned, rendered)
    if trunk:
        forward = over_trunk(
            trunk, rendered, lambda done, total: say(Progress("lower layers", done, total, _left(begun, done, total)))
        )
    trunk_seconds = time.perf_counter() - begun

    names, weights = zip(*[(n, p) for n, p in tuned.named_parameters() if p.requires_grad], strict=True)
    optimizer = torch.optim.AdamW(weights, lr=spec.learning_rate, weight_decay=0.0)
    losses = torch.full((len(planned.epochs), len(examples)), torch.nan)
    targets = [torch.tensor(row.ids[row.answer_start :], device=base.model.device) for row in rendered]
    steps, tokens = planned.steps, [sum(len(rendered[i].ids) for i in batch) for _, batch in planned.steps]
    resumed = checkpoint.last_step(out)
    first = resumed.step if resumed else 0
    if resumed:
        restore(resumed.tensors, names, weights, optimizer, losses)

    def differentiate(part: Sequence[int], total: float) -> tuple[Tensor, Sequence[Tensor]]:
        """Mean loss of each row of a part of a batch, and the part's gradients of the batch's loss."""
        token_losses = torch.nn.functional.cross_entropy(
            forward(part), torch.cat([targets[i] for i in part]), reduction="none"
        )
        row_losses = torch.split(token_losses, [len(targets[i]) for i in part])
        loss = (
            torch.stack([row.sum() * examples[i].weight for i, row in zip(part, row_losses, strict=True)]).sum() / total
        )
        return torch.stack([row.detach().mean() for row in row_losses]).cpu(), torch.autograd.grad(loss, weights)

    with pool() as workers:
        begun = saved = time.perf_counter()
        for step, (epoch, batch) in enumerate(steps[first:], start=first):
            total = sum(examples[i].weight * len(targets[i]) for i in batch)
            parts = [part for part in (batch[: len(batch) // PARTS], batch[len(batch) // PARTS :]) if part]
            row_losses, gradients = zip(*workers.map(partial(differentiate, total=total), parts), strict=True)
            losses[epoch, list(batch)] = torch.cat(row_losses)
            for weight, *shares in zip(weights, *gradients, strict=True):
                weight.grad = sum(shares[1:], start=shares[0])
            norm = torch.nn.utils.clip_grad_norm_(weights, MAX_NORM)
            if not bool(torch.isfinite(torch.cat([*row_losses, norm.detach().cpu()[None]])).all()):
                raise _not_a_number(step, [examples[i] for i in batch], losses[epoch, list(batch)].tolist())
            for group in optimizer.param_groups:
                group["lr"] = spec.learning_rate * _schedule(step, len(steps))
            optimizer.step()

            now = time.perf_counter()
            settled = step + 1 - first >= _SETTLED
            left = (now - begun) * sum(tokens[step + 1 :]) / sum(tokens[first : step + 1]) if settled else None
            say(Progress("train", step + 1, len(steps), left, float(losses[epoch, list(batch)].mean())))
            if now - saved >= checkpoint_seconds and step + 1 < len(steps):
                checkpoint.save_step(out, step + 1, state_of(names, weights, optimizer, losses))
                saved = now

    per_epoch = losses.numpy()
    checkpoint.write_losses(out / checkpoint.LOSSES, examples, per_epoch)
    return {
        "steps": len(steps), "rows": len(examples), "answer_tokens": planned.answer_tokens,
        "epoch_losses": [float(value) for value in np.nanmean(per_epoch, axis=1)],
        "seconds": {"trunk": trunk_seconds, "train": time.perf_counter() - begun},
    }  # fmt: skip


def _schedule(step: int, steps: int) -> float:
    """Share of the peak learning rate: up in a line, then down to 0 after the last step."""
    warmup = max(1, round(WARMUP_SHARE * steps))
    return min((step + 1) / warmup, (steps - step) / max(1, steps - warmup + 1))


def _save(tuned: PeftModel, base: Loaded, card: Adapter) -> None:
    tuned.save_pretrained(card.folder, safe_serialization=True)
    (card.folder / "README.md").unlink(missing_ok=True)  # PEFT's empty form of a model card
    base.tokenizer.save_pretrained(card.folder)
    adapters.save_card(replace(card, weights_digest=sha256_of(card.folder / adapters.WEIGHTS)))


def _left(begun: float, done: int, total: int) -> float | None:
    return (time.perf_counter() - begun) * (total - done) / done if done else None


def _not_a_number(step: int, batch: Sequence[Example], losses: Sequence[float]) -> TrainingError:
    rows = [
        Problem(place(e), f"loss {value}")
        for e, value in zip(batch, losses, strict=True)
        if not abs(value) < float("inf")
    ]
    hint = "look at these rows; if they are sound, lower train.learning_rate"
    return TrainingError(
        f"the loss is not a number at step {step + 1}",
        problems=rows or [Problem(place(e), "in the batch") for e in batch],
        hint=hint,
    )


def _machine() -> dict[str, Any]:
    import peft
    import torch
    import transformers

    versions = {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__}
    return {"threads": torch.get_num_threads(), "python": platform.python_version(), **versions}


def _run(out: Path, record: dict[str, Any]) -> Run:
    return Run(
        out, out / checkpoint.ADAPTER, record["steps"], record["rows"], record["answer_tokens"],
        tuple(record["epoch_losses"]), record["seconds"], record["audit"], record["identity"]["path"],
        record["padding"],
    )  # fmt: skip
