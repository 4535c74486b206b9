"""A short training run that leaves a trace: the loss and the gradient of every row, at a few moments of the run."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.errors import Problem, TrainingError
from assay.models.chat import tokenise
from assay.models.parallel import Pool, pool
from assay.models.stack import KeyValues, padded_states, shared_beginning
from assay.models.trunk import Trunk
from assay.recipe import TrainSpec
from assay.records import Example
from assay.train.batches import plan
from assay.train.forward import Forward, answer_positions, inputs_of, over_trunk, whole
from assay.train.lora import trunk_for
from assay.train.weights import lora_on

if TYPE_CHECKING:
    from torch import Tensor, nn

    from assay.models.base import Loaded

Floats = NDArray[np.float32]
DIMS = 8192  # numbers a row's gradient is folded into
AT_ONCE = 16  # rows whose gradients are held at once: 330,000 numbers each, with four layers of rank 8
MAX_NORM = 1.0  # gradients of a step are scaled down to this norm
WARMUP_SHARE = 0.05  # of the steps; then the rate falls in a line to 0
BETA2, EPSILON = 0.999, 1e-8  # AdamW's own


class Moment(NamedTuple):
    """One moment of a run."""

    losses: Floats  # (rows,): mean over an answer's tokens, nats
    sketches: (
        Floats | None
    )  # (rows, DIMS): gradients of these losses, scaled as AdamW scales its steps; None: not asked


class Tracer:
    """Runs over parts of the same rows; what the frozen lower layers make of them is computed once."""

    def __init__(
        self, base: Loaded, spec: TrainSpec, rows: Sequence[Example], *, system: str = "", trunk: Trunk | None = None,
        dims: int = DIMS,
    ) -> None:  # fmt: skip
        self.base, self.spec, self.rows, self.dims = base, spec, list(rows), dims
        self.rendered = [tokenise(row, base.tokenizer, spec.max_tokens, system) for row in rows]
        self.tokens = np.array([row.answer_tokens for row in self.rendered], dtype=np.float32)  # of each answer
        self.trunk = trunk or trunk_for(base, spec)

    def run(
        self, taught: Sequence[int], moments: Mapping[float, bool], *, seed: int, without: frozenset[int] = frozenset()
    ) -> Iterator[Moment]:
        """Train on the rows `taught` and yield moments: share of the run done -> whether gradients are wanted.

        0 is the moment before training, without gradients.

        The rows of `without` keep their place in their batch and teach nothing, so that two runs which differ in them
        differ in nothing else.

        Raises:
            TrainingError: the loss is not a number.
        """
        import torch

        spec = self.spec.model_copy(update={"seed": seed})
        lengths, tokens = zip(
            *((len(self.rendered[i].ids), self.rendered[i].answer_tokens) for i in taught), strict=True
        )
        planned = plan(lengths, tokens, batch_size=spec.batch_size, seed=seed, epochs=spec.epochs)
        batches = [[taught[i] for i in batch] for _, batch in planned.steps]
        stops = {round(share * len(batches)): wanted for share, wanted in moments.items()}
        with lora_on(self.base, spec) as tuned, pool() as workers:
            torch.set_num_threads(
                1
            )  # of this thread, until the pool closes: workers do the rest, and idle threads spin
            taps = _Taps(tuned)
            optimizer = torch.optim.AdamW(taps.weights, lr=spec.learning_rate, weight_decay=0.0)
            forward = over_trunk(self.trunk, self.rendered) if self.trunk else whole(tuned, self.rendered)
            if 0 in stops:
                yield self._moment(tuned, taps, optimizer, forward, False, seed, workers)
            for step, batch in enumerate(batches, start=1):
                now = spec.learning_rate * _schedule(step, len(batches))
                self._step(taps, optimizer, forward, batch, without, now, workers)
                if step in stops:
                    yield self._moment(tuned, taps, optimizer, forward, stops[step], seed, workers)

    def _step(
        self, taps: _Taps, optimizer: Any, forward: Forward, batch: Sequence[int], without: frozenset[int],
        rate: float, workers: Pool,
    ) -> None:  # fmt: skip
        import torch

        total = sum(self.rendered[i].answer_tokens for i in batch)
        batch = [i for i in batch if i not in without]
        if not batch:
            return

        def differentiate(part: Sequence[int]) -> Sequence[Tensor]:
            loss = torch.cat([row.sum()[None] for row in self._losses(part, forward)]).sum() / total
            return torch.autograd.grad(loss, taps.weights)

        half = len(batch) // 2
        gradients = list(workers.map(differentiate, [part for part in (batch[:half], batch[half:]) if part]))
        for weight, *shares in zip(taps.weights, *gradients, strict=True):
            weight.grad = sum(shares[1:], start=shares[0])
        norm = torch.nn.utils.clip_grad_norm_(taps.weights, MAX_NORM)
        if not bool(torch.isfinite(norm)):
            raise TrainingError(
                "the loss is not a number", problems=[Problem(self.rows[i].place, "in the batch") for i in batch],
                hint="look at these rows; if they are sound, lower train.learning_rate",
            )  # fmt: skip
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()

    def _losses(self, part: Sequence[int], forward: Forward) -> Sequence[Tensor]:
        """Of each row, the losses of its answer's tokens."""
        import torch

        chosen = [self.rendered[i] for i in part]
        logits = forward(part)
        targets = torch.tensor([token for row in chosen for token in row.ids[row.answer_start :]], device=logits.device)
        losses = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
        return torch.split(losses, [row.answer_tokens for row in chosen])

    def _moment(
        self, tuned: nn.Module, taps: _Taps, optimizer: Any, forward: Forward, wanted: bool, seed: int, workers: Pool,
    ) -> Moment:  # fmt: skip
        """The trace of every row, whether it is taught or not."""
        import torch

        order = sorted(range(len(self.rendered)), key=lambda i: len(self.rendered[i].ids))
        parts = [order[low : low + AT_ONCE] for low in range(0, len(order), AT_ONCE)]
        losses = np.zeros(len(order), dtype=np.float32)

        def look(part: Sequence[int]) -> Tensor:
            with torch.no_grad():
                return torch.stack([row.mean() for row in self._losses(part, forward)])

        if not wanted:
            for part, made in zip(parts, workers.map(look, parts), strict=True):
                losses[part] = made.cpu().numpy()
            return Moment(losses, None)
        sketches = np.zeros((len(order), self.dims), dtype=np.float32)
        scale = _scale(optimizer, taps.weights, seed)
        apart = self._apart(tuned) if self.trunk else forward
        trace = partial(self._trace, taps, apart, scale)
        for part, (means, folded) in zip(parts, workers.map(trace, parts), strict=True):
            losses[part], sketches[part] = means.cpu().numpy(), folded.cpu().numpy()
        return Moment(losses, sketches)

    def _apart(self, tuned: nn.Module) -> Forward:
        """The forward pass with a beginning that rows share held fixed: what lies in it belongs to no row alone."""
        import torch

        trunk = self.trunk
        assert trunk is not None
        inputs = inputs_of(self.rendered)
        shared = min(shared_beginning(inputs), min(row.answer_start for row in self.rendered) - 1)
        states, past = trunk.states(inputs, shared), KeyValues()
        if shared:
            with torch.no_grad():
                trunk.stack.run(trunk.beginning(inputs[0][:shared]).clone(), trunk.depth, trunk.stack.depth, past=past)

        def forward(part: Sequence[int]) -> Tensor:
            after = padded_states([states[i] for i in part]).to(trunk.stack.device)
            out = trunk.stack.run_after(KeyValues(past, keep=False), after, trunk.depth, trunk.stack.depth)
            return trunk.stack.logits(out[answer_positions([self.rendered[i] for i in part], shared)])

        return forward

    def _trace(self, taps: _Taps, forward: Forward, scale: Tensor, part: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Mean loss of each row (b,), and the gradient of its sum, scaled and folded (b, dims)."""
        import torch

        with taps.listening() as heard:
            losses = self._losses(part, forward)
            means = torch.stack([row.mean() for row in losses])
            torch.autograd.grad(torch.cat(list(losses)).sum(), taps.weights)
        flat = torch.cat([heard[i] for i in range(len(taps.weights))], dim=1) * scale
        flat = torch.nn.functional.pad(flat, (0, -flat.shape[1] % self.dims))
        return means.detach(), flat.view(len(part), -1, self.dims).sum(dim=1)


class _Taps:
    """Listens at the LoRA layers, so that one backward pass of a batch tells the gradient of each row in it.

    A linear layer's gradient is the product of what came in and what comes back; summed over a row's own positions, it
    is the row's (Goodfellow 2015).
    """

    def __init__(self, tuned: nn.Module) -> None:
        tapped = [part for name, part in tuned.named_modules() if name.endswith(("lora_A.default", "lora_B.default"))]
        self.weights: list[Tensor] = [part.get_parameter("weight") for part in tapped]
        self._heard = threading.local()  # of each worker
        for index, part in enumerate(tapped):
            part.register_forward_hook(partial(self._hear, index))

    def listening(self) -> _Listening:
        """Within it, gradients by row: place in `weights` -> (b, numbers of the weight)."""
        return _Listening(self._heard)

    def _hear(self, index: int, _: nn.Module, inputs: tuple[Tensor], out: Tensor) -> None:
        heard = getattr(self._heard, "rows", None)
        if heard is None or not out.requires_grad:
            return
        came = inputs[0].detach()

        def back(gradient: Tensor) -> None:
            import torch

            heard[index] = torch.einsum("bto,bti->boi", gradient, came).flatten(1).float()

        out.register_hook(back)  # type: ignore[no-untyped-call]


class _Listening:
    def __init__(self, slot: threading.local) -> None:
        self._slot = slot

    def __enter__(self) -> dict[int, Tensor]:
        self._slot.rows = {}
        rows: dict[int, Tensor] = self._slot.rows
        return rows

    def __exit__(self, *_: object) -> None:
        self._slot.rows = None


def _scale(optimizer: Any, weights: Sequence[Tensor], seed: int) -> Tensor:
    """What each number of a gradient is multiplied by: a random sign, and the root of the length AdamW gives its steps.

    The product of two gradients so scaled is that of a training row, as AdamW would step along it, with the gradient of
    another row (LESS, Xia et al. 2024). Random signs make sums over places that share a slot right on average: a count
    sketch (Charikar et al. 2002).
    """
    import torch

    squares = torch.cat([optimizer.state[weight]["exp_avg_sq"].flatten() for weight in weights]).float()
    steps = int(optimizer.state[weights[0]]["step"])
    root = (squares / (1 - BETA2**steps)).sqrt() + EPSILON
    draw = torch.Generator().manual_seed(seed)
    signs = torch.randint(2, (len(root),), generator=draw).float() * 2 - 1
    return signs.to(root.device) / root.sqrt()


def _schedule(step: int, steps: int) -> float:
    """Share of the peak learning rate at a step, the first being 1."""
    warmup = max(1, round(WARMUP_SHARE * steps))
    return min(step / warmup, (steps - step + 1) / max(1, steps - warmup + 1))
