"""Files that only the user who runs ON News may read: they hold chats and reading lists."""

from __future__ import annotations

import errno
import logging
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO, TextIO

PRIVATE = 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO

log = logging.getLogger(__name__)


def make(path: Path) -> BinaryIO:
    """Create a file that only its owner may read, and open it; FileExistsError if it exists."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb")


def append(path: Path) -> TextIO:
    """Open a file for appending. A new file may only be read by its owner."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE), "a")


def append_durably(path: Path, text: str) -> None:
    """Append a text in one write, and sync it to the disk; folder and file are made if missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.encode()
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
    try:
        if os.write(file, content) < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        os.fsync(file)
    finally:
        os.close(file)
    # Sync the folder too, so that the file's name lasts.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def tighten(path: Path) -> None:
    """Take all rights to a file from other users, or log a warning if that fails."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return  # it is not there
    if mode & OTHERS:
        try:
            path.chmod(mode & ~OTHERS)
        except OSError as error:
            log.warning(
                "other users can read %s, and its mode cannot be changed (%s): run chmod 600",
                path,
                error.strerror,
            )


def tighten_database(path: Path) -> None:
    """Take all rights to an SQLite file and its companions from other users."""
    for file in files_of(path):
        tighten(file)


def files_of(path: Path) -> list[Path]:
    """Return the paths of an SQLite file and its companions, which need not exist."""
    return [path, *logs_of(path), path.with_name(f"{path.name}.lock"), begun_of(path)]


def begun_of(path: Path) -> Path:
    """Return the path of the file of begun updates (`storage.readers.begun_updates`)."""
    return path.with_name(f"{path.name}-begun")


def logs_of(path: Path) -> list[Path]:
    """Return the paths of an SQLite file's WAL and its index, which need not exist."""
    return [path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-shm")]
