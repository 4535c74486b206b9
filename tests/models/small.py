"""Tiny random models of other architectures than Llama, as ordinary model folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models import tiny


def text_tokenizer() -> Any:
    """One token a byte; texts begin and end with special tokens, and there is no chat template: as BART's."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {"<s>": 0, "<pad>": 1, "</s>": 2} | {c: i + 3 for i, c in enumerate(letters)}
    raw = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    raw.decoder = decoders.ByteLevel()
    raw.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair=None, special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(tokenizer_object=raw, bos_token="<s>", eos_token="</s>", pad_token="<pad>")


def bart(folder: Path) -> Path:
    """Two layers a half; its decoder begins with `</s><s>`, and it has dropout."""
    from transformers import BartConfig, BartForConditionalGeneration

    config = BartConfig(
        vocab_size=259, d_model=64, encoder_layers=2, decoder_layers=2, encoder_ffn_dim=64, decoder_ffn_dim=64,
        encoder_attention_heads=4, decoder_attention_heads=4, max_position_embeddings=256, dropout=0.1,
        bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2, forced_bos_token_id=0,
    )  # fmt: skip
    return _save(BartForConditionalGeneration, config, folder, text_tokenizer())


def t5(folder: Path) -> Path:
    """Two layers a half; its texts have no beginning, its decoder begins with padding."""
    from tokenizers import processors
    from transformers import T5Config, T5ForConditionalGeneration

    tokenizer = text_tokenizer()
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair=None, special_tokens=[("</s>", 2)]
    )
    tokenizer.bos_token = None
    config = T5Config(
        vocab_size=259, d_model=64, d_kv=16, d_ff=128, num_layers=2, num_heads=4, pad_token_id=1, eos_token_id=2,
        decoder_start_token_id=1, dropout_rate=0.1,
    )  # fmt: skip
    return _save(T5ForConditionalGeneration, config, folder, tokenizer)


def qwen2(folder: Path) -> Path:
    """Like Llama, with biases; a chat template of its own."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    return _save(Qwen2ForCausalLM, Qwen2Config(**_DECODER, tie_word_embeddings=True), folder, tiny.tokenizer())


def gemma2(folder: Path) -> Path:
    """Every other layer sees a window, logits are capped: not a plain stack."""
    from transformers import Gemma2Config, Gemma2ForCausalLM

    config = Gemma2Config(**_DECODER, head_dim=8, sliding_window=16, query_pre_attn_scalar=8)
    return _save(Gemma2ForCausalLM, config, folder, tiny.tokenizer())


def gpt2(folder: Path) -> Path:
    """Its linear layers are of a kind of their own, and its layers are called `h`."""
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=259, n_embd=32, n_layer=3, n_head=4, n_positions=512, bos_token_id=1, eos_token_id=2, pad_token_id=0
    )
    return _save(GPT2LMHeadModel, config, folder, tiny.tokenizer())


_DECODER: dict[str, Any] = {
    "vocab_size": 259, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 512, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
}  # fmt: skip


def _save(kind: Any, config: Any, folder: Path, tokenizer: Any) -> Path:
    import torch

    from assay.models.base import quiet

    with torch.random.fork_rng(), quiet():
        torch.manual_seed(0)
        kind(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
