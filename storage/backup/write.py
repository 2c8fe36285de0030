"""A backup is written from a snapshot, under another name first, and read before it counts."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar

from storage.backup import tables
from storage.backup.form import BackupReader, BackupWriter, DamagedError, Header
from storage.db import private_files
from storage.tables.schema import HEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from storage.db.database import Database

T = TypeVar("T")

UNFINISHED = ".unfinished-"
"""Begins the name of a file that is being written."""


class BackupError(Exception):
    """No backup could be written; the message says why and what to do."""


class BrokenOffError(Exception):
    """The writing, or the reading, was told to stop."""


async def back_up(
    database: Database, path: Path, now: datetime, stop: Callable[[], bool] = lambda: False
) -> Header:
    """Write a backup of a database, while others read and write it; gives its header.

    Args:
        database: The archive's, open.
        path: Where to; a file there stays as it is until the new one is whole.
        now: This moment.
        stop: Is asked often; True breaks the writing off.

    Raises:
        BackupError: The file cannot be written, or reads differently from what was written.
        BrokenOffError: `stop` said so.
        DatabaseUnavailableError: The database cannot be read just now.
    """
    ended = threading.Event()

    def is_broken_off() -> bool:
        return ended.is_set() or stop()

    def work(connection: Connection) -> Header:
        try:
            return _write(connection, path, now, is_broken_off)
        except OSError as error:
            raise BackupError(
                f"{path} cannot be written ({error.strerror}). See that the folder is there, that "
                "the user who runs ON News may write to it, and that its disk is not full."
            ) from None

    return await broken_off_when_cancelled(database.snapshot(work), ended)


async def broken_off_when_cancelled(work: Coroutine[Any, Any, T], ended: threading.Event) -> T:
    """Wait for work in a thread; where the waiting is cancelled, let `ended` end the work first."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        ended.set()
        await asyncio.wait([task])
        task.exception()  # whoever would want to hear of it is gone
        raise


def _write(connection: Connection, path: Path, now: datetime, stop: Callable[[], bool]) -> Header:
    header = Header(HEAD, now, tables.parts(connection))
    # Where a link leads, or the link would become a file.
    path = path.resolve()
    beside = path.with_name(f"{UNFINISHED}{path.name}-{secrets.token_hex(4)}")
    try:
        with private_files.make(beside) as file:
            writer = BackupWriter(file)
            writer.begin(header)
            for part in header.parts:
                # Its cursor is closed with it, whatever ends the writing.
                with closing(tables.batches(connection, part)) as batches:
                    writer.table(part, until(stop, batches))
            written = writer.end()
            file.flush()
            os.fsync(file.fileno())
        _verify(beside, header, written, stop)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # Or a machine that loses its power could forget the new name.
        os.fsync(folder)
    finally:
        os.close(folder)
    return header


def until(stop: Callable[[], bool], batches: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """The batches, until the writing or reading is told to stop.

    Raises:
        BrokenOffError: It is.
    """
    for batch in batches:
        if stop():
            raise BrokenOffError
        yield batch


def _verify(
    path: Path,
    header: Header,
    written: Mapping[str, tuple[int, str]],
    stop: Callable[[], bool],
) -> None:
    """Read a file to its end, and compare it with what was to be written.

    Raises:
        BackupError: It is another.
    """
    try:
        found = check(path, stop)
    except DamagedError as error:
        raise BackupError(f"{path.parent} keeps other than what is written: {error}") from None
    short = [part.name for part in header.parts if written[part.name][0] != part.rows]
    if found != header or short:
        raise BackupError(f"{path.parent} keeps other than what is written to it")


def check(path: Path, stop: Callable[[], bool] = lambda: False) -> Header:
    """Read a backup to its end.

    Raises:
        DamagedError: It is not whole, or was changed.
        NewerError: A newer version of the program wrote it.
        BrokenOffError: `stop` said so.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        reader = BackupReader(file)
        for _, batches in reader.tables():
            for _ in until(stop, batches):
                pass
        return reader.header
