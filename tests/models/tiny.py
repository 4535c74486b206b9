"""A tiny random Llama; its tokeniser is byte-level, its template inserts a system prompt of its own, like SmolLM2's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assay.records import Example, Message

OWN_WORDS = "I was put in by the template"
TEMPLATE = (
    "{% for m in messages %}{% if loop.first and m.role != 'system' %}<|im_start|>system\n" + OWN_WORDS + "<|im_end|>\n"
    "{% endif %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LABELS = ("card_arrival", "card_lost", "top_up", "pin")


def tokenizer() -> Any:
    """One token a byte, and three special ones."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {"<|pad|>": 0, "<|im_start|>": 1, "<|im_end|>": 2} | {c: i + 3 for i, c in enumerate(letters)}
    raw = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    raw.decoder = decoders.ByteLevel()
    special = {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "pad_token": "<|pad|>"}
    return PreTrainedTokenizerFast(tokenizer_object=raw, chat_template=TEMPLATE, **special)


def save(folder: Path, seed: int = 0) -> Path:
    """A random model of four layers and its tokeniser, as an ordinary model folder."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from assay.models.base import quiet

    config = LlamaConfig(
        vocab_size=259, hidden_size=32, intermediate_size=64, num_hidden_layers=4, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=2048, tie_word_embeddings=True, initializer_range=0.2,
        bos_token_id=1, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    with torch.random.fork_rng(), quiet():
        torch.manual_seed(seed)
        LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


def rows(count: int) -> list[Example]:
    """Rows of different lengths, whose label can be learnt from their first word."""
    made = []
    for i in range(count):
        label = LABELS[i % len(LABELS)]
        text = f"{label.split('_')[-1]} {'please ' * (i % 5)}{i}"
        turns = (Message("user", text), Message("assistant", label))
        made.append(Example(f"r{i}", "classify", turns, label=label, uri="rows.jsonl", row=i))
    return made
