from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from assay.errors import ModelError, ParityError
from assay.records import Message
from assay.serve import runs
from assay.serve.wire import Asked

# PEFT asks transformers for a name that transformers calls deprecated
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
HELLO = (Message("user", "Where is my card?"),)


def written(voice: object, asked: Asked) -> str:
    from assay.serve.answering import answer

    return "".join(piece.text for piece in answer(voice, asked))  # type: ignore[arg-type]


@pytest.mark.slow
def test_an_adapter_is_served_with_its_base_model_and_its_own_system_prompt(adapter_folder: Path) -> None:
    from assay.serve.voices import load_served

    served = load_served(adapter_folder, "demo-curated", dtype="float32")
    tuned, plain = served.voices
    assert (tuned.id, tuned.system, tuned.version, plain.system) == (
        "demo-curated",
        "Answer with the intent.",
        "v1",
        "",
    )
    asked = Asked("x", HELLO, max_tokens=12)
    assert written(tuned, asked) != written(plain, asked)
    assert "intent" in tuned.tokenizer.decode(tuned.read(HELLO))
    assert "intent" not in plain.tokenizer.decode(plain.read(HELLO))


@pytest.mark.slow
def test_the_merged_model_gives_the_adapters_logits(adapter_folder: Path, base_folder: Path) -> None:
    import torch
    from peft import PeftModel

    from assay.models import base
    from assay.serve.voices import load_served

    tuned = load_served(adapter_folder, "x", dtype="float32").voices[0]
    loaded = base.load(str(base_folder), "float32")
    ids = torch.tensor([tuned.read(HELLO)])
    with torch.inference_mode():
        plain = loaded.model(ids).logits
        apart = PeftModel.from_pretrained(loaded.model, adapter_folder)(ids).logits
        merged = tuned.model(ids).logits
    assert (plain - apart).abs().max() > 0.1
    assert (merged - apart).abs().max() < 1e-4


@pytest.mark.slow
def test_what_the_speaker_writes_the_server_answers(adapter_folder: Path, base_folder: Path) -> None:
    from assay.models import adapter, base, speaker
    from assay.serve.voices import load_served

    tuned = load_served(adapter_folder, "x", dtype="float32").voices[0]
    loaded = base.load(str(base_folder), "float32")
    measured = speaker.Speaker(loaded, adapter.read(adapter_folder)).write([HELLO], 12)[0]
    assert written(tuned, Asked("x", HELLO, max_tokens=12)) == measured.text


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["template", "end of turn", "system", "base"])
def test_an_adapter_that_would_be_served_otherwise_than_trained_is_refused(adapter_folder: Path, broken: str) -> None:
    from assay.serve.voices import load_served

    card = adapter_folder / "assay.json"
    changes = {"template": ("{{ m.role }}\n", "{{ m.role }}: "), "end of turn": ("<|im_end|>\n", "<|im_end|>")}
    if broken in changes:
        template = adapter_folder / "chat_template.jinja"
        before, after = changes[broken]
        template.write_text(template.read_text().replace(before, after), encoding="utf-8")
    else:
        change = {"system": {"system": "Answer."}, "base": {"base_digest": "0" * 64}}[broken]
        card.write_text(json.dumps(json.loads(card.read_text()) | change), encoding="utf-8")
    with pytest.raises(ParityError) as refused:
        load_served(adapter_folder, "x", dtype="float32")
    assert refused.value.status == 2
    assert refused.value.hint


def finished(runs_folder: Path, name: str, when: int, inside: str = "adapter") -> Path:
    folder = runs_folder / name / inside
    folder.mkdir(parents=True)
    (folder / "assay.json").write_text("{}", encoding="utf-8")
    os.utime(folder / "assay.json", (when, when))
    return folder


def test_the_newest_finished_run_of_a_rung_is_found(tmp_path: Path) -> None:
    finished(tmp_path, "curated-aaaa-s0", 10)
    newest = finished(tmp_path, "curated-bbbb-s1", 20)
    finished(tmp_path, "raw-cccc-s0", 30)
    (tmp_path / "curated-dddd-s0").mkdir()
    assert runs.newest(tmp_path, "curated") == newest
    assert runs.newest(tmp_path, "raw") == tmp_path / "raw-cccc-s0" / "adapter"


def test_a_run_that_is_its_own_adapter_folder_is_found(tmp_path: Path) -> None:
    finished(tmp_path, "raw-aaaa-s0", 1, inside="")
    assert runs.newest(tmp_path, "raw") == tmp_path / "raw-aaaa-s0"


def test_a_rung_without_a_finished_run_says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no run of 'curated'"):
        runs.newest(tmp_path / "none", "curated")
    finished(tmp_path, "curated-aaaa-s0", 10)
    with pytest.raises(ModelError, match="did you mean 'curated'"):
        runs.newest(tmp_path, "curatd")
    with pytest.raises(ModelError) as told:
        runs.newest(tmp_path, "nope")
    assert "--on nope" not in told.value.hint
    (tmp_path / "rules-bbbb-s0").mkdir()
    with pytest.raises(ModelError, match="'rules' is finished"):
        runs.newest(tmp_path, "rules")
