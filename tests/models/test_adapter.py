from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.errors import ModelError, ParityError
from assay.models import adapter as adapters
from models import tiny

if TYPE_CHECKING:
    from assay.models.adapter import Adapter
    from assay.models.base import Loaded


def test_a_folder_that_is_no_adapter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no assay\.json"):
        adapters.read(tmp_path)


def test_a_pickled_adapter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "assay.json").write_text("{}")
    (tmp_path / "adapter_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match="pickled weights are never loaded"):
        adapters.read(tmp_path)


def test_a_card_with_unknown_keys_is_refused(tmp_path: Path) -> None:
    (tmp_path / "assay.json").write_text('{"base": "x", "surprise": 1}')
    (tmp_path / "adapter_model.safetensors").write_bytes(b"")
    with pytest.raises(ModelError, match="surprise"):
        adapters.read(tmp_path)


@pytest.mark.slow
def test_what_is_written_reads_back_equal(tmp_path: Path, adapter: Adapter) -> None:
    shutil.copytree(adapter.folder, tmp_path / "a")
    card = replace(adapter, folder=tmp_path / "a", system="Réponds 🙂", labels=("a", "b"), settings={"rank": 4})
    adapters.save_card(card)
    assert adapters.read(tmp_path / "a") == card


@pytest.mark.slow
def test_merged_equals_unmerged_and_leaves_the_base_as_it_was(loaded: Loaded, adapter: Adapter) -> None:
    import copy

    import torch
    from peft import PeftModel

    from assay.models.base import quiet

    ids = torch.arange(3, 40)[None]
    with torch.inference_mode():
        before = loaded.model(input_ids=ids).logits
        with quiet():
            unmerged = PeftModel.from_pretrained(copy.deepcopy(loaded.model), adapter.folder)
        merged = adapters.applied(loaded, adapter)
        assert torch.allclose(merged(input_ids=ids).logits, unmerged(input_ids=ids).logits, atol=1e-3)
        assert not torch.allclose(merged(input_ids=ids).logits, before, atol=1e-1)
        assert torch.equal(loaded.model(input_ids=ids).logits, before)
    shared = {p.data_ptr() for p in loaded.model.parameters()} & {p.data_ptr() for p in merged.parameters()}
    assert len(shared) == len(list(loaded.model.parameters())) - 4  # q and up of two layers are its own


@pytest.mark.slow
def test_another_template_or_base_is_refused(tmp_path: Path, loaded: Loaded, adapter: Adapter) -> None:
    from assay.models.base import load

    with pytest.raises(ParityError):
        adapters.applied(loaded, replace(adapter, system="Something else."))
    with pytest.raises(ModelError, match="trained on"):
        adapters.applied(load(str(tiny.save(tmp_path, seed=5)), "float32"), adapter)


@pytest.mark.slow
def test_damaged_weights_are_refused(tmp_path: Path, loaded: Loaded, adapter: Adapter) -> None:
    shutil.copytree(adapter.folder, tmp_path / "a")
    weights = tmp_path / "a" / adapters.WEIGHTS
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(ModelError, match="cannot be read"):
        adapters.applied(loaded, adapters.read(tmp_path / "a"))


@pytest.mark.slow
def test_a_kind_of_adapter_nobody_trained_here_is_refused(tmp_path: Path, loaded: Loaded, adapter: Adapter) -> None:
    shutil.copytree(adapter.folder, tmp_path / "a")
    config = json.loads((tmp_path / "a" / adapters.CONFIG).read_text())
    (tmp_path / "a" / adapters.CONFIG).write_text(json.dumps({**config, "peft_type": "IA3"}))
    with pytest.raises(ModelError, match="a IA3 adapter; only LORA"):
        adapters.applied(loaded, adapters.read(tmp_path / "a"))


@pytest.mark.slow
def test_other_weights_than_those_the_run_saved_are_refused(tmp_path: Path, loaded: Loaded, adapter: Adapter) -> None:
    from assay.models.base import sha256_of

    shutil.copytree(adapter.folder, tmp_path / "a")
    weights = tmp_path / "a" / adapters.WEIGHTS
    signed = replace(adapter, folder=tmp_path / "a", weights_digest=sha256_of(weights))
    adapters.applied(loaded, signed)
    body = bytearray(weights.read_bytes())
    body[-1] ^= 1
    weights.write_bytes(body)
    with pytest.raises(ModelError, match="not the weights that were trained"):
        adapters.applied(loaded, signed)


@pytest.mark.slow
def test_an_adapter_that_would_not_be_loaded_is_refused(tmp_path: Path, loaded: Loaded, adapter: Adapter) -> None:
    from safetensors.numpy import load_file, save_file

    shutil.copytree(adapter.folder, tmp_path / "a")
    weights = tmp_path / "a" / adapters.WEIGHTS
    save_file({name.replace(".layers.", ".blocks."): tensor for name, tensor in load_file(weights).items()}, weights)
    with pytest.raises(ModelError, match="missing adapter keys"):
        adapters.applied(loaded, replace(adapter, folder=tmp_path / "a"))


def test_weights_that_are_gone_are_told_as_gone(tmp_path: Path) -> None:
    (tmp_path / adapters.CARD).write_text("{}")
    with pytest.raises(ModelError, match="are gone") as told:
        adapters.read(tmp_path)
    assert "copy the file back, or train it again" in told.value.hint
