"""Versions of a dataset: commit, log, load, diff.

A version is sources + recipe + human decisions, by hash, and the examples they yield, by hash: same inputs, same id, on
every machine and engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, NamedTuple

from assay.records import (
    Action,
    Decision,
    Example,
    Finding,
    decisions_from_arrow,
    digest_of,
    examples_from_arrow,
    findings_from_arrow,
    to_arrow,
)
from assay.store import Store


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file a version was made from."""

    path: str  # relative to the project
    digest: str  # sha256 of its bytes
    split: str
    rows: int
    shape: str
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How many examples met one reason and one action."""

    code: str
    name: str
    action: Action
    count: int  # examples


@dataclass(frozen=True, slots=True)
class Ledger:
    """What became of every row: rows_in = kept + dropped + held."""

    rows_in: int  # read or added, those rules may touch
    kept: int
    dropped: int
    held: int
    edited: int  # of the kept ones: those with other text or label than they came with
    frozen: int = 0  # test rows, which no rule touches; not in rows_in
    by_code: tuple[Count, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the sums hold."""
        return self.rows_in == self.kept + self.dropped + self.held

    def as_dict(self) -> dict[str, Any]:
        """JSON twin."""
        counts = [asdict(count) for count in self.by_code]
        names = ("rows_in", "kept", "dropped", "held", "edited", "frozen")
        return {**{name: getattr(self, name) for name in names}, "by_code": counts}

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Ledger:
        """The inverse of `as_dict`."""
        return cls(**{**body, "by_code": tuple(Count(**count) for count in body["by_code"])})


@dataclass(frozen=True, slots=True)
class Version:
    """One immutable state of the dataset, without its rows."""

    id: str
    parent: str | None
    message: str
    created: str  # ISO time; not part of the id
    recipe: Mapping[str, Any]
    sources: tuple[SourceFile, ...]
    ledger: Ledger
    human: int  # decisions of people that were applied
    stale: int  # decisions of people whose example has changed since: not applied
    revisions: Mapping[str, int] = field(default_factory=dict)  # of each table

    @classmethod
    def from_manifest(cls, body: Mapping[str, Any]) -> Version:
        """A version as its manifest tells it."""
        sources = tuple(SourceFile(**source) for source in body["sources"])
        return cls(**{**body, "sources": sources, "ledger": Ledger.from_dict(body["ledger"])})


class Rows(NamedTuple):
    """The rows of a version."""

    read: list[Example]  # as the sources gave them
    kept: list[Example]  # the version itself: train, validation and test
    findings: list[Finding]
    decisions: list[Decision]  # in the order they were taken


def version_id(
    kept: Sequence[Example], sources: Sequence[SourceFile], recipe_digest: str, human: Sequence[Decision]
) -> str:
    """16 hexadecimal digits over the sorted (id, digest, split) of the examples and the three inputs by hash."""
    pairs = sorted([example.id, example.digest, example.split] for example in kept)
    files = sorted([source.path, source.digest, source.split] for source in sources)
    people = sorted([d.id, d.digest, d.action, d.after.digest if d.after else ""] for d in human)
    return digest_of([pairs, files, recipe_digest, people])[:16]


def commit(
    store: Store, rows: Rows, *, sources: Sequence[SourceFile], recipe: Mapping[str, Any], recipe_digest: str,
    ledger: Ledger, human: Sequence[Decision], stale: int, message: str,
) -> Version:  # fmt: skip
    """Make the rows a version; the same inputs again give the version that is there.

    Raises:
        StoreError: the store cannot be written.
        ValueError: the ledger's sums do not hold: a row was lost.
    """
    if not ledger.holds:
        out = f"{ledger.kept} kept + {ledger.dropped} dropped + {ledger.held} held"
        raise ValueError(f"{ledger.rows_in} rows in, but {out}")
    name = version_id(rows.kept, sources, recipe_digest, human)
    head = store.head()
    if any(body["id"] == name for body in store.manifests()):
        version = load_version(store, name)
        store.publish(name, _manifest(version), version.revisions)
        return version
    revisions = {
        "sources": store.write("sources", to_arrow(rows.read, "examples"), key="id"),
        "examples": store.write("examples", to_arrow(rows.kept, "examples"), key="id"),
        "findings": store.write("findings", to_arrow(rows.findings, "findings")),
        "decisions": store.write("decisions", to_arrow(rows.decisions, "decisions")),
    }
    created = datetime.now(UTC).isoformat(timespec="seconds")
    version = Version(name, head, message, created, dict(recipe), tuple(sources), ledger, len(human), stale, revisions)
    store.publish(name, _manifest(version), revisions)
    return version


