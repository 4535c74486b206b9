"""The pages `assay explain` prints and docs/rules holds: they are the rules' own docstrings and settings."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from assay.passes import STALE, UNREADABLE
from assay.recipe import Recipe, parts_in
from assay.rules import RULES, Rule, settings_of
from assay.rules.choose import is_optional
from assay.rules.run import CRASHED

PASSES = {  # what the passes of a build say themselves, beside the rules
    CRASHED: (
        "rule-crashed",
        "A rule raised an error on this row, or on the set, and was passed over there; the rows go on. It is a defect "
        "of the rule: leave it out (`rules: {NAME: off}`) until it is mended.",
    ),
    STALE: (
        "stale-decision",
        "A person decided on this row, and its text has changed since. The decision is not applied; the row is held, "
        "for them to decide again: `assay review`.",
    ),
    UNREADABLE: (
        "unreadable-row",
        "This row of the file could not be read: the message says where and why. It stays in the file; the others go "
        "on.",
    ),
}


class Page(NamedTuple):
    """One page, as text and as JSON."""

    text: str
    body: dict[str, Any]


def listing(letter: str = "", rules: Mapping[str, type[Rule]] = RULES) -> Page | None:
    """All rules, or those whose code begins with a letter, a line each; None when there is none."""
    rows = sorted((rule.code, name, gist(rule)) for name, rule in rules.items() if rule.code.startswith(letter.upper()))
    if not rows or len(letter) > 1:
        return None
    lines = [f"{code}  {name:<20}  {what}" for code, name, what in rows]
    return Page("\n".join(lines), {"rules": [{"code": c, "name": n, "what": w} for c, n, w in rows]})


def gist(rule: type[Rule]) -> str:
    """The first line of a rule's docstring, without its code."""
    return (inspect.getdoc(rule) or "").splitlines()[0].partition(": ")[2]


def rule_page(what: str, rules: Mapping[str, type[Rule]] = RULES) -> Page | None:
    """The page of a rule, by code or name."""
    for name, rule in rules.items():
        if what.lower() in (name, rule.code.lower()):
            doc, settings = inspect.getdoc(rule) or "", settings_of(rule)
            defaults = "".join(f"    {key}: {value!r}\n" for key, value in settings.items())
            switch = f"{name}: off   # leaves it out"
            if is_optional(rule):
                switch = f"{name}: {{}}   # off by default: this turns it on, and so does --select {rule.code}"
            text = (
                f"{doc}\n\nStage: {rule.stage}. Severity: {rule.severity}.\n\nSettings, under `rules:` in assay.yaml:\n"
                f"  {name}:\n{defaults}  {switch}"
            )
            shown = {key: repr(value) for key, value in settings.items()}
            return Page(text, {"code": rule.code, "name": name, "doc": doc, "settings": shown})
    for code, (name, doc) in PASSES.items():
        if what.lower() in (name, code.lower()):
            return Page(f"{code}: {name}\n\n{doc}", {"code": code, "name": name, "doc": doc, "settings": {}})
    return None


def _keys(part: type[BaseModel] = Recipe, prefix: str = "") -> dict[str, tuple[str, Any]]:
    """Every key of assay.yaml with its meaning and default."""
    found: dict[str, tuple[str, Any]] = {}
    for name, info in part.model_fields.items():
        default = "required" if info.is_required() else info.get_default(call_default_factory=True)
        found[f"{prefix}{name}"] = (info.description or "", default)
        for inner in parts_in(info.annotation):
            found |= _keys(inner, f"{prefix}{name}.")
    return found


def key_page(what: str) -> Page | None:
    """The meaning of a key of assay.yaml."""
    key = _keys().get(what)
    if key is None:
        return None
    meaning, default = key
    below = ", ".join(key for key in _keys() if key.startswith(f"{what}."))
    shown = f"see the keys below it: {below}" if isinstance(default, BaseModel) else default
    return Page(f"{what}: {meaning}\nDefault: {shown}", {"key": what, "meaning": meaning, "default": str(shown)})


def known(rules: Mapping[str, type[Rule]] = RULES) -> list[str]:
    """Everything that has a page."""
    return [*rules, *(rule.code for rule in rules.values()), *PASSES, *_keys()]
