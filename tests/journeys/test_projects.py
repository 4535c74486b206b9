"""From `assay new` to versions: what is refused, what is the same, what differs."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest

from assay.cli.pages import known
from assay.rules import RULES
from journeys import material
from journeys.conftest import Assay, Done


def version_in(done: Done) -> str:
    match = re.search(r"^version ([0-9a-f]{16}):", done.out, flags=re.MULTILINE)
    assert match, done.out
    return match[1]


def test_every_rule_and_key_has_a_page(assay: Assay) -> None:
    from assay.cli.pages import key_page, rule_page

    listed = assay.ok("explain").out
    assert len(RULES) >= 15
    for name, rule in RULES.items():
        page = rule_page(rule.code)
        assert page == rule_page(name)
        assert page is not None
        assert f"{rule.code}  {name} " in listed
        assert "What it does:" in page.text
        assert "Why is this bad:" in page.text
        assert f"  {name}:" in page.text
    keys = [word for word in known() if word not in RULES and not re.fullmatch(r"[A-Z]\d{3}", word)]
    assert {"name", "sources.path", "train.rank", "eval.max_rows", "gates", "domain.targets"} <= set(keys)
    pages = {key: key_page(key) for key in keys}
    assert all(page and re.match(rf"{re.escape(key)}: \w.*\nDefault: ", page.text) for key, page in pages.items())


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("D002", "Settings, under `rules:` in assay.yaml:"),
        ("d002", "D002"),
        ("near-duplicate", "D002"),
        ("train.rank", "train.rank: LoRA rank.\nDefault: 16"),
        ("F900", "rule-crashed"),
        ("F901", "stale-decision"),
        ("F902", "unreadable-row"),
    ],
)
def test_what_a_finding_or_a_recipe_names_is_explained(assay: Assay, what: str, expected: str) -> None:
    assert expected in assay.ok("explain", what).out


def test_an_unknown_word_is_answered_with_the_nearest_one(assay: Assay) -> None:
    assert "did you mean 'train.rank'?" in assay.refused("explain", "trane.rank")
    assert "did you mean 'near-duplicate'?" in assay.refused("explain", "near-duplicat")


@pytest.mark.parametrize("template", ["classify", "generate"])
def test_a_new_project_builds_on_files_of_ones_own(assay: Assay, template: str) -> None:
    assay.ok("new", "desk", "--template", template)
    inside = assay.at(assay.folder / "desk")
    assert "data/train" in inside.refused("build")
    if template == "classify":
        (inside.folder / "data" / "train.csv").write_bytes(material.table(material.tickets(), ("text", "label")))
        (inside.folder / "data" / "test.csv").write_bytes(material.table(material.TEST, ("text", "label")))
    else:
        pack = material.KINDS["messages"].pack
        (inside.folder / "data" / "train.jsonl").write_bytes(pack(material.DIALOGUES))
        (inside.folder / "data" / "test.jsonl").write_bytes(pack([("How do I turn it off?", "Hold the button.")]))
    done = inside.ok("build")
    rows_in, kept, dropped, held = map(int, re.findall(r"(\d+) (?:rows in|kept|dropped|held)", done.out)[:4])
    assert rows_in == kept + dropped + held == (60 if template == "classify" else 17)
    assert "assay.yaml is there already" in assay.refused("new", "desk")


@pytest.mark.parametrize("name", ["a: b", "yes", "7", "{x}", "it's #1", "."])
def test_any_folder_name_makes_a_project_that_can_be_read(assay: Assay, name: str) -> None:
    assay.ok("new", name)
    assert "data/train.csv" in assay.at(assay.folder / name).refused("build")  # the recipe is fine, the data is missing


def test_all_mistakes_in_a_recipe_are_told_at_once(assay: Assay) -> None:
    text = "nam: x\ntask: clasify\ntrain: {rnak: 3, epochs: -1}\nsources: [{pth: x}]\n"
    (assay.folder / "assay.yaml").write_text(text, encoding="utf-8")
    said = assay.refused("build")
    for expected in (
        "there is no key 'nam'; did you mean 'name'?",
        "task: input should be 'classify', 'generate' or 'chat'; got 'clasify'",
        "train.rnak: there is no key 'rnak'; did you mean 'rank'?",
        "train.epochs",
        "sources.1.pth: there is no key 'pth'; did you mean 'path'?",
    ):
        assert expected in said


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (
            "rules: {near-duplicat: off, pii: {acton: drop}}\n",
            ("did you mean 'near-duplicate'?", "did you mean 'action'?"),
        ),
        (
            "gates: {near-duplicat: 0, pii: many}\n",
            ("did you mean 'near-duplicate'?", "expected a count (0) or a share"),
        ),
        ("domain: {targets: [absent.txt]}\n", ("no such file 'absent.txt'",)),
        ("domain: {targets: [latin.txt]}\n", ("latin.txt", "UTF-8")),
        ("domain: {targets: [data.txt]}\n", ("data.txt",)),
        ("name: again\n", ("not YAML",)),
    ],
)
def test_a_recipe_that_cannot_be_meant_is_refused_before_anything_is_built(
    project: Assay, extra: str, expected: tuple[str, ...]
) -> None:
    recipe = project.folder / "assay.yaml"
    recipe.write_text(recipe.read_text(encoding="utf-8") + extra, encoding="utf-8")
    (project.folder / "latin.txt").write_bytes("Où est ma carte ?\n".encode("latin-1"))
    (project.folder / "data.txt").mkdir()
    said = project.refused("build")
    assert all(word in said for word in expected), said
    assert not (project.folder / ".assay" / "tables" / "HEAD").exists()


@pytest.mark.parametrize("path", ["data/absent.csv", "/absent/dir/*.csv", "absent/**/x.csv", "''"])
def test_a_source_that_is_not_there_is_named(project: Assay, path: str) -> None:
    recipe = project.folder / "assay.yaml"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("data/train.csv", path), encoding="utf-8")
    said = project.refused("build")
    assert "sources.1.path" in said
    assert path.strip("'") in said
    assert not (project.folder / ".assay" / "tables").exists()


def test_a_folder_as_source_gives_its_visible_files_only(project: Assay) -> None:
    hidden = project.folder / "data" / "train" / ".ipynb_checkpoints"
    hidden.mkdir(parents=True)
    (project.folder / "data" / "train.csv").rename(hidden.parent / "train.csv")
    (hidden / "train-checkpoint.csv").write_bytes((hidden.parent / "train.csv").read_bytes())
    recipe = project.folder / "assay.yaml"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("data/train.csv", "data/train"), encoding="utf-8")
    assert project.ok("build", "--json").json["rows_in"] == 62


def test_sources_that_cannot_be_read_are_told_all_at_once(project: Assay) -> None:
    (project.folder / "data" / "train.csv").write_bytes(bytes(range(256)))
    (project.folder / "data" / "test.csv").write_bytes(b"a,b,c\n1,2,3\n")
    said = project.refused("build")
    assert "data/train.csv" in said
    assert "data/test.csv" in said


@pytest.mark.parametrize("verb", ["build", "check", "review", "log", "diff raw", "train", "eval", "report", "serve"])
def test_outside_a_project_one_is_told_how_to_start_one(assay: Assay, verb: str) -> None:
    assert "hint: run `assay new NAME` to start a project" in assay.refused(*verb.split())


@pytest.mark.parametrize("verb", ["review --by ana", "review --show 3", "diff raw", "report", "train", "eval"])
def test_before_the_first_build_one_is_told_to_build(project: Assay, verb: str) -> None:
    assert "`assay build`" in project.refused(*verb.split())


def test_an_unknown_engine_is_refused(project: Assay) -> None:
    assert "did you mean 'ray'?" in project.refused("build", "--engine", "rya")


def test_the_same_inputs_give_the_same_version_here_and_in_another_folder(built: Assay, tmp_path: Path) -> None:
    first = built.ok("log", "--json").json[0]["id"]
    assert version_in(built.ok("build")) == first
    assert len(built.ok("log", "--json").json) == 1
    elsewhere = tmp_path / "some where" / "else"
    shutil.copytree(built.folder, elsewhere, ignore=shutil.ignore_patterns(".assay"))
    assert version_in(built.at(elsewhere).ok("build")) == first
    assert version_in(built.at(elsewhere / "data").ok("build")) == first


def test_one_letter_in_one_row_makes_another_version_and_taking_it_back_the_first_again(built: Assay) -> None:
    first = built.ok("log", "--json").json[0]["id"]
    data = built.folder / "data" / "train.csv"
    text = data.read_text(encoding="utf-8")
    data.write_text(text.replace("bill from abroad", "bill from Abroad"), encoding="utf-8")
    second = version_in(built.ok("build", "-m", "one letter"))
    assert second != first
    assert [entry["id"] for entry in built.ok("log", "--json").json] == [second, first]
    said = built.ok("diff", first[:6], second[:6]).out
    assert "1 added, 1 dropped, 0 edited" in said
    data.write_text(text, encoding="utf-8")
    assert version_in(built.ok("build")) == first
    assert f"* {first}" in built.ok("log").out


def test_a_recipe_setting_that_decides_on_rows_makes_another_version_and_one_of_training_does_not(built: Assay) -> None:
    first = built.ok("log", "--json").json[0]["id"]
    recipe = built.folder / "assay.yaml"
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(text + "train: {epochs: 1}\n", encoding="utf-8")
    assert version_in(built.ok("build")) == first
    recipe.write_text(text + "rules: {exact-duplicate: off, near-duplicate: off}\n", encoding="utf-8")
    assert version_in(built.ok("build")) != first


def test_rows_are_told_where_they_stand_now_after_the_file_has_moved_on(built: Assay) -> None:
    data = built.folder / "data" / "train.csv"
    header, *rows = data.read_text(encoding="utf-8").splitlines(keepends=True)
    data.write_text("".join([header, "What is a sort code?,payments\n", *rows]), encoding="utf-8")
    version_in(built.ok("build"))
    with data.open(encoding="utf-8", newline="") as file:
        texts = [text for text, _ in list(csv.reader(file))[1:]]
    from assay import dataset
    from assay.project import find
    from assay.store import Store

    store = Store(find(built.folder).tables)
    read = [row for row in dataset.load_rows(store, dataset.load_version(store)).read if row.split == "train"]
    assert [row.row for row in read] == list(range(len(texts)))
    assert [row.prompt for row in read] == texts


def test_the_difference_to_the_rows_as_read_says_what_was_done_and_why(built: Assay) -> None:
    done = built.ok("diff", "raw", "--json").json
    assert [change["before"]["prompt"] for change in done["edited"]] == ["Is the cafÃ© machine payment pending?"]
    assert [change["after"]["prompt"] for change in done["edited"]] == ["Is the café machine payment pending?"]
    reasons = " ".join(reason for change in done["dropped"] for reason in change["reasons"])
    for code in ("D001", "F001", "L001"):
        assert f"drop {code} by rule:" in reasons
    text = built.ok("diff", "raw").out
    assert re.search(r"^- .*  drop D001 by rule:exact-duplicate$", text, flags=re.MULTILINE)
    assert "'ffff' is not a version hint: run `assay log`" in built.refused("diff", "raw", "ffff")


def test_a_gate_that_fails_names_the_rows_and_the_version_stays(built: Assay) -> None:
    recipe = built.folder / "assay.yaml"
    text = recipe.read_text(encoding="utf-8")
    said_only = "rules: {exact-duplicate: {action: keep}, near-duplicate: off}\n"
    recipe.write_text(text + said_only + "gates: {D001: 0, mojibake: 0, empty-answer: '< 1%'}\n", encoding="utf-8")
    done = built("build")
    assert done.status == 1
    assert re.search(r"^gate failed gates\.D001: 1 rows, 0 allowed: data/train\.csv:(5|62)$", done.out, re.MULTILINE)
    assert done.out.count("gate failed") == 1
    assert built.ok("log", "--json").json[0]["id"] == version_in(done)
    recipe.write_text(text + said_only + "gates: {exact-duplicate: 1}\n", encoding="utf-8")
    built.ok("build")


def test_rows_that_cannot_be_read_are_named_and_the_build_goes_on(project: Assay) -> None:
    lines = material.KINDS["messages"].pack(material.DIALOGUES[:6]).decode()
    (project.folder / "data" / "more.jsonl").write_text(lines + "{broken\n", encoding="utf-8")
    recipe = project.folder / "assay.yaml"
    text = recipe.read_text(encoding="utf-8").replace("sources:\n", "sources:\n  - path: data/more.jsonl\n")
    recipe.write_text(text, encoding="utf-8")
    done = project.ok("build")
    assert re.search(r"not read: \S*more\.jsonl:7: not JSON", done.out)
    assert "68 rows in" in done.out
