"""The revision of a database's tables, read without Alembic, which is slow to load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text

from storage.tables import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection

OLDEST_PROGRAM = "oldest program"
"""The key, in the table `changes`, of the oldest revision whose program may use the tables."""
_HAS_TABLE = text("SELECT to_regclass(:name) IS NOT NULL")
_FIND_OLDEST = text("SELECT number FROM changes WHERE topic = :topic")
_NOTE_OLDEST = text(
    "INSERT INTO changes (topic, number) VALUES (:topic, :number)"
    " ON CONFLICT (topic) DO UPDATE SET number = excluded.number"
)


@dataclass(frozen=True, slots=True)
class TableVersion:
    """What a database says about its tables.

    Attributes:
        revision: Their revision; None in a database without tables of ON News.
        oldest_program: The oldest revision whose program works on them.
    """

    revision: str | None
    oldest_program: str | None

    @property
    def fits(self) -> bool:
        """Whether this program works on the tables as they are."""
        if self.revision is None or self.oldest_program is None:
            return False
        return self.oldest_program <= schema.HEAD <= self.revision


def revision(connection: Connection) -> str | None:
    """Return the revision of the tables; None in a database without tables of ON News."""
    if not _has_table(connection, "alembic_version"):
        return None
    found: Any = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def table_version(connection: Connection) -> TableVersion:
    """Return the revision of the tables, and the oldest program that they serve.

    On SQLite, and before the tables were changed beside older programs, that is the program of
    their own revision.
    """
    found = revision(connection)
    if found is None or found == schema.HEAD or connection.dialect.name != "postgresql":
        return TableVersion(found, found)
    number = None
    if _has_table(connection, "changes"):
        number = connection.execute(_FIND_OLDEST, {"topic": OLDEST_PROGRAM}).scalar()
    return TableVersion(found, found if number is None else as_revision(number))


def note_oldest_program(connection: Connection, oldest: str) -> None:
    """Store the oldest revision whose program works on the tables; nothing on SQLite.

    Every replica reads the number with its next heartbeat.
    """
    if connection.dialect.name == "postgresql" and _has_table(connection, "changes"):
        connection.execute(_NOTE_OLDEST, {"topic": OLDEST_PROGRAM, "number": int(oldest)})


def as_revision(number: int) -> str:
    """Return a revision's name, such as `0032`."""
    return f"{number:04}"


def has_our_tables(connection: Connection) -> bool:
    """Return whether any table has the name of one of ON News's tables."""
    return bool(set(inspect(connection).get_table_names()) & set(schema.metadata.tables))


def _has_table(connection: Connection, name: str) -> bool:
    if connection.dialect.name == "postgresql":
        # With the inspector's query, opening a database costs a third more.
        return bool(connection.execute(_HAS_TABLE, {"name": name}).scalar())
    return inspect(connection).has_table(name)
