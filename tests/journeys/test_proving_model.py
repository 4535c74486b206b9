"""`assay prove model`: a tiny tuned model against one behind an endpoint and another on this machine; as typed."""

from __future__ import annotations

import json
import re
import shutil
import socket
from dataclasses import replace
from typing import Any

import pytest
from evaluate.fake_endpoint import Seen, endpoint
from models import tiny

from journeys.conftest import Assay

ASKED = {"card": "Where is my card?", "money": "I want to send money", "pin": "I forgot my secret number"}
RECIPE = """\
name: desk
task: classify
system: Answer with the topic.
sources:
  - path: train.jsonl
  - {path: test.jsonl, split: test}
model: MODEL
rules: {test-leakage: off, near-duplicate: off, exact-duplicate: off, known-test: off}
train: {effort: quick, epochs: 1, layers: 1, rank: 2, max_tokens: 128}
eval:
  max_new_tokens: 12
  prices: {big: {into: 2.0, out: 10.0}}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, env: dict[str, str]) -> Assay:
    """A project with a tuned tiny model, and another tiny model in ./other."""
    pytest.importorskip("torch")
    made = Assay(tmp_path_factory.mktemp("duel") / "desk", env)
    made.folder.mkdir()
    for name, count in (("train", 8), ("test", 5)):
        lines = [
            json.dumps({"text": f"{text} {word} {name}", "label": label})
            for label, text in ASKED.items()
            for word in ("one", "two", "three", "four", "five", "six", "seven", "eight")[:count]
        ]
        (made.folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    model = tiny.save(made.folder.parent / "model")
    tiny.save(made.folder / "other", seed=1)
    (made.folder / "assay.yaml").write_text(RECIPE.replace("MODEL", str(model)), encoding="utf-8")
    made.ok("build")
    assert "assay train --on curated" in made.refused("prove", "model")
    made.ok("train", "--on", "curated", limit_s=400)
    return made


def knows(body: dict[str, Any], _: int) -> tuple[int, str]:
    """A bigger model that is always right."""
    text = body["messages"][-1]["content"]
    return 200, next(label for label, asked in ASKED.items() if text.startswith(asked))


def behind(desk: Assay, seen: Seen) -> Assay:
    return replace(desk, env=desk.env | {"ASSAY_ENDPOINT_URL": seen.url, "ASSAY_ENDPOINT_KEY": "sk-1"})


def test_it_is_planned_asked_kept_and_told_with_quality_latency_memory_and_cost(desk: Assay) -> None:
    words = ("prove", "model", "--against", "endpoint:big", "--against", "./other", "--few-shot-rows", "4")
    with endpoint(knows) as seen:
        typed = behind(desk, seen)
        planned = typed.ok(*words, "--dry-run", "--json").json
        assert not seen.bodies
        assert not list((desk.folder / ".assay").glob("prove/model-*"))
        told = typed.ok(*words, "--json", limit_s=400).json
        asked = len(seen.bodies)
        again = typed.ok(*words, limit_s=400)
        assert len(seen.bodies) == asked == 15, "answers once given are kept"
    by_name = {one["name"]: one for one in planned["contenders"]}
    assert list(by_name) == ["curated", "endpoint:big", "model:./other", "model-shots:./other"]
    assert [one["to_ask"] for one in by_name.values()] == [15, 15, 15, 4]
    assert by_name["endpoint:big"]["cost"] > 0
    assert by_name["model:./other"]["cost"] is None
    assert by_name["endpoint:big"]["seconds"] > 12
    assert all(one["seconds"] is not None for one in planned["contenders"])

    tuned, big, other, shots = told["contenders"]
    assert (big["value"], big["n"], big["memory_mb"], big["weights_mb"]) == (1.0, 15, None, None)
    assert big["cost"] == pytest.approx((100 * 2.0 + 10 * 10.0) / 1000)
    assert big["latency_ms"]["n"] == 12
    assert (tuned["cost"], other["cost"]) == (None, None), "no machine_hour is told, so none is invented"
    assert other["n"] == 15
    assert shots["n"] == 4
    assert shots["tokens"]["in"] > other["tokens"]["in"] > 0
    assert all(one["memory_mb"] > one["weights_mb"] * 0.45 > 0 for one in (tuned, other, shots))
    assert all(one["latency_ms"]["p50"] <= one["latency_ms"]["p95"] for one in (tuned, other, big))
    against = big["tuned_minus_this"]
    assert against["low"] <= against["value"] <= against["high"] <= 0
    assert against["value"] == pytest.approx(tuned["value"] - 1.0)
    assert against["verdict"] == "worse" or "more test rows" in against["verdict"]
    assert tuned["tuned_minus_this"] is None
    assert told["looks"]["times"] == 1
    assert "looked at 2 times" in again.out
    assert "not known" in again.out
    assert "not told" in again.out
    assert re.search(r"curated - endpoint:big: -\d", again.out)
    kept = "".join(path.read_text(encoding="utf-8") for path in (desk.folder / ".assay").rglob("*.json"))
    assert "sk-1" not in kept
    desk.ok("report", limit_s=200)
    page = next(desk.folder.rglob("report*.html")).read_text(encoding="utf-8")
    assert "Small and tuned, or large and prompted" in page
    assert "endpoint:big" in page or "big, prompted" in page


def test_an_interrupted_asking_goes_on_where_it_stood(desk: Assay) -> None:
    words = ("prove", "model", "--against", "endpoint:late", "--rows", "14")
    with endpoint(lambda body, n: knows(body, n) if n < 13 else (401, "no more money")) as seen:
        assert "401 no more money" in behind(desk, seen).refused(*words)
        url = seen.url
    kept = list((desk.folder / ".assay" / "answers").glob("endpoint_late-*.replies"))
    assert len(kept) == 1
    lines = [line for line in kept[0].read_text(encoding="utf-8").splitlines() if line]
    kept[0].write_text("\n".join([*lines, '["half a li']), encoding="utf-8")
    assert len(lines) == 13
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    with endpoint(knows, port=port) as seen:
        told = behind(desk, seen).ok(*words, "--json").json
        assert len(seen.bodies) == 1
    assert told["contenders"][1]["n"] == 14
    assert not kept[0].exists()


def test_everything_that_cannot_be_asked_is_told_at_once_before_anyone_is(desk: Assay) -> None:
    said = desk.refused("prove", "model", "--against", "endpoint:big", "--against", "./nowhere.gguf", "--dry-run")
    assert "export ASSAY_ENDPOINT_URL=" in said
    assert "nowhere.gguf: no such file" in said
    assert "there is no model './nowhere'" in desk.refused("prove", "model", "--against", "./nowhere", "--dry-run")
    assert "names no model" in desk.refused("prove", "model", "--against", "endpoint:", "--dry-run")
    assert "assay train --on raw" in desk.refused("prove", "model", "--against", "raw", "--dry-run")
    far = desk.ok("prove", "model", "--against", "nobody/nothing", "--dry-run").out
    assert "not on this machine: it would be fetched first" in far


def test_an_endpoint_that_is_down_is_told_and_a_usual_proof_needs_none(desk: Assay) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    down = replace(desk, env=desk.env | {"ASSAY_ENDPOINT_URL": f"http://127.0.0.1:{port}/v1"})
    said = down.refused("prove", "model", "--against", "endpoint:gone", "--rows", "6", limit_s=200)
    assert "no answer from 'gone' to 2 requests" in said
    usual = desk.ok("prove", "model", "--dry-run", "--json").json
    assert [one["name"] for one in usual["contenders"]] == ["curated", "zero-shot", "few-shot"]


def test_other_models_stand_on_the_ladder_of_eval_too(desk: Assay) -> None:
    copy = desk.at(desk.folder.parent / "copy")
    shutil.copytree(desk.folder, copy.folder)
    recipe = copy.folder / "assay.yaml"
    rungs = 'eval:\n  rungs: [majority, "model:other", curated]\n  max_rows: 6\n'
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("eval:\n", rungs), encoding="utf-8")
    told = copy.ok("eval", "--json").json
    assert [rung["name"] for rung in told["ladder"]] == ["majority", "model:other", "curated"]
    assert ("curated", "model:other") in {(pair["a"], pair["b"]) for pair in told["pairs"]}
    usual = copy.ok("prove", "model", "--dry-run", "--json").json
    assert "model:other" in [one["name"] for one in usual["contenders"]]


def test_the_doctor_tries_rates_and_sets_one_where_the_recipes_is_far_off(desk: Assay) -> None:
    copy = desk.at(desk.folder.parent / "rates")
    shutil.copytree(desk.folder, copy.folder)
    recipe = copy.folder / "assay.yaml"
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(text.replace("train: {", "train: {learning_rate: 1.0e-9, "), encoding="utf-8")
    runs = sorted(path.name for path in (copy.folder / ".assay" / "runs").iterdir())
    done = copy("doctor", "train", "--rates", "--json", limit_s=400)
    assert done.status == 1
    sign = done.json["signs"][-1]
    assert (sign["level"], sign["name"]) == ("red", "learning rate")
    assert sign["setting"] == {"train.learning_rate": done.json["rates"]["suggested"]}
    assert len(done.json["rates"]["points"]) <= done.json["rates"]["steps"]
    fixed = copy("doctor", "train", "--rates", "--fix", limit_s=400)
    assert "steps, about" in fixed.out
    assert "<- suggested" in fixed.out
    assert f"learning_rate: {sign['setting']['train.learning_rate']}" in recipe.read_text(encoding="utf-8")
    assert copy("doctor", "train", "--rates", "--json", limit_s=400).json["signs"][-1]["level"] == "green"
    assert sorted(path.name for path in (copy.folder / ".assay" / "runs").iterdir()) == runs
    assert "assay doctor train --rates" in copy.refused("doctor", "data", "--rates")
