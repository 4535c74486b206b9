"""Data that means harm to a terminal, a browser, a spreadsheet or a CI log: shown, never obeyed."""

from __future__ import annotations

import json

import pytest

from journeys import material
from journeys.conftest import Assay

NASTY = (
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x9b2J", "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "a\rb\x08\x08",
    "[bold]markup[/bold]", "[/]", "[link=http://evil.example]x[/link]", "<script>alert(1)</script>", '"><img src=x>',
    "=HYPERLINK(\"http://evil.example\")", "@SUM(1+1)*cmd|' /C calc'!A0", "::error file=x::boom", "%0A::warning::x",
    "\u202eright to left", "\ud800", "null\x00byte", "{{ 7*7 }} ${7*7}", "line\u2028separator",
)  # fmt: skip


def controls(text: str) -> set[str]:
    """What a terminal would obey."""
    return {c for c in text if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2028"}


def write(assay: Assay, name: str = "nasty.jsonl") -> int:
    rows = [{"prompt": f"Is {text} number {i} fine?", "completion": f"Yes {text}."} for i, text in enumerate(NASTY)]
    rows += [
        *rows,
        {"prompt": rows[0]["prompt"], "completion": ""},
        {"prompt": NASTY[0], "completion": 5, "x": NASTY[1]},
    ]
    lines = [json.dumps(row) for row in rows] + ['{"prompt": "\x1b[2J', "\x1b]0;t\x07"]
    (assay.folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


FORMATS = ["text", "github", "junit", "sarif", "jsonl"]


@pytest.mark.parametrize("format", FORMATS)
def test_a_check_sends_no_control_code_of_the_data_to_the_terminal(assay: Assay, format: str) -> None:
    write(assay)
    done = assay("check", "nasty.jsonl", "--format", format, *(["--all"] if format == "text" else []))
    assert done.status == 1
    assert len(done.out) > 1000
    assert controls(done.out + done.err) == set()


def test_annotations_of_the_data_do_not_become_commands_of_the_log(assay: Assay) -> None:
    rows = [
        {"text": f"question {i} about it", "label": "a\n::error::boom" if i == 3 else "A\n::error::boom"}
        for i in range(12)
    ]
    (assay.folder / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    done = assay("check", "x.jsonl", "--format", "github")
    assert done.out
    assert all(
        line.startswith(("::error file=x.jsonl,", "::warning file=x", "::notice file="))
        for line in done.out.splitlines()
    )


def test_fix_shows_edits_of_nasty_text_without_obeying_it(assay: Assay) -> None:
    count = write(assay)
    dry = assay.ok("fix", "nasty.jsonl", "-o", "out.jsonl", "--dry-run")
    assert f"{count} rows in" in dry.out
    assert controls(dry.out + dry.err) == set()


def test_a_project_of_nasty_text_goes_through_every_verb_that_prints_it(assay: Assay) -> None:
    nasty = [(f"Is {text} in order for card {i}?", "cards") for i, text in enumerate(NASTY) if text != "\ud800"]
    spelt = [(f"Please {text} my transfer {i}", "pay\x1b[5mments") for i, text in enumerate(NASTY[:5])]
    folder = material.write_project(assay.folder / "desk")
    rows = [*material.tickets(), *nasty, *spelt, *nasty[:3]]
    text = "".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows)
    (folder / "data" / "train.jsonl").write_text(text, encoding="utf-8")
    recipe = folder / "assay.yaml"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("train.csv", "train.jsonl"), encoding="utf-8")
    desk = assay.at(folder)
    desk.ok("build", "-m", "message \x1b[31m with [bold]codes[/bold]")
    for words in (("diff", "raw", "--limit", "999"), ("review", "--show", "99"), ("log",), ("check", "--all")):
        done = desk(*words)
        assert done.status in (0, 1)
        assert done.out
        assert controls(done.out + done.err) == set(), words
    assert "[bold]codes[/bold]" in desk.ok("log").out
    for name in (NASTY[0], NASTY[6]):
        assert controls(desk.refused("diff", name)) == set()
        assert controls(desk.refused("review", "--undo", name)) == set()


def test_a_file_name_with_codes_is_shown_plainly(assay: Assay) -> None:
    name = "a\x1b[31m[bold]b\n.jsonl"
    write(assay, name)
    done = assay("check", name)
    assert done.status == 1
    assert controls(done.out + done.err) == set()
    assert "[bold]b" in done.out


def test_output_in_an_encoding_that_lacks_the_letters_does_not_stop_the_check(assay: Assay) -> None:
    write(assay)
    ascii_only = Assay(assay.folder, assay.env | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert ascii_only("check", "nasty.jsonl", "--all").status == 1
