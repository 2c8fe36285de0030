"""Brings a database's tables to this program's revision. Loads Alembic, so loaded when needed.

Whoever does so holds the lock of those who serve: no other process works with tables that change.
Of an SQLite file a copy is kept as it was before.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util.exc import CommandError
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from storage.db.dialect import AdvisoryLock
from storage.serving.lease import Lease
from storage.serving.lock import CannotServeError, ServingLock
from storage.tables import schema
from storage.tables.table_version import has_our_tables, revision

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.db.database import Database

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent
LOOK = 0.05
"""Seconds between two looks at what another process does."""
PATIENCE = 2.0
"""Seconds that another process has to finish what it began, if it migrates rather than serves."""
NEW_PATIENCE = 60.0
"""Likewise where there is nothing yet: nobody serves that."""

FIRST = "0021"
"""The revision of the first version that was released; those before are not taken up."""


class UnknownRevisionError(Exception):
    """The database is at a revision that this program does not know: a newer one wrote it."""


class MigrationError(CannotServeError):
    """The tables cannot be brought to this program's revision; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """A migration.

    Attributes:
        revision: Its name.
        title: What it does, in a line.
    """

    revision: str
    title: str


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's settings, for the migrations of this folder over an open connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def to_head(connection: Connection) -> None:
    """Apply what is missing, within the connection's transaction.

    Raises:
        UnknownRevisionError: A newer version of the program was here.
    """
    try:
        command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise UnknownRevisionError(str(error)) from error


def knows(revision: str) -> bool:
    """Whether a revision is one of this program's."""
    try:
        ScriptDirectory.from_config(configuration()).get_revision(revision)
    except CommandError:
        return False
    return True


def was_never_released(revision: str) -> bool:
    """Whether a revision belongs to a version before the first that was released."""
    return revision.isdecimal() and revision < FIRST


def to_revision(connection: Connection, revision: str) -> None:
    """Bring an empty database to a revision that this program knows."""
    command.upgrade(configuration(connection), revision)


def to_nothing(connection: Connection) -> None:
    """Drop all tables of ours, with what is in them."""
    command.downgrade(configuration(connection), "base")


def steps_from(found: str | None) -> tuple[Step, ...]:
    """The migrations that a database lacks.

    Args:
        found: The revision that it is at.

    Raises:
        UnknownRevisionError: A newer version of the program was here.
    """
    script = ScriptDirectory.from_config(configuration())
    try:
        missing = list(script.iterate_revisions("head", found or "base"))
    except (CommandError, RevisionError) as error:
        raise UnknownRevisionError(str(error)) from error
    return tuple(
        Step(each.revision, (each.doc or "").partition("\n")[0]) for each in reversed(missing)
    )


async def steps_for(database: Database) -> tuple[Step, ...]:
    """The migrations that the database lacks.

    Raises:
        MigrationError: It belongs to another program, or was written by a newer version.
    """
    async with database.read() as connection:
        return await connection.run_sync(lambda sync: _steps(database, sync))


def copy_of(path: Path, found: str) -> Path:
    """Where an SQLite file is kept as it was at a revision."""
    return path.with_name(f"{path.name}.revision-{found}")


async def bring_up(database: Database) -> tuple[Step, ...]:
    """Bring the tables to this program's revision. The lock must be held.

    Raises:
        MigrationError: It belongs to another program, was written by a newer version, or no copy
            of it can be kept.

    Returns:
        The migrations that were made, in their order.
    """
    copy = None
    async with database.write() as connection:
        if database.dialect == "postgresql":
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": AdvisoryLock.MIGRATION}
            )
            await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        # A version before the lock's may have done it while this one waited for its turn.
        found = await connection.run_sync(revision)
        steps = await connection.run_sync(lambda sync: _steps(database, sync))
        if not steps:
            return ()
        if database.path is not None and found is not None:
            # Nobody else writes meanwhile: the transaction is ours.
            copy = copy_of(database.path, found)
            await asyncio.to_thread(_keep, database.path, copy, found)
        try:
            await connection.run_sync(to_head)
        except ProgrammingError as error:
            raise MigrationError(
                f"The tables of the database {database.shown} cannot be changed ({error.orig}). "
                "See that the user in DATABASE_URL may create tables."
            ) from None
    if copy is not None:
        log.warning(
            "the archive's tables are at revision %s now; as it was, it is kept in %s",
            schema.HEAD,
            copy,
        )
    return steps


