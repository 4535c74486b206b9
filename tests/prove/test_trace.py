from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from models import tiny

from assay.prove.influence import influence
from assay.recipe import TrainSpec
from assay.records import Example

if TYPE_CHECKING:
    from assay.models.base import Loaded
    from assay.prove.trace import Moment, Tracer

pytestmark = pytest.mark.slow
SPEC = TrainSpec(rank=4, layers=2, batch_size=4, epochs=4, learning_rate=1e-2, max_tokens=200)
SYSTEM = "Answer with the intent."
END = {1.0: True}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    pytest.importorskip("torch")
    from assay.models.base import load

    return load(str(tiny.save(tmp_path_factory.mktemp("base"))), "float32")


def tracer(loaded: Loaded, rows: list[Example], dims: int = 8192) -> Tracer:
    from assay.prove.trace import Tracer

    return Tracer(loaded, SPEC, rows, system=SYSTEM, dims=dims)


def last(tracer: Tracer, taught: list[int], without: frozenset[int] = frozenset()) -> Moment:
    *_, moment = tracer.run(taught, END, seed=0, without=without)
    return moment


def gradients(loaded: Loaded, made: Tracer, *, over_trunk: bool) -> tuple[np.ndarray, np.ndarray]:
    """Of each row: from one pass of a batch, and from a pass of its own."""
    import torch

    from assay.prove.trace import _Taps
    from assay.train.forward import whole
    from assay.train.weights import lora_on

    with lora_on(loaded, SPEC) as tuned:
        taps = _Taps(tuned)
        with torch.no_grad():  # B is 0 at the start, and then A has no gradient
            for weight in taps.weights:
                weight.add_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)) * 0.1)
        size = sum(weight.numel() for weight in taps.weights)
        made.dims = size
        forward = made._apart(tuned) if over_trunk else whole(tuned, made.rendered)
        _, together = made._trace(taps, forward, torch.ones(size), range(len(made.rows)))
        alone = []
        for i in range(len(made.rows)):
            (losses,) = made._losses([i], forward)
            alone.append(torch.cat([g.flatten() for g in torch.autograd.grad(losses.sum(), taps.weights)]))
        return together.numpy(), torch.stack(alone).numpy()


@pytest.mark.parametrize("over_trunk", [True, False])
def test_one_pass_of_a_batch_tells_the_gradient_of_each_row(loaded: Loaded, over_trunk: bool) -> None:
    together, alone = gradients(loaded, tracer(loaded, tiny.rows(6)), over_trunk=over_trunk)
    assert np.abs(alone).max() > 1e-3
    assert together == pytest.approx(alone, abs=1e-5 * float(np.abs(alone).max()) + 1e-6)


def test_folded_gradients_keep_their_products(loaded: Loaded) -> None:
    rows = tiny.rows(12)
    exact = last(tracer(loaded, rows, dims=1 << 17), list(range(8))).sketches  # more slots than numbers
    folded = last(tracer(loaded, rows, dims=2048), list(range(8))).sketches
    assert exact is not None
    assert folded is not None
    error = np.abs(folded @ folded.T - exact @ exact.T)
    size = np.linalg.norm(exact, axis=1)
    assert (error < 0.1 * size[:, None] * size[None]).all()


def test_a_run_repeats_itself_and_leaves_the_model_as_it_was(loaded: Loaded) -> None:
    made = tracer(loaded, tiny.rows(8))
    first, again = last(made, list(range(6))), last(made, list(range(6)))
    assert np.array_equal(first.losses, again.losses)
    assert first.sketches is not None
    assert np.array_equal(first.sketches, again.sketches)
    assert not any("lora" in name for name, _ in loaded.model.named_modules())


def test_the_moment_before_training_is_the_base_model(loaded: Loaded) -> None:
    made = tracer(loaded, tiny.rows(8))
    moments = list(made.run([0, 1, 2], {0.0: False, 1.0: False}, seed=0))
    others = list(made.run([4, 5, 6], {0.0: False, 1.0: False}, seed=3))
    assert moments[0].losses == pytest.approx(others[0].losses, abs=1e-4)
    assert (moments[1].losses[:3] < moments[0].losses[:3]).all()
    assert moments[0].sketches is None


def test_a_row_left_out_teaches_nothing_and_the_others_keep_their_places(loaded: Loaded) -> None:
    rows = tiny.rows(8)
    changed = [*rows[:3], rows[3].with_answer("pim"), *rows[4:]]  # as many tokens as "pin"
    one = last(tracer(loaded, rows), list(range(8)), frozenset({3}))
    other = last(tracer(loaded, changed), list(range(8)), frozenset({3}))
    kept = [i for i in range(8) if i != 3]
    assert one.losses[kept] == pytest.approx(other.losses[kept], abs=1e-6)
    assert last(tracer(loaded, rows), list(range(8))).losses[3] < one.losses[3]


def test_influence_points_to_the_twin_and_not_to_a_stranger(loaded: Loaded) -> None:
    rows = tiny.rows(16)
    asked = [replace(rows[0], id="asked")]
    found = influence(tracer(loaded, [*rows, *asked]), 16, runs=2, seed=0, moments={0.5: True, 1.0: True})
    assert int(found.asked[:, 0].argmax()) % 4 == 0  # rows 0, 4, 8 and 12 have its label


def test_what_a_kill_left_is_not_traced_again(loaded: Loaded, tmp_path: Path) -> None:
    rows = tiny.rows(8)
    first = influence(tracer(loaded, rows), 8, runs=2, seed=0, keep=tmp_path, moments=END)
    (tmp_path / "run-1.npz").unlink()
    told: list[float] = []
    again = influence(
        tracer(loaded, rows), 8, runs=2, seed=0, keep=tmp_path, moments=END, tell=lambda what, share: told.append(share)
    )
    assert told == [1.0]
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first, again, strict=True))
