"""The one place that knows the order of a build: sources, structure, rules, decisions, commit."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypedDict

from assay.dataset import Rows, SourceFile, Version, commit, log
from assay.db import open_events
from assay.errors import InputError, Problem
from assay.evaluate.stats import Metric
from assay.passes import Curated, Progress, Said, curate, quiet
from assay.project import Project
from assay.recipe import FILE
from assay.records import Decision, Example, digest_of
from assay.review import audit
from assay.review.phrases import agreed, read_phrases
from assay.rules import RULES, Rule
from assay.rules.agreed_phrase import AgreedPhrase
from assay.rules.choose import choose
from assay.rules.own import digest_of_own, own_rules
from assay.scorecard import Card, card
from assay.sources import Read, distinct, files_of, others_in, read, reference_lines
from assay.store import Store


class Material(NamedTuple):
    """What the sources of a project hold."""

    examples: list[Example]
    files: list[SourceFile]
    reads: list[Read]  # file by file, with the rows that could not be read
    left_out: list[str]  # files in the folders of the sources that hold no rows by their names


class Build(NamedTuple):
    """What a build made."""

    version: Version
    curated: Curated
    material: Material


def source_files(project: Project) -> list[tuple[Path, int]]:
    """The files the recipe names, each with the place of its source in the recipe.

    Raises:
        InputError: a source that names no file; all of them.
    """
    found: list[tuple[Path, int]] = []
    problems = []
    for place, source in enumerate(project.recipe.sources):
        files = _matching(project.root, source.path)
        found += [(file, place) for file in files]
        if not files:
            what = f"no file matches '{source.path}' below {project.root}"
            problems.append(Problem(f"{FILE}: sources.{place + 1}.path", what))
    if not project.recipe.sources:
        hint = "add `- path: data/train.csv` under `sources:`"
        problems.append(Problem(f"{FILE}: sources", "there is no source", hint))
    if problems:
        raise InputError("nothing to build from", problems=problems)
    return found


def _matching(root: Path, pattern: str) -> list[Path]:
    """The data files of a folder, one file, or those a glob matches."""
    try:
        return [file for file in files_of(root / pattern) if file.is_file()]
    except InputError:
        return []


def _named(project: Project, path: Path) -> str:
    """A file's path below the project; of one elsewhere the name alone, the same on every machine."""
    return path.relative_to(project.root).as_posix() if path.is_relative_to(project.root) else path.name


def gather(project: Project) -> Material:
    """Read every source of a project.

    Raises:
        InputError: files that cannot be read at all, or that stand in two splits; all of them.
    """
    examples: list[Example] = []
    files: list[SourceFile] = []
    reads: list[Read] = []
    unreadable: list[Problem] = []
    for path, place in source_files(project):
        source = project.recipe.sources[place]
        name = _named(project, path)
        try:
            got = read(
                path, shape=source.shape, task=project.recipe.task, split=source.split, licence=source.licence,
                system=project.recipe.system, name=name,
            )  # fmt: skip
        except InputError as error:
            unreadable += [Problem(name, error.what.removeprefix(f"{name}: "), error.hint), *error.problems]
            continue
        examples += [replace(example, uri=name) for example in got.examples]
        reads.append(replace(got, path=name))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        files.append(SourceFile(name, digest, source.split, got.rows, str(got.shape), source.licence))
    unreadable += _in_two_splits(files)
    if unreadable:
        raise InputError("some sources cannot be used", problems=unreadable)
    folders = {project.root / source.path for source in project.recipe.sources}
    left_out = sorted(_named(project, file) for folder in folders for file in others_in(folder))
    return Material(distinct(examples), files, reads, left_out)


def _in_two_splits(files: Sequence[SourceFile]) -> list[Problem]:
    """Files with the same bytes under different splits: whoever evaluates on what was trained on fools himself."""
    first: dict[str, SourceFile] = {}
    return [
        Problem(
            file.path,
            f"is the same file as {known.path}, as {file.split} and as {known.split}",
            "give each split its own rows",
        )
        for file in files
        if (known := first.setdefault(file.digest, file)).split != file.split
    ]


class Domain(TypedDict):
    """What a dataset is about, as `curate` and `Measured` take it."""

    targets: list[str]
    control: list[str]
    encoder: str


def domain_of(project: Project) -> Domain:
    """The queries that say what the dataset is about, those known to be of no use, and what compares rows with them.

    Raises:
        InputError: a file that cannot be read.
    """
    asked = project.recipe.domain
    control = reference_lines(project.root, asked.control, f"{FILE}: domain.control")
    return Domain(targets=targets_of(project), control=control, encoder=asked.encoder)


def targets_of(project: Project) -> list[str]:
    """The queries that say what the dataset is about: those in the recipe, and those of the files it names.

    Raises:
        InputError: a file that cannot be read.
    """
    return reference_lines(project.root, project.recipe.domain.targets, f"{FILE}: domain.targets")


