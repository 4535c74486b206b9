"""Versioned tables on disk (Lance), and the manifests that name a version of all of them together.

A commit writes the tables first and the manifest last, by an atomic rename: a crash in between leaves the store as it
was, plus table revisions nobody names. Lance's own clean-up is never called; every named revision is tagged.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.errors import StoreError

if TYPE_CHECKING:
    import pyarrow as pa

STORAGE_VERSION = "2.1"  # of Lance's file format: pinned, so that every release reads what an older one wrote
CHANGED = " or ".join(  # the rows that are written again; a digest holds the text, the others what lies around it
    f"(target.`{column}` is distinct from source.`{column}`)"
    for column in ("digest", "split", "group", "uri", "row", "line", "extra")
)


def refuse_special(path: Path) -> None:
    """Refuse to put a file where a device, a pipe or a folder is: a rename would replace it.

    Raises:
        OSError: there is something that is no regular file.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is there, and is no regular file", str(path))


def write_atomically(path: Path, text: str, *, mode: int = 0o666) -> None:
    """Write a small file so that a reader, or a crash, sees the old one or the new one; `mode` as for `open`.

    Raises:
        StoreError: the disk is full, the folder cannot be written, or the path is no regular file.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        refuse_special(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(beside, "w", encoding="utf-8", opener=partial(os.open, mode=mode)) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        hint = "name another file" if error.errno == errno.EINVAL else "free some disk space and run it again"
        raise StoreError(f"{path}: cannot write: {error.strerror}", hint=hint) from None


class Store:
    """The versioned tables of one project."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _uri(self, table: str) -> str:
        return str(self.root / f"{table}.lance")

    def write(self, table: str, rows: pa.Table, *, key: str | None = None) -> int:
        """Make `rows` the newest revision of a table, and say which revision that is.

        With `key`, only rows that changed are written: the column `key` must be unique, and those of CHANGED present.
        Without, the revision replaces the table.

        Raises:
            StoreError: the disk is full, or what is there is damaged.
        """
        import lance

        uri = self._uri(table)
        with self._told(table):
            self.root.mkdir(parents=True, exist_ok=True)
            there = any(Path(uri, "_versions").glob("*.manifest"))  # a first write that was cut off leaves none
            if not there or key is None:
                mode = "overwrite" if there else "create"
                written = lance.write_dataset(rows, uri, mode=mode, data_storage_version=STORAGE_VERSION)
                return int(written.version)
            dataset = lance.dataset(uri)
            if missing := [field for field in rows.schema if field.name not in dataset.schema.names]:
                dataset.add_columns(missing)  # of an older release: empty until the row is written again
            merge = dataset.merge_insert(key).when_matched_update_all(CHANGED)
            merge.when_not_matched_insert_all().when_not_matched_by_source_delete().execute(rows)
            return int(dataset.latest_version)

    def read(self, table: str, revision: int) -> pa.Table:
        """A table as it was at a revision.

        Raises:
            StoreError: no such table or revision, or it is damaged.
        """
        import lance

        with self._told(table):
            return lance.dataset(self._uri(table), version=revision).to_table()

    def publish(self, version: str, manifest: Mapping[str, Any], revisions: Mapping[str, int]) -> None:
        """Give the revisions a name for good: this is the commit."""
        import lance

        for table, revision in revisions.items():
            with self._told(table):
                dataset = lance.dataset(self._uri(table))
                if version not in dataset.tags.list():
                    dataset.tags.create(version, revision)
        body = {**manifest, "revisions": dict(revisions)}
        path = self.root / "versions" / f"{version}.json"
        known = path.exists()
        write_atomically(path, json.dumps(body, indent=1, ensure_ascii=False))
        try:
            write_atomically(self.root / "HEAD", version)
        except StoreError:  # what is told to have failed is not listed
            if not known:
                path.unlink(missing_ok=True)
            raise

    def head(self) -> str | None:
        """The id of the newest version, or None before the first commit."""
        path = self.root / "HEAD"
        return path.read_text(encoding="utf-8").strip() if path.exists() else None

    def manifest(self, version: str) -> dict[str, Any]:
        """What was published under a version id, or a prefix of one that is unique.

        Raises:
            StoreError: no such version, or more than one with that prefix.
        """
        known = sorted(path.stem for path in (self.root / "versions").glob("*.json"))
        matches = [name for name in known if name == version] or [name for name in known if name.startswith(version)]
        if len(matches) != 1:
            if not known:
                raise StoreError("there is no version yet", hint="run `assay build` first")
            what = f"'{version}' is not a version" if not matches else f"'{version}' could be {', '.join(matches)}"
            raise StoreError(what, hint="run `assay log` to see the versions")
        path = self.root / "versions" / f"{matches[0]}.json"
        try:
            body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise self._unreadable(matches[0], str(error)) from None
        if not isinstance(body, dict) or not {"id", "created", "revisions"} <= set(body):
            raise self._unreadable(matches[0], "it holds something else")
        return body

    def _unreadable(self, version: str, why: str) -> StoreError:
        hint = "`assay build` writes it anew if the sources, the recipe and the answers are still those"
        return StoreError(f"version {version}: its manifest cannot be read: {why}", hint=hint)

    def manifests(self) -> list[dict[str, Any]]:
        """All published versions that can be read, newest first; `damaged` names the others."""
        bodies = [body for body in self._bodies().values() if body is not None]
        return sorted(bodies, key=lambda body: (body["created"], body["id"]), reverse=True)

    def damaged(self) -> list[str]:
        """The ids of versions whose manifest cannot be read."""
        return sorted(name for name, body in self._bodies().items() if body is None)

    def _bodies(self) -> dict[str, dict[str, Any] | None]:
        bodies: dict[str, dict[str, Any] | None] = {}
        for path in (self.root / "versions").glob("*.json"):
            try:
                bodies[path.stem] = self.manifest(path.stem)
            except StoreError:
                bodies[path.stem] = None
        return bodies

    @contextmanager
    def _told(self, table: str) -> Iterator[None]:
        """Turn what Lance raises into an error that says what to do."""
        try:
            yield
        except (OSError, ValueError, RuntimeError) as error:
            hint = f"{self.root} may be damaged: move it away and build again"
            if "no space" in str(error).lower():
                hint = "free some disk space and run it again"
            what = re.sub(r", \S+\.rs:\d+:\d+.*", "", str(error).splitlines()[0])  # without Lance's own source lines
            raise StoreError(f"table {table}: {what}", hint=hint) from error