def _manifest(version: Version) -> dict[str, Any]:
    body = {f.name: getattr(version, f.name) for f in fields(version) if f.name != "revisions"}
    return {**body, "sources": [asdict(source) for source in version.sources], "ledger": version.ledger.as_dict()}


def load_version(store: Store, name: str | None = None) -> Version:
    """A version by its id or a unique prefix; the newest when no name is given.

    Raises:
        StoreError: there is none.
    """
    return Version.from_manifest(store.manifest(name or store.head() or ""))


def log(store: Store) -> list[Version]:
    """All versions, newest first."""
    return [Version.from_manifest(body) for body in store.manifests()]


def load_rows(store: Store, version: Version) -> Rows:
    """The rows of a version, as they were committed, in a fixed order."""
    tables = {name: store.read(name, revision) for name, revision in version.revisions.items()}
    order = {"train": 0, "validation": 1, "test": 2}

    def place(example: Example) -> tuple[int, str, int, str]:
        return order[example.split], example.uri, example.row, example.id

    return Rows(
        read=sorted(examples_from_arrow(tables["sources"]), key=place),
        kept=sorted(examples_from_arrow(tables["examples"]), key=place),
        findings=findings_from_arrow(tables["findings"]),
        decisions=decisions_from_arrow(tables["decisions"]),
    )


class Change(NamedTuple):
    """One row that differs between two versions."""

    id: str
    before: Example | None  # None: added
    after: Example | None  # None: gone
    reasons: tuple[str, ...]  # "D002 by rule:near-duplicate"


class Diff(NamedTuple):
    """What differs between two versions, each list ordered by id."""

    added: list[Change]
    dropped: list[Change]
    edited: list[Change]
    held: list[Change]  # gone because they wait for a person


def diff(before: Rows, after: Rows) -> Diff:
    """The rows added, dropped, edited and held from one version to another, with the reasons."""
    old = {example.id: example for example in before.kept}
    new = {example.id: example for example in after.kept}
    lately = _reasons(after.decisions)
    ever = {**_reasons(before.decisions), **lately}
    added = [Change(i, None, new[i], ever.get(i, ())) for i in sorted(new.keys() - old.keys())]
    gone = [Change(i, old[i], None, lately.get(i, ())) for i in sorted(old.keys() - new.keys())]
    waiting = {decision.id for decision in after.decisions if decision.action == "hold"}
    changed = [i for i in sorted(old.keys() & new.keys()) if old[i].digest != new[i].digest]
    edited = [Change(i, old[i], new[i], ever.get(i, ())) for i in changed]
    dropped, held = ([change for change in gone if (change.id in waiting) is so] for so in (False, True))
    return Diff(added, dropped, edited, held)


def _reasons(decisions: Sequence[Decision]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for decision in decisions:
        found.setdefault(decision.id, []).append(f"{decision.action} {decision.reason} by {decision.by}")
    return {name: tuple(reasons) for name, reasons in found.items()}


def as_read(rows: Rows) -> Rows:
    """The state before any rule or person: what the sources gave."""
    return Rows(rows.read, rows.read, [], [])


def held_rows(rows: Rows) -> list[Example]:
    """The rows that were set aside, as they were then: what the sources gave, with the edits that came before."""
    state = {example.id: example for example in rows.read}
    held: dict[str, Example] = {}
    for decision in rows.decisions:
        if decision.action in ("edit", "add") and decision.after is not None:
            state[decision.id] = decision.after
        elif decision.action == "hold" and decision.id in state:
            held[decision.id] = state[decision.id]
    return [held[name] for name in sorted(held)]
