"""What is not installed is said before it is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.cli import extras, healing
from assay.project import Project
from assay.recipe import Recipe


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


def test_the_doctor_of_training_names_what_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(healing, "missing", lambda extra: ["torch", "peft"] if extra == "train" else [])
    project = Project(tmp_path, Recipe(name="desk"))
    for part in ("train", "serve"):
        (sign,) = healing.look(project, part, "curated")
        assert (sign.level, sign.what) == ("red", "torch, peft: not installed")
        assert sign.fix.startswith("pip install 'assay[train]'")
