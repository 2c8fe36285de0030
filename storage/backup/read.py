"""Restoring a backup into an empty database, in one transaction."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import cast, column, delete, exists, func, insert, inspect, select, table, text
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.exc import DBAPIError

from storage.articles import link_decisions, store_rounds
from storage.backup import form
from storage.backup.form import TIME, BackupReader, NewerError, Part, Rows
from storage.backup.write import broken_off_when_cancelled, check, until
from storage.desk import restored_decisions
from storage.migrations import migrate
from storage.readers.privacy import forgetting
from storage.tables import schema, table_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection

    from storage.articles.link_decisions import LinkDecision
    from storage.backup.form import Header
    from storage.db.database import Database

    Decided: TypeAlias = Callable[[list[LinkDecision]], Iterable[LinkDecision]]

SETTINGS = "meta"
"""The table of short texts, which may have rows even in an otherwise empty archive."""


class RestoreError(Exception):
    """The backup cannot be restored. The message says why and what to do."""


async def restore(
    database: Database,
    path: Path,
    forgotten: Callable[[Header], Callable[[int], bool]] | None = None,
    decided: Callable[[Header], Decided] | None = None,
) -> Header:
    """Fill an empty database with a backup, and migrate it to this program's revision.

    The database is open, and no process serves it.

    Args:
        forgotten: Returns, for a backup's header, a function that says whether the chat with an id
            asked to be forgotten since. Such chats are not restored.
        decided: Returns, for a backup's header, a function that returns, for the decisions about
            links that the backup has, those of the list beside it. Later ones are carried out.

    Raises:
        RestoreError: The database is not empty, or its rows differ from the backup's after writing.
            It is left as it was. Or the backup's revision is before `migrate.FIRST`.
        DamagedError: The backup is incomplete or was changed.
        NewerError: A newer version of the program made it.
    """
    ended = threading.Event()
    # Read it to the end before changing anything, because damage is most likely at the end.
    checking = asyncio.to_thread(check, path, ended.is_set)
    header = await broken_off_when_cancelled(checking, ended)
    if migrate.is_too_old(header.revision):
        raise RestoreError(
            f"the backup is of an earlier version of ON News (its revision is {header.revision}): "
            f"let that commit restore it and back it up again. To do so, {migrate.EARLIER}."
        )
    if not migrate.knows(header.revision):
        raise NewerError
    is_forgotten = None if forgotten is None else forgotten(header)
    listed = None if decided is None else decided(header)
    with path.open("rb") as file:
        reader = BackupReader(file)

        def fill(connection: Connection) -> None:
            _fill(connection, reader, ended.is_set)
            if is_forgotten is not None:
                forgetting.forget_those(connection, is_forgotten)
            if listed is not None:
                restored_decisions.carry_out(connection, listed(link_decisions.every(connection)))

        filling = database.write(fill)
        await broken_off_when_cancelled(filling, ended)
    return header


def occupied(connection: Connection) -> list[str]:
    """Return the names of the archive's tables that have rows."""
    return [
        each.name
        for each in form.kept_tables()
        if each.name != SETTINGS
        and connection.execute(select(exists().select_from(each))).scalar_one()
    ]


def _fill(connection: Connection, reader: BackupReader, stop: Callable[[], bool]) -> None:
    if found := occupied(connection):
        raise RestoreError(
            f"the database is not empty: it has {', '.join(found)}. Move it away, or name a new "
            "one in DATABASE_URL."
        )
    revision = reader.header.revision
    if table_version.revision(connection) == revision:
        connection.execute(delete(schema.meta))
    else:
        migrate.to_nothing(connection)
        migrate.to_revision(connection, revision)
    for part, batches in reader.tables():
        _check_columns(connection, part)
        for rows in until(stop, batches):
            _insert(connection, part, rows)
        if connection.dialect.name == "postgresql":
            _count_on(connection, part)
    for part in reader.header.parts:
        _verify(connection, part, reader.checksum(part))
    if revision != schema.HEAD:
        if connection.dialect.name == "postgresql":
            # PostgreSQL keeps the verifying cursors open, and a table with open cursors cannot be
            # altered.
            connection.execute(text("CLOSE ALL"))
        migrate.to_head(connection)
    store_rounds.index_all(connection)


def _check_columns(connection: Connection, part: Part) -> None:
    """Raise RestoreError unless the database has this table and its columns."""
    inspector = inspect(connection)
    known = (
        {each["name"] for each in inspector.get_columns(part.name)}
        if inspector.has_table(part.name)
        else set()
    )
    if not {name for name, _ in part.columns} <= known:
        raise RestoreError(f"the table {part.name} is not one of ON News at this revision.")


def _insert(connection: Connection, part: Part, rows: Sequence[list[Any]]) -> None:
    if connection.dialect.name == "postgresql":
        times = [index for index, (_, kind) in enumerate(part.columns) if kind == TIME]
        for row in rows:
            for index in times:
                if row[index] is not None:
                    row[index] = datetime.fromisoformat(row[index])
    names = [name for name, _ in part.columns]
    statement = insert(table(part.name, *map(column, names)))
    compiled = str(statement.compile(dialect=connection.dialect, column_keys=names))
    try:
        connection.exec_driver_sql(compiled, [tuple(row) for row in rows])
    except DBAPIError as error:
        raise RestoreError(f"the table {part.name} cannot be filled ({error.orig}).") from None


def _count_on(connection: Connection, part: Part) -> None:
    """Let PostgreSQL number new rows from the last restored one."""
    if len(part.key) != 1 or dict(part.columns)[part.key[0]] != "number":
        return
    (key,) = part.key
    name = connection.dialect.identifier_preparer.quote(part.name)
    newest: ColumnElement[int] = func.max(column(key))
    # Without a sequence it does nothing, as PostgreSQL's functions do when they are given NULL.
    sequence = cast(func.pg_get_serial_sequence(name, key), REGCLASS)
    used = func.setval(sequence, func.coalesce(newest, 1), newest.is_not(None))
    connection.execute(select(used).select_from(table(part.name)))


def _verify(connection: Connection, part: Part, expected: tuple[int, str]) -> None:
    """Read a table back; raise RestoreError if it differs from the backup."""
    rows = Rows()
    with closing(form.batches(connection, part)) as batches:
        for batch in batches:
            rows.lines(batch, part)
    if rows.checksum != expected:
        raise RestoreError(f"the table {part.name} differs from what was written to it.")
