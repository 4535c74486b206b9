"""Before a build or a training: are the sources whole, is there a test worth the name, does anything wait?"""

from __future__ import annotations

import re
from collections import Counter

from assay import dataset
from assay.doctor.signs import Sign, places
from assay.errors import AssayError
from assay.evaluate.stats import DISCORDANT, smallest_effect
from assay.pipeline import Material, gather
from assay.project import Project
from assay.records import Example, by_split
from assay.store import Store

FEW = 10  # rows of a class below which it is hardly learnt
BLUNT = 0.05  # smallest effect from which a test set is called blunt: most data decisions move less

_JOINED = re.compile(r"(?<=[^\W\d_])[\s_-]+(?=[^\W_])|(?<=[^\W_])[\s_-]+(?=[^\W\d_])")  # in "top-up", not in "1-2"


def data_signs(project: Project) -> list[Sign]:
    """The signs of a project's data."""
    try:
        material = gather(project)
    except AssayError as error:
        rows = tuple(f"{problem.where}: {problem.what}" for problem in error.problems)
        return [Sign("red", "sources", error.what, "nothing can be built from it", rows, error.hint)]
    train, test = by_split(material.examples, "train"), by_split(material.examples, "test")
    signs = [_sources(material), *_answers(train, test), _test_size(test)]
    if project.recipe.task == "classify":
        signs += _labels(train, test)
    return [*signs, *_version(project, material)]


def _sources(material: Material) -> Sign:
    bad = [problem for read in material.reads for problem in read.problems]
    what = f"{len(material.examples):,} rows in {len(material.files)} files can be read"
    if bad or material.left_out:
        rows = (*(str(problem) for problem in bad), *(f"{file}: left out" for file in material.left_out))
        what += f", {len(bad)} rows cannot" + (f", {len(material.left_out)} files hold none" * bool(material.left_out))
        return Sign("amber", "sources", what, "what is not read is not learnt", rows, "mend these lines in the files")
    return Sign("green", "sources", what)


def _answers(train: list[Example], test: list[Example]) -> list[Sign]:
    if not any(example.answer.strip() for example in train):
        why = "a model learns from answers"
        return [Sign("red", "answers", "no row of the split train has an answer", why, fix="assay explain sources")]
    empty = [example for example in test if not example.answer.strip()]
    if not empty:
        return []
    what = f"{len(empty)} test rows have no answer"
    return [Sign("amber", "answers", what, "they cannot be scored", places(empty), "fill them in in the test file")]


def _test_size(test: list[Example]) -> Sign:
    if not test:
        fix = "add a source with `split: test` to assay.yaml: rows that no rule and no training ever sees"
        return Sign("red", "test", "there are no test rows", "without them nothing can be shown", fix=fix)
    scored = [example for example in test if example.answer.strip()]
    if not scored:
        what, why = f"none of {len(test):,} test rows has an answer", "nothing can be measured: not one can be scored"
        fix = "fill in the answers; `assay explain sources` says which column holds them"
        return Sign("red", "test", what, why, places(test), fix)
    groups = len({example.group or example.id for example in scored})
    effect = smallest_effect(groups, DISCORDANT)
    what = f"{len(scored):,} test rows show differences of {effect:.1%} and more"
    if effect <= BLUNT:
        return Sign("green", "test", what)
    why = "most data decisions move a model by less (80% power, models that differ on 10% of the rows)"
    return Sign("amber", "test", what, why, fix="collect more test rows: 500 show 4.0%, 1,000 show 2.8%")


def _unseen(train: list[Example], test: list[Example]) -> Sign:
    known = {example.label for example in train}
    unseen = Counter(example.label for example in test if example.label is not None and example.label not in known)
    if not unseen:
        return Sign("green", "labels", "every label of the test is among the training rows")
    named = ", ".join(f"{label!r} ({count})" for label, count in unseen.most_common(10))
    rows = places(example for example in test if example.label in unseen)
    why = "no model can give an answer it has never seen"
    return Sign("red", "labels", f"{len(unseen)} labels of the test have no training row: {named}", why, rows,
                "add rows, or mend the spelling of the labels")  # fmt: skip


def _labels(train: list[Example], test: list[Example]) -> list[Sign]:
    """Whether there are labels to tell apart, all of them known, spelled in one way, with rows enough."""
    sizes = Counter(example.label for example in train if example.label)
    if not sizes:
        fix = "fill in the labels; `assay explain sources` says which column holds them"
        return [Sign("red", "classes", "no training row has a label", "there is nothing to learn", fix=fix)]
    if len(sizes) == 1:
        ((label, count),) = sizes.items()
        what, why = f"one label only: {label!r} ({count:,})", "there is nothing to tell apart: it would say this always"
        return [_unseen(train, test), Sign("red", "classes", what, why, fix="add training rows of the other labels")]
    return [_unseen(train, test), *_spelled(train, test), _thin(sizes)]


def _spelled(train: list[Example], test: list[Example]) -> list[Sign]:
    """Labels that are one label but for case, spaces and punctuation."""
    sizes = Counter(example.label for example in (*train, *test) if example.label)
    same: dict[str, list[str]] = {}
    for label in sorted(sizes):
        bare = label.casefold().strip(" \t.,:;!\"'") or label
        same.setdefault(_JOINED.sub("", bare), []).append(label)
    alike = [" / ".join(f"{label!r} ({sizes[label]})" for label in labels) for labels in same.values()
             if len(labels) > 1]  # fmt: skip
    if not alike:
        return []
    why = "the model learns them as different answers, and one is scored as wrong for the other"
    many = "1 label is" if len(alike) == 1 else f"{len(alike)} labels are"
    what = f"{many} spelled in more than one way, apart only in case, spaces or hyphens: {', '.join(alike)}"
    return [Sign("amber", "spelling", what, why, fix="settle on one spelling in the files, then assay build")]


def _thin(sizes: Counter[str]) -> Sign:
    thin = sorted((count, str(label)) for label, count in sizes.items() if count < FEW)
    if not thin:
        return Sign("green", "classes", f"{len(sizes)} labels with {FEW} rows and more each")
    named = ", ".join(f"{label!r} ({count})" for count, label in thin[:10])
    why = "they are rarely predicted, and some may be misspellings of others: `assay check` tells"
    what = f"{len(thin)} of {len(sizes)} labels have fewer than {FEW} rows: {named}"
    return Sign("amber", "classes", what, why, fix="collect rows, merge labels, or drop them")


def _version(project: Project, material: Material) -> list[Sign]:
    store = Store(project.tables)
    if store.head() is None:
        return [Sign("amber", "version", "nothing is built yet", "training takes a version", fix="assay build")]
    try:
        version = dataset.load_version(store)
    except AssayError as error:
        return [Sign("red", "version", error.what, "training takes a version", fix=error.hint)]
    built = {(source.path, source.digest) for source in version.sources}
    stale = [file.path for file in material.files if (file.path, file.digest) not in built]
    old = version.recipe.get("rules") != project.recipe.model_dump(mode="json")["rules"]
    if stale or old or len(built) != len(material.files):
        why = "the newest version does not hold what lies on the disk now"
        what = "sources or rules have changed since the last build"
        return [Sign("amber", "version", what, why, tuple(stale), "assay build")]
    signs = [
        Sign("green", "version", f"version {version.id} is built from these sources: {version.ledger.kept:,} rows")
    ]
    if version.ledger.held:
        why = "held rows are not trained on: settled, many of them come back with the right answer"
        what = f"{version.ledger.held:,} rows are held for a person"
        signs.append(Sign("amber", "review", what, why, fix="assay review --by YOUR-NAME, then assay build"))
    return signs
