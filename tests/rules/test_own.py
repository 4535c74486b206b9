"""A project's own rules: loaded from its own folder only, held to the laws of rules, and harmless when they crash."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import labelled, qa

from assay.errors import RecipeError
from assay.passes import curate
from assay.records import finding_from_dict, finding_to_dict
from assay.rules import RULES, RowRule, SetRule
from assay.rules.choose import choose
from assay.rules.own import digest_of_own, own_rules
from assay.rules.run import CRASHED

HEAD = """from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules import Stage, finding, set_finding

"""
RULE = '''
@dataclass(frozen=True)
class {name}:
    """{code}: the prompt is loud.

    What it does: counts capitals.

    Why is this bad: it is loud.

    Example: "WHERE IS IT"
    """

    code: ClassVar[str] = "{code}"
    name: ClassVar[str] = "{word}"
    stage: ClassVar[Stage] = "{stage}"
    severity: ClassVar[Severity] = "warning"

    share: float = 0.6  # capitals among the letters
    action: Action = "{action}"

    {method}
'''
CHECK = """def check(self, example: Example) -> Iterable[Finding]:
        if example.prompt.isupper():
            yield finding(self, example, "prompt", 1.0, "shouts")
"""
ROWS = [qa("a", "WHERE IS IT", "In the drawer."), qa("b", "Where is the lamp?", "On the desk.")]


def rule(
    method: str = CHECK, *, name: str = "Loud", code: str = "F501", word: str = "loud", stage: str = "row",
    action: str = "hold",
) -> str:  # fmt: skip
    return RULE.format(name=name, code=code, word=word, stage=stage, action=action, method=method)


def write(folder: Path, *rules: str, head: str = HEAD) -> Path:
    (folder / "rules.py").write_text(head + "".join(rules), encoding="utf-8")
    return folder


def refused(folder: Path, file: str = "rules.py") -> str:
    with pytest.raises(RecipeError) as raised:
        own_rules(folder, file)
    return str(raised.value)


def test_an_own_rule_is_chosen_and_set_like_any_other(tmp_path: Path) -> None:
    own = own_rules(write(tmp_path, rule()), "rules.py")
    chosen = choose({"loud": {"action": "drop"}}, rules={**RULES, **own})
    assert [r.name for r in chosen][-1] == "loud"
    done = curate(ROWS, [r for r in chosen if r.name == "loud"])
    assert [(f.code, f.id, f.action) for f in done.findings] == [("F501", "a", "drop")]
    assert [e.id for e in done.dropped] == ["a"]
    assert [finding_from_dict(finding_to_dict(f)) for f in done.findings] == done.findings


def test_a_rule_on_the_set_sees_the_signals(tmp_path: Path) -> None:
    survey = "def survey(self, measured): return [set_finding(self, 1.0, str(len(measured.examples)))]"
    (made,) = own_rules(write(tmp_path, rule(survey, stage="whole", action="keep")), "rules.py").values()
    assert isinstance(made(), SetRule)
    assert not isinstance(made(), RowRule)
    assert [f.message for f in curate(ROWS, [made()]).findings] == ["2"]


@pytest.mark.parametrize(
    "body",
    [
        "raise KeyError(example.id)",
        "return ['no finding']",
        "return None",
        "return [finding(self, example, 'prompt', 1.0, 'x', evidence={'a': object()})]",
        "from dataclasses import replace; return [replace(finding(self, example, 'prompt', 1.0, 'x'), id='b' * 9)]",
        "from dataclasses import replace; return [replace(finding(self, example, 'prompt', 1.0, 'x'), code='A001')]",
        "from dataclasses import replace; return [replace(finding(self, example, 'prompt', 1.0, 'x'), action='burn')]",
        "return [finding(self, example, 'prompt', 1.0, 'x', after=Example('z', 'chat', ()))]",
    ],
)
def test_a_crash_or_nonsense_loses_no_row_and_names_the_rule(tmp_path: Path, body: str) -> None:
    source = rule(f"def check(self, example):\n        {body}\n")
    (made,) = own_rules(write(tmp_path, source), "rules.py").values()
    done = curate(ROWS, [made()])
    assert [e.id for e in done.kept] == ["a", "b"]
    assert {f.code for f in done.findings} == {CRASHED}
    assert all("loud (F501) crashed" in f.message for f in done.findings)


def test_a_crash_is_named_by_file_and_line(tmp_path: Path) -> None:
    write(tmp_path, rule("def check(self, example):\n        return 1 / 0\n"))
    (made,) = own_rules(tmp_path, "rules.py").values()
    line = (tmp_path / "rules.py").read_text().splitlines().index("        return 1 / 0") + 1
    assert curate(ROWS, [made()]).findings[0].message.endswith(f"ZeroDivisionError: division by zero (rules.py:{line})")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def broken(:\n", "rules.py:1: SyntaxError"),
        ("x = 1\nimport no_such_module\n", "rules.py:2: ModuleNotFoundError"),
        ("x = 1\n\nraise ValueError('here')\n", "rules.py:3: ValueError: here"),
        ("x = 1\n", "holds no rule"),
        (HEAD + rule(code="F101"), "500 to 899"),
        (HEAD + rule(code="F501").replace("(frozen=True)", ""), "no frozen dataclass"),
        (HEAD + rule(word="Loud One"), "small letters"),
        (HEAD + rule(stage="later"), "expected one of repair, row"),
        (HEAD + rule().replace('severity: ClassVar[Severity] = "warning"', ""), "severity None"),
        (HEAD + rule().replace('"""F501: the', '"""the'), "docstring that begins with its code"),
        (HEAD + rule().replace('    action: Action = "hold"\n', ""), "no field `action"),
        (HEAD + rule().replace("share: float = 0.6 ", "share: float "), "fields without a default: share"),
        (HEAD + rule("x: int = 1"), "no method check"),
        (HEAD + rule(stage="survey"), "no method survey"),
        (HEAD + rule(word="pii"), "'pii' is taken"),
        (HEAD + rule() + rule(name="Other", word="other"), "'F501' is taken"),
    ],
)
def test_a_file_that_breaks_the_laws_is_refused_by_line(tmp_path: Path, source: str, told: str) -> None:
    said = refused(write(tmp_path, source, head=""))
    assert told in said
    assert "own_rules" in said


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    said = refused(write(tmp_path, rule(code="X1", word="A B"), rule(name="Two", code="F502", stage="now")))
    assert all(part in said for part in ("code 'X1'", "name 'A B'", "Two stage 'now'"))


@pytest.mark.parametrize("file", ["../rules.py", "rules.txt", "missing.py", "link.py", "/etc/hosts.py"])
def test_only_a_python_file_in_the_project_is_loaded(tmp_path: Path, file: str) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "rules.py").write_text("raise SystemExit('executed')", encoding="utf-8")
    (project / "rules.txt").write_text("raise SystemExit('executed')", encoding="utf-8")
    (project / "link.py").symlink_to(tmp_path / "rules.py")
    assert "own_rules" in refused(project, file)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_not_executed(tmp_path: Path) -> None:
    write(tmp_path, "raise SystemExit('executed')", head="")
    os.chown(tmp_path / "rules.py", 12345, 12345)
    assert "belongs to another user" in refused(tmp_path)


def test_the_digest_follows_the_text(tmp_path: Path) -> None:
    first = digest_of_own(write(tmp_path, rule()), "rules.py")
    assert digest_of_own(write(tmp_path, rule()), "rules.py") == first
    assert digest_of_own(write(tmp_path, rule(action="drop")), "rules.py") != first


def test_an_edited_file_is_loaded_anew(tmp_path: Path) -> None:
    (before,) = own_rules(write(tmp_path, rule()), "rules.py").values()
    (after,) = own_rules(write(tmp_path, rule(action="drop")), "rules.py").values()
    assert (before().action, after().action) == ("hold", "drop")


def test_a_repair_of_an_own_rule_is_applied(tmp_path: Path) -> None:
    check = """def check(self, example: Example) -> Iterable[Finding]:
        if example.prompt.isupper():
            after = example.with_text({0: example.prompt.capitalize()})
            yield finding(self, example, "prompt", 1.0, "shouts", after=after)
"""
    (made,) = own_rules(write(tmp_path, rule(check, stage="repair", action="edit")), "rules.py").values()
    done = curate([labelled("a", "WHERE IS IT", "place"), ROWS[1]], [made()])
    assert [e.prompt for e in done.kept] == ["Where is it", "Where is the lamp?"]
