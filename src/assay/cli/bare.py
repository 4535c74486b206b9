"""Bare files, without a project: read them, run the rules over them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from assay.errors import AssayError, InputError, Problem
from assay.records import Finding, Split

if TYPE_CHECKING:
    from assay.passes import Curated, Progress
    from assay.rules import Rule
    from assay.sources import Read


class Looked(NamedTuple):
    """What was read and what was found."""

    reads: list[Read]
    curated: Curated
    findings: list[Finding]  # of the rules, and one for each row that could not be read
    seconds: float

    @property
    def unreadable(self) -> int:
        """Rows that could not be read."""
        return sum(len(read.problems) for read in self.reads)

    @property
    def rows(self) -> int:
        """Rows read or not readable, test rows left out: kept + dropped + held + unreadable."""
        return self.curated.ledger.rows_in + self.unreadable


def chosen_rules(select: str, ignore: str, *, project: bool = False) -> list[Rule]:
    """The rules whose codes are wanted, with the settings of the recipe when there is a project.

    Raises:
        AssayError: codes that no rule has; all of them.
    """
    from assay.project import find
    from assay.recipe import did_you_mean
    from assay.rules.choose import choose

    rules = choose(find(Path.cwd()).recipe.rules if project else {})
    known = [rule.code for rule in rules]
    wanted, unwanted = (
        tuple(code.strip().upper() for code in codes.split(",") if code.strip()) for codes in (select, ignore)
    )
    unknown = [code for code in wanted + unwanted if not any(k.startswith(code) for k in known)]
    if unknown:
        problems = [Problem(code, f"no rule has this code{did_you_mean(code, known)}") for code in unknown]
        raise AssayError("unknown codes", problems=problems, hint="`assay explain` lists the rules")
    kept = [rule for rule in rules if not wanted or rule.code.startswith(wanted)]
    return [rule for rule in kept if not rule.code.startswith(unwanted)]


def read_all(paths: Sequence[Path], shape: str, split: Split = "train") -> list[Read]:
    """Read every file, and every data file of a folder; all that cannot be read are told at once.

    Raises:
        InputError: files that cannot be read.
    """
    from assay.sources import files_of, read

    reads, problems = [], []
    for path in paths:
        try:
            reads += [read(file, shape=shape, split=split) for file in files_of(path)]
        except InputError as error:
            problems += [Problem(str(path), error.what, error.hint), *error.problems]
    if problems:
        raise InputError("cannot read", problems=problems)
    return reads


def look(paths: Sequence[Path], rules: Sequence[Rule], *, test: Path | None, shape: str, progress: Progress) -> Looked:
    """Read bare files and run the rules over all of them together."""
    from assay.passes import curate
    from assay.sources import distinct

    start = time.monotonic()
    progress("reading", 0.0)
    reads = read_all(paths, shape)
    frozen = read_all([test], shape, "test") if test else []
    curated = curate(distinct([e for read in (*reads, *frozen) for e in read.examples]), rules, progress=progress)
    return Looked(reads, curated, [*unreadable(reads), *curated.findings], time.monotonic() - start)


def look_at_project(rules: Sequence[Rule], progress: Progress) -> Looked:
    """Run the rules over what the recipe names, without committing anything."""
    from assay.passes import curate
    from assay.pipeline import decisions_of, gather, targets_of
    from assay.project import find

    start = time.monotonic()
    project = find(Path.cwd())
    material = gather(project)
    curated = curate(material.examples, rules, decisions_of(project), targets=targets_of(project), progress=progress)
    return Looked(material.reads, curated, [*unreadable(material.reads), *curated.findings], time.monotonic() - start)


def unreadable(reads: Sequence[Read]) -> list[Finding]:
    """Rows that could not be read, as findings: they are named, not lost."""
    return [
        _unread(read.path, row, problem) for read in reads for problem, row in zip(read.problems, read.bad, strict=True)
    ]


def _unread(uri: str, row: int, problem: Problem) -> Finding:
    from assay.passes import UNREADABLE

    return Finding(
        code=UNREADABLE, name="unreadable-row", id="", field="row", action="hold", severity="error", score=1.0,
        message=str(problem), evidence={"where": problem.where}, row=row, uri=uri,
    )  # fmt: skip
