"""An SQLite file that is deleted, or has another put in its place, while a process works with it.

What is open lives on without a name, and all of it can still be read. But whoever opens the name
anew finds an empty file, or another one, and beside it the log of the one before, which SQLite
would write into it. So nobody opens it until what was in it is saved, and that log is gone.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from storage.db import private_files

if TYPE_CHECKING:
    from pathlib import Path

SAVED = "{}.saved-{:%Y-%m-%dT%H-%M-%SZ}"
"""The name beside a file under which is saved what was in it."""


class FileFate(StrEnum):
    """What became of a file."""

    DELETED = "deleted"
    REPLACED = "replaced"
    AWAY = "away"
    """Its disk is not there: what is found at its place is on another one."""


@dataclass(frozen=True, slots=True)
class LostFile:
    """What became of a database's file, and of what was in it.

    Attributes:
        path: Where it was.
        fate: What became of it.
        saved: The file that now has what was in it, `path` itself where it was put back.
        problem: Why it is saved nowhere yet; None where it is.
    """

    path: Path
    fate: FileFate
    saved: Path | None = None
    problem: str | None = None

    @property
    def reason(self) -> str:
        """In a few words."""
        file = f"the database file {self.path}"
        if self.fate is FileFate.AWAY:
            return f"the disk of {file} is not there any more"
        if self.fate is FileFate.DELETED:
            what = f"{file} was deleted while ON News ran"
        else:
            what = f"another file was put in the place of {file} while ON News ran"
        return (
            f"{what}, and what was in it cannot be saved ({self.problem})" if self.problem else what
        )

    @property
    def advice(self) -> str:
        """What an operator does about it."""
        if self.fate is FileFate.AWAY:
            return "Mount it again. Do not stop ON News before: it alone has what was written last."
        if self.problem:
            return (
                "Make room on the disk, or let ON News write to the folder. Do not stop it before: "
                "it alone has what was in the file."
            )
        if self.saved is not None:
            return f"What was in it is in {self.saved}."
        what = "puts it back" if self.fate is FileFate.DELETED else "saves what was in it"
        return f"The process that serves {what}."


class OpenFile:
    """A file as this process opened it.

    Args:
        path: Where it is.
        connection: A connection to it, which has read from it; kept open until `close`.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._identity = _identity(path)
        self._logs = {log: _identity(log) for log in private_files.logs_of(path)}

    def fate(self) -> FileFate | None:
        """What became of the file; None where it is where it was.

        An empty file in its place is what others make who open a name that is not there.
        """
        try:
            found = self._path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return FileFate.DELETED if self._is_same_disk() else FileFate.AWAY
        except OSError:
            return None  # whoever uses it is told why
        if (found.st_dev, found.st_ino) == self._identity:
            return None
        return FileFate.REPLACED if found.st_size else FileFate.DELETED

    def save(self) -> Path:
        """Write all that is in the file to another one beside it; where that is.

        Raises:
            OSError, sqlite3.Error: It cannot be written, or not be read any more.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        saved = self._path.with_name(SAVED.format(self._path.name, datetime.now(UTC)))
        private_files.make(saved).close()
        try:
            # SQLite sees to it that the disk has all of it.
            with closing(sqlite3.connect(saved, isolation_level=None)) as copy:
                self._connection.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
        except BaseException:
            with suppress(OSError):
                saved.unlink()
            raise
        return saved

    def let_go_of_log(self) -> None:
        """Write the log into the file, which may have another name by now, and delete it.

        Where the log's name is another file's by now, that is left alone.

        Raises:
            OSError: It cannot be done.
        """
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        for log, identity in self._logs.items():
            if identity is not None and _identity(log) == identity:
                log.unlink(missing_ok=True)

    def put_back(self, saved: Path) -> None:
        """Give what was saved the file's name, which no other has.

        Raises:
            OSError: It cannot be done.
        """
        for log in self._logs:
            log.unlink(missing_ok=True)
        saved.replace(self._path)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _is_same_disk(self) -> bool:
        folder = next(folder for folder in self._path.absolute().parents if folder.is_dir())
        return self._identity is not None and folder.stat().st_dev == self._identity[0]


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is, whatever it is called; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
