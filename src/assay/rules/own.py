"""A project's own rules: a Python file beside assay.yaml, run only when the recipe names it.

Loading the file executes it, with all the rights of the user who runs the command. So it must lie in the project's own
folder and belong to that user, and nothing but `own_rules` in the recipe has it loaded.
"""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import os
import re
import sys
import traceback
import typing
from pathlib import Path
from types import ModuleType
from typing import Any

from assay import frames
from assay.errors import Problem, RecipeError
from assay.recipe import FILE
from assay.records import Action, Finding, Severity, canonical_json
from assay.rules import RULES, RowRule, Rule, SetRule, Stage

MODULE = "assay_own_rules"  # the name its classes carry; two projects in one process get a digest behind it
CODE = re.compile(r"[RADBFSL][5-8]\d\d")  # 500 to 899: no rule of a later Assay will take one of these
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def own_rules(root: Path, file: str) -> dict[str, type[Rule]]:
    """The rules of a project's file, by name, in the order they are written. The file is executed.

    Raises:
        RecipeError: the file is missing, lies outside the project, belongs to somebody else or cannot be executed, or
            its rules break the laws of rules: all of these, by file and line.
    """
    path = _trusted(root, file)
    module = _executed(path, file)
    found: list[type[Any]] = [
        value for value in vars(module).values()
        if inspect.isclass(value) and value.__module__ == module.__name__ and hasattr(value, "code")
    ]  # fmt: skip
    problems = [problem for rule in found for problem in _problems(rule, file)] + _twice(found, file)
    if not found:
        problems = [Problem(file, "holds no rule", "a frozen dataclass with `code`, `name`, `stage`, `severity`")]
    if problems:
        raise RecipeError(f"{FILE}: own_rules: {len(problems)} mistakes in {file}", problems=problems)
    return {rule.name: rule for rule in found}


def digest_of_own(root: Path, file: str) -> str:
    """sha256 of the file of own rules: it decides which rows a build keeps."""
    return hashlib.sha256(_trusted(root, file).read_bytes()).hexdigest()


def check_own(rule: Rule, found: list[Finding], ids: typing.Collection[str]) -> list[Finding]:
    """The findings of an own rule, once they are known to be findings of this rule on these rows.

    Raises:
        TypeError, ValueError: they are not: then it is as if the rule had crashed.
    """
    for one in found:
        if not isinstance(one, Finding):
            raise TypeError(f"expected findings, got {type(one).__name__}")
        if (one.code, one.name) != (rule.code, rule.name) or (one.id and one.id not in ids):
            raise ValueError(f"a finding of {one.code} on {one.id!r}, which is another rule's or another row's")
        if one.after is not None and one.after.id != one.id:
            raise ValueError(f"the edit suggested for {one.id!r} is of another row")
        if one.action not in typing.get_args(Action) or not 0 <= one.score <= 1:
            raise ValueError(f"action {one.action!r}, score {one.score!r}: expected a known action and 0 to 1")
        canonical_json(dict(one.evidence))
    return found


def is_own(rule: Rule) -> bool:
    """Whether a rule came from a project's file."""
    return type(rule).__module__.startswith(MODULE)


def _trusted(root: Path, file: str) -> Path:
    """The file, which must lie in the project and belong to the user who runs the command."""
    path = (root / file).resolve()
    if path.suffix != ".py" or not path.is_relative_to(root.resolve()):
        what = f"{FILE}: own_rules: '{file}' is no .py file in the project's folder"
        raise RecipeError(what, hint="own_rules: rules.py")
    if not path.is_file():
        raise RecipeError(f"{FILE}: own_rules: no such file '{file}'", hint="write it, or remove `own_rules`")
    if hasattr(os, "geteuid") and path.stat().st_uid != os.geteuid():
        what = f"{FILE}: own_rules: '{file}' belongs to another user, and loading it would run it as you"
        raise RecipeError(what, hint="read it; if you trust it, make a copy that is yours")
    return path


