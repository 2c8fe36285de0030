"""Files that only the user who runs ON News may read: chats and reading lists are in them."""

from __future__ import annotations

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
    """Make a file that is its owner's alone, and open it for writing.

    Raises:
        FileExistsError: It is there already.
        OSError: It cannot be made.
    """
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb")


def append(path: Path) -> TextIO:
    """Open a file to append to; one that is made is its owner's alone.

    Raises:
        OSError: It cannot be opened.
    """
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE), "a")


def tighten(path: Path) -> None:
    """Make a file its owner's alone, or say in the log that others can read it."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return  # it is not there
    if mode & OTHERS:
        try:
            path.chmod(mode & ~OTHERS)
        except OSError as error:
            log.warning(
                "others can read %s, and that cannot be changed (%s); chmod 600 it",
                path,
                error.strerror,
            )


def tighten_database(path: Path) -> None:
    """Make an SQLite file and those that belong to it their owner's alone."""
    for file in files_of(path):
        tighten(file)


def files_of(path: Path) -> list[Path]:
    """An SQLite file and those that belong to it, whether they are there or not."""
    return [path, *logs_of(path), path.with_name(f"{path.name}.lock")]


def logs_of(path: Path) -> list[Path]:
    """An SQLite file's log, and the index of that, whether they are there or not."""
    return [path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-shm")]
