"""Models that are asked whole are asked in batches: the same answers as one row at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from assay.recipe import TrainSpec
from models import small, tiny

if TYPE_CHECKING:
    from assay.models.adapter import Adapter
    from assay.models.base import Loaded
    from assay.models.speaker import Speaker

pytestmark = pytest.mark.slow
PROMPTS = [row.messages[:-1] for row in tiny.rows(9)]
CLOSE = 1e-3  # natural log-probability, float32


def tuned(loaded: Loaded, folder: Path, method: str) -> Adapter:
    from assay.models import adapter
    from assay.train.lora import fit

    rate = {"prompt": 0.3, "prefix": 0.1}.get(method, 1e-2)
    spec = TrainSpec(
        method=method, rank=4, layers=1, batch_size=8, epochs=1, learning_rate=rate, virtual_tokens=5, max_tokens=200,  # type: ignore[arg-type]
    )  # fmt: skip
    return adapter.read(fit(tiny.rows(16), base=loaded, spec=spec, out=folder, system="Say it.").adapter)


def load(name: str, folder: Path) -> Loaded:
    from assay.models import base

    made = tiny.save(folder) if name == "llama" else getattr(small, name)(folder)
    return base.load(str(made), "float32")


def plain(speaker: Speaker, limit: int) -> list[tuple[str, int]]:
    """One row and one token at a time, nothing remembered."""
    import torch

    told = []
    for prompt in PROMPTS:
        ids: list[int] = []
        while len(ids) < limit and not (ids and ids[-1] in speaker.ends):
            fed = torch.tensor([[*speaker.render(prompt), *ids]])
            with torch.inference_mode():
                ids.append(int(speaker.model(input_ids=fed).logits[0, -1].argmax()))
        said = ids[:-1] if ids[-1] in speaker.ends else ids
        told.append((str(speaker.tokenizer.decode(said, skip_special_tokens=True)), len(ids)))
    return told


def chance(speaker: Speaker, prompt: Any, answer: str) -> float:
    import torch

    head, option = speaker.render(prompt), speaker._option(answer)
    with torch.inference_mode():
        logs = speaker.model(input_ids=torch.tensor([[*head, *option[:-1]]])).logits[0].float().log_softmax(-1)
    return sum(float(logs[len(head) - 1 + t, token]) for t, token in enumerate(option))


@pytest.mark.parametrize(
    ("name", "method"),
    [("llama", "prompt"), ("llama", "prefix"), ("qwen2", "prefix"), ("gpt2", "prompt"), ("gpt2", "lora"),
     ("gemma2", "lora"), ("bart", "lora"), ("t5", "lora")],
)  # fmt: skip
def test_in_batches_every_row_gets_the_answer_it_gets_alone(tmp_path: Path, name: str, method: str) -> None:
    from assay.models.speaker import Speaker

    loaded = load(name, tmp_path / "base")
    speaker = Speaker(loaded, tuned(loaded, tmp_path / "run", method))
    assert (speaker.stack is not None) == (name in ("llama", "qwen2"))
    assert [(w.text, w.tokens) for w in speaker.write(PROMPTS, 10)] == plain(speaker, 10)
    alone = np.array([[chance(speaker, prompt, label) for label in tiny.LABELS] for prompt in PROMPTS])
    assert np.abs(speaker.choose(PROMPTS, tiny.LABELS) - alone).max() < CLOSE
    answers = [tiny.LABELS[i % 4] for i in range(len(PROMPTS))]
    assert np.abs(speaker.score(PROMPTS, answers) - alone[range(9), [i % 4 for i in range(9)]]).max() < CLOSE
    assert speaker.score([], []).shape == (0,)


def test_scoring_with_a_shared_trunk_changes_no_number(loaded: Loaded, adapter: Adapter) -> None:
    from assay.models.speaker import Speaker
    from assay.models.stack import stack_of
    from assay.models.trunk import Trunk

    stack = stack_of(loaded.model)
    assert stack is not None
    answers = [f"answer {i} {'x' * i}" for i in range(len(PROMPTS))]
    bare, helped = Speaker(loaded, adapter), Speaker(loaded, adapter, trunk=Trunk(stack, 2))
    assert helped.trunk is not None
    alone = [chance(bare, prompt, answer) for prompt, answer in zip(PROMPTS, answers, strict=True)]
    assert np.abs(bare.score(PROMPTS, answers) - alone).max() < CLOSE
    assert np.abs(helped.score(PROMPTS, answers) - alone).max() < CLOSE