def registry_of(project: Project) -> dict[str, type[Rule]]:
    """The rules there are in a project, by name: those of Assay, then its own. Its file of own rules is executed.

    Raises:
        RecipeError: the file cannot be used.
    """
    own = project.recipe.own_rules
    return {**RULES, **own_rules(project.root, own)} if own else dict(RULES)


def rules_of(project: Project) -> list[Rule]:
    """The rules a project runs, with the settings of its recipe and the phrases people agreed on.

    Raises:
        RecipeError: mistakes in the settings, in the file of phrases, or in the project's own rules.
    """
    settings, table = dict(project.recipe.rules), agreed(read_phrases(project.root / project.recipe.phrases))
    name = next((key for key in (AgreedPhrase.name, AgreedPhrase.code) if key in settings), AgreedPhrase.name)
    here = settings.get(name) or {}
    if table and here != "off":
        settings[name] = {**here, "phrases": [*table, *here.get("phrases", ())]}
    return choose(settings, rules=registry_of(project))


def _recipe_digest(project: Project) -> str:
    """Of all in the recipe that decides which rows a build keeps, agreed phrases and the text of own rules included."""
    own, table = project.recipe.own_rules, agreed(read_phrases(project.root / project.recipe.phrases))
    beside = [*([digest_of_own(project.root, own)] if own else []), *([digest_of(table)] if table else [])]
    return digest_of([project.recipe.digest, *beside]) if beside else project.recipe.digest


def decisions_of(project: Project) -> list[Decision]:
    """What people decided on this project."""
    if not project.people.exists():
        return []
    events = open_events(f"sqlite:///{project.people}")
    try:
        return events.current()
    finally:
        events.close()


class Audited(NamedTuple):
    """What a reviewed random sample says of a version."""

    sampled: str  # the version that was sampled: it, or the nearest one before it
    right: Metric  # share of right rows; of a later version once the answers were applied


def audit_of(project: Project, version: str) -> Audited | None:
    """The estimate for a version: from its own sample, else from that of the nearest version before it."""
    answers = decisions_of(project)
    parents = {v.id: v.parent for v in log(Store(project.tables))}
    here: str | None = version
    while here is not None and here in parents:
        found = audit(answers, here)
        if found is not None:
            return Audited(here, Metric(*(found.right if here == version else found.left)))
        here = parents.pop(here)
    return None


def card_of(
    project: Project,
    kept: Sequence[Example],
    decisions: Sequence[Decision],
    rules: Sequence[Rule],
    *,
    version: str = "",
    said: Said | None = None,
) -> Card:
    """The score card of the rows a build keeps, test rows aside.

    The rules look at them anew: that they removed what they found the first time is no merit of the rows. Rows that a
    person settled are as that person said. `version` is whose reviewed sample counts; the newest when none is named.
    `said` is what the row rules said of the rows while they were curated: they are not run on them twice.
    """
    again = curate(kept, rules, **domain_of(project), said=said)
    settled = {decision.id for decision in decisions if decision.human and decision.action in ("keep", "edit", "add")}
    findings = [found for found in again.findings if found.id not in settled or found.code.startswith(("D", "L"))]
    named = version or Store(project.tables).head()
    audited = audit_of(project, named) if named else None
    return card(
        kept, findings, {rule.code for rule in rules}, measured=again.measured,
        tested=any(example.split == "test" for example in kept), audited=audited.right if audited else None,
    )  # fmt: skip


def build(
    project: Project, *, message: str = "", people: bool = True, progress: Progress = quiet, said: Said | None = None
) -> Build:
    """Sources to a version, by the recipe; without `people`, what the rules alone leave. What the row rules say is kept
    in `said`, for `card_of`.

    Raises:
        InputError, RecipeError, StoreError: nothing was committed.
    """
    rules = rules_of(project)
    domain = domain_of(project)
    progress("reading sources", 0.0)
    material = gather(project)
    human = decisions_of(project) if people else []

    def scaled(what: str, share: float) -> None:
        progress(what, 0.05 + 0.85 * share)

    curated = curate(material.examples, rules, human, **domain, progress=scaled, said=said)
    progress("committing", 0.9)
    stale = {(decision.id, decision.digest) for decision in curated.stale}
    applied = [decision for decision in human if (decision.id, decision.digest) not in stale]
    version = commit(
        Store(project.tables), Rows(material.examples, curated.kept, curated.findings, curated.decisions),
        sources=material.files, recipe=project.recipe.model_dump(mode="json"), recipe_digest=_recipe_digest(project),
        ledger=curated.ledger, human=applied, stale=len(stale), message=message,
    )  # fmt: skip
    progress("done", 1.0)
    return Build(version, curated, material)
