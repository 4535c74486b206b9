"""The fixes that need no person: settings of assay.yaml, written with its comments left as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assay.doctor.signs import Sign
from assay.project import Project
from assay.recipe import FILE
from assay.store import write_atomically


def cure(project: Project, signs: Sequence[Sign]) -> dict[str, Any]:
    """Set in assay.yaml what the signs ask for; the keys that were set, dotted, with their values.

    Raises:
        StoreError: assay.yaml cannot be written.
    """
    import io

    from ruamel.yaml import YAML

    wanted = {key: value for sign in signs for key, value in sign.setting.items()}
    if not wanted:
        return {}
    yaml = YAML()
    yaml.preserve_quotes = True
    path = project.root / FILE
    body = yaml.load(path.read_text(encoding="utf-8"))
    for key, value in wanted.items():
        _set(body, key.split("."), value)
    text = io.StringIO()
    yaml.dump(body, text)
    write_atomically(path, text.getvalue())
    return wanted


def _set(body: Any, path: Sequence[str], value: Any) -> None:
    *parents, last = path
    for name in parents:
        if not isinstance(body.get(name), Mapping):
            body[name] = {}
        body = body[name]
    body[last] = value
