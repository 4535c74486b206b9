"""A tuned model is asked in the precision it was trained in, whatever the base model was loaded in."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from assay.recipe import TrainSpec
from models import tiny

pytestmark = pytest.mark.slow
PROMPTS = [row.messages[:-1] for row in tiny.rows(6)]


@pytest.mark.parametrize(("trained", "asked"), [("float32", "bfloat16"), ("bfloat16", "float32")])
def test_the_precision_of_the_run_is_kept_and_used(base_folder: Path, tmp_path: Path, trained: str, asked: str) -> None:
    from assay.models import adapter, base
    from assay.models.speaker import Speaker
    from assay.serve import voices
    from assay.train.lora import fit

    own = base.load(str(base_folder), trained)  # type: ignore[arg-type]
    other = base.load(str(base_folder), asked)  # type: ignore[arg-type]
    spec = TrainSpec(layers=2, rank=4, epochs=1, learning_rate=1e-2, max_tokens=200)
    run = fit(tiny.rows(16), base=own, spec=spec, out=tmp_path / "run", system="Say it.")
    assert json.loads((run.adapter / adapter.CARD).read_text("utf-8"))["dtype"] == trained
    card = adapter.read(run.adapter)
    right = Speaker(own, card).choose(PROMPTS, tiny.LABELS)
    speaker = Speaker(other, card)
    assert str(speaker.model.dtype) == f"torch.{trained}"
    assert np.abs(speaker.choose(PROMPTS, tiny.LABELS) - right).max() < 1e-6
    assert str(other.model.dtype) == f"torch.{asked}"  # the one given stays as it is
    assert str(voices.load_served(run.adapter, "served").voices[0].model.dtype) == f"torch.{trained}"


def test_an_adapter_that_does_not_say_is_asked_as_the_base_is_loaded(base_folder: Path, adapter: object) -> None:
    from assay.models import adapter as adapters
    from assay.models import base

    assert isinstance(adapter, adapters.Adapter)
    assert adapter.dtype == ""
    loaded = base.load(str(base_folder), "bfloat16")
    assert str(adapters.applied(loaded, adapter).dtype) == "torch.bfloat16"
