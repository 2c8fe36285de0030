"""The file of an SQLite archive: created if missing, and tested before use."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from storage.db import private_files
from storage.db.outage import DatabaseError
from storage.db.sqlite import engines

if TYPE_CHECKING:
    from pathlib import Path


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
