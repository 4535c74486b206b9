"""Where rows are, as people and editors read it: FILE:LINE where a row has lines, FILE[ROW] where it has none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.errors import AssayError, Problem, RecipeError
from assay.recipe import FILE

if TYPE_CHECKING:
    from assay.sources import Read

LINED = ("jsonl", "csv", "text")


class Places:
    """The lines of the rows of some files. Rows count from 0, as in the JSON; lines from 1, as in an editor."""

    def __init__(self, reads: Iterable[Read]) -> None:
        self._lines = {read.path: read.lines for read in reads if read.format.kind in LINED and not read.format.gzip}
        files = "|".join(re.escape(path) for path in sorted(self._lines, key=len, reverse=True))
        self._named = re.compile(rf"({files})\[(\d+)\]") if files else None

    def line(self, uri: str, row: int) -> int | None:
        """The line a row begins on, from 1; None where rows are no lines: Parquet, JSON, packed files."""
        lines = self._lines.get(uri, ())
        return lines[row] if 0 <= row < len(lines) else None

    def at(self, uri: str, row: int) -> str:
        """at("train.csv", 12) -> "train.csv:14"; "rows.parquet[12]" where there are no lines."""
        line = self.line(uri, row)
        if line is not None:
            return f"{uri}:{line}"
        return f"{uri}[{row}]" if row >= 0 else uri or "dataset"

    def told(self, text: str) -> str:
        """A sentence with the rows it names told by line: "repeats train.csv[3]" -> "repeats train.csv:5"."""
        return text if self._named is None else self._named.sub(lambda m: self.at(m[1], int(m[2])), text)


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
