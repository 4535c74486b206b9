"""Bare files, without a project: read them, run the rules over them."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from assay.cli.ledger import told_safely
from assay.errors import AssayError, InputError, Problem
from assay.records import Finding, Split

if TYPE_CHECKING:
    from assay.gates import Failed, Gates
    from assay.passes import Curated, Progress
    from assay.rules import Rule
    from assay.scorecard import Card
    from assay.sources import Read


class Looked(NamedTuple):
    """What was read and what was found."""

    reads: list[Read]
    curated: Curated
    findings: list[Finding]  # of the rules, and one for each row that could not be read
    seconds: float
    card: Card | None = None  # of a file as it was read, of a project as a build would keep it; None: not asked for
    failed: tuple[Failed, ...] = ()  # gates
    frozen: tuple[Read, ...] = ()  # the files evaluated on

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
    from assay.recipe import did_you_mean
    from assay.rules import RULES
    from assay.rules.choose import choose, is_optional

    asked = tuple(code.strip().upper() for code in select.split(",") if code.strip())
    optional: dict[str, None] = {name: None for name, rule in RULES.items() if is_optional(rule) and rule.code in asked}
    rules = _project_rules() if project else choose(optional)
    known = [*(rule.code for rule in rules), *(rule.code for rule in RULES.values() if is_optional(rule))]
    wanted, unwanted = (
        tuple(code.strip().upper() for code in codes.split(",") if code.strip()) for codes in (select, ignore)
    )
    unknown = [code for code in wanted + unwanted if not any(k.startswith(code) for k in known)]
    if unknown:
        problems = [Problem(code, f"no rule has this code{did_you_mean(code, known)}") for code in unknown]
        raise AssayError("unknown codes", problems=problems, hint="`assay explain` lists the rules")
    kept = [rule for rule in rules if not wanted or rule.code.startswith(wanted)]
    left = [rule for rule in kept if not rule.code.startswith(unwanted)]
    if not left:
        raise AssayError(f"no rule is left: --select {select} without {ignore}", hint="leave --ignore out")
    return left


def _project_rules() -> list[Rule]:
    """The rules of the project around; its own ones are executed, and that is said."""
    from assay.cli.screen import tell_own_rules
    from assay.pipeline import rules_of
    from assay.project import find

    here = find(Path.cwd())
    tell_own_rules(here.recipe.own_rules)
    return rules_of(here)


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
            problems += [Problem(str(path), error.what.removeprefix(f"{path}: "), error.hint), *error.problems]
    if problems:
        raise InputError("cannot read", problems=problems)
    return reads


@contextmanager
def few_collections() -> Iterator[None]:
    """Python looks for garbage a hundred times less often: rows stay to the end, and searching them takes a tenth of a
    large check.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 1000)
    try:
        yield
    finally:
        gc.freeze()  # or all of it is searched at once, for the last time
        gc.set_threshold(*before)


def look(
    paths: Sequence[Path], rules: Sequence[Rule], *, test: Path | None, shape: str, progress: Progress,
    gates: Gates | None = None, scored: bool = True, encoder: str = "",
) -> Looked:  # fmt: skip
    """Read bare files and run the rules over all of them together; the card and the gates are on the rows as read.

    Raises:
        InputError: files that cannot be read.
        RecipeError: gates on what does not exist.
    """
    from assay.gates import limits, on_card, passed
    from assay.passes import curate
    from assay.scorecard import card
    from assay.sources import distinct

    start = time.monotonic()
    gates = gates or {}
    limits(gates)
    progress("reading", 0.0)
    reads = [replace(read, records={}) for read in read_all(paths, shape)]  # nothing is written back
    frozen = read_all([test], shape, "test") if test else []
    examples = distinct([example for read in (*reads, *frozen) for example in read.examples])
    curated = curate(examples, rules, encoder=encoder or "static", progress=progress)
    codes, names = {rule.code for rule in rules}, {rule.name for rule in rules}
    made = None
    if scored or on_card(gates):
        made = card(examples, curated.findings, codes, measured=curated.measured, tested=bool(test))
    trained = [example for example in examples if example.split != "test"]
    failed = passed(gates, curated.findings, trained, made, ran=names, repaired=False)
    findings = [*unreadable(reads), *told_safely(curated.findings, rules, examples)]
    took = time.monotonic() - start
    return Looked(reads, curated, findings, took, made if scored else None, tuple(failed), tuple(frozen))


def look_at_project(
    rules: Sequence[Rule], progress: Progress, *, gates: Gates | None = None, scored: bool = True, encoder: str = ""
) -> Looked:
    """Run the rules over what the recipe names, without committing anything; the card and the gates, those of the
    recipe and `gates`, are on the rows a build would keep.

    Raises:
        InputError, RecipeError: nothing can be built from.
    """
    from assay.gates import limits, on_card, passed
    from assay.passes import Said, curate
    from assay.pipeline import card_of, decisions_of, domain_of, gather, registry_of
    from assay.project import find

    start = time.monotonic()
    project = find(Path.cwd())
    if encoder:
        domain = project.recipe.domain.model_copy(update={"encoder": encoder})
        project = replace(project, recipe=project.recipe.model_copy(update={"domain": domain}))
    registry, asked = registry_of(project), {**project.recipe.gates, **(gates or {})}
    limits(asked, registry)
    material = gather(project)
    said = Said() if scored or on_card(asked) else None
    curated = curate(
        material.examples, rules, decisions_of(project), **domain_of(project), progress=progress, said=said
    )
    made = card_of(project, curated.kept, curated.decisions, rules, said=said) if said else None
    names = {rule.name for rule in rules}
    failed = passed(asked, curated.findings, curated.kept, made, rules=registry, ran=names)
    findings = [*unreadable(material.reads), *told_safely(curated.findings, rules, material.examples)]
    return Looked(material.reads, curated, findings, time.monotonic() - start, made if scored else None, tuple(failed))


def unreadable(reads: Sequence[Read]) -> list[Finding]:
    """Rows that could not be read, as findings: they are named, not lost."""
    return [
        _unread(read.path, row, line, problem)
        for read in reads
        for problem, row, line in zip(read.problems, read.bad, read.bad_lines, strict=True)
    ]


def _unread(uri: str, row: int, line: int, problem: Problem) -> Finding:
    from assay.passes import UNREADABLE

    return Finding(
        code=UNREADABLE, name="unreadable-row", id="", field="row", action="hold", severity="error", score=1.0,
        message=str(problem), evidence={"where": problem.where}, row=row, uri=uri, line=line,
    )  # fmt: skip
