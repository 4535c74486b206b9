"""The one dial: what it sets, what overrides it, and that every value has a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import RecipeError
from assay.recipe import EFFORTS, TrainSpec, derived, parse

METHODS = ("lora", "dora", "rslora", "full", "prompt", "prefix", "qlora")


def test_normal_is_what_the_published_numbers_were_measured_with() -> None:
    spec = TrainSpec()
    assert (spec.effort, spec.method, spec.rank, spec.layers, spec.learning_rate) == ("normal", "lora", 16, 10, 1e-3)
    assert (spec.epochs, spec.batch_size, spec.patience) == (2, 8, 0)


@pytest.mark.parametrize("effort", EFFORTS)
def test_the_dial_sets_what_nobody_set(effort: str) -> None:
    made = parse({"name": "x", "train": {"effort": effort, "rank": 3}}).train
    assert made.rank == 3
    assert {key: getattr(made, key) for key in EFFORTS[effort]} == {**EFFORTS[effort], "rank": 3}


def test_more_effort_is_more_of_everything_but_speed() -> None:
    quick, normal, thorough = (TrainSpec(effort=effort) for effort in ("quick", "normal", "thorough"))  # type: ignore[arg-type]
    assert quick.rank < normal.rank < thorough.rank
    assert quick.epochs < normal.epochs < thorough.epochs
    assert (quick.patience, normal.patience, thorough.patience) == (0, 0, 2)


def test_a_method_brings_its_own_learning_rate() -> None:
    assert TrainSpec(method="full").learning_rate == pytest.approx(5e-5)
    assert TrainSpec(method="prompt").learning_rate == pytest.approx(3e-2)
    assert TrainSpec(method="full", learning_rate=1e-4).learning_rate == 1e-4


@given(
    effort=st.sampled_from(list(EFFORTS)), method=st.sampled_from(METHODS), rank=st.none() | st.integers(1, 512),
    patience=st.none() | st.integers(0, 5),
)  # fmt: skip
def test_a_recipe_written_out_in_full_reads_back_equal(
    effort: str, method: str, rank: int | None, patience: int | None
) -> None:
    given_ = {key: value for key, value in {"rank": rank, "patience": patience}.items() if value is not None}
    spec = TrainSpec.model_validate({"effort": effort, "method": method, **given_})
    assert TrainSpec(**spec.model_dump()) == spec


def test_an_effort_nobody_knows_is_told_with_those_there_are() -> None:
    with pytest.raises(RecipeError, match=r"train\.effort") as told:
        parse({"name": "x", "train": {"effort": "heroic"}})
    assert "'quick', 'normal' or 'thorough'" in str(told.value)
    assert derived({"effort": "heroic"}) == {}


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("effort", EFFORTS)
def test_every_value_is_told_with_a_reason_and_an_override_says_what_it_replaced(effort: str, method: str) -> None:
    pytest.importorskip("torch")
    from assay.train.derived import settings_of

    spec = TrainSpec.model_validate({"effort": effort, "method": method, "epochs": 9})
    told = {setting.key: setting for setting in settings_of(spec)}
    unused = {"prompt": {"rank", "layers"}, "prefix": {"rank", "layers"}, "full": {"rank"}}.get(method, set())
    learnt = {"virtual_tokens"} if method in ("prompt", "prefix") else set()
    assert set(told) == {"effort", "method", "precision", *EFFORTS[effort]} - unused | learnt
    assert all(setting.reason for setting in told.values())
    assert told["epochs"].reason == f"set in assay.yaml; effort {effort} would take {EFFORTS[effort]['epochs']:g}"
    assert told["batch_size"].reason.startswith(f"effort {effort}: ")


@pytest.mark.slow
def test_full_tuning_is_never_rounded_to_bf16_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    from assay.train import derived as module

    monkeypatch.setattr(module, "best_dtype", lambda: "bfloat16")
    assert module.dtype_of(TrainSpec()) == "bfloat16"
    assert module.dtype_of(TrainSpec(method="full")) == "float32"
    assert module.dtype_of(TrainSpec(precision="fp32")) == "float32"
    monkeypatch.setattr(module, "best_dtype", lambda: "float32")
    assert module.dtype_of(TrainSpec()) == "float32"
    assert "no native bf16" in module.settings_of(TrainSpec())[-1].reason
    assert module.dtype_of(TrainSpec(precision="bf16")) == "bfloat16"
