"""What is not installed is said before it is needed."""

from __future__ import annotations

import pytest

from assay.cli import extras


def test_a_module_is_traced_to_its_extra() -> None:
    assert (extras.extra_of("torch.nn"), extras.extra_of("uvicorn"), extras.extra_of("numpy")) == (
        "train",
        "serve",
        None,
    )
    assert extras.how_to_install("serve") == "pip install 'assay[serve]'"


def test_missing_modules_are_named_without_importing_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "peft" else object())
    assert extras.missing("train") == ["peft"]
