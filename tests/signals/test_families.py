from __future__ import annotations

import numpy as np
import pytest

from assay.signals.families import kinship, label_families
from assay.signals.folding import label_tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Card Arrival", "card_arrival"), ("card arr.", "card_arrival"), ("CA", "card arrival"),
        ("pmt failed", "payment_failed"),
        ("card_arival", "card_arrival"), ("lost/stolen phone", "lost_or_stolen_phone"), ("Возврат", "возврат"),
    ],
)  # fmt: skip
def test_spellings_of_one_label_are_kin(one: str, other: str) -> None:
    assert kinship(label_tokens(one), label_tokens(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("card_arrival", "card_not_arrived"), ("invoice created", "invoice deleted"), ("Hepatitis B", "Hepatitis C"),
        ("activate card", "deactivate card"), ("hypothyroidism", "hyperthyroidism"),
        ("top_up_failed", "top_up_reverted"),        ("level 1", "level 2"), ("A+", "A"), ("male", "female"),
        ("its", "it's"), ("were", "we're"),
    ],
)  # fmt: skip
def test_distinct_labels_are_not(one: str, other: str) -> None:
    assert not kinship(label_tokens(one), label_tokens(other))


def _around(centre: int, n: int, seed: int) -> np.ndarray:
    vectors = np.eye(12)[[centre] * n] + 0.25 * np.random.default_rng(seed).normal(size=(n, 12))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_an_abbreviation_on_the_same_inputs_joins_and_the_majority_names_the_family() -> None:
    labels = ["card_arrival"] * 30 + ["card arr."] * 6 + ["top_up"] * 30
    vectors = np.concatenate([_around(0, 36, 0), _around(1, 30, 1)])
    families = label_families(labels, vectors)
    assert families.canonical == {"card_arrival": "card_arrival", "card arr.": "card_arrival", "top_up": "top_up"}
    assert families.members("card_arrival") == ["card_arrival", "card arr."]


def test_kin_labels_on_other_inputs_stay_apart() -> None:
    labels = ["refund_request"] * 30 + ["refund_requested"] * 12 + ["top_up"] * 30
    vectors = np.concatenate([_around(0, 30, 0), _around(2, 12, 2), _around(1, 30, 1)])
    assert label_families(labels, vectors).canonical["refund_requested"] == "refund_requested"


def test_kin_labels_whose_inputs_lie_near_but_apart_stay_apart() -> None:
    near = _around(0, 30, 5)
    near[:, 3] += 0.8
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    families = label_families(
        ["order cancel"] * 30 + ["order cancelled"] * 30, np.concatenate([_around(0, 30, 4), near])
    )
    assert families.canonical["order cancelled"] == "order cancelled"


def test_five_hundred_labels_and_none_at_all() -> None:
    labels = [f"class {i}" for i in range(500)]
    assert len(set(label_families(labels, _around(0, 500, 1)).canonical.values())) == 500
    assert label_families([], np.zeros((0, 12), dtype=np.float32)).canonical == {}