def _executed(path: Path, file: str) -> ModuleType:
    """The module the file makes. Its classes travel to other processes with their code."""
    source = path.read_bytes()
    module = ModuleType(f"{MODULE}_{hashlib.sha256(bytes(path) + source).hexdigest()[:12]}")
    if module.__name__ in sys.modules:
        return sys.modules[module.__name__]
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look there for what names mean
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)
    except Exception as error:
        del sys.modules[module.__name__]
        line = error.lineno if isinstance(error, SyntaxError) else _line_in(path, error)
        what = f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}"
        raise RecipeError(f"{FILE}: own_rules: cannot be loaded", problems=[Problem(f"{file}:{line}", what)]) from None
    frames.send_by_value(module)
    return module


def crashed_at(rule: Rule, error: BaseException) -> str:
    """Where an own rule raised an error, "rules.py:12"; "" for a rule of Assay."""
    if not is_own(rule):
        return ""
    method: Any = rule.check if isinstance(rule, RowRule) else getattr(rule, "survey", None)
    file = Path(method.__code__.co_filename)
    return f"{file.name}:{_line_in(file, error)}"


def _line_in(path: Path, error: BaseException) -> int:
    """The last line of a file that an error passed through; 0 when it never did."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return lines[-1] or 0 if lines else 0


def _problems(rule: type, file: str) -> list[Problem]:
    """What keeps a class from being a rule: the laws that are tested of every rule of Assay."""
    where = f"{file}:{_line(rule)}"
    named = rule.__name__
    wrong: list[tuple[bool, str]] = [
        (not dataclasses.is_dataclass(rule) or not rule.__dataclass_params__.frozen,  # type: ignore[attr-defined]
         "is no frozen dataclass: write @dataclass(frozen=True) above it"),
        (not CODE.fullmatch(str(getattr(rule, "code", ""))),
         f"code {getattr(rule, 'code', None)!r}: expected a letter of R A D B F S L and 500 to 899, such as 'F501'"),
        (not NAME.fullmatch(str(getattr(rule, "name", ""))),
         f"name {getattr(rule, 'name', None)!r}: expected words in small letters joined by hyphens"),
        (getattr(rule, "stage", "") not in typing.get_args(Stage),
         f"stage {getattr(rule, 'stage', None)!r}: expected one of {', '.join(typing.get_args(Stage))}"),
        (getattr(rule, "severity", "") not in typing.get_args(Severity),
         f"severity {getattr(rule, 'severity', None)!r}: expected error, warning or info"),
        (not (inspect.getdoc(rule) or "").startswith(f"{getattr(rule, 'code', '')}: "),
         "has no docstring that begins with its code: it is the page `assay explain` prints"),
    ]  # fmt: skip
    problems = [Problem(where, f"{named} {what}") for is_wrong, what in wrong if is_wrong]
    return problems or _unusable(rule, where)


def _unusable(rule: type, where: str) -> list[Problem]:
    """What is wrong with the fields and the method of a class that looks like a rule."""
    fields = {field.name: field for field in dataclasses.fields(rule)}
    bare = [name for name, field in fields.items() if field.default is dataclasses.MISSING]
    if bare:
        return [Problem(where, f"{rule.__name__} has fields without a default: {', '.join(bare)}")]
    if "action" not in fields or fields["action"].default not in typing.get_args(Action):
        what = f"{rule.__name__} has no field `action: Action` with a default"
        return [Problem(where, what, 'action: Action = "hold"')]
    on_rows = rule.stage in ("repair", "row")  # type: ignore[attr-defined]
    if not isinstance(rule(), RowRule if on_rows else SetRule):
        method = "check(self, example)" if on_rows else "survey(self, measured)"
        return [Problem(where, f"{rule.__name__} has no method {method}, which its stage asks for")]
    return []


def _twice(found: list[type], file: str) -> list[Problem]:
    """Codes and names that another rule has."""
    known = {rule.code for rule in RULES.values()} | set(RULES)
    problems = []
    for rule in found:
        for word in (str(rule.code), str(getattr(rule, "name", ""))):  # type: ignore[attr-defined]
            if word in known:
                problems.append(Problem(f"{file}:{_line(rule)}", f"{rule.__name__}: '{word}' is taken by another rule"))
            known.add(word)
    return problems


def _line(rule: type) -> int:
    """Where a class begins; 0 where its source is gone."""
    try:
        return inspect.getsourcelines(rule)[1]
    except (OSError, TypeError):
        return 0
