"""One way to say it: variants proposed, agreed on, rewritten everywhere, in later rows too."""

from __future__ import annotations

import json
from pathlib import Path

from journeys.conftest import Assay

DONE = "Invoice Generated Successfully"
NAMES = ("Ana Diaz", "Bo Chen", "Cem Aydin", "Dee Jones", "Eva Novak", "Finn Berg", "Gil Roy", "Hana Sato", "Ivo Kral")
RECIPE = "name: desk\ntask: generate\nsources:\n  - path: data\n"


def _write(path: Path, rows: list[tuple[str, str]]) -> None:
    path.write_text("".join(json.dumps({"prompt": q, "completion": a}) + "\n" for q, a in rows), encoding="utf-8")


def _answers(assay: Assay) -> list[str]:
    from assay import dataset
    from assay.store import Store

    store = Store(assay.folder / ".assay" / "tables")
    return [row.answer for row in dataset.load_rows(store, dataset.load_version(store)).kept]


def test_variants_are_proposed_agreed_on_and_gone_from_every_later_version(assay: Assay) -> None:
    (assay.folder / "data").mkdir()
    (assay.folder / "assay.yaml").write_text(RECIPE, encoding="utf-8")
    said = [DONE] * 6 + ["inv. done"] * 3
    _write(
        assay.folder / "data" / "a.jsonl",
        [(f"create the invoice for {n}", a) for n, a in zip(NAMES, said, strict=True)],
    )
    first = assay.ok("build", "--json").json
    assert first["held"] == 3
    assert "inv. done  3 rows" in assay.ok("review", "--phrases").out
    again = assay.ok("review", "--phrases", "--json").json
    assert (again["new"], [p["agreed"] for p in again["phrases"]]) == ({}, ["ask"])
    assert assay.ok("build", "--json").json["id"] == first["id"], "nothing is rewritten before a person agrees"

    file = assay.folder / "phrases.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("agreed: ask", "agreed: yes"), encoding="utf-8")
    second = assay.ok("build", "--json").json
    assert (second["kept"], second["held"]) == (9, 0)
    assert second["id"] != first["id"]
    assert set(_answers(assay)) == {DONE}

    _write(assay.folder / "data" / "b.jsonl", [("please make an invoice for the garden shop", "Inv. done!")])
    assert assay.ok("build", "--json").json["id"] != second["id"]
    assert _answers(assay) == [DONE] * 10

    file.write_text(file.read_text(encoding="utf-8").replace("agreed: yes", "agreed: perhaps"), encoding="utf-8")
    assert "'yes', 'no' or 'ask'" in assay.refused("build")
