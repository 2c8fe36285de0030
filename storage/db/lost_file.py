"""An SQLite file that is deleted or replaced while a process has it open.

The open file has no name any more, but its content can still be read. A process that opens the path
finds an empty or another file, and beside it the old WAL, which SQLite would write into the new
file. So no process may open the path until the content is saved and the WAL is deleted.
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
"""The name, beside the lost file, under which its content is saved."""


class FileFate(StrEnum):
    """What happened to a file."""

    DELETED = "deleted"
    REPLACED = "replaced"
    AWAY = "away"
    """Its disk is unmounted: the path now leads to another disk."""


@dataclass(frozen=True, slots=True)
class LostFile:
    """What happened to a database's file and to its content.

    Attributes:
        path: The path of the file.
        fate: What happened to the file.
        saved: The file that now has the content: `path` itself if it was restored; None if it is
            not saved.
        problem: Why saving failed; None if it did not.
    """

    path: Path
    fate: FileFate
    saved: Path | None = None
    problem: str | None = None

    @property
    def reason(self) -> str:
        """What happened, in a few words."""
        file = f"the database file {self.path}"
        if self.fate is FileFate.AWAY:
            return f"the disk of {file} is no longer mounted"
        if self.fate is FileFate.DELETED:
            what = f"{file} was deleted while ON News ran"
        else:
            what = f"another file was put in the place of {file} while ON News ran"
        return f"{what}, and its content cannot be saved ({self.problem})" if self.problem else what

    @property
    def advice(self) -> str:
        """What an operator should do."""
        if self.fate is FileFate.AWAY:
            return (
                "Mount it again. Do not stop ON News before that: only it has the latest changes."
            )
        if self.problem:
            return (
                "Make room on the disk, or let ON News write to the folder. Do not stop it before "
                "that: only it has the file's content."
            )
        if self.saved is not None:
            return f"Its content is in {self.saved}."
        what = "restores it" if self.fate is FileFate.DELETED else "saves its content"
        return f"The process that serves {what}."


class OpenFile:
    """A file that this process has opened.

    Args:
        path: The path of the file.
        connection: A connection that has read from the file; kept open until `close`.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._identity = _identity(path)
        self._logs = {log: _identity(log) for log in private_files.logs_of(path)}

    def fate(self) -> FileFate | None:
        """Return what happened to the file; None if the path still names it.

        An empty file at the path counts as deleted: other processes create one when they open a
        missing path.
        """
        try:
            found = self._path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return FileFate.DELETED if self._is_same_disk() else FileFate.AWAY
        except OSError:
            return None  # the user of the file gets this error itself
        if (found.st_dev, found.st_ino) == self._identity:
            return None
        return FileFate.REPLACED if found.st_size else FileFate.DELETED

    def save(self) -> Path:
        """Write the whole content to a new file beside this one, and return its path.

        Raises:
            OSError, sqlite3.Error: The copy cannot be written, or the content no longer read.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        saved = self._path.with_name(SAVED.format(self._path.name, datetime.now(UTC)))
        private_files.make(saved).close()
        try:
            # SQLite syncs the copy to the disk.
            with closing(sqlite3.connect(saved, isolation_level=None)) as copy:
                self._connection.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
        except BaseException:
            with suppress(OSError):
                saved.unlink()
            raise
        return saved

    def let_go_of_log(self) -> None:
        """Write the WAL into the open file, and delete the WAL.

        A WAL that belongs to another file by now is left alone.

        Raises:
            OSError: The WAL cannot be deleted.
        """
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        for log, identity in self._logs.items():
            if identity is not None and _identity(log) == identity:
                log.unlink(missing_ok=True)

    def put_back(self, saved: Path) -> None:
        """Move the saved copy to the file's path, which must be free.

        Raises:
            OSError: The copy cannot be moved.
        """
        for log in self._logs:
            log.unlink(missing_ok=True)
        saved.replace(self._path)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _is_same_disk(self) -> bool:
        folder = next(folder for folder in self._path.absolute().parents if folder.is_dir())
        return self._identity is not None and folder.stat().st_dev == self._identity[0]


def _identity(path: Path) -> tuple[int, int] | None:
    """Return the file's device and inode, which do not change with its name; None if missing."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
