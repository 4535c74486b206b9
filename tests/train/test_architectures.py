"""Encoder-decoders and decoders of other kinds go through the same functions: trained, chosen from, written, served."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from models import small, tiny

from assay.errors import ModelError, ParityError, TrainingError
from assay.recipe import TrainSpec
from assay.records import Example, Message

if TYPE_CHECKING:
    from assay.models.adapter import Adapter
    from assay.models.base import Loaded

pytestmark = pytest.mark.slow
SYSTEM = "Twice, please."


def spellings(count: int) -> list[Example]:
    """A letter some times in, twice out."""
    draw = random.Random(0)
    words = [draw.choice("abcdef") * draw.randrange(1, 7) for _ in range(count)]
    return [
        Example(f"r{i}", "generate", (Message("user", word), Message("assistant", word[0] * 2)))
        for i, word in enumerate(words)
    ]


def load(name: str, folder: Path) -> Loaded:
    from assay.models import base

    return base.load(str(getattr(small, name)(folder)), "float32")


@pytest.fixture(scope="module", params=["bart", "t5"])
def tuned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Loaded, Adapter]:
    from assay.models import adapter
    from assay.train.lora import fit

    folder = tmp_path_factory.mktemp(request.param)
    loaded = load(request.param, folder / "base")
    rate = 5e-3 if request.param == "t5" else 3e-3
    spec = TrainSpec(method="full", layers=0, batch_size=8, epochs=14, learning_rate=rate, max_tokens=100)
    run = fit(spellings(64), base=loaded, spec=spec, out=folder / "run", system=SYSTEM)
    assert run.path == "whole model"
    return loaded, adapter.read(run.adapter)


def test_the_source_is_plain_text_that_ends_as_the_models_texts_end(tmp_path: Path) -> None:
    from assay.models import chat

    turns = [Message("user", "ab"), Message("assistant", "aa"), Message("user", "c</s>d")]
    for name, begins in (("bart", "<s>"), ("t5", "")):
        tokenizer = load(name, tmp_path / name).tokenizer
        ids = chat.render(turns, tokenizer, for_answer=True, system=SYSTEM)
        assert tokenizer.decode(ids) == f"{begins}Twice, please.\n\nab\n\naa\n\nc<\u200b/s>d</s>"
        assert chat.render(turns[:1], tokenizer, for_answer=True) == tokenizer("ab")["input_ids"]
        assert tokenizer.decode(chat.option_ids("aa", tokenizer, SYSTEM)) == "aa</s>"


def test_an_encoder_decoder_learns_a_toy_task_and_stops(tuned: tuple[Loaded, Adapter]) -> None:
    from assay.models.speaker import Speaker

    loaded, adapter = tuned
    rows = spellings(64)
    prompts = [row.messages[:-1] for row in rows]
    written = Speaker(loaded, adapter).write(prompts, 8)
    right = np.mean([w.text == row.answer for w, row in zip(written, rows, strict=True)])
    before = np.mean([w.text == r.answer for w, r in zip(Speaker(loaded).write(prompts, 8), rows, strict=True)])
    assert right >= 0.75 > before
    assert all(w.tokens < 8 for w in written)


def test_choosing_and_writing_are_those_of_the_model_itself(tuned: tuple[Loaded, Adapter]) -> None:
    import torch

    from assay.models import adapter as adapters
    from assay.models.speaker import Speaker

    loaded, adapter = tuned
    speaker, inner = Speaker(loaded, adapter), adapters.applied(loaded, adapter).inner
    prompt = (Message("user", "bbbb"),)
    ids = speaker.render(prompt)
    options = ["bb", "aa", "d"]
    with torch.inference_mode():
        for option, chance in zip(options, speaker.choose([prompt], options)[0], strict=True):
            labels = torch.tensor([[*speaker.model.start[1:], *speaker._option(option)]])
            logs = inner(input_ids=torch.tensor([ids]), labels=labels).logits[0].log_softmax(-1)
            counted = range(len(speaker.model.start) - 1, labels.shape[1])
            assert chance == pytest.approx(sum(float(logs[t, labels[0, t]]) for t in counted), abs=1e-3)
        told = inner.generate(torch.tensor([ids]), max_new_tokens=8, do_sample=False, num_beams=1)
    text = speaker.tokenizer.decode(told[0], skip_special_tokens=True)
    assert speaker.write([prompt], 8)[0].text == text == "bb"


def test_rows_read_together_are_the_rows_read_alone(tuned: tuple[Loaded, Adapter]) -> None:
    import torch

    from assay.models import chat
    from assay.models.seq2seq import continuing
    from assay.train.forward import whole

    loaded, _ = tuned
    rows = [chat.tokenise(row, loaded.tokenizer, 100, SYSTEM) for row in spellings(4)]
    rows.append(chat.tokenise(tiny.rows(5)[4], loaded.tokenizer, 100))
    forward = whole(continuing(loaded.model), rows)
    with torch.inference_mode():
        assert torch.allclose(forward(range(5)), torch.cat([forward([i]) for i in range(5)]), atol=1e-4)


def test_the_server_answers_with_it_whole_and_in_pieces(tuned: tuple[Loaded, Adapter]) -> None:
    from assay.serve import answering, voices
    from assay.serve.wire import Asked

    _, adapter = tuned
    served = voices.load_served(adapter.folder, "speller", dtype="float32")
    with pytest.MonkeyPatch.context() as patch:
        for at_once in (256, 3):
            patch.setattr(answering, "_READ_AT_ONCE", at_once)
            asked = Asked("speller", messages=(Message("user", "ccc"),), max_tokens=8, n=2)
            pieces = list(answering.answer(served.find("speller"), asked))
            for choice in (0, 1):
                assert "".join(piece.text for piece in pieces if piece.choice == choice) == "cc"


def test_the_system_prompt_is_part_of_the_fingerprint(tuned: tuple[Loaded, Adapter]) -> None:
    from dataclasses import replace

    from assay.models import adapter as adapters

    loaded, adapter = tuned
    with pytest.raises(ParityError):
        adapters.applied(loaded, replace(adapter, system="Another."))


@pytest.mark.parametrize("method", ["lora", "dora"])
def test_lora_reaches_the_top_layers_of_both_halves(tmp_path: Path, method: str) -> None:
    from safetensors import safe_open

    from assay.models import adapter
    from assay.models.speaker import Speaker
    from assay.train.lora import fit

    loaded = load("bart", tmp_path / "base")
    spec = TrainSpec(method=method, layers=1, rank=4, epochs=2, learning_rate=1e-2, max_tokens=100)  # type: ignore[arg-type]
    run = fit(spellings(16), base=loaded, spec=spec, out=tmp_path / "run", system=SYSTEM)
    assert run.epoch_losses[1] < run.epoch_losses[0]
    with safe_open(run.adapter / adapter.WEIGHTS, framework="np") as stored:
        names = list(stored.keys())
    assert all(".layers.1." in name for name in names)
    assert {half for name in names for half in ("encoder", "decoder") if f".{half}." in name} == {"encoder", "decoder"}
    prompt = [(Message("user", "bbbb"),)]
    plain, tuned = (Speaker(loaded, a).choose(prompt, ["bb", "aa"]) for a in (None, adapter.read(run.adapter)))
    assert np.abs(plain - tuned).max() > 0.1


def test_learnt_positions_before_an_encoder_decoder_are_refused(tmp_path: Path) -> None:
    from assay.train.lora import fit

    spec = TrainSpec(method="prefix")
    with pytest.raises(TrainingError, match="encoder-decoder") as told:
        fit(spellings(8), base=load("bart", tmp_path / "base"), spec=spec, out=tmp_path / "run")
    assert "lora" in told.value.hint


@pytest.mark.parametrize(("name", "path"), [("qwen2", "cached lower layers"), ("gemma2", "whole model"),
                                            ("gpt2", "whole model")])  # fmt: skip
def test_decoders_of_other_kinds_learn_and_are_loaded_to_the_same_logits(tmp_path: Path, name: str, path: str) -> None:
    from assay.models import adapter, whole
    from assay.models.speaker import Speaker
    from assay.train.lora import fit

    loaded = load(name, tmp_path / "base")
    spec = TrainSpec(layers=2, rank=4, epochs=3, batch_size=8, learning_rate=1e-2, max_tokens=200)
    run = fit(tiny.rows(16), base=loaded, spec=spec, out=tmp_path / "run", system=SYSTEM)
    assert run.path == path
    assert run.epoch_losses[-1] < run.epoch_losses[0]
    speaker = Speaker(loaded, adapter.read(run.adapter))
    prompts = [row.messages[:-1] for row in tiny.rows(3)]
    plain = whole.choose(speaker.model, [speaker.render(p) for p in prompts], [speaker._option(o) for o in tiny.LABELS])
    assert np.abs(speaker.choose(prompts, tiny.LABELS) - plain).max() < 1e-3
    assert np.abs(Speaker(loaded).choose(prompts, tiny.LABELS) - plain).max() > 0.1


def test_a_model_whose_texts_have_no_end_is_refused() -> None:
    from assay.models.seq2seq import template_of

    tokenizer: Any = small.text_tokenizer()
    tokenizer.eos_token = None
    with pytest.raises(ModelError, match="no end of text"):
        template_of(tokenizer)


def test_an_encoder_decoder_tells_its_weights_as_a_decoder_does(tuned: tuple[Loaded, Adapter]) -> None:
    from assay.models.seq2seq import continuing

    weights = tuned[0].model
    held = sum(weight.nbytes for weight in continuing(weights).parameters())
    assert held == sum(weight.nbytes for weight in weights.parameters()) > 0
