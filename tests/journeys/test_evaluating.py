"""Texts on the ladder, beside a bigger model behind an endpoint, judged by another, handed to other tools; as typed."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from evaluate.fake_endpoint import endpoint

from journeys.conftest import Assay

TOPICS = ("leave", "travel", "training", "overtime", "lunch", "parking", "phones", "pensions")
RECIPE = """\
name: hr
task: generate
system: Answer briefly.
sources:
  - {path: train.jsonl, licence: CC0-1.0}
  - {path: test.jsonl, split: test}
rules: {test-leakage: off, near-duplicate: off, inconsistent-answer: off}
eval:
  rungs: [majority, nearest, "endpoint:big", curated]
  metric: token-f1
  prices: {big: {into: 2.0, out: 10.0}}
"""


def asked(topic: str, form: int) -> dict[str, str]:
    question = (f"Who decides about {topic}?", f"Where do I apply for {topic}?", f"What is the limit for {topic}?")[
        form
    ]
    answer = (
        f"Your manager decides about {topic}.",
        f"Apply for {topic} in the portal.",
        "The handbook does not say.",
    )[form]
    return {
        "question": question,
        "answer": answer,
        "context": f"The manager decides about {topic}; apply in the portal.",
    }


@pytest.fixture(scope="module")
def hr(tmp_path_factory: pytest.TempPathFactory, env: dict[str, str]) -> Assay:
    """A built project of questions about a handbook."""
    made = Assay(tmp_path_factory.mktemp("hr"), env)
    rows = [asked(topic, form) for form in range(3) for topic in TOPICS]
    for name, part in (("train", rows[::2]), ("test", rows[1::2])):
        (made.folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part), encoding="utf-8")
    (made.folder / "assay.yaml").write_text(RECIPE, encoding="utf-8")
    made.ok("build")
    return made


def plays(body: dict[str, Any], _: int) -> tuple[int, str]:
    """A bigger model that knows every answer, and a judge that likes the answer equal to the reference."""
    text = body["messages"][-1]["content"]
    if body["model"] == "judge":
        parts = dict(re.findall(r"<(\w+)>\n(.*?)\n</\1>", text, re.DOTALL))
        right = [name for name in ("first", "second") if parts[name] == parts["reference"]]
        return 200, right[0] if len(right) == 1 else "tie"
    return 200, next(
        row["answer"] for topic in TOPICS for form in range(3) if (row := asked(topic, form))["question"] in text
    )


def test_texts_are_scored_beside_a_bigger_model_and_its_judge_and_every_look_is_counted(hr: Assay) -> None:
    people = [{"id": "none", "winner": "tie"}]
    (hr.folder / "people.jsonl").write_text("".join(json.dumps(row) + "\n" for row in people), encoding="utf-8")
    with endpoint(plays) as seen:
        keys = {
            f"ASSAY_{who}_{what}": text
            for who in ("ENDPOINT", "JUDGE")
            for what, text in (("URL", seen.url), ("KEY", "sk-1"))
        }
        desk = replace(hr, env=hr.env | keys)
        scored = desk.ok("eval", "--judge", "judge", "--judge-pair", "endpoint:big,nearest", "--json").json
        told = desk.ok("eval").out
    big = next(rung for rung in scored["ladder"] if rung["name"] == "endpoint:big")
    nearest = next(rung for rung in scored["ladder"] if rung["name"] == "nearest")
    assert scored["primary"] == "token-f1"
    assert scored["missing"] == ["curated"], "majority is not missing: texts have none"
    assert (big["value"], big["n"]) == (1.0, 12)
    assert nearest["value"] < 1.0
    assert big["cost"] == pytest.approx((100 * 2.0 + 10 * 10.0) / 1000)
    assert {m["key"] for m in big["measures"]} >= {"token-f1", "rouge-l", "groundedness", "abstains", "answers"}
    abstains = next(m for m in big["measures"] if m["key"] == "abstains")
    assert (abstains["value"], abstains["n"], abstains["unscored"]) == (1.0, 4, 8)
    judged = scored["judged"]
    assert judged["wins"]["value"] > 0.5
    assert judged["consistent"]["value"] == 1.0
    assert judged["people"] is None
    assert scored["looks"]["times"] == 1
    assert "primary metric: token F1; this test set has been looked at 2 times" in told
    assert "groundedness" not in told
    assert "words of the answer found in its source" in told
    assert len([body for body in seen.bodies if body["model"] == "big"]) == 12, "answers once given are kept"
    kept = "".join(path.read_text(encoding="utf-8") for path in (hr.folder / ".assay").rglob("*.json"))
    assert "sk-1" not in kept


def test_an_endpoint_without_an_address_and_a_metric_nobody_knows_are_refused(hr: Assay) -> None:
    recipe = hr.folder / "assay.yaml"
    (hr.folder / ".assay" / "answers").rename(hr.folder / "answers") if (
        hr.folder / ".assay" / "answers"
    ).exists() else None
    try:
        assert "export ASSAY_ENDPOINT_URL=" in hr.refused("eval")
        recipe.write_text(RECIPE.replace("token-f1", "token-f2"), encoding="utf-8")
        assert "did you mean 'token-f1'" in hr.refused("eval")
    finally:
        recipe.write_text(RECIPE, encoding="utf-8")


def test_a_version_is_handed_to_other_tools(hr: Assay) -> None:
    for to, wanted in (
        ("jsonl", "train.jsonl"),
        ("openai", "train.jsonl"),
        ("parquet", "README.md"),
        ("lm-eval", "hr_"),
    ):
        done = hr.ok("export", f"out-{to}", "--to", to, "--json").json
        assert any(name.startswith(wanted) for name in done["files"])
        assert done["rows"] == {"train": 12, "validation": 0, "test": 12}
    assert "not empty" in hr.refused("export", "out-jsonl")
    assert "did you mean 'jsonl'" in hr.refused("export", "other", "--to", "jsonln")
    assert not Path(hr.folder / "other").exists()
