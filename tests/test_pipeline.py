"""Sources to a version: what cannot be meant is refused before anything is committed."""

import pytest

from assay.errors import InputError
from assay.pipeline import gather
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
