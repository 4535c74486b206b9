"""assay.yaml: every mistake at once, with its place."""

import pytest

from assay.errors import RecipeError
from assay.recipe import Recipe, did_you_mean, load, parse
from assay.rules.choose import choose


def test_every_mistake_is_told_at_once_with_the_nearest_known_key():
    raw = {"nme": "x", "train": {"epoch": 2}, "sources": [{"path": "a.csv", "split": "tst"}]}
    with pytest.raises(RecipeError) as told:
        parse(raw)
    text = str(told.value)
    assert "'nme'; did you mean 'name'?" in text
    assert "'epoch'; did you mean 'epochs'?" in text
    assert "sources.1.split" in text
    assert "'tst'" in text
    assert len(told.value.problems) == 4  # and `name` is missing


def test_settings_of_training_do_not_change_the_digest_but_rules_do():
    plain = Recipe(name="x")
    assert plain.digest == parse({"name": "x", "train": {"epochs": 5}}).digest
    assert plain.digest != parse({"name": "x", "rules": {"off-domain": "off"}}).digest


def test_a_missing_file_says_what_to_type(tmp_path):
    with pytest.raises(RecipeError, match="assay new"):
        load(tmp_path / "assay.yaml")


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words", "a: [1, 2", "\x00", "name: &a [*a]"])
def test_yaml_that_is_no_recipe_is_refused_by_name(tmp_path, text):
    path = tmp_path / "assay.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=r"assay\.yaml"):
        load(path)


def test_rule_settings_are_checked_all_at_once():
    settings = {"near-duplicat": None, "near-duplicate": {"treshold": 0.8}, "off-domain": {"action": "explode"}}
    with pytest.raises(RecipeError) as told:
        choose(settings)
    text = str(told.value)
    assert "did you mean 'near-duplicate'?" in text
    assert "did you mean 'threshold'?" in text
    assert "off-domain.action" in text


def test_a_rule_that_is_off_is_left_out_and_the_others_stay():
    names = [rule.name for rule in choose({"off-domain": "off"})]
    assert "off-domain" not in names
    assert "near-duplicate" in names


def test_a_word_far_from_all_gets_no_suggestion():
    assert did_you_mean("zzz", ["threshold"]) == ""


def test_broken_yaml_is_told_by_line_in_one_line(tmp_path):
    path = tmp_path / "assay.yaml"
    path.write_text("name: desk\ngates: {duplicates: 0\nsystem: say: it\n", encoding="utf-8")
    with pytest.raises(RecipeError) as refused:
        load(path)
    (problem,) = refused.value.problems
    assert problem.where == f"{path}:3:7"
    assert "\n" not in problem.what


def test_an_encoder_is_part_of_what_decides_and_one_nobody_knows_is_refused():
    plain, static, sharper = (
        parse({"name": "x", "domain": given}) for given in ({}, {"encoder": "static"}, {"encoder": "minilm"})
    )
    assert plain.digest == static.digest != sharper.digest
    with pytest.raises(RecipeError, match=r"domain\.encoder: input should be 'static' or 'minilm'; got 'minilmm'"):
        parse({"name": "x", "domain": {"encoder": "minilmm"}})
