"""What was proved, on the page: effects, curves, rows that hurt; and the card of the model."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assay.project import Project
from assay.recipe import parse
from assay.report import write
from assay.report.model import as_markdown, model_card
from assay.report.page import render
from assay.report.proofs import groups_of, hurting, read_proofs, sound
from assay.report.visible import HIDDEN

from .sample import ladder, sample
from .test_page import Page

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def effect(name: str, direction: str, value: float, p: float = 0.5, **more: Any) -> dict[str, Any]:
    return {"name": name, "direction": direction, "value": value, "low": value - 0.02, "high": value + 0.02, "n": 480,
            "p": p, "p_holm": p, "verdict": "keep" if p < 0.05 else "no measurable effect", **more}  # fmt: skip


def steps(**more: Any) -> dict[str, Any]:
    effects = [
        effect("wrong-label", "leave-one-out", 0.06, 0.001), effect("near-duplicate", "leave-one-out", 0.001),
        effect("A/A", "control", 0.0), effect("wrong-label", "add-one-in", 0.05, 0.001),
    ]  # fmt: skip
    return {
        "kind": "steps",
        "version": "v1",
        "n": 480,
        "seeds": [0, 1],
        "metric": "accuracy",
        "effects": effects,
        **more,
    }


def size() -> dict[str, Any]:
    def point(rows: int, value: float) -> dict[str, Any]:
        return {"rows": rows, "value": value, "low": value - 0.03, "high": value + 0.03, "n": 480}

    arms = {"raw": [point(80, 0.6), point(800, 0.8)], "curated": [point(60, 0.7), point(600, 0.9)]}
    return {"kind": "size", "version": "v1", "n": 480, "seeds": [0], "metric": "accuracy",
            "curves": [{"arm": arm, "points": points} for arm, points in arms.items()]}  # fmt: skip


def rows() -> dict[str, Any]:
    listed = [
        {
            "id": f"x{i}",
            "uri": "a.csv",
            "row": i,
            "place": f"a.csv:{i + 2}",
            "prompt": f"prompt {i}",
            "answer": "label",
            "harm": float(i),
            "why": [],
        }
        for i in range(20)
    ]
    taught = [{"test_id": "t", "prompt": "asked", "expected": "e", "written": "w", "by": listed[:2]}]
    return {"kind": "rows", "version": "v1", "rung": "raw", "n": 20, "rows": listed, "answers": taught}


def duel(**more: Any) -> dict[str, Any]:
    versus = {"value": -0.08, "low": -0.12, "high": -0.04, "n": 470, "p": 0.001, "p_holm": 0.001, "verdict": "worse"}
    big = {"name": "endpoint:big", "title": "big, prompted", "kind": "endpoint", "value": 0.93, "low": 0.9,
           "high": 0.95, "n": 470, "unscored": 10,
           "latency_ms": {"p50": 310.0, "p95": 900.4, "n": 12}, "memory_mb": None, "weights_mb": None, "cost": 1.25,
           "tokens": {"in": 140.2, "out": 3.0}, "tuned_minus_this": versus}  # fmt: skip
    tuned = {**big, "name": "curated", "title": "tuned", "kind": "tuned", "value": 0.85, "low": 0.82, "high": 0.88,
             "n": 480, "unscored": 0, "memory_mb": 560.0, "weights_mb": 545.6, "cost": None,
             "tuned_minus_this": None}  # fmt: skip
    return {"kind": "model", "version": "v1", "n": 480, "metric": "accuracy", "contenders": [tuned, big], **more}


def kept(folder: Path, **proofs: Any) -> Path:
    for name, proof in proofs.items():
        (folder / f"{name}.json").write_text(proof if isinstance(proof, str) else json.dumps(proof), encoding="utf-8")
    return folder


def test_the_proofs_of_the_version_are_read_and_others_passed_over(tmp_path: Path) -> None:
    folder = kept(tmp_path, steps=steps(), other=steps(version="v2"), broken="{", listed="[]", half={"kind": "steps"})
    assert [proof["version"] for proof in read_proofs(folder, "v1")] == ["v1"]
    assert read_proofs(tmp_path / "none", "v1") == ()


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "steps", "effects": []}, {"kind": "steps", "effects": [{"value": 0.1, "low": 0.0, "high": 0.2}]},
        {"kind": "size", "curves": [{"points": [{"rows": 9, "value": 0.1, "low": 0.0, "high": 0.2}]}]},
        {"kind": "steps", "effects": [{"name": "a", "value": "0.1"}]},
        {"kind": "steps", "effects": [{**effect("a", "control", 0.1), "low": None}]},
        duel(contenders=[]), duel(contenders=[{**duel()["contenders"][0], "low": None}]),
        duel(contenders=[{**duel()["contenders"][1], "tuned_minus_this": {"value": 0.1, "low": None, "high": 1}}]),
        {"kind": "size", "curves": [{"arm": "raw", "points": []}]}, {"kind": "rows", "rows": [{"harm": None}]}, {},
    ],
)  # fmt: skip
def test_a_proof_whose_numbers_lack_an_interval_is_not_shown(body: dict[str, Any]) -> None:
    assert not sound(body)


def test_effects_stand_under_their_direction_the_largest_first_and_none_is_lost() -> None:
    proof = steps()
    proof["effects"].append(effect("new", "sideways", 0.0))
    told = {group.heading: [one["name"] for one in group.effects] for group in groups_of(proof)}
    assert told["a step left out: curated - without it"] == ["wrong-label", "near-duplicate"]
    assert told["sideways"] == ["new"]
    assert sum(map(len, told.values())) == len(proof["effects"])


def test_controls_say_what_is_taken_from_what_in_the_plot_and_in_the_table() -> None:
    proof = steps(seeds=[0])
    proof["effects"] += [
        effect("random", "control", 0.1, changed=88, verdict="no effect (would need about 40 more test rows)"),
        effect("people", "leave-one-out", 0.003, changed=29),
    ]
    page = render(replace(sample(), proofs=(proof,)))
    (cells,) = re.findall(r'<th scope="row">curated - random</th>(.*)</tr>', page)
    assert "would need about 40 more test rows" in cells
    assert ">88<" in cells
    assert "curated - random (88 rows)" in page
    assert "raw - raw, other seeds" in page
    assert "never put in alone" in page
    assert "never put in alone" not in render(replace(sample(), proofs=(steps(),)))


def test_what_more_rows_would_bring_stands_on_the_page_with_the_level_it_starts_from() -> None:
    gain = {"value": 0.046, "low": 0.03, "high": 0.046, "from_level": 0.945, "from_rows": 600}
    worth = {"value": 2315.2, "low": 1176.0, "high": None}
    proof = {**size(), "raw_rows_worth_the_curated_set": worth, "more_rows": 1000, "next_rows": {"curated": gain}}
    page = render(replace(sample(), proofs=(proof,)))
    assert "The 600 curated rows are worth 2,315 (1,176 to more than can be foretold) raw rows; there are 800" in page
    assert "bring +4.6 (+3.0 to +4.6) points, from the 94.5% that the curve has at 600 rows" in page
    nats = {**proof, "unit": "nats", "next_rows": {"raw": {**gain, "from_level": 1.25}}}
    assert "+0.046 (+0.030 to +0.046) nats a token less, from the 1.250 nats" in render(
        replace(sample(), proofs=(nats,))
    )
    for less in ({"next_rows": None}, {"next_rows": {"raw": {"value": 0.1}}}, {"raw_rows_worth_the_curated_set": 3}):
        render(replace(sample(), proofs=({**proof, **less},)))
    assert "more than can be foretold" not in render(replace(sample(), proofs=(size(),)))


def test_effects_on_a_loss_are_told_in_hundredths_of_a_nat() -> None:
    page = render(replace(sample(), proofs=(steps(unit="nats"),)))
    assert '<th scope="col" class="number">Hundredths of a nat</th>' in page
    assert '<th scope="col" class="number">Hundredths of a nat</th>' not in render(replace(sample(), proofs=(steps(),)))


def test_the_page_has_a_section_on_proofs_only_where_there_are_some() -> None:
    assert 'id="proof"' not in render(sample())
    page = Page(render(replace(sample(), proofs=(steps(), size(), rows()))))
    for words in ("Which data decision did it", "Step by step", "More rows, or better rows", "Rows that hurt"):
        assert words in page.text
    assert "+6.0 (+4.0 to +8.0)" in page.text
    assert "curated with 600 rows: 90.0% (87.0 to 93.0)" in page.text


def test_the_tuned_model_stands_beside_the_larger_one_with_what_is_not_known_said() -> None:
    text = Page(render(replace(sample(), proofs=(duel(),)))).text
    assert "Small and tuned, or large and prompted" in text
    for words in ("93.0% 90.0 to 95.0", "10 unscored", "worse", "\u22128.0 \u221212.0 to \u22124.0", "310, 900"):
        assert words.replace("\u2212", "-") in text.replace("\u2212", "-"), words
    assert "not known" in text
    assert "not told" in text
    assert "1.25" in text


def test_rows_that_hurt_are_told_the_worst_first() -> None:
    assert [row["id"] for row in hurting(rows())][:3] == ["x19", "x18", "x17"]
    text = Page(render(replace(sample(), proofs=(rows(),)))).text
    assert text.index("prompt 19") < text.index("prompt 18")
    assert "prompt 2 " not in text


def test_a_row_with_personal_data_is_hidden_wherever_a_proof_tells_it(tmp_path: Path) -> None:
    (proof,) = read_proofs(kept(tmp_path, rows=rows()), "v1", private={"x1"})
    assert [row["prompt"] for row in proof["rows"][:3]] == ["prompt 0", HIDDEN, "prompt 2"]
    assert proof["answers"][0]["by"][1]["answer"] == HIDDEN


def test_what_a_proof_or_a_card_says_cannot_become_markup() -> None:
    bad = steps(effects=[{**effect(ATTACK, ATTACK, 0.1), "verdict": ATTACK}])
    curves = size()
    curves["curves"][0]["arm"] = ATTACK
    listed = rows()
    listed["rows"][19] |= {"prompt": ATTACK, "place": ATTACK, "answer": ATTACK}
    card = {"name": ATTACK, "version": "v", "task": "t", "base": {"name": ATTACK, "digest": ""}, "metrics": [],
            "facts": [(ATTACK, ATTACK)], "limits": [ATTACK]}  # fmt: skip
    foe = {**duel()["contenders"][1], "title": ATTACK, "name": ATTACK}
    foe["tuned_minus_this"] = {**foe["tuned_minus_this"], "verdict": ATTACK}
    page = render(replace(sample(), proofs=(bad, curves, listed, duel(contenders=[foe])), model=card))
    assert "<script" not in page
    assert "<img" not in page
    told = as_markdown(card)
    assert "<script" not in told
    assert "&lt;script&gt;" in told


def test_a_cell_of_the_markdown_card_cannot_end_its_row_or_begin_a_heading() -> None:
    card = {"name": "a\n# b", "facts": [("k|ey", "one\n| two |")], "limits": ["x\n## y"], "metrics": []}
    lines = as_markdown(card).splitlines()
    assert lines[0] == r"# a \# b"
    assert r"| k\|ey | one \| two \| |" in lines
    assert [line for line in lines if line.startswith("#")] == [lines[0], "## Metrics", "## Limits"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path, parse({"name": "desk"}))
    folder = made.runs / "curated-v1-s0" / "adapter"
    folder.mkdir(parents=True)
    card = {"base": "smol", "base_digest": "b" * 64, "weights_digest": "w" * 64, "system": "Be brief.",
            "settings": {"method": "lora", "rank": 16}}  # fmt: skip
    (folder / "assay.json").write_text(json.dumps(card), encoding="utf-8")
    return made


def test_the_card_names_version_base_data_metric_with_interval_looks_and_limits(project: Project) -> None:
    scored = ladder()
    scored["ladder"][-1]["slices"] = [
        {"kind": "length", "name": "over 50 words", "value": 0.5, "low": 0.4, "high": 0.6, "n": 60, "few": False},
        {"kind": "language", "name": "de", "value": 0.1, "low": 0.0, "high": 0.6, "n": 4, "few": True},
    ]
    scored["ladder"][-1]["measures"] = [
        {"key": "accuracy", "title": "accuracy", "value": 0.931, "low": 0.908, "high": 0.951, "n": 480, "unscored": 2,
         "unit": "share", "better": "higher"}
    ]  # fmt: skip
    card = model_card(replace(sample(), version="v1", ladder=scored, looks=7), project)
    assert card is not None
    told = as_markdown(card)
    for words in ("sha256 bbbb", "sha256 wwww", "looked at 7 times", "93.1% (90.8 to 95.1", "rank 16", "| 480 | 2 |"):
        assert words in told, words
    assert "points (" in told, "the difference to the raw rows has its interval"
    assert any(limit.startswith("Weaker on length over 50 words: 50.0%") for limit in card["limits"])
    assert any("Hardly tested" in limit and "language de" in limit for limit in card["limits"])


def test_without_a_tuned_model_of_the_version_there_is_no_card(project: Project) -> None:
    assert model_card(replace(sample(), version="v2"), project) is None
    assert model_card(replace(sample(), version="v1", ladder=None), project) is None


def test_the_card_lies_beside_the_page_and_on_it(project: Project, tmp_path: Path) -> None:
    contents = replace(sample(), version="v1")
    contents = replace(contents, model=model_card(contents, project))
    write(contents, tmp_path / "r.html", tmp_path / "r.json", tmp_path / "model-card.md")
    assert "The model, on a card" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert (tmp_path / "model-card.md").read_text(encoding="utf-8").startswith("# ")
    twin = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert twin["model"]["base"]["name"] == "smol"


def test_looks_metrics_parts_and_labels_are_told_with_n(project: Project) -> None:
    scored = ladder()
    for rung in scored["ladder"]:
        rung["measures"] = [
            {"key": key, "title": key, "value": 0.9, "low": 0.8, "high": 0.95, "n": 480, "unscored": 3, "unit": unit,
             "better": "higher"} for key, unit in (("accuracy", "share"), ("gold-loss", "nats"))
        ]  # fmt: skip
        rung["slices"] = [
            {"kind": "length", "name": "1 to 5 words", "value": None, "low": None, "high": None, "n": 0, "few": True}
        ]
        rung["classes"] = [{"label": "card arrival", "value": 0.4, "low": 0.2, "high": 0.6, "n": 19, "few": True}]
    text = Page(render(replace(sample(), ladder=scored, looks=1))).text
    assert "This test set has been looked at once." in text
    assert re.search(r"0\.90\s*0\.80 to 0\.95, n.=.480, 3 unscored", text)
    assert re.search(r"1 to 5 words length no row scored\s+too few rows", text)
    assert re.search(r"card arrival 40\.0% \(20\.0 to 60\.0, n.=.19\)\s+too few rows", text)


def test_a_judges_opinion_is_told_with_what_it_is_worth() -> None:
    share = {"value": 0.6, "low": 0.5, "high": 0.7, "n": 100}
    judged = {"model": ATTACK, "a": "curated", "b": "raw", "wins": share, "even": None, "consistent": share}
    judged |= {"unread": 3, "people": {**share, "kappa": 0.25}, "verdicts": []}
    page = render(replace(sample(), judged=judged))
    assert "<script" not in page
    text = Page(page).text
    assert "preferred curated to raw on 60.0% (50.0 to 70.0" in text
    assert "kappa 0.25" in text
    assert "3 rows had no verdict" in text
    assert "A judge" not in render(sample())


def test_a_report_on_texts_speaks_of_its_metric_and_of_no_labels() -> None:
    scored = ladder() | {"task": "generate", "metric": "ROUGE-L"}
    scored["ladder"] = [rung | {"choice": None} for rung in scored["ladder"]]
    text = Page(render(replace(sample(), task="generate", ladder=scored))).text
    assert "the same model gains 11.9 points of ROUGE-L" in text
    assert "ROUGE-L 93.1%" in text
    assert "By choice" not in text
    assert "list of labels" not in text
    assert "By choice" in Page(render(sample())).text
