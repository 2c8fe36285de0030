"""One process at a time serves an archive: the lock that the others wait for.

On SQLite it is a lock on a file beside the database, on PostgreSQL an advisory lock of a session.
Both are let go by the system when the process that holds them dies, however it dies; no clock has
a part in it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage import private
from storage.database import DatabaseError
from storage.dialect import AdvisoryLock

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path
    from typing import TextIO

    from sqlalchemy.ext.asyncio import AsyncConnection

    from storage.database import Database


_NO_LOCK = (
    "The file {} cannot be locked ({}). See that the user who runs ON News may write to its "
    "folder, and that the disk is one of this machine."
)


class ServingLock:
    """The right to serve an archive, held by one process at a time.

    Args:
        database: The archive's database, open.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file: TextIO | None = None
        self._session: AsyncConnection | None = None
        self._reading: AbstractAsyncContextManager[AsyncConnection] | None = None

    async def take(self) -> bool:
        """Take the lock if nobody holds it; whether it is ours now.

        Raises:
            DatabaseError: The file beside an SQLite database cannot be made or locked.
        """
        if self._database.path is not None:
            return self._take_file(self._database.path)
        return await self._take_session()

    async def held(self) -> bool:
        """Whether the lock is still ours: a lost connection loses it."""
        if self._session is None:
            return self._file is not None
        try:
            await self._session.execute(text("SELECT 1"))
        except (DBAPIError, OSError, DatabaseError):
            await self.release()
            return False
        return True

    async def release(self) -> None:
        """Let the lock go, if it is ours."""
        if self._file is not None:
            file, self._file = self._file, None
            file.close()
        if self._session is not None:
            session, self._session = self._session, None
            # The end of the session ends the lock, also where the connection is lost.
            await session.invalidate()
            await session.close()

    def _take_file(self, database: Path) -> bool:
        if self._file is not None:
            return True
        path = database.with_name(f"{database.name}.lock")
        try:
            file = private.append(path)
        except OSError as error:
            raise DatabaseError(_NO_LOCK.format(path, error.strerror)) from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.truncate(0)
        except BlockingIOError:
            file.close()
            return False
        except OSError as error:
            file.close()
            raise DatabaseError(_NO_LOCK.format(path, error.strerror)) from None
        with suppress(OSError):
            # Whose it is helps an operator; on a full disk it goes without.
            os.write(file.fileno(), f"{os.getpid()}\n".encode())
        self._file = file
        return True

    async def _take_session(self) -> bool:
        if self._session is not None:
            return True
        # Were it let go of, its connection would be given back.
        self._reading = self._database.read()
        session = await self._reading.__aenter__()
        taken = await session.scalar(
            text("SELECT pg_try_advisory_lock(:lock)"), {"lock": AdvisoryLock.SERVING}
        )
        if not taken:
            await session.close()
            return False
        self._session = session
        return True


async def wait_for(lock: ServingLock, stop: asyncio.Event, every: float) -> bool:
    """Ask for the lock every so many seconds.

    Returns:
        Whether it was taken; False where `stop` was set first.
    """
    while not stop.is_set():
        if await lock.take():
            return True
        try:
            await asyncio.wait_for(stop.wait(), every)
        except TimeoutError:
            continue
    return False
