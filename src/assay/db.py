"""What people decided, as events that are only ever added: SQLite in the project, PostgreSQL for a team.

The newest event on an example counts; an undo is an event too. One code path for both databases.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.errors import StoreError
from assay.records import Decision, decision_from_dict, decision_to_dict

if TYPE_CHECKING:
    from sqlalchemy import Engine

MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATING = Lock()  # Alembic keeps its context in module globals: one migration at a time in a process


def open_events(url: str) -> Events:
    """The events of a database, its schema brought up to date. `url` is a SQLAlchemy URL: "sqlite:///people.db".

    Raises:
        StoreError: the database cannot be opened or migrated.
    """
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine, event

    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        if engine.url.database:
            Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)

        @event.listens_for(engine, "connect")
        def _write_ahead(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA busy_timeout=10000")

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with _told(engine), _MIGRATING, engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return Events(engine)


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    """Turn what the database raises into an error that says what to do."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except SQLAlchemyError as error:
        what = str(error.args[0] if error.args else error)
        hint = "if it is damaged, put a copy of it back; it holds what people decided"
        if any(sign in what for sign in ("disk I/O error", "disk is full", "No space left")):
            hint = "free some disk space and run it again: nothing was lost"
        raise StoreError(f"{engine.url!r}: cannot be used: {what}", hint=hint) from None


class Look(NamedTuple):
    """One time that answers to the test rows were scored and shown."""

    test: str  # digest of the test rows
    rows: int
    version: str
    what: str  # "eval: raw, curated"
    metric: str  # key of the primary one, declared beforehand
    who: str
    looked_at: str = ""  # ISO time, set when it is kept


class Events:
    """Decisions of people, and looks at the test set, in the order they were taken."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, decisions: Iterable[Decision]) -> int:
        """Append decisions, all or none, and say how many.

        Raises:
            StoreError: the disk is full, or the database cannot be written: none is kept.
            ValueError: a rule's decision; those are recomputed, never stored here.
        """
        from sqlalchemy import insert

        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        rows = []
        for decision in decisions:
            if not decision.human:
                raise ValueError(f"{decision.by} is a rule: its decisions are recomputed, not stored")
            body = decision_to_dict(decision)
            reviewer = body.pop("by").removeprefix("reviewer:")
            rows.append({**body, "reviewer": reviewer, "taken_at": now, "undone": False})
        if rows:
            with _told(self._engine), self._engine.begin() as connection:
                connection.execute(insert(_table()), rows)
        return len(rows)

    def undo(self, example: str, by: str) -> bool:
        """Take back the newest decision on an example; False when there is none."""
        from sqlalchemy import select, update

        table = _table()
        newest = (
            select(table.c.seq)
            .where(table.c.id == example, table.c.undone.is_(False))
            .order_by(table.c.seq.desc())
            .limit(1)
        )
        with _told(self._engine), self._engine.begin() as connection:
            seq = connection.execute(newest).scalar()
            if seq is not None:
                connection.execute(update(table).where(table.c.seq == seq).values(undone=True, undone_by=by))
        return seq is not None

    def current(self) -> list[Decision]:
        """The newest decision on each example that was not undone, ordered by example id."""
        from sqlalchemy import select

        table = _table()
        standing = select(table).where(table.c.undone.is_(False)).order_by(table.c.seq)
        newest: dict[str, Decision] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(standing).mappings():
                body = {key: row[key] for key in ("id", "digest", "action", "reason", "evidence", "after")}
                newest[row["id"]] = decision_from_dict({**body, "by": f"reviewer:{row['reviewer']}"})
        return [newest[example] for example in sorted(newest)]

    def history(self) -> list[dict[str, Any]]:
        """Every event, oldest first, undone ones too: the audit trail."""
        from sqlalchemy import select

        with self._engine.connect() as connection:
            rows = connection.execute(select(_table()).order_by(_table().c.seq)).mappings().all()
        return [{**row, "evidence": json.loads(row["evidence"])} for row in rows]

    def add_look(self, look: Look) -> None:
        """Append a look; none is ever changed or taken back.

        Raises:
            StoreError: the disk is full, or the database cannot be written.
        """
        from sqlalchemy import insert

        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with _told(self._engine), self._engine.begin() as connection:
            connection.execute(insert(_looks()), look._replace(looked_at=now)._asdict())

    def looks(self, test: str = "") -> list[Look]:
        """The looks at one test set, or at all, oldest first."""
        from sqlalchemy import select

        table = _looks()
        asked = select(table).order_by(table.c.seq)
        with _told(self._engine), self._engine.connect() as connection:
            rows = connection.execute(asked.where(table.c.test == test) if test else asked).mappings().all()
        return [Look(**{name: row[name] for name in Look._fields}) for row in rows]

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


def _looks() -> Any:
    import sqlalchemy as sa

    return sa.table("looks", *(sa.column(name) for name in ("seq", *Look._fields)))


def _table() -> Any:
    import sqlalchemy as sa

    names = ("seq", "id", "digest", "action", "reason", "evidence", "after", "reviewer", "taken_at", "undone_by")
    return sa.table("decisions", *(sa.column(name) for name in names), sa.column("undone", sa.Boolean))
