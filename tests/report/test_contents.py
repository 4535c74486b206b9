import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import AssayError, StoreError
from assay.records import Example, Finding, Message
from assay.report import CodeCount, Diff, DiffRow, FindingExample, FindingGroup, Ledger, group_findings, write
from assay.report.contents import check
from assay.report.private import without_private
from assay.report.twin import as_dict, as_json

from .sample import ladder, sample

COUNT = st.integers(0, 10_000)


@given(COUNT, COUNT, COUNT, st.integers(-50, 50))
def test_a_ledger_is_accepted_exactly_when_its_sum_holds(kept: int, dropped: int, held: int, off: int) -> None:
    contents = sample(ledger=Ledger(kept + dropped + held + off, kept, dropped, held, 0), ladder=None)
    if off == 0:
        check(contents)
    else:
        with pytest.raises(AssayError, match="rows in"):
            check(contents)


def test_a_report_whose_sums_do_not_hold_is_not_written(tmp_path: Path) -> None:
    broken = sample(ledger=Ledger(10, 5, 3, 1, 7, (CodeCount("D001", "exact-duplicate", "drop", 4),)))
    with pytest.raises(AssayError) as caught:
        write(broken, tmp_path / "report.html", tmp_path / "report.json")
    assert [problem.where for problem in caught.value.problems] == ["ledger", "ledger.edited", "ledger.D001"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("key", "value"), [("low", None), ("n", 0), ("value", float("nan")), ("high", 0.01)])
def test_a_rung_without_n_or_a_sound_interval_is_refused(key: str, value: float | None) -> None:
    tree = ladder()
    tree["ladder"][-1][key] = value
    with pytest.raises(AssayError, match=r"ladder\.curated"):
        check(sample(ladder=tree))


def test_a_file_that_cannot_be_written_is_named_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(StoreError, match=r"report\.html"):
        write(sample(ladder=None), tmp_path / "taken" / "report.html", tmp_path / "report.json")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_the_twin_has_the_rungs_at_the_top_and_the_rest_of_the_evaluation_beside_them() -> None:
    twin = as_dict(sample())
    assert [rung["name"] for rung in twin["ladder"]][-4:] == ["raw", "random", "rules", "curated"]
    assert set(twin["ladder"][-1]) >= {"name", "value", "low", "high", "n"}
    assert twin["evaluation"]["smallest_effect"]["value"] == 0.041
    assert twin["diff"]["from"] == "raw"


def test_the_twin_without_an_evaluation_has_an_empty_ladder() -> None:
    twin = as_dict(sample(ladder=None))
    assert (twin["ladder"], twin["evaluation"]) == ([], None)


@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_reads_back_equal_from_the_twin_and_cannot_close_a_script(text: str) -> None:
    written = as_json(sample(title=text + "</script>", ladder=None))
    assert json.loads(written)["title"] == text + "</script>"
    assert "<" not in written


def test_a_number_that_is_not_finite_becomes_null() -> None:
    tree = ladder()
    tree["pairs"][0]["p"] = float("nan")
    assert json.loads(as_json(sample(ladder=tree)))["evaluation"]["pairs"][0]["p"] is None


def found(code: str, id: str, severity: str, score: float, after: Example | None = None) -> Finding:
    return Finding(code, code.lower(), id, "prompt", "edit", severity, score, "why", after=after)  # type: ignore[arg-type]


def test_findings_are_grouped_most_severe_and_most_frequent_first_with_the_surest_examples() -> None:
    findings = [found("D002", "a", "warning", 0.2), found("D002", "b", "warning", 0.9), found("F001", "c", "warning", 1), found("A004", "d", "error", 1)]  # fmt: skip  # noqa: E501
    groups = group_findings(findings, {"b": "text of b"}, {"D002": "because"}, limit=1)
    assert [(group.code, group.count) for group in groups] == [("A004", 1), ("D002", 2), ("F001", 1)]
    assert [(example.id, example.text) for example in groups[1].examples] == [("b", "text of b")]
    assert groups[1].explanation == "because"


def test_what_a_safety_rule_took_out_is_hidden_in_what_any_rule_says_of_the_row() -> None:
    after = Example("a", "classify", (Message("user", "mail [EMAIL] now"), Message("assistant", "card")), label="card")
    findings = [found("S001", "a", "error", 1, after), found("D002", "a", "warning", 1)]
    groups = group_findings(findings, {"a": "mail jo@example.org now\ncard"}, {})
    assert [group.examples[0].text for group in groups] == ["mail ▮▮▮ now\ncard"] * 2


def test_personal_data_stands_neither_on_the_page_nor_in_the_twin(tmp_path: Path) -> None:
    secret = "4929 1234 5678 9012".replace(" ", "")
    example = FindingExample("a", "f:1", f"card {secret} lost", "a card number", {}, "card [CARD] lost")
    rows = (
        DiffRow("a", f"card {secret}", "card [CARD]", ("S001 pii",)),
        DiffRow("b", f"card {secret}", None, ("S001", "D001")),
    )
    contents = sample(
        findings=(FindingGroup("S001", "pii", 1, "error", "edit", "", (example,)),),
        diff=Diff("a", "b", 0, 1, 1, rows),
        ladder=None,
    )
    write(contents, tmp_path / "r.html", tmp_path / "r.json")
    assert secret not in (tmp_path / "r.html").read_text() + (tmp_path / "r.json").read_text()


def test_no_rule_quotes_a_piece_of_a_secret_in_the_report() -> None:
    token = "ghp_Zk3vXq9LmPw7RtYb2NcAqV5sT8uJ1dEfGh4i"
    found = Finding(
        "F004", "encoding-garbage", "r1", "answer", "hold", "error", 1.0, f"the answer holds {token[:24]!r}",
        {"blob": token[4:30], "twin": "r2"},
    )  # fmt: skip
    (group,) = group_findings([found], {"r1": f"the key\n{token}", "r2": "no key"}, {})
    shown = f"{group.examples[0].message} {group.examples[0].evidence}"
    assert not any(token[i : i + 8] in shown for i in range(len(token) - 8))


def test_rows_no_safety_rule_spoke_of_are_shown_as_they_are() -> None:
    contents = sample(diff=Diff("a", "b", 0, 0, 1, (DiffRow("a", "one two", "one", ("A001",)),)))
    assert without_private(contents).diff == contents.diff
    assert replace(contents, findings=()) == without_private(replace(contents, findings=()))
