"""The cheap tier: paired by row, blind to order, at one budget."""

import numpy as np
import pytest
from conftest import labelled

from assay.encoders import WordLlama
from assay.errors import InputError
from assay.prove.probe import probe
from assay.records import Example

TOPICS = {
    "card": ("my card is lost", "the card was stolen", "a new card please", "card has not come", "block my card"),
    "rate": ("exchange rate for euros", "what rate do I get", "the rate is wrong", "rate of the pound", "which rate"),
}


def rows(name: str) -> list[Example]:
    return [labelled(f"{name}{i}{label}", t, label) for label, texts in TOPICS.items() for i, t in enumerate(texts)]


def test_the_order_of_the_rows_changes_nothing() -> None:
    train, test, encoder = rows("a"), rows("b"), WordLlama()
    one = probe(train, test, encoder, seeds=range(3), budget=10)
    other = probe(train[::-1], test, encoder, seeds=range(3), budget=10)
    assert one.primary.shape == one.gold.shape == (3, 10)
    assert (one.primary == other.primary).all()
    assert np.allclose(one.gold, other.gold, atol=1e-3)
    assert one.primary.mean() > 0.8


def test_a_label_that_is_not_in_the_training_rows_is_wrong_and_has_no_probability() -> None:
    test = [labelled("t", "my card is lost", "Card!")]
    scores = probe(rows("a"), test, WordLlama(), seeds=[0], budget=10)
    assert scores.primary.tolist() == [[0.0]]
    assert np.isnan(scores.gold).all()


def test_one_label_only_is_refused() -> None:
    with pytest.raises(InputError, match="one label"):
        probe(rows("a")[:5], rows("b"), WordLlama(), seeds=[0], budget=5)
