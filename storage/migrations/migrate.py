"""Migrations of a database's tables to this program's revision.

This module loads Alembic, so import it only when needed. The migrating process holds the lock of
migrations, so that no other process changes tables or takes the lease meanwhile. An SQLite file is
copied first, and the copy is kept.

Each migration names the oldest program that works on its tables (`oldest_program`). On PostgreSQL
the tables are changed beside older processes if all of these may stay.
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
from sqlalchemy.exc import DBAPIError, ProgrammingError

from storage.db.silent_sessions import MAY_PAUSE
from storage.serving.lease import Lease
from storage.serving.lock import (
    CannotServeError,
    MigrationLock,
    OutdatedProgramError,
    TablesBusyError,
)
from storage.tables import schema
from storage.tables.table_version import (
    has_our_tables,
    note_oldest_program,
    revision,
    table_version,
)

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

LOCK_WAIT = 500
"""Milliseconds that a migration waits for a table's lock before it lets the others go first."""
LOCKED_PATIENCE = 60.0
"""Seconds for which a command tries again while other transactions use the tables."""
_BUSY = frozenset({"55P03", "40P01"})
"""PostgreSQL's codes for a lock that was not free in time, and for a deadlock."""

FIRST = "0040"
"""The first revision that this program can read. Databases and backups of earlier ones are refused.
"""
LAST_WITH_ALL_STEPS = "f0da7a40"
"""The commit of the last program that brings tables since revision 0021 to `FIRST`."""
EARLIER = (
    f"run the version of commit {LAST_WITH_ALL_STEPS} once, which brings it to {FIRST}, and then "
    "this one"
)
"""What to do with tables or a backup of a revision before `FIRST`."""


class UnknownRevisionError(Exception):
    """The database's revision is unknown: a newer version of the program wrote it."""


class MigrationError(CannotServeError):
    """The tables cannot be migrated. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """A migration: the revision that it leads to, and what it adds or changes, in one line."""

    revision: str
    title: str


def configuration(connection: Connection | None = None) -> Config:
    """Return Alembic's settings for the migrations of this folder on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def to_head(connection: Connection) -> None:
    """Apply all missing migrations in a transaction; UnknownRevisionError for a newer database."""
    try:
        command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise UnknownRevisionError(str(error)) from error
    note_oldest_program(connection, oldest_program())


def knows(revision: str) -> bool:
    """Return whether this program has a migration to this revision."""
    try:
        ScriptDirectory.from_config(configuration()).get_revision(revision)
    except CommandError:
        return False
    return True


def is_too_old(revision: str) -> bool:
    """Return whether a revision is before the first that this program can read."""
    return revision.isdecimal() and revision < FIRST


def to_revision(connection: Connection, revision: str) -> None:
    """Migrate an empty database to a revision that this program knows."""
    command.upgrade(configuration(connection), revision)
    note_oldest_program(connection, oldest_program(revision))


def to_nothing(connection: Connection) -> None:
    """Drop all tables of ON News with their contents."""
    command.downgrade(configuration(connection), "base")


def oldest_program(revision: str = "head") -> str:
    """Return the oldest revision whose program works on the tables of a revision.

    A migration that names none serves only the program that brought it.
    """
    script = ScriptDirectory.from_config(configuration())
    steps = script.iterate_revisions(revision, "base")
    return max(getattr(step.module, "oldest_program", step.revision) for step in steps)


def steps_from(found: str | None) -> tuple[Step, ...]:
    """Return the migrations missing at a revision, in order; None stands for no tables.

    UnknownRevisionError means that a newer version of the program wrote the database.
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
        OutdatedProgramError: A newer version wrote the database.
        MigrationError: The database belongs to another program, or its revision is before `FIRST`.
    """
    async with database.reading() as connection:
        return await connection.run_sync(lambda sync: _steps(database, sync))


def copy_of(path: Path, found: str) -> Path:
    """Return the path of the copy of an SQLite file that is kept from before a migration."""
    return path.with_name(f"{path.name}.revision-{found}")


async def bring_up(database: Database) -> tuple[Step, ...]:
    """Migrate the tables to this program's revision, and return the migrations applied.

    The caller must hold the lock.

    Raises:
        MigrationError: As `steps_for` raises it; or no copy can be kept, or the user may not change
            tables.
        TablesBusyError: Other transactions use the tables; nothing was changed.
    """
    copy = None
    async with database.writing() as connection:
        if database.dialect == "postgresql":
            await connection.execute(MAY_PAUSE)
            # Whoever waits for a table's lock lets all others wait behind it.
            await connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_WAIT}"))
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
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) in _BUSY:
                raise TablesBusyError from None
            if not isinstance(error, ProgrammingError):
                raise
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


