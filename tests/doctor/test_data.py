"""What the doctor says of a project's data, and what it cures."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.doctor import Sign, cure, data_signs
from assay.errors import AssayError
from assay.pipeline import build
from assay.project import Project, find

RECIPE = """\
# my comment stays
name: desk
task: classify
sources:
  - path: train.csv
  - path: test.csv
    split: test
train:
  max_tokens: 64   # so does this one
"""
TEXTS = (
    "Where is my {}?", "I lost the {} on a train", "Please send a new {}", "Is the {} late?", "My {} is broken again",
    "Can somebody repair this {}?", "How much is another {}?", "Who delivers the {} on Sundays?",
    "The {} you sent is green", "I would rather give the {} back", "Does the {} come with a lid?", "Cancel my {} today",
)  # fmt: skip


def project(folder: Path, train: str, test: str = "text,label\nWhere is the card?,card\n") -> Project:
    (folder / "assay.yaml").write_text(RECIPE, encoding="utf-8")
    (folder / "train.csv").write_text(train, encoding="utf-8")
    (folder / "test.csv").write_text(test, encoding="utf-8")
    return find(folder)


def rows(*labels: str) -> str:
    return "text,label\n" + "".join(f"{text.format(label)},{label}\n" for label in labels for text in TEXTS)


def by_name(signs: list[Sign]) -> dict[str, Sign]:
    return {sign.name: sign for sign in signs}


def test_a_sound_project_is_green_but_for_a_blunt_test_and_no_version(tmp_path: Path) -> None:
    signs = by_name(data_signs(project(tmp_path, rows("card", "bottle"))))
    assert {name for name, sign in signs.items() if sign.level == "green"} == {"sources", "labels", "classes"}
    assert (signs["test"].level, signs["version"].level) == ("amber", "amber")
    assert signs["version"].fix == "assay build"


def test_labels_that_only_the_test_has_are_red_and_their_rows_named(tmp_path: Path) -> None:
    test = "text,label\nWhere is the card?,card\nMy spoon bent,spoon\n"
    sign = by_name(data_signs(project(tmp_path, rows("card", "bottle"), test)))["labels"]
    assert sign.level == "red"
    assert "'spoon' (1)" in sign.what
    assert sign.rows == ("test.csv:3",)


def test_sources_that_cannot_be_read_are_red_with_their_reasons(tmp_path: Path) -> None:
    made = project(tmp_path, rows("card"))
    (tmp_path / "train.csv").unlink()
    (sign,) = data_signs(made)
    assert (sign.level, sign.name) == ("red", "sources")
    assert any("train.csv" in row for row in sign.rows)


def test_thin_classes_missing_tests_and_missing_answers_are_told(tmp_path: Path) -> None:
    made = project(tmp_path, rows("card") + "My spoon bent,spoon\n", "text,label\nWhere is the card?,\nOr not?,card\n")
    signs = by_name(data_signs(made))
    assert (signs["classes"].level, signs["answers"].level) == ("amber", "amber")
    assert "'spoon' (1)" in signs["classes"].what


@pytest.mark.parametrize("made", [["card"], []])
def test_fewer_than_two_labels_are_red(tmp_path: Path, made: list[str]) -> None:
    unlabelled = "" if made else "".join(f"{text.format('card')},\n" for text in TEXTS)
    sign = by_name(data_signs(project(tmp_path, rows(*made) + unlabelled)))["classes"]
    assert sign.level == "red"
    assert ("'card' (12)" if made else "no training row") in sign.what
    assert sign.fix


def test_labels_that_differ_only_in_case_or_punctuation_are_told_as_alike(tmp_path: Path) -> None:
    mixed = "".join(f"{text.format('pouch')},{label}\n" for label in ("Top-up", "top up") for text in TEXTS)
    signs = by_name(data_signs(project(tmp_path, rows("card", "bottle") + mixed)))
    assert signs["spelling"].level == "amber"
    assert "'Top-up' (12) / 'top up' (12)" in signs["spelling"].what
    assert "spelling" not in by_name(data_signs(project(tmp_path, rows("card", "bottle"))))
    kinds = (
        f"{text.format(word)},{label}\n"
        for text in TEXTS
        for word, label in (("c", "C++"), ("d", "C#"), ("e", "1-2"), ("f", "12"))
    )
    versions = rows("v1", "v2") + "".join(kinds)
    assert "spelling" not in by_name(data_signs(project(tmp_path, versions)))


def test_test_rows_without_answers_measure_nothing(tmp_path: Path) -> None:
    empty = "text,label\n" + "".join(f"Where is the {word}?,\n" for word in ("card", "cup", "key"))
    sign = by_name(data_signs(project(tmp_path, rows("card", "bottle"), empty)))["test"]
    assert (sign.level, sign.what) == ("red", "none of 3 test rows has an answer")
    half = empty + "Where is my card?,card\n"
    assert by_name(data_signs(project(tmp_path, rows("card", "bottle"), half)))["test"].what.startswith("1 test rows")


def test_several_parts_can_be_asked_for_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from assay.cli import healing
    from assay.cli.doctor import doctor

    project(tmp_path, rows("card", "bottle"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(healing, "look", lambda project, part, rung: [Sign("green", part, f"{part} looked at")])
    doctor(["data", "train"])
    assert capsys.readouterr().out.count("looked at") == 2
    with pytest.raises(AssayError, match="no doctor for 'dta'"):
        doctor(["train", "dta"])


def test_a_version_is_green_until_the_sources_change(tmp_path: Path) -> None:
    made = project(tmp_path, rows("card", "bottle"))
    build(made)
    assert by_name(data_signs(made))["version"].level == "green"
    (tmp_path / "train.csv").write_text(rows("card", "bottle", "spoon"), encoding="utf-8")
    stale = by_name(data_signs(made))["version"]
    assert (stale.level, stale.rows, stale.fix) == ("amber", ("train.csv",), "assay build")


def test_a_cure_sets_the_key_and_leaves_the_comments(tmp_path: Path) -> None:
    made = project(tmp_path, rows("card"))
    assert cure(made, [Sign("green", "length", "well")]) == {}
    wanted = {"train.max_tokens": 576, "eval.max_rows": 9}
    assert cure(made, [Sign("amber", "length", "cut", setting=wanted)]) == wanted
    text = (tmp_path / "assay.yaml").read_text(encoding="utf-8")
    assert "# my comment stays" in text
    assert "# so does this one" in text
    again = find(tmp_path)
    assert (again.recipe.train.max_tokens, again.recipe.eval.max_rows) == (576, 9)
