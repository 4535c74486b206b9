"""The JSON twin of the page: the same numbers, whole and unrounded."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from assay.report.contents import ReportContents

RENAMED = {"from_version": "from", "to_version": "to"}


def as_dict(contents: ReportContents) -> dict[str, Any]:
    """The contents as JSON values: `ladder` is the list of rungs, what else the evaluation said is `evaluation`.

    A number that is not finite becomes None: JSON has no other word for it.
    """
    twin: dict[str, Any] = _plain(contents)
    evaluation = twin.pop("ladder") or {}
    rungs = evaluation.pop("ladder", [])
    return {**twin, "ladder": rungs, "evaluation": evaluation or None}


def as_json(contents: ReportContents) -> str:
    """`as_dict` as text, ASCII with `<` escaped: any string reads back equal, none can close a script tag."""
    text = json.dumps(as_dict(contents), ensure_ascii=True, allow_nan=False, indent=1)
    return text.replace("<", "\\u003c") + "\n"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {RENAMED.get(f.name, f.name): _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {key: _plain(item) for key, item in value._asdict().items()}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)
