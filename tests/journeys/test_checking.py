"""`assay check`: findings like a linter's, on files as people have them."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from journeys import material
from journeys.conftest import Assay

KEYS = {"code", "name", "id", "row", "uri", "field", "action", "severity", "score", "message", "evidence"}
PLANTED = {"A001", "A002", "A003", "A004", "D001", "D002", "F001", "L001", "R001", "S001", "S002"}
CLEAN = [
    {"prompt": "How do I pay?", "completion": "Open Payments and choose who to pay."},
    {"prompt": "Where is my card?", "completion": "It is on its way, in the post."},
]


def write_lines(path: Path, rows: list[object]) -> None:
    path.write_text("".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_the_messy_file_is_told_by_code_with_rows_and_fails(assay: Assay, messy: Path) -> None:
    done = assay("check", messy / "tickets.csv", "--test", messy / "test.csv")
    assert done.status == 1
    headings = set(re.findall(r"^([A-Z]\d{3}) [a-z-]+  +\d", done.out, flags=re.MULTILINE))
    assert headings >= PLANTED
    assert re.search(r"tickets\.csv:\d+  repeats \S*tickets\.csv:\d+: same prompt", done.out)
    kept, dropped, held = (int(n) for n in re.findall(r"(\d+) (?:would be kept|dropped|held)", done.out))
    assert kept + dropped + held == 773


def test_rows_that_cannot_be_read_are_in_the_sum(assay: Assay) -> None:
    write_lines(assay.folder / "torn.jsonl", [*CLEAN, "{torn\n", CLEAN[0], "[]\n"])
    done = assay("check", "torn.jsonl")
    assert "5 rows in" in done.out
    closing = "2 would be kept (0 repaired), 1 dropped, 2 held for a person (2 of them could not be read)"
    assert closing in done.out


def test_a_check_as_one_object_holds_files_counts_ledger_and_findings(assay: Assay) -> None:
    write_lines(assay.folder / "torn.jsonl", [*CLEAN, "{torn\n", CLEAN[0]])
    done = assay("check", "torn.jsonl", "--json").json
    assert done == assay("check", "torn.jsonl", "--format", "json").json | {"seconds": done["seconds"]}
    (file,) = done["files"]
    assert (file["path"], file["rows"], file["unreadable"]) == ("torn.jsonl", 4, 1)
    assert file["shape"].startswith("prompt-completion")
    assert file["format"] == "JSON Lines"
    ledger = done["ledger"]
    assert done["rows"] == 4 == ledger["kept"] + ledger["dropped"] + ledger["held"] + ledger["unreadable"]
    assert {count["code"]: count["count"] for count in done["counts"]} == {"D001": 1, "F902": 1}
    assert [finding.keys() & KEYS for finding in done["findings"]] == [KEYS, KEYS]


def test_a_report_says_as_json_where_it_lies_and_what_the_ladder_is(built: Assay) -> None:
    done = built.ok("report", "-o", "page.html", "--json").json
    assert (done["page"], done["twin"]) == ("page.html", "page.json")
    twin = json.loads((built.folder / "page.json").read_text(encoding="utf-8"))
    assert (done["version"], done["ladder"]) == (twin["version"], twin["ladder"])


def test_a_clean_file_passes(assay: Assay) -> None:
    write_lines(assay.folder / "clean.jsonl", CLEAN)
    done = assay("check", "clean.jsonl")
    assert (done.status, "0 findings" in done.out) == (0, True)


def test_a_finding_in_json_lines_has_every_key_and_names_its_row(assay: Assay, messy: Path) -> None:
    path = messy / "tickets.csv"
    done = assay("check", path, "--format", "jsonl")
    assert done.status == 1
    findings = done.lines
    assert len(findings) > 200
    assert all(set(finding) >= KEYS for finding in findings)
    assert {f["uri"] for f in findings if f["row"] >= 0} == {str(path)}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    addressed = [f for f in findings if f["code"] == "S001" and "EMAIL" in f["message"]]
    assert addressed
    assert all("@" in rows[f["row"]][0] for f in addressed)


def test_sarif_junit_and_annotations_say_the_same_findings(assay: Assay) -> None:
    rows = [*CLEAN, CLEAN[0], {"prompt": 'Is <b>it</b> & "that" 100% open?', "completion": ""}]
    write_lines(assay.folder / "a,b:c.jsonl", rows)
    codes = [f["code"] for f in assay("check", "a,b:c.jsonl", "--format", "jsonl").lines]
    assert sorted(codes) == ["D001", "F001"]
    sarif = assay("check", "a,b:c.jsonl", "--format", "sarif").json
    assert sarif["version"] == "2.1.0"
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]] == codes
    suite = ElementTree.fromstring(assay("check", "a,b:c.jsonl", "--format", "junit").out)  # our own output
    assert [case.get("classname") for case in suite.iter("testcase")] == codes
    assert suite.get("failures") == str(len(list(suite.iter("failure")))) == "1"
    annotations = assay("check", "a,b:c.jsonl", "--format", "github").out.splitlines()
    assert len(annotations) == 2
    pattern = r"::(error|warning|notice) file=a%2Cb%3Ac\.jsonl,line=\d+,title=[A-Z]\d{3} [a-z-]+::.+"
    assert all(re.fullmatch(pattern, line) for line in annotations)


def test_codes_are_selected_and_ignored_by_their_beginning(assay: Assay, messy: Path) -> None:
    path = messy / "tickets.csv"
    chosen = assay("check", path, "--format", "jsonl", "--select", "d, A002")
    assert {f["code"] for f in chosen.lines} == {"D001", "D002", "A002"}
    assert chosen.status == 0  # none of these is an error
    others = assay("check", path, "--format", "jsonl", "--select", "F,S", "--ignore", "S001")
    assert {f["code"] for f in others.lines} == {"F001", "S002"}
    assert others.status == 1


def test_unknown_codes_are_refused_all_at_once_with_the_nearest_one(assay: Assay) -> None:
    write_lines(assay.folder / "clean.jsonl", CLEAN)
    said = assay.refused("check", "clean.jsonl", "--select", "D01", "--ignore", "near,S901")
    assert "D01: no rule has this code; did you mean 'D001'?" in said
    assert "NEAR: no rule has this code" in said
    assert "S901" in said
    assert "hint: `assay explain` lists the rules" in said


def test_an_unknown_format_is_refused_before_the_work(assay: Assay) -> None:
    write_lines(assay.folder / "clean.jsonl", ["nonsense\n"])
    assert "'xml' is not a format hint: one of text, json" in assay.refused("check", "clean.jsonl", "--format", "xml")


def test_rows_of_the_test_file_are_found_in_the_training_file(assay: Assay, messy: Path) -> None:
    truths = [json.loads(line) for line in (messy / "tickets.truth.jsonl").read_text(encoding="utf-8").splitlines()]
    leaked = {truth["row"] for truth in truths if "leakage" in truth["faults"]}
    done = assay("check", messy / "tickets.csv", "--test", messy / "test.csv", "--select", "L", "--format", "jsonl")
    found = {f["row"] for f in done.lines}
    assert len(leaked) >= 15
    assert len(found & leaked) >= 0.8 * len(leaked)
    assert not assay("check", messy / "tickets.csv", "--select", "L", "--format", "jsonl").lines


def test_bad_lines_are_named_by_file_and_line_and_the_others_are_checked(assay: Assay) -> None:
    rows = [CLEAN[0], "{broken\n", CLEAN[1], "[1]\n", {"prompt": "Where?", "compl": 1}, "\n", CLEAN[0]]
    write_lines(assay.folder / "bad.jsonl", rows)
    done = assay("check", "bad.jsonl", "--all")
    assert done.status == 1
    assert re.findall(r"^  bad\.jsonl:(\d+)  ", done.out, re.MULTILINE) == ["2", "4", "5", "7"]
    assert "  bad.jsonl:2  not JSON" in done.out
    assert "D001 exact-duplicate  1" in done.out
    assert "6 rows in" in done.out
    told = [(f["code"], f["row"]) for f in assay("check", "bad.jsonl", "--format", "jsonl").lines]
    assert told == [("F902", 1), ("F902", 3), ("F902", 4), ("D001", 5)]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("absent.jsonl", None, "no such file"),
        ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "unknown kind of file"),
        ("noise.jsonl", bytes(range(256)) * 8, "binary"),
        ("noise.parquet", b"PAR1" + bytes(range(256)), "arquet"),
        ("cut.jsonl.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56", "damaged gzip"),
        ("empty.csv", b"", "is empty"),
        ("numbers.json", b"[1, 2, 3]", "expected an object"),
        ("columns.csv", b"a,b,c\n1,2,3\n", "--shape prompt=COLUMN,answer=COLUMN"),
        ("lines.jsonl", b"not json\nnor this\n", "lines.jsonl:2"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_name(
    assay: Assay, name: str, data: bytes | None, expected: str
) -> None:
    if data is not None:
        (assay.folder / name).write_bytes(data)
    said = assay.refused("check", name)
    assert name in said
    assert expected in said


def test_a_folder_of_binaries_is_refused_with_a_hint(assay: Assay) -> None:
    (assay.folder / "bin").mkdir()
    (assay.folder / "bin" / "a.o").write_bytes(bytes(range(256)))
    assert "no data file here" in assay.refused("check", "bin")


def test_a_folder_gives_the_findings_of_every_data_file_in_it(assay: Assay) -> None:
    folder = assay.folder / "data"
    folder.mkdir()
    write_lines(folder / "one.jsonl", CLEAN)
    write_lines(folder / "two.jsonl", CLEAN)
    (folder / "README.md").write_text("What lies here", encoding="utf-8")
    body = assay("check", "data", "--json").json
    assert [Path(file["path"]).name for file in body["files"]] == ["one.jsonl", "two.jsonl"]
    assert body["rows"] == 2 * len(CLEAN)


def test_all_files_that_cannot_be_read_are_told_at_once(assay: Assay) -> None:
    write_lines(assay.folder / "clean.jsonl", CLEAN)
    said = assay.refused("check", "one.jsonl", "clean.jsonl", "two.csv", "--test", "clean.jsonl")
    assert "one.jsonl: no such file" in said
    assert "two.csv: no such file" in said


def test_a_file_named_several_times_is_read_as_often(assay: Assay) -> None:
    write_lines(assay.folder / "clean.jsonl", CLEAN)
    done = assay("check", *["clean.jsonl"] * 3, "--test", "clean.jsonl", "--format", "jsonl")
    assert sorted({f["code"] for f in done.lines}) == ["D001", "L001", "L003"]


def test_columns_can_be_named_and_a_misspelt_role_is_told(assay: Assay) -> None:
    (assay.folder / "odd.csv").write_bytes(material.table([("Where is it?", "Here.")] * 2, ("frage", "antwort")))
    done = assay("check", "odd.csv", "--shape", "prompt=frage,answer=antwort", "--format", "jsonl")
    assert [(f["code"], f["row"]) for f in done.lines] == [("D001", 1)]
    assert "did you mean 'prompt'?" in assay.refused("check", "odd.csv", "--shape", "promt=frage")


def test_a_reader_that_hangs_up_causes_no_noise(assay: Assay, messy: Path) -> None:
    import subprocess
    import sys

    command = [sys.executable, "-m", "assay", "check", str(messy / "tickets.csv"), "--format", "jsonl"]
    with subprocess.Popen(command, env=assay.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert json.loads(running.stdout.readline())["code"]
        running.stdout.close()
        assert running.stderr.read().decode() in ("", "Aborted!\n")


@pytest.mark.parametrize(
    ("stop", "said"),
    [
        ("raise KeyboardInterrupt", "interrupted: nothing was lost\n"),
        ("raise frames.Interrupted", "error the engine was interrupted: nothing was written\nhint: run it again\n"),
    ],
)
def test_an_interrupted_command_says_so_and_leaves_whatever_threads_are_at_work(
    assay: Assay, stop: str, said: str
) -> None:
    write_lines(assay.folder / "clean.jsonl", CLEAN)
    aborts = "import atexit, os\natexit.register(os.abort)"  # as a thread of the engine does to a slow exit
    stops = f"from assay import frames, passes\ndef stop(*a, **k):\n    {stop}\npasses.repair = stop"
    done = assay.script(f"{aborts}\n{stops}", "check", "clean.jsonl")
    assert (done.returncode, done.stderr.decode()) == (130, said)


def test_help_is_quick_and_lists_every_verb(assay: Assay) -> None:
    from assay.cli.app import VERBS

    done = assay.ok("--help")
    assert all(re.search(rf"^ *{verb} .*[^.]\.$", done.out, flags=re.MULTILINE) for verb in VERBS)
    assert "No such command" in assay.refused("chekc")


@pytest.mark.parametrize(("module", "extra"), [("torch", "train"), ("fastapi", "serve"), ("ray", "ray")])
def test_a_missing_extra_is_named_with_what_to_install(assay: Assay, module: str, extra: str) -> None:
    lacks = f"    raise ModuleNotFoundError(name={module!r})"
    stops = f"from assay import passes\ndef stop(*a, **k):\n{lacks}\npasses.repair = stop"
    write_lines(assay.folder / "clean.jsonl", CLEAN)
    done = assay.script(stops, "check", "clean.jsonl")
    assert done.returncode == 2
    assert f"this needs {module}" in done.stderr.decode()
    assert f"assay[{extra}]" in done.stderr.decode()


def test_what_other_rules_quote_of_a_row_repeats_no_secret(assay: Assay) -> None:
    said = "cafÃ© The wifi password is Tr0ub4dor&3x, ask ana.lopez@gmail.com."
    rows = [
        {"prompt": "Where do I park?", "completion": said}, {"prompt": "Where do I park, please?", "completion": said},
        {"prompt": "You stupid bastard, my key is sk_live_4eC39HqLyjWDarjtT1zdp7dc", "completion": "Calm down, sir."},
    ]  # fmt: skip
    write_lines(assay.folder / "chat.jsonl", rows)
    for format in ("json", "text"):
        done = assay("check", "chat.jsonl", "--format", format)
        assert not any(value in done.out for value in ("Tr0ub4dor", "ana.lopez", "4eC39HqLyjWDarj")), format
        assert "S003" in done.out


def test_the_version_is_that_of_the_package(assay: Assay) -> None:
    from importlib.metadata import version

    assert assay("--version").out.strip() == f"assay {version('assay')}"


def test_programs_are_told_the_row_from_0_and_the_line_from_1(assay: Assay) -> None:
    prompt = "How do I reset my password?"
    (assay.folder / "two.csv").write_text(f"text,label\n{prompt},account\n{prompt.lower()},account\n", encoding="utf-8")
    done = assay("check", "two.csv", "--select", "D001", "--format", "jsonl")
    (found,) = (json.loads(line) for line in done.out.splitlines())
    assert (found["row"], found["line"]) == (1, 3)
    assert found["message"].startswith("repeats two.csv:2:")


def test_a_mistake_in_the_recipe_is_told_by_line(assay: Assay) -> None:
    sources, rules = "name: x\nsources:\n  - path: clean.jsonl\n", "rules:\n  wrong-label:\n    least: -3\n"
    recipe = f"{sources}{rules}gates:\n  coverage: '> 180%'\n"
    (assay.folder / "assay.yaml").write_text(recipe, encoding="utf-8")
    write_lines(assay.folder / "clean.jsonl", CLEAN)
    assert "assay.yaml:6: rules.wrong-label.least: expected a number of 0 or more; got -3" in assay.refused("check")
    (assay.folder / "assay.yaml").write_text(recipe.replace("-3", "3"), encoding="utf-8")
    assert "assay.yaml:8: gates.coverage: expected a share of 0% to 100%" in assay.refused("check")


def test_choosing_rules_and_leaving_them_all_out_is_refused(assay: Assay) -> None:
    write_lines(assay.folder / "clean.jsonl", CLEAN)
    assert "no rule is left" in assay.refused("check", "clean.jsonl", "--select", "D", "--ignore", "D")
