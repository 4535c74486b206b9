"""A tiny random model with a byte-level tokeniser, made in a fixture: any text goes in, noise comes out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from assay.serve.voices import Served, Voice

SYSTEM = "Answer with the intent."
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    """One token a byte, and three special ones."""
    pytest.importorskip("transformers")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {"<|pad|>": 0, "<|im_start|>": 1, "<|im_end|>": 2} | {c: i + 3 for i, c in enumerate(letters)}
    raw = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    raw.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        chat_template=TEMPLATE,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|pad|>",
    )


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory, tokenizer: Any) -> Path:
    """A tiny random Llama on disk."""
    torch = pytest.importorskip("torch")
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=640, initializer_range=0.6, tie_word_embeddings=True,
        bos_token_id=1, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("base")
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def base_voice(base_folder: Path) -> Voice:
    """The tiny model, as a voice with a system prompt it claims to be trained with."""
    from dataclasses import replace

    from assay.serve.voices import load_base

    voice = load_base(str(base_folder), dtype="float32").voices[0]
    return replace(voice, id="tiny", system=SYSTEM, tuned=True, version="v1")


@pytest.fixture(scope="session")
def served(base_voice: Voice) -> Served:
    """What the routes serve."""
    from assay.serve.voices import Served

    return Served((base_voice,))


@pytest.fixture
def adapter_folder(tmp_path: Path, base_folder: Path) -> Path:
    """A random adapter on the tiny model, as the trainer leaves it."""
    import torch
    from peft import LoraConfig, get_peft_model

    from assay.models import adapter, base, chat

    loaded = base.load(str(base_folder), "float32")
    torch.manual_seed(1)
    tuned = get_peft_model(
        loaded.model,
        LoraConfig(
            r=4,
            target_modules=["q_proj", "down_proj"],
            layers_to_transform=[1, 2],
            layers_pattern="layers",
            init_lora_weights=False,
        ),
    )
    folder = tmp_path / "demo-curated" / "adapter"
    tuned.save_pretrained(folder)
    loaded.tokenizer.save_pretrained(folder)
    adapter.save_card(
        adapter.Adapter(
            folder, str(base_folder), loaded.base.digest, chat.fingerprint(loaded.tokenizer, SYSTEM), system=SYSTEM,
            version="v1", weights_digest=base.sha256_of(folder / adapter.WEIGHTS),
        )
    )  # fmt: skip
    return folder


@pytest.fixture
def client(served: Served) -> Iterator[Any]:
    """Speaks to the application without a socket."""
    from fastapi.testclient import TestClient

    from assay.serve.app import app_for

    with TestClient(app_for(served), base_url="http://127.0.0.1") as talking:
        yield talking