async def can_run_beside(database: Database) -> bool:
    """Return whether the missing migrations serve the older processes that may be running.

    An SQLite file has one process, and is copied before it is changed.
    """
    found = await database.revision()
    return database.dialect == "postgresql" and found is not None and oldest_program() <= found


async def bring_up_beside(database: Database) -> tuple[Step, ...]:
    """Migrate beside older processes, as `can_run_beside` allows; return the migrations applied.

    Raises:
        MigrationError: As `bring_up` raises it.
        TablesBusyError: Other transactions use the tables, or another process holds the lock, since
            it migrates or takes the lease. Nothing was changed.
    """
    lock = MigrationLock(database)
    try:
        if not await lock.take():
            raise TablesBusyError(await lock.holder())
        return await bring_up(database)
    finally:
        await lock.release()


async def bring_up_by_command(database: Database) -> tuple[Step, ...]:
    """Migrate if no process that uses the tables prevents it; return the migrations applied.

    Raises:
        MigrationError: Another process uses them, or other transactions do for a minute; or as
            `bring_up` raises it.
        LockError: The lock file cannot be locked by any process.
    """
    await steps_for(database)
    until = time.monotonic() + LOCKED_PATIENCE
    done: tuple[Step, ...] = ()
    while not (await database.version()).fits:
        try:
            if await can_run_beside(database):
                done += await bring_up_beside(database)
            else:
                done += await _bring_up_alone(database)
            if done:
                break
        except TablesBusyError as error:
            if time.monotonic() >= until:
                if error.holder is not None:
                    raise MigrationError(
                        f"Process {error.holder} has been changing the tables of the database "
                        f"{database.shown} for a minute. Nothing was changed. If it does not move, "
                        "resume it, or end it."
                    ) from None
                raise MigrationError(
                    f"Other processes have used the tables of the database {database.shown} for a "
                    "minute. Nothing was changed. Try again when their transactions have ended; a "
                    "backup may be one."
                ) from None
        await asyncio.sleep(LOOK)
    return done


async def _bring_up_alone(database: Database) -> tuple[Step, ...]:
    lease = Lease(database)
    began = time.monotonic()
    try:
        while not await lease.secure(alone=True):
            found = await database.revision()
            if found == schema.HEAD:
                return ()
            # The process with the lock migrates. The holder of the lease may have just died.
            patience = NEW_PATIENCE if found is None else PATIENCE
            patience = max(patience, 0.0 if lease.is_locked_out else lease.patience)
            if time.monotonic() - began > patience:
                who = await _who(lease)
                raise MigrationError(
                    f"{who} is using the database {database.shown}, whose "
                    f"tables are of an older version (revision {found}; this one needs "
                    f"{schema.HEAD}). Nothing was changed. Stop that process first, or use the "
                    "version that it runs."
                )
            await asyncio.sleep(LOOK)
        return await bring_up(database)
    finally:
        await lease.lock.release()


async def busy(database: Database) -> str | None:
    """Return which process prevents the migration, as the start of a sentence; None for none."""
    if await can_run_beside(database):
        return None
    lease = Lease(database)
    try:
        return None if await lease.secure(alone=True) else await _who(lease)
    finally:
        await lease.lock.release()


async def _who(lease: Lease) -> str:
    """Name the process that migrates, or else one that uses the tables."""
    if lease.replicas:
        return f"The replica {lease.replicas[0]}"
    if not lease.is_locked_out:
        return "Another process" if lease.rival is None else f"Process {lease.rival.name}"
    holder = await lease.lock.holder()
    return "Another process" if holder is None else f"Process {holder}"


def _steps(database: Database, connection: Connection) -> tuple[Step, ...]:
    version = table_version(connection)
    if version.revision is None and has_our_tables(connection):
        # Another process may have made them, with their version, since that was read.
        version = table_version(connection)
        if version.revision is None:
            raise MigrationError(
                f"The database {database.shown} holds tables of another program. "
                "Name a separate database for ON News in DATABASE_URL."
            )
    found = version.revision
    if version.fits:
        return ()
    try:
        return steps_from(found)
    except UnknownRevisionError:
        if found is not None and is_too_old(found):
            raise MigrationError(
                f"The database {database.shown} was written by an earlier version of ON News (its "
                f"revision is {found}). Nothing was changed: {EARLIER}."
            ) from None
        raise OutdatedProgramError(database.shown, version.oldest_program or schema.HEAD) from None


def _keep(path: Path, copy: Path, found: str) -> None:
    """Copy an SQLite file in its committed state, and check the copy; or raise MigrationError."""
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
