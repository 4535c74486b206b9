from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from assay.records import Message
from models import tiny

if TYPE_CHECKING:
    from assay.models.adapter import Adapter
    from assay.models.base import Loaded

pytestmark = pytest.mark.slow
PROMPTS = [example.messages[:-1] for example in tiny.rows(23)] + [(Message("system", "Other."), Message("user", "hi"))]
CLOSE = 1e-3  # natural log-probability, float32


def test_choosing_equals_one_plain_pass_an_option(loaded: Loaded, adapter: Adapter) -> None:
    from assay.models import whole
    from assay.models.speaker import Speaker

    for speaker in (Speaker(loaded), Speaker(loaded, adapter)):
        assert speaker.stack is not None
        rows, options = [speaker.render(p) for p in PROMPTS], [speaker._option(o) for o in tiny.LABELS]
        plain = whole.choose(speaker.model, rows, options)
        assert np.abs(speaker.choose(PROMPTS, tiny.LABELS) - plain).max() < CLOSE
        assert np.exp(plain).sum(axis=1).max() < 1  # options do not exhaust what could be written
        assert plain.std() > 0.1


def test_writing_equals_one_plain_pass_a_token(loaded: Loaded, adapter: Adapter) -> None:
    from assay.models import whole
    from assay.models.speaker import Speaker

    speaker = Speaker(loaded, adapter)
    plain = whole.write(speaker.model, speaker.tokenizer, [speaker.render(p) for p in PROMPTS], 12, speaker.ends)
    fast = speaker.write(PROMPTS, 12)
    assert [(w.text, w.tokens) for w in fast] == [(w.text, w.tokens) for w in plain]
    assert all(w.seconds > 0 for w in fast)


def test_drafts_and_a_shared_trunk_change_no_answer(loaded: Loaded, adapter: Adapter) -> None:
    from assay.models.speaker import Speaker
    from assay.models.stack import stack_of
    from assay.models.trunk import Trunk

    plain = Speaker(loaded, adapter)
    likely = [written.text for written in plain.write(PROMPTS[:8], 6)]  # so that some drafts are followed to the end
    stack = stack_of(loaded.model)
    assert stack is not None
    trunk = Trunk(stack, 2)
    helped = Speaker(loaded, adapter, drafts=[*tiny.LABELS, *likely], trunk=trunk)
    assert helped.trunk is trunk
    for limit in (1, 6, 12):
        assert [w[:2] for w in helped.write(PROMPTS, limit)] == [w[:2] for w in plain.write(PROMPTS, limit)]
    assert np.abs(helped.choose(PROMPTS, tiny.LABELS) - plain.choose(PROMPTS, tiny.LABELS)).max() < CLOSE


def test_a_trunk_above_a_changed_layer_is_not_used(loaded: Loaded, adapter: Adapter) -> None:
    from assay.models.speaker import Speaker
    from assay.models.stack import stack_of
    from assay.models.trunk import Trunk

    stack = stack_of(loaded.model)
    assert stack is not None
    assert adapter.lowest_layer == 2
    assert Speaker(loaded, adapter, trunk=Trunk(stack, 3)).trunk is None


def test_an_unknown_architecture_is_answered_by_whole_passes(loaded: Loaded, adapter: Adapter) -> None:
    from assay.models.speaker import Speaker

    fast, slow = Speaker(loaded, adapter), Speaker(loaded, adapter)
    slow.stack = None
    assert np.abs(fast.choose(PROMPTS[:5], tiny.LABELS) - slow.choose(PROMPTS[:5], tiny.LABELS)).max() < CLOSE
    assert [w[:2] for w in fast.write(PROMPTS[:5], 5)] == [w[:2] for w in slow.write(PROMPTS[:5], 5)]


def test_nothing_to_ask_gives_nothing(loaded: Loaded) -> None:
    from assay.models.speaker import Speaker

    speaker = Speaker(loaded, drafts=tiny.LABELS)
    assert speaker.write([], 5) == []
    assert speaker.choose([], tiny.LABELS).shape == (0, 4)
    assert speaker.choose(PROMPTS, []).shape == (len(PROMPTS), 0)


def test_the_layers_of_a_stack_add_up_to_the_model(loaded: Loaded) -> None:
    import torch

    from assay.models.stack import stack_of

    stack = stack_of(loaded.model)
    assert stack is not None
    ids = torch.arange(3, 60)[None]
    with torch.inference_mode():
        parts = stack.logits(stack.run(stack.run(stack.embed(ids), 0, 3), 3, 4))
        assert torch.allclose(parts, loaded.model(input_ids=ids).logits, atol=1e-4)


def test_a_model_whose_layers_do_not_add_up_is_no_stack(base_folder: object) -> None:
    from assay.models.base import load
    from assay.models.stack import stack_of

    other = load(str(base_folder), "float32")
    other.model.model.norm.register_forward_hook(lambda module, inputs, output: output)
    assert stack_of(other.model) is not None
    other.model.model.register_forward_pre_hook(lambda module, inputs: None)
    other.model.lm_head.register_forward_hook(lambda module, inputs, output: output.clamp(max=0.1))
    assert stack_of(other.model) is not None  # the head is part of the stack: still the same
    other.model.model.layers[1].register_forward_hook(lambda module, inputs, output: output)
    other.model.model.register_forward_hook(lambda module, inputs, output: type(output)(last_hidden_state=-output[0]))
    assert stack_of(other.model) is None
