"""What `assay select` says of a selection."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.cli.selecting import Selection, tell
from assay.sources import read


@pytest.mark.parametrize(("asked", "said"), [(10, True), (2, False)])
def test_a_budget_beyond_the_file_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: int, said: bool
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\nmy card is lost,card\nwhere is it,parcel\nrefund me,refund\n")
    chosen = list(range(min(asked, 3)))
    selection = Selection(read(path), chosen, chosen, chosen, asked, {"selected": 1.0})
    tell(selection, [])
    shown = " ".join(capsys.readouterr().out.split())
    assert ("10 rows were asked for and the file has 3: all are taken, nothing was selected" in shown) == said
    assert selection.as_dict()["asked"] == asked
