"""The lock that a process holds while it serves an archive, and while it changes its tables.

On SQLite it is a lock on a file beside the database, on PostgreSQL an advisory lock of a session.
Both are let go by the system when the process that holds them dies, however it dies; a frozen one
keeps them. Who serves is decided by the lease; this keeps out what knows of no lease: versions of
ON News before it, and migrations.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.db import private_files
from storage.db.dialect import AdvisoryLock
from storage.db.outage import DatabaseError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from sqlalchemy.ext.asyncio import AsyncConnection

    from storage.db.database import Database
    from storage.serving.lease_holder import Holder


ANSWER = 5.0
"""Seconds that the server has to say whether the lock is free."""
_HELD = (
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0 "
    "AND objid = :lock AND objsubid = 1 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_END = f"SELECT pg_terminate_backend(pid, 1000) FROM ({_HELD}) AS held WHERE pid = :session"  # noqa: S608 - fixed texts
_NO_LOCK = (
    "The file {} cannot be locked ({}). See that the user who runs ON News may write to its "
    "folder, and that the disk is one of this machine."
)


class CannotServeError(DatabaseError):
    """This program cannot work with the database, however long it waits; the message says why."""


class LockError(CannotServeError):
    """The lock cannot be taken by anybody; the message says what to do."""


class ServingLock:
    """The right to serve an archive, held by one process at a time.

    Args:
        database: The archive's database, open.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file: TextIO | None = None
        self.session: AsyncConnection | None = None
        """On PostgreSQL, the session that holds the lock."""
        self.session_id: int | None = None
        """Its number there."""

    @property
    def is_taken(self) -> bool:
        """Whether the lock is ours, as far as is known without asking."""
        return self._is_locked or self.session is not None

    @property
    def _is_locked(self) -> bool:
        """Whether the file of that name is the one that is locked, and not a newer one."""
        if self._file is None or self._path is None:
            return False
        with suppress(FileNotFoundError, NotADirectoryError):
            return os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        return False

    async def take(self) -> bool:
        """Take the lock if nobody holds it; whether it is ours now.

        Raises:
            LockError: The file beside an SQLite database cannot be made or locked.
        """
        if self._path is not None:
            return self._take_file(self._path)
        return await self._take_session()

    async def owner(self) -> int | None:
        """Who has the lock: on SQLite a process, on PostgreSQL a session; None for nobody known.

        Raises:
            DBAPIError, OSError: The database does not answer.
        """
        path = self._path
        if path is not None:
            with suppress(OSError, ValueError):
                return int(path.read_text().strip())
            return None
        async with self._database.read() as connection:
            found: int | None = await connection.scalar(text(_HELD), {"lock": AdvisoryLock.SERVING})
        return found

    async def is_held_by(self, session_id: int | None, process: Holder | None) -> bool:
        """Whether the lock, which is not ours, is that of a process or of its session.

        Raises:
            DBAPIError, OSError: The database does not answer.
        """
        owner = await self.owner()
        if self._path is not None:
            return process is not None and owner == process.pid
        return owner is not None and owner == session_id

    async def force(self, session_id: int | None) -> bool:
        """Do without the lock on SQLite; on PostgreSQL, end the session that has it, and take it.

        Returns:
            Whether this process may go on.

        Raises:
            DBAPIError, OSError: The database does not answer.
        """
        if self._path is not None:
            return True
        async with self._database.read() as connection:
            await connection.execute(
                text(_END), {"lock": AdvisoryLock.SERVING, "session": session_id}
            )
        return await self.take()

    def sign(self) -> None:
        """Name this process as the one that serves, although a frozen one has the lock."""
        if self._path is not None:
            with suppress(OSError):
                self._path.write_text(f"{os.getpid()}\n")

    async def release(self) -> None:
        """Let the lock go, if it is ours."""
        if self._file is not None:
            file, self._file = self._file, None
            file.close()
        if self.session is not None:
            session, self.session, self.session_id = self.session, None, None
            # The end of the session ends the lock, also where the connection is lost.
            with suppress(DBAPIError, OSError):
                await session.invalidate()
            with suppress(DBAPIError, OSError):
                await session.close()

    @property
    def _path(self) -> Path | None:
        database = self._database.path
        return None if database is None else database.with_name(f"{database.name}.lock")

    def _take_file(self, path: Path) -> bool:
        if self._is_locked:
            return True
        if self._file is not None:
            self._file.close()
            self._file = None
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
            # Whose it is helps an operator; on a full disk it goes without.
            os.write(file.fileno(), f"{os.getpid()}\n".encode())
        self._file = file
        return True

    async def _take_session(self) -> bool:
        if self.session is not None:
            return True
        session = await self._database.session()
        try:
            async with asyncio.timeout(ANSWER):
                found = await session.execute(
                    text("SELECT pg_try_advisory_lock(:lock), pg_backend_pid()"),
                    {"lock": AdvisoryLock.SERVING},
                )
            taken, session_id = found.one()
        except BaseException:
            with suppress(DBAPIError, OSError):
                await session.invalidate()
            with suppress(DBAPIError, OSError):
                await session.close()
            raise
        if not taken:
            await session.close()
            return False
        self.session, self.session_id = session, session_id
        return True
