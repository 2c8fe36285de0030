"""The lock that a process holds while it serves an archive, and while it migrates tables.

On SQLite it is a lock on a file beside the database, on PostgreSQL a session's advisory lock. The
system releases both when their process ends, however it ends; a frozen process keeps them. The
lease decides which process serves. The lock keeps out programs that know no lease: older versions
of ON News, and migrations.
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
    "folder, and that the disk is local."
)


class CannotServeError(DatabaseError):
    """This program can never work with the database, so do not wait. The message says why."""


class LockError(CannotServeError):
    """No process can take the lock. The message says what to do."""


class ServingLock:
    """The lock on an archive, held by one process at a time.

    Args:
        database: The archive's database, open.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file: TextIO | None = None
        self.session: AsyncConnection | None = None
        """On PostgreSQL, the session that holds the lock."""
        self.session_id: int | None = None
        """The process id of that PostgreSQL session on the server; None without the lock."""

    @property
    def is_taken(self) -> bool:
        """Whether this process has the lock, without asking the database."""
        return self._is_locked or self.session is not None

    @property
    def _is_locked(self) -> bool:
        """Whether the locked file still has its name, and was not replaced."""
        if self._file is None or self._path is None:
            return False
        with suppress(FileNotFoundError, NotADirectoryError):
            return os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        return False

    async def take(self) -> bool:
        """Take the lock if it is free. Return whether this process has it now.

        Raises:
            LockError: The file beside an SQLite database cannot be created or locked.
            DatabaseUnavailableError, DBAPIError, OSError: PostgreSQL cannot be used now.
            TimeoutError: PostgreSQL does not answer.
        """
        if self._path is not None:
            return self._take_file(self._path)
        return await self._take_session()

    async def owner(self) -> int | None:
        """Return the id of the lock's owner: a process on SQLite, a session on PostgreSQL.

        None means that no owner is known.

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
        """Return whether this process (on SQLite) or session (on PostgreSQL) has the lock.

        Raises:
            DBAPIError, OSError: The database does not answer.
        """
        owner = await self.owner()
        if self._path is not None:
            return process is not None and owner == process.pid
        return owner is not None and owner == session_id

    async def force(self, session_id: int | None) -> bool:
        """On PostgreSQL, end the session that has the lock and take it. On SQLite, do without it.

        Returns:
            Whether this process may continue.

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
        """Write this process's id into the lock file, although a frozen process has the lock."""
        if self._path is not None:
            with suppress(OSError):
                self._path.write_text(f"{os.getpid()}\n")

    async def release(self) -> None:
        """Release the lock if this process has it."""
        if self._file is not None:
            file, self._file = self._file, None
            file.close()
        if self.session is not None:
            session, self.session, self.session_id = self.session, None, None
            # Ending the session releases the lock, even if the connection is lost.
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
            # The owner's id helps an operator; on a full disk it is left out.
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
