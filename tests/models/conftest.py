from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from models import tiny

if TYPE_CHECKING:
    from assay.models.adapter import Adapter
    from assay.models.base import Loaded

SYSTEM = "Answer with the intent."


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    pytest.importorskip("transformers")
    return tiny.tokenizer()


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch")
    return tiny.save(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def loaded(base_folder: Path) -> Loaded:
    from assay.models.base import load

    return load(str(base_folder), "float32")


@pytest.fixture(scope="session")
def adapter(tmp_path_factory: pytest.TempPathFactory, loaded: Loaded) -> Adapter:
    """A random adapter on the upper two of four layers."""
    import torch
    from peft import LoraConfig, get_peft_model

    from assay.models import adapter as adapters
    from assay.models import chat
    from assay.models.base import quiet

    config = LoraConfig(r=4, target_modules=["q_proj", "up_proj"], layers_to_transform=[2, 3], init_lora_weights=False)
    with torch.random.fork_rng(), quiet():
        torch.manual_seed(1)
        tuned = get_peft_model(loaded.model, config)
    folder = tmp_path_factory.mktemp("adapter")
    tuned.save_pretrained(folder)
    tuned.unload()
    loaded.tokenizer.save_pretrained(folder)
    print_ = chat.fingerprint(loaded.tokenizer, SYSTEM)
    card = adapters.Adapter(folder, loaded.base.name, loaded.base.digest, print_, SYSTEM, labels=tiny.LABELS)
    adapters.save_card(card)
    return adapters.read(folder)
