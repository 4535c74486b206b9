"""Sources to a version: what cannot be meant is refused before anything is committed."""

import pytest

from assay.errors import InputError
from assay.passes import Said
from assay.pipeline import build, card_of, gather, rules_of
from assay.project import find


def test_one_file_as_train_and_as_test_is_refused_under_any_name(tmp_path):
    rows = "text,label\nwhere is my card,card\nwhat does it cost,fees\n"
    for name in ("train.csv", "test.csv"):
        (tmp_path / name).write_text(rows)
    recipe = "name: x\nsources:\n  - path: train.csv\n  - path: test.csv\n    split: test\n"
    (tmp_path / "assay.yaml").write_text(recipe)
    with pytest.raises(InputError, match=r"same file as train\.csv"):
        gather(find(tmp_path))
    (tmp_path / "test.csv").write_text(rows + "another one,fees\n")
    assert len(gather(find(tmp_path)).examples) == 5


def test_a_card_of_rows_judged_before_is_that_of_rows_judged_anew(tmp_path):
    things = ["card", "fee", "bill", "loan"]
    rows = [f"where is my {thing} number {i}, {things[i % 4]}" for i in range(40) for thing in things]
    rows += ["you idiot moron,fee", "mail me at a.b@c.org,fee", "  WHERE IS MY CARD NUMBER 1,card", ",bill"]
    (tmp_path / "train.csv").write_text("\n".join(["text,label", *rows]))
    (tmp_path / "assay.yaml").write_text("name: x\nsources:\n  - path: train.csv\n")
    project, said = find(tmp_path), Said()
    rules, made = rules_of(project), build(project, said=said).curated
    assert made.ledger.dropped
    assert made.ledger.held
    again = card_of(project, made.kept, made.decisions, rules, said=said)
    assert again == card_of(project, made.kept, made.decisions, rules)
