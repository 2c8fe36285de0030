"""The lock that a process holds while it changes who serves, or the tables.

On SQLite it is a lock on a file beside the database, on PostgreSQL an advisory lock of a
transaction that stays open meanwhile: behind a pooler such as PgBouncer, only a transaction keeps
its session. The system releases both when the process that holds them dies. Who serves is decided
by the lease (`storage.serving.lease`), which nobody takes while another process migrates.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import text

from storage.db import private_files
from storage.db.connections import end_session
from storage.db.dialect import AdvisoryLock
from storage.db.outage import DatabaseError
from storage.db.silent_sessions import MAY_PAUSE
from storage.tables import schema

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from sqlalchemy.ext.asyncio import AsyncConnection

    from storage.db.database import Database

ANSWER = 5.0
"""Seconds that the server has to say whether the lock is free."""
_NO_LOCK = (
    "The file {} cannot be locked ({}). See that the user who runs ON News may write to its "
    "folder, and that the disk is local."
)
# The session commits each statement by itself, so the transaction is begun in SQL.
_BEGIN = (text("BEGIN"), MAY_PAUSE)
_SIGN = text(
    "SELECT set_config('application_name',"
    " left(current_setting('application_name') || ' ' || :name, 63), true)"
)
"""Names the process in the session's name, so that others can name the holder of the lock."""
_TRY = text("SELECT pg_try_advisory_xact_lock(:lock)")
_SIGNED = text(
    "SELECT substring(application_name FROM ' migration (.+)') FROM pg_stat_activity"
    " JOIN pg_locks USING (pid) WHERE locktype = 'advisory' AND granted"
    " AND classid = 0 AND objid = :lock AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class CannotServeError(DatabaseError):
    """This program can never work with the database, so do not wait. The message says why."""


class OutdatedProgramError(CannotServeError):
    """A newer version changed the tables so that they no longer serve this program."""

    def __init__(self, shown: str, serves_from: str) -> None:
        super().__init__(
            f"The database {shown} was written by a newer version of ON News (its tables serve "
            f"revision {serves_from} and newer; this one is of {schema.HEAD}). Update the program, "
            "or name another database in DATABASE_URL."
        )


class TablesBusyError(Exception):
    """Others use the tables now, so they could not be changed. Try again.

    `holder` is the process that has the lock; None if other transactions use the tables.
    """

    def __init__(self, holder: str | None = None) -> None:
        self.holder = holder
        busy = "others use them" if holder is None else f"process {holder} is changing them"
        super().__init__(f"the tables have to be changed, and {busy} now")


class LockError(CannotServeError):
    """The lock cannot be taken by any process; the message says what to do."""


class MigrationLock:
    """The lock under which tables are changed and the lease is taken, by one process at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file: TextIO | None = None
        self._session: AsyncConnection | None = None

    async def take(self) -> bool:
        """Take the lock if it is free. Return whether this process has it now.

        It raises LockError, or TimeoutError if PostgreSQL does not answer.
        """
        if self._path is not None:
            return self._take_file(self._path)
        return await self._take_session()

    async def holder(self) -> str | None:
        """Return which process has the lock, with its machine on PostgreSQL, or None."""
        if self._path is not None:
            with suppress(OSError, ValueError):
                return str(int(self._path.read_text().strip()))
            return None
        async with self._database.reading() as connection:
            signed = await connection.scalar(_SIGNED, {"lock": AdvisoryLock.MIGRATION})
        return signed or None

    async def release(self) -> None:
        """Release the lock if this process holds it."""
        if self._file is not None:
            file, self._file = self._file, None
            file.close()
        if self._session is not None:
            session, self._session = self._session, None
            # Ending the session releases the lock, even if the connection is lost.
            await end_session(session)

    @property
    def _path(self) -> Path | None:
        database = self._database.path
        return None if database is None else database.with_name(f"{database.name}.lock")

    def _take_file(self, path: Path) -> bool:
        if self._file is not None:
            return True
        try:
            file = private_files.append(path)
        except OSError as error:
            raise LockError(_NO_LOCK.format(path, error.strerror)) from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.truncate(0)
        except BlockingIOError:
            file.close()
            return False
        except OSError as error:
            file.close()
            raise LockError(_NO_LOCK.format(path, error.strerror)) from None
        with suppress(OSError):
            # The owner's id helps an operator; on a full disk it is left out.
            os.write(file.fileno(), f"{os.getpid()}\n".encode())
        self._file = file
        return True

    async def _take_session(self) -> bool:
        if self._session is not None:
            return True
        session = await self._database.session()
        try:
            async with asyncio.timeout(ANSWER):
                for statement in _BEGIN:
                    await session.execute(statement)
                name = f"{os.getpid()} on {socket.gethostname()}"
                await session.execute(_SIGN, {"name": name})
                taken = await session.scalar(_TRY, {"lock": AdvisoryLock.MIGRATION})
        except BaseException:
            await end_session(session)
            raise
        if not taken:
            # The connection is in a transaction, so it does not go back to the pool.
            await end_session(session)
            return False
        self._session = session
        return True
