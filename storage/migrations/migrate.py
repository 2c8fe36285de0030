"""Migrations of a database's tables to this program's revision.

This module loads Alembic, so import it only when needed. The migrating process holds the serving
lock, so that no other process uses tables while they change. An SQLite file is copied first, and
the copy is kept.
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

from storage.serving.lease import Lease
from storage.serving.lock import CannotServeError, MigrationLock
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
"""Seconds to wait for another process, in case it is migrating and not serving."""
NEW_PATIENCE = 60.0
"""Seconds to wait for another process while there are no tables yet to serve."""

FIRST = "0021"
"""The revision of the first released version. Databases of earlier revisions are refused."""


class UnknownRevisionError(Exception):
    """The database's revision is unknown: a newer version of the program wrote it."""


class MigrationError(CannotServeError):
    """The tables cannot be migrated. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """A migration.

    Attributes:
        revision: The revision that it leads to.
        title: What it adds or changes, in one line.
    """

    revision: str
    title: str


def configuration(connection: Connection | None = None) -> Config:
    """Return Alembic's settings for the migrations of this folder on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def to_head(connection: Connection) -> None:
    """Apply all missing migrations within the connection's transaction.

    Raises:
        UnknownRevisionError: A newer version of the program wrote the database.
    """
    try:
        command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise UnknownRevisionError(str(error)) from error


def knows(revision: str) -> bool:
    """Return whether this program has a migration to this revision."""
    try:
        ScriptDirectory.from_config(configuration()).get_revision(revision)
    except CommandError:
        return False
    return True


def was_never_released(revision: str) -> bool:
    """Return whether a revision is older than the first released version."""
    return revision.isdecimal() and revision < FIRST


def to_revision(connection: Connection, revision: str) -> None:
    """Migrate an empty database to a revision that this program knows."""
    command.upgrade(configuration(connection), revision)


def to_nothing(connection: Connection) -> None:
    """Drop all tables of ON News with their contents."""
    command.downgrade(configuration(connection), "base")


def steps_from(found: str | None) -> tuple[Step, ...]:
    """Return the migrations missing at a revision, in order.

    Args:
        found: The database's revision; None for no tables.

    Raises:
        UnknownRevisionError: A newer version of the program wrote the database.
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
    """Return the migrations that the database lacks, in order.

    Raises:
        MigrationError: The database belongs to another program, was written by a newer version, or
            by one that was never released.
    """
    async with database.reading() as connection:
        return await connection.run_sync(lambda sync: _steps(database, sync))


def copy_of(path: Path, found: str) -> Path:
    """Return the path of the copy of an SQLite file that is kept from before a migration."""
    return path.with_name(f"{path.name}.revision-{found}")


async def bring_up(database: Database) -> tuple[Step, ...]:
    """Migrate the tables to this program's revision. The caller must hold the lock.

    Raises:
        MigrationError: As `steps_for` raises it; or no copy can be kept, or the user may not change
            tables.

    Returns:
        The migrations that were applied, in order.
    """
    copy = None
    async with database.writing() as connection:
        if database.dialect == "postgresql":
            await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        found = await connection.run_sync(revision)
        steps = await connection.run_sync(lambda sync: _steps(database, sync))
        if not steps:
            return ()
        if database.path is not None and found is not None:
            # No other process writes now, because this transaction holds the write lock.
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
            "the archive's tables were migrated to revision %s; a copy from before is kept in %s",
            schema.HEAD,
            copy,
        )
    return steps


async def bring_up_alone(database: Database) -> tuple[Step, ...]:
    """Migrate the tables to this program's revision, if no other process uses them.

    Raises:
        MigrationError: Another process uses them; or as `bring_up` raises it.
        LockError: The lock file cannot be locked by any process.

    Returns:
        The migrations that were applied, in order.
    """
    await steps_for(database)
    lock = MigrationLock(database)
    lease = Lease(database, lock)
    began = time.monotonic()
    try:
        while not await lease.secure(from_frozen=False):
            found = await database.revision()
            if found == schema.HEAD:
                return ()
            # The process with the lock migrates. The holder of the lease may have just died.
            patience = NEW_PATIENCE if found is None else PATIENCE
            patience = max(patience, 0.0 if lease.is_locked_out else lease.patience)
            if time.monotonic() - began > patience:
                raise MigrationError(
                    f"{_who(lease, lock)} is using the database {database.shown}, whose "
                    f"tables are of an older version (revision {found}; this one needs "
                    f"{schema.HEAD}). Nothing was changed. Stop that process first, or use the "
                    "version that it runs."
                )
            await asyncio.sleep(LOOK)
        return await bring_up(database)
    finally:
        await lock.release()


async def busy(database: Database) -> str | None:
    """Return which process uses the database, as the start of a sentence; None for none."""
    lock = MigrationLock(database)
    lease = Lease(database, lock)
    try:
        if await lease.secure(from_frozen=False):
            return None
        return _who(lease, lock)
    finally:
        await lock.release()


def _who(lease: Lease, lock: MigrationLock) -> str:
    """Name the process that migrates, or else the one that serves."""
    if not lease.is_locked_out:
        return "Another process" if lease.rival is None else f"Process {lease.rival.name}"
    owner = lock.owner()
    return "Another process" if owner is None else f"Process {owner}"


def _steps(database: Database, connection: Connection) -> tuple[Step, ...]:
    found = revision(connection)
    if found is None and has_our_tables(connection):
        raise MigrationError(
            f"The database {database.shown} holds tables of another program. "
            "Name a separate database for ON News in DATABASE_URL."
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
    """Copy an SQLite file in its committed state, and check that the copy is complete.

    Raises:
        MigrationError: The copy cannot be written or is incomplete.
    """
    beside = copy.with_name(f"{copy.name}.new")
    try:
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(beside)) as target:
            source.backup(target)
            # Leave WAL mode, so that the copy is a single file.
            target.execute("PRAGMA journal_mode = DELETE")
            (verdict,) = target.execute("PRAGMA quick_check(1)").fetchone()
            (at,) = target.execute("SELECT version_num FROM alembic_version").fetchone()
        if (verdict, at) != ("ok", found):
            raise sqlite3.DatabaseError(f"the copy is incomplete: {verdict}")
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(copy)
    except (sqlite3.Error, OSError) as error:
        beside.unlink(missing_ok=True)
        raise MigrationError(
            f"No copy of the archive can be kept in {copy} ({error}), so nothing was changed. Make "
            "room on the disk, and let the user who runs ON News write to the folder."
        ) from None
