"""The file of an SQLite archive: made where there is none, and tried first."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from storage.db import private_files, sqlite
from storage.db.outage import DatabaseError

if TYPE_CHECKING:
    from pathlib import Path


def could_be_made(path: Path) -> bool:
    """Whether a file is not there, and nothing that is no folder is in its way."""
    folders = (folder for folder in path.parents if folder.exists())
    return not path.exists() and all(folder.is_dir() for folder in folders)


def prepare_file(path: Path) -> sqlite3.Connection:
    """Make the folder and the file, see that it can be written, and turn on WAL.

    The driver that serves the event loop would leave a thread behind where opening fails.

    Returns:
        A connection to the file, for any thread.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"The folder {path.parent} of the database cannot be made ({error.strerror}). "
            "Make it and let the user who runs ON News write to it, or name another place in "
            "DATABASE_URL."
        ) from None
    # What belongs to it, SQLite makes with the rights of the file itself.
    if not path.exists():
        # Of a file that is there, closing it would end the locks of this process's connections.
        with suppress(FileExistsError):
            private_files.make(path).close()
    private_files.tighten_database(path)
    connection = sqlite3.connect(
        path, timeout=sqlite.BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        sqlite.turn_on_wal(connection)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except BaseException:
        connection.close()
        raise
    return connection
