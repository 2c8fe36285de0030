"""The file of an SQLite archive: created if missing, and tested before use."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from storage.db import private_files
from storage.db.outage import DatabaseError, DatabaseFailure
from storage.db.sqlite import engines

if TYPE_CHECKING:
    from pathlib import Path

ADVICE = "Put the file back, or fill a new one with the newest backup: `onnews restore FILE`."


def could_be_made(path: Path) -> bool:
    """Return whether a file is missing and all its existing parents are folders."""
    folders = (folder for folder in path.parents if folder.exists())
    return not path.exists() and all(folder.is_dir() for folder in folders)


def prepare_file(path: Path) -> sqlite3.Connection:
    """Create the folder and the file if needed, test that it is writable, and turn on WAL.

    The connection may be used from any thread. The event loop's driver is not used here, since it
    leaves a thread behind if opening fails.

    Raises:
        DatabaseError: The folder cannot be created.
        sqlite3.Error, OSError: The file cannot be created, opened or written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"The folder {path.parent} of the database cannot be created ({error.strerror}). "
            "Make it and let the user who runs ON News write to it, or name another place in "
            "DATABASE_URL."
        ) from None
    # SQLite gives the companion files the rights of the file itself.
    if not path.exists():
        # For an existing file, closing this handle would drop the locks of this process's
        # connections.
        with suppress(FileExistsError):
            private_files.make(path).close()
    private_files.tighten_database(path)
    connection = sqlite3.connect(
        path, timeout=engines.BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        engines.turn_on_wal(connection)
        # It is the last to close, and then writes the log into the file.
        connection.execute(f"PRAGMA synchronous = {engines.COMMITTED}")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except BaseException:
        connection.close()
        raise
    return connection


class OpenFile:
    """The file of an SQLite archive, from its opening to its close, recognised by its inode.

    A file that is deleted or replaced stays readable for the process that has it open, but the same
    path then opens another file. So the process must not open it again, and ends.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._logs: dict[Path, tuple[int, int] | None] = {}

    async def open(self) -> None:
        """Create the file if it is missing, and keep a connection to it; see `prepare_file`."""
        self._connection = await asyncio.to_thread(prepare_file, self._path)
        self._identity = _identity(self._path)
        self._logs = {log: _identity(log) for log in private_files.logs_of(self._path)}

    async def close(self) -> None:
        """Close the last connection, which writes the log into the file.

        The log of a lost file is deleted: SQLite would apply it to a file put in its place.
        """
        connection, self._connection = self._connection, None
        if connection is None:
            return
        lost = self.failure()
        await asyncio.to_thread(connection.close)
        if lost is not None and lost.ends:
            for log, identity in self._logs.items():
                if identity is not None and _identity(log) == identity:
                    log.unlink(missing_ok=True)

    def failure(self) -> DatabaseFailure | None:
        """Return why the file must not be used, or None if it is still in its place.

        An empty file counts as none: opening a missing name creates one.
        """
        if self._identity is None:
            return None
        file = f"the database file {self._path}"
        try:
            found = self._path.stat()
        except (FileNotFoundError, NotADirectoryError):
            if not self._is_same_disk():
                return DatabaseFailure(f"the disk of {file} is missing", "Mount it again.")
            found = None
        except OSError:
            return None  # using it raises the reason
        if found is not None and (found.st_dev, found.st_ino) == self._identity:
            return None
        fate = "replaced by another file" if found is not None and found.st_size else "deleted"
        reason = f"{file} was {fate} while ON News ran"
        return DatabaseFailure(reason, ADVICE, passes=False, ends=True)

    def _is_same_disk(self) -> bool:
        folder = next(folder for folder in self._path.absolute().parents if folder.is_dir())
        return self._identity is not None and folder.stat().st_dev == self._identity[0]


def _identity(path: Path) -> tuple[int, int] | None:
    """Return a file's device and inode, or None if there is no such file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
