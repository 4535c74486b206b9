"""`assay serve`, as it is typed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, cast

import pytest

from assay.cli.serve import serve
from assay.errors import InputError, ModelError, RecipeError
from assay.serve import listening


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "triage"
    folder.mkdir()
    (folder / "assay.yaml").write_text("name: triage\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.slow
def test_a_rung_without_a_run_names_the_command_that_makes_one(project: Path) -> None:
    with pytest.raises(ModelError, match="assay train --on curated"):
        serve(port=0)


def test_what_is_wrong_with_the_address_is_said_before_a_model_is_loaded(project: Path) -> None:
    pytest.importorskip("fastapi")
    with pytest.raises(InputError, match="no token"):
        serve(host="0.0.0.0", port=0)
    with listening.bind("127.0.0.1", 0, ()) as bound, pytest.raises(InputError, match="in use"):
        serve(port=bound.getsockname()[1])


def test_outside_a_project_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fastapi")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecipeError, match=r"no assay\.yaml"):
        serve(port=0)


def test_a_system_prompt_that_changed_since_is_told_with_both(project: Path) -> None:
    from assay.cli.serve import _other_prompt
    from assay.project import find
    from assay.serve.voices import Voice

    voice = Voice("triage-curated", None, cast(Any, None), "Answer with the intent.", "", tuned=True)
    told = _other_prompt(voice, find(project))
    assert "trained, and served, with the system prompt 'Answer with the intent.'" in told
    assert "assay.yaml now says no system prompt" in told
    (project / "assay.yaml").write_text("name: triage\nsystem: Answer with the intent.\n", encoding="utf-8")
    assert _other_prompt(voice, find(project)) == ""
    assert _other_prompt(voice, None) == ""


def test_the_question_to_try_is_one_of_the_project(project: Path) -> None:
    from assay.cli.serve import _body, _question
    from assay.pipeline import build
    from assay.project import find

    assert _question(find(project)) == _question(None) != ""
    (project / "train.csv").write_text("text,label\nIs the kayak's paddle red?,colour\n", encoding="utf-8")
    (project / "assay.yaml").write_text("name: t\ntask: classify\nsources: [{path: train.csv}]\n", encoding="utf-8")
    build(find(project))
    assert _question(find(project)) == "Is the kayak's paddle red?"
    assert "kayak'\\''s" in _body("m", _question(find(project)))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_it_prints_where_and_how_to_ask_and_ends_when_told(project: Path, adapter_folder: Path) -> None:
    shutil.copytree(adapter_folder, project / ".assay" / "runs" / "curated-abc1-s0" / "adapter")
    command = "import typer; from assay.cli.serve import serve; typer.run(serve)"
    server = subprocess.Popen(
        [sys.executable, "-c", command, "--port", "0", "--log"], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert server.stdout is not None
        told = server.stdout.readline() + server.stdout.readline()
        url, body = re.findall(r"curl (\S+)/v1/chat.*-d '(.*)'", told)[0]
        assert f"serving triage-curated on {url}/v1" in told
        request = urllib.request.Request(
            f"{url}/v1/chat/completions",
            json.dumps(json.loads(body) | {"max_tokens": 4}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as reply:
            assert json.load(reply)["model"] == "triage-curated"
        server.send_signal(signal.SIGINT)
        assert server.wait(30) == 0
    finally:
        server.kill()
        server.wait()
        if server.stdout:
            server.stdout.close()
    logged = (project / ".assay" / "requests.jsonl").read_text().splitlines()
    assert [json.loads(line)["outcome"] for line in logged] == ["answered"]
