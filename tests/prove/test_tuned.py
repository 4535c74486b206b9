"""The real tier of texts: every expected answer is read, none need be written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from models import small, tiny

from assay.prove.metric import measure_of
from assay.prove.tuned import Tuner
from assay.recipe import TrainSpec
from assay.records import Example, Message

pytestmark = pytest.mark.slow


def texts(count: int) -> list[Example]:
    return [
        Example(
            f"r{i}", "generate", (Message("user", "ab"[i % 2] * (i % 4 + 1)), Message("assistant", "xy"[i % 2] * 3))
        )
        for i in range(count)
    ]


@pytest.mark.parametrize("name", ["llama", "t5"])
def test_texts_are_scored_by_the_loss_of_the_expected_answer(tmp_path: Path, name: str) -> None:
    model = tiny.save(tmp_path / "base") if name == "llama" else small.t5(tmp_path / "base")
    spec = TrainSpec(layers=1, rank=4, epochs=1, learning_rate=1e-2, batch_size=8, max_tokens=100, precision="fp32")
    test = texts(5)
    folder = tmp_path / "prove"

    def tuner(known: list[Example]) -> Tuner:
        return Tuner(str(model), spec, test, system="Go.", folder=folder, known=known)

    quick, slow = (
        tuner(known).scores(texts(16), seeds=[0], budget=None, told=lambda what, share: None)
        for known in ([], texts(4))
    )
    assert quick.written is None
    assert slow.written is not None
    assert slow.written.shape == quick.primary.shape == (1, 5)
    assert np.allclose(quick.primary, slow.primary, atol=1e-4)
    assert (quick.primary < 0).all()
    assert np.allclose(quick.primary * 4, quick.gold)  # three letters and the end of turn
    again = tuner([]).scores(texts(16), seeds=[0], budget=None, told=lambda what, share: None)
    assert np.array_equal(again.primary, quick.primary)


def test_the_probe_of_texts_is_told_by_what_it_measures() -> None:
    assert measure_of("generate", "probe").unit == "share"
    assert measure_of("chat", "lora").unit == "nats"
    assert measure_of("classify", "lora").unit == measure_of("classify", "probe").unit == "share"
