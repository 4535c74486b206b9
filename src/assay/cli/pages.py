"""The pages `assay explain` prints and docs/rules holds: they are the rules' own docstrings and settings."""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

from pydantic import BaseModel

from assay.recipe import Recipe
from assay.rules import RULES, settings_of


class Page(NamedTuple):
    """One page, as text and as JSON."""

    text: str
    body: dict[str, Any]


def listing() -> Page:
    """All rules, a line each."""
    rows = [
        (rule.code, name, (inspect.getdoc(rule) or "").splitlines()[0].partition(": ")[2])
        for name, rule in RULES.items()
    ]  # type: ignore[attr-defined]
    lines = [f"{code}  {name:<20}  {line}" for code, name, line in sorted(rows)]
    return Page("\n".join(lines), {"rules": [{"code": c, "name": n, "what": w} for c, n, w in sorted(rows)]})


def rule_page(what: str) -> Page | None:
    """The page of a rule, by code or name."""
    for name, rule in RULES.items():
        code: str = rule.code  # type: ignore[attr-defined]
        if what.lower() in (name, code.lower()):
            settings = settings_of(rule)
            lines = [inspect.getdoc(rule) or "", "", f"Stage: {rule.stage}. Severity: {rule.severity}.", "", "Settings, under `rules:` in assay.yaml:",  # type: ignore[attr-defined]
                     f"  {name}:", *(f"    {key}: {value!r}" for key, value in settings.items()), f"  {name}: off   # leaves it out"]  # fmt: skip
            return Page(
                "\n".join(lines),
                {
                    "code": code,
                    "name": name,
                    "doc": inspect.getdoc(rule),
                    "settings": {k: repr(v) for k, v in settings.items()},
                },
            )
    return None


def _keys(part: type[BaseModel] = Recipe, prefix: str = "") -> dict[str, tuple[str, Any]]:
    """Every key of assay.yaml with its meaning and default."""
    found: dict[str, tuple[str, Any]] = {}
    for name, info in part.model_fields.items():
        found[f"{prefix}{name}"] = (
            info.description or "",
            info.get_default(call_default_factory=True) if not info.is_required() else "required",
        )
        for inner in (info.annotation, *getattr(info.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                found |= _keys(inner, f"{prefix}{name}.")
    return found


def key_page(what: str) -> Page | None:
    """The meaning of a key of assay.yaml."""
    key = _keys().get(what)
    if key is None:
        return None
    meaning, default = key
    shown = (
        default
        if not isinstance(default, BaseModel)
        else "see the keys below it: " + ", ".join(k for k in _keys() if k.startswith(f"{what}."))
    )
    return Page(f"{what}: {meaning}\nDefault: {shown}", {"key": what, "meaning": meaning, "default": str(shown)})


def known() -> list[str]:
    """Everything that has a page."""
    return [*RULES, *(rule.code for rule in RULES.values()), *_keys()]  # type: ignore[attr-defined]