async def bring_up_alone(database: Database) -> tuple[Step, ...]:
    """Bring the tables to this program's revision, if no other process works with them.

    Raises:
        MigrationError: One does; or as `bring_up` says.
        LockError: Nobody can lock the file.

    Returns:
        As `bring_up`.
    """
    await steps_for(database)
    lock = ServingLock(database)
    lease = Lease(database, lock)
    began = time.monotonic()
    try:
        while not await lease.secure(from_frozen=False):
            found = await database.revision()
            if found == schema.HEAD:
                return ()
            # Who has the lock serves, or migrates; who has not may have died a moment ago.
            patience = NEW_PATIENCE if found is None else PATIENCE
            if not lease.is_locked_out:
                patience = max(patience, lease.longest)
            if time.monotonic() - began > patience:
                raise MigrationError(
                    f"{await _who(database, lock)} works with the database {database.shown}, whose "
                    f"tables are of an older version (revision {found}; this one needs "
                    f"{schema.HEAD}). Nothing was changed. Stop that process first, or use the "
                    "version that it runs."
                )
            await asyncio.sleep(LOOK)
        return await bring_up(database)
    finally:
        await lock.release()


async def busy(database: Database) -> str | None:
    """Who works with the database just now, as the begin of a sentence; None for nobody."""
    lock = ServingLock(database)
    lease = Lease(database, lock)
    try:
        if await lease.secure(from_frozen=False) or not lease.is_locked_out:
            return None
        return await _who(database, lock)
    finally:
        await lock.release()


async def _who(database: Database, lock: ServingLock) -> str:
    owner = await lock.owner() if database.path is not None else None
    return "Another process" if owner is None else f"Process {owner}"


def _steps(database: Database, connection: Connection) -> tuple[Step, ...]:
    found = revision(connection)
    if found is None and has_our_tables(connection):
        raise MigrationError(
            f"The database {database.shown} holds tables of another program. "
            "Give DATABASE_URL a database of its own."
        )
    try:
        return steps_from(found)
    except UnknownRevisionError:
        if found is not None and was_never_released(found):
            raise MigrationError(
                f"The database {database.shown} was written by a version of ON News that was never "
                f"released (its revision is {found}; the first is {FIRST}). Name a new database in "
                "DATABASE_URL."
            ) from None
        raise MigrationError(
            f"The database {database.shown} was written by a newer version "
            f"of ON News (its revision is {found}, this one knows {schema.HEAD}). "
            "Update the program, or name another database in DATABASE_URL."
        ) from None


def _keep(path: Path, copy: Path, found: str) -> None:
    """Copy an SQLite file as it is committed, and see that the copy is whole.

    Raises:
        MigrationError: It cannot be written, or is not whole.
    """
    beside = copy.with_name(f"{copy.name}.new")
    try:
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(beside)) as target:
            source.backup(target)
            # As a file of its own, without a second one beside it.
            target.execute("PRAGMA journal_mode = DELETE")
            (verdict,) = target.execute("PRAGMA quick_check(1)").fetchone()
            (at,) = target.execute("SELECT version_num FROM alembic_version").fetchone()
        if (verdict, at) != ("ok", found):
            raise sqlite3.DatabaseError(f"the copy is not whole: {verdict}")
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(copy)
    except (sqlite3.Error, OSError) as error:
        beside.unlink(missing_ok=True)
        raise MigrationError(
            f"No copy of the archive can be kept in {copy} ({error}), so nothing was changed. Make "
            "room on the disk, and let the user who runs ON News write to the folder."
        ) from None
