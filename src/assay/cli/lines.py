"""Where mistakes of a recipe are, as editors read it: FILE:LINE."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.errors import AssayError, Problem, RecipeError
from assay.recipe import FILE

if TYPE_CHECKING:
    pass


def by_line(error: AssayError) -> AssayError:
    """The mistakes of a recipe told by line: "assay.yaml: rules.wrong-label" -> "assay.yaml:12: rules.wrong-label"."""
    here = Path.cwd()
    path = next((folder / FILE for folder in (here, *here.parents) if (folder / FILE).is_file()), None)
    if not isinstance(error, RecipeError) or path is None:
        return error
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        tree = YAML().load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, YAMLError):
        return error  # no tree, no lines: the error itself says why
    problems = [_lined(problem, tree) for problem in error.problems]
    return type(error)(error.what, hint=error.hint, problems=problems)


def _lined(problem: Problem, tree: Any) -> Problem:
    """A mistake with the line of the last of its keys that the file has."""
    keys, line = problem.where.removeprefix(f"{FILE}: "), None
    if keys == problem.where:
        return problem
    while keys and hasattr(tree, "lc"):
        named = hasattr(tree, "keys")
        known = {str(key): key for key in tree} if named else {str(i + 1): i for i in range(len(tree))}
        key = next((key for key in known if keys == key or keys.startswith(f"{key}.")), None)
        if key is None:
            break
        line = (tree.lc.key if named else tree.lc.item)(known[key])[0] + 1
        tree, keys = tree[known[key]], keys[len(key) + 1 :]
    return problem if line is None else replace(problem, where=problem.where.replace(FILE, f"{FILE}:{line}", 1))
