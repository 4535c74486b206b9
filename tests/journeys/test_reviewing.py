"""People's answers: scripted, typed, taken back, replayed, and returned to the queue when the text has changed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from journeys.conftest import Assay


def waiting(assay: Assay) -> dict[str, dict[str, Any]]:
    """What waits, by prompt."""
    return {row["prompt"]: row for row in assay.ok("review", "--json").json}


def by_label(assay: Assay) -> dict[str, Any]:
    """The row whose label is another spelling."""
    return next(row for row in waiting(assay).values() if row["answer"] == "Cards")


def write_script(path: Path, answers: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(answer) + "\n" for answer in answers), encoding="utf-8")


def ledger(assay: Assay) -> dict[str, Any]:
    built: dict[str, Any] = assay.ok("build", "--json").json
    return built


def test_scripted_answers_are_replayed_by_the_next_build(built: Assay) -> None:
    rows = waiting(built)
    assert len(rows) >= 2
    mend = by_label(built)
    assert (mend["suggestion"], mend["findings"][0]["code"]) == ("cards", "A003")
    others = [row["id"] for row in rows.values() if row["id"] != mend["id"]]
    answers = [{"id": mend["id"], "action": "edit"}, *({"id": name, "action": "keep"} for name in others)]
    write_script(built.folder / "answers.jsonl", answers)
    said = built.ok("review", "--by", "ana", "--script", "answers.jsonl").out
    assert f"{len(rows)} answers by ana" in said
    assert "0 rows still wait" in said
    assert waiting(built) == {}
    before = built.ok("log", "--json").json[0]
    done = ledger(built)
    assert (done["human"], done["stale"], done["held"]) == (len(rows), 0, 0)
    assert done["kept"] == before["kept"] + len(rows)
    assert done["parent"] == before["id"] != done["id"]
    changed = built.ok("diff", before["id"], "--json").json["added"]
    assert {change["id"] for change in changed} == {row["id"] for row in rows.values()}
    assert "edit A003 by reviewer:ana" in next(c["reasons"] for c in changed if c["id"] == mend["id"])
    assert ledger(built)["id"] == done["id"]


def test_an_answer_is_taken_back_and_the_version_is_the_first_again(built: Assay) -> None:
    first = built.ok("log", "--json").json[0]["id"]
    row = by_label(built)
    write_script(built.folder / "answers.jsonl", [{"id": row["id"], "action": "edit", "answer": "payments"}])
    built.ok("review", "--by", "ana", "--script", "answers.jsonl")
    assert ledger(built)["id"] != first
    assert "taken back" in built.ok("review", "--undo", row["id"], "--by", "ben").out
    assert ledger(built)["id"] == first
    assert row["prompt"] in waiting(built)
    (event,) = built.ok("review", "--history").json
    assert (event["id"], event["action"], event["reviewer"], event["undone"]) == (row["id"], "edit", "ana", True)
    assert event["undone_by"] == "ben"
    assert "there is no answer to take back" in built.refused("review", "--undo", row["id"])


def test_an_answer_on_text_that_has_changed_is_not_applied_but_asked_again(built: Assay) -> None:
    recipe = built.folder / "assay.yaml"  # an id of its own, so that the row is the same row after its text changed
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("train.csv", "train.jsonl"), encoding="utf-8")
    rows = [{"id": f"t{i}", "text": text, "label": label} for i, (text, label) in enumerate(_tickets())]
    data = built.folder / "data" / "train.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    ledger(built)
    write_script(built.folder / "answers.jsonl", [{"id": "t11", "action": "edit", "answer": "cards"}])
    built.ok("review", "--by", "ana", "--script", "answers.jsonl")
    assert (ledger(built)["human"], ledger(built)["stale"]) == (1, 0)
    rows[11]["text"] = "Where is the card I asked for yesterday?"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    done = ledger(built)
    assert (done["human"], done["stale"]) == (0, 1)
    again = next(row for row in waiting(built).values() if row["id"] == "t11")
    assert "F901" in {finding["code"] for finding in again["findings"]}
    assert again["answer"] == "Cards"
    write_script(built.folder / "answers.jsonl", [{"id": "t11", "action": "edit", "answer": "cards"}])
    built.ok("review", "--by", "ana", "--script", "answers.jsonl")
    assert (ledger(built)["human"], ledger(built)["stale"]) == (1, 0)


def _tickets() -> list[tuple[str, str]]:
    from journeys.material import tickets

    rows = tickets()
    rows[11] = (rows[11][0], "Cards")
    return rows


def test_a_person_answers_by_keys_and_takes_one_back(built: Assay) -> None:
    count = len(waiting(built))
    assert count >= 2
    done = built("review", "--by", "ana", keys="x\nd\nu\nt\npayments\nq\n")
    assert done.status == 0
    assert "1 answers kept" in done.out
    assert len(waiting(built)) == count - 1
    events = built.ok("review", "--history").json
    assert [(event["action"], event["undone"]) for event in events] == [("drop", True), ("edit", False)]
    cut = built("review", "--by", "ana", keys="")  # the keys end, as with Ctrl-D: the same as quitting
    assert (cut.status, cut.err.strip()) == (0, "")
    assert len(waiting(built)) == count - 1


def test_the_queue_is_shown_and_nobody_answers_without_a_name(built: Assay) -> None:
    shown = built.ok("review", "--show", "1").out
    assert len(re.findall(r"^  -> ", shown, flags=re.MULTILINE)) == 1
    assert f"{len(waiting(built))} rows wait" in shown
    assert "hint: assay review --by YOUR-NAME" in built.refused("review")


def test_answers_that_are_not_taken_are_named_with_the_reason_and_none_taken_is_a_failure(built: Assay) -> None:
    row = by_label(built)
    kept, dropped = "", ""
    changes = built.ok("diff", "raw", "--json").json
    dropped = changes["dropped"][0]["id"]
    gone = {change["id"] for found in changes.values() for change in found} | set(waiting(built))
    kept = next(r["id"] for r in built.ok("review", "--sample", "20", "--json").json if r["id"] not in gone)
    answers = [{"id": row["id"], "action": "keep"}, {"id": "nobody", "action": "drop"}]
    write_script(built.folder / "answers.jsonl", [*answers, {"id": kept, "action": "keep"}])
    done = built.ok("review", "--by", "ana", "--script", "answers.jsonl")
    assert "2 answers were not taken" in done.out
    assert re.search(r"nobody: no row has this id", done.out)
    assert re.search(rf"{kept}: it is in the set and nobody asks about it", done.out)
    again = built("review", "--by", "ana", "--script", "answers.jsonl")
    assert again.status == 1
    assert f"{row['id']}: ana has answered it already; --undo takes that back" in again.out
    write_script(built.folder / "answers.jsonl", [{"id": dropped, "action": "keep"}])
    done = built("review", "--by", "ana", "--script", "answers.jsonl")
    assert (done.status, "said drop" in done.out) == (1, True)
    write_script(built.folder / "answers.jsonl", [{"id": f"x{i}", "action": "keep"} for i in range(30)])
    done = built("review", "--by", "ana", "--script", "answers.jsonl")
    assert (done.status, done.out.count("no row has this id"), "and 10 more" in done.out) == (1, 20, True)


def test_answers_that_are_no_answers_are_refused_by_line_and_none_is_taken(built: Assay) -> None:
    row = by_label(built)
    lines = [
        json.dumps({"id": row["id"], "action": "keep"}), "nonsense", json.dumps({"id": 4, "action": "keep"}),
        json.dumps({"id": row["id"], "action": "burn"}), json.dumps({"id": row["id"], "action": "edit", "answer": 5}),
        json.dumps({"id": row["id"], "action": "edit", "text": ["a"]}),
    ]  # fmt: skip
    (built.folder / "answers.jsonl").write_text("\n".join(lines), encoding="utf-8")
    said = built.refused("review", "--by", "ana", "--script", "answers.jsonl")
    assert re.findall(r"answers\.jsonl:(\d+): ", said) == ["2", "3", "4", "5", "6"]
    assert built.ok("review", "--history").json == []
    assert "absent.jsonl: cannot read" in built.refused("review", "--by", "ana", "--script", "absent.jsonl")


def test_a_damaged_database_of_answers_is_told_not_overwritten(built: Assay) -> None:
    people = built.folder / ".assay" / "people.db"
    for path in people.parent.glob("people.db*"):
        path.unlink()
    people.write_bytes(b"this is no database at all, but it may be dear to somebody" * 20)
    before = people.read_bytes()
    for words in (("build",), ("review", "--history")):
        assert "people.db" in built.refused(*words)
    assert people.read_bytes() == before


def test_a_label_nobody_knows_is_refused_unless_it_is_said_to_be_new(built: Assay) -> None:
    row = by_label(built)
    write_script(built.folder / "answers.jsonl", [{"id": row["id"], "action": "edit", "answer": "paymentz"}])
    said = built.refused("review", "--by", "ana", "--script", "answers.jsonl")
    assert "no row has the label 'paymentz'; did you mean 'payments'?" in said
    assert built.ok("review", "--history").json == []
    typed = built("review", "--by", "ana", keys="t\npaymentz\n\nq\n")
    assert "0 answers kept" in typed.out
    built.ok("review", "--by", "ana", "--script", "answers.jsonl", "--new-labels")
    assert [event["action"] for event in built.ok("review", "--history").json] == ["edit"]
