"""Writing a backup from a snapshot: under a temporary name, then verified, then renamed."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from storage.backup import form
from storage.backup.form import BackupReader, BackupWriter, DamagedError, Header
from storage.db import private_files
from storage.tables.schema import HEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from storage.db.database import Database

T = TypeVar("T")

UNFINISHED = ".unfinished-"
"""Prefix of the name of a file that is being written."""


class BackupError(Exception):
    """No backup could be written. The message says why and what to do."""


class BrokenOffError(Exception):
    """Writing or reading was cancelled."""


async def back_up(
    database: Database,
    path: Path,
    now: datetime,
    stop: Callable[[], bool] = lambda: False,
    *,
    nice: int = 0,
) -> Header:
    """Write a backup of a database while other processes use it. Return its header.

    Args:
        path: An existing file stays until the new one is complete.
        stop: Called often; True cancels the writing with BrokenOffError.
        nice: The nice level of the threads that do it, where the system has one for each thread.

    Raises:
        BackupError: The file cannot be written, or differs from what was written.
    """
    ended = threading.Event()

    def is_broken_off() -> bool:
        return ended.is_set() or stop()

    def written(connection: Connection) -> _Draft:
        _give_way(nice)
        with _named(path):
            return _write(connection, path, now, is_broken_off)

    def finished(draft: _Draft) -> Header:
        _give_way(nice)
        with _named(path):
            return _finish(draft, is_broken_off)

    async def work() -> Header:
        draft = await database.snapshot(written)
        # A server cannot remove dead rows that are younger than a snapshot, so the file is verified
        # afterwards.
        return await asyncio.to_thread(finished, draft)

    return await broken_off_when_cancelled(work(), ended)


def _give_way(nice: int) -> None:
    """Set this thread's nice level; 0 leaves it."""
    if nice:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Raise the errors of files as `BackupError`."""
    try:
        yield
    except OSError as error:
        raise BackupError(
            f"{path} cannot be written ({error.strerror}). See that the folder is there, that "
            "the user who runs ON News may write to it, and that its disk is not full."
        ) from None


async def broken_off_when_cancelled(work: Coroutine[Any, Any, T], ended: threading.Event) -> T:
    """Wait for work in a thread. If cancelled, set `ended` to stop it, and wait for its end."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        ended.set()
        await asyncio.wait([task])
        task.exception()  # retrieve it, since no caller is left to handle it
        raise


class _Draft(NamedTuple):
    """A backup that was written under a temporary name."""

    beside: Path
    path: Path
    """The name that it gets."""
    header: Header


def _write(connection: Connection, path: Path, now: datetime, stop: Callable[[], bool]) -> _Draft:
    header = Header(HEAD, now, form.parts(connection))
    # Resolve a symbolic link, which would otherwise be replaced by a file.
    path = path.resolve()
    beside = path.with_name(f"{UNFINISHED}{path.name}-{secrets.token_hex(4)}")
    try:
        with private_files.make(beside) as file:
            writer = BackupWriter(file)
            writer.begin(header)
            for part in header.parts:
                # Close the cursor, however the writing ends.
                with closing(form.batches(connection, part)) as batches:
                    writer.table(part, until(stop, batches))
            writer.end()
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return _Draft(beside, path, header)


def _finish(draft: _Draft, stop: Callable[[], bool]) -> Header:
    """Verify a draft, and give it its name."""
    try:
        _verify(draft.beside, draft.header, stop)
        draft.beside.replace(draft.path)
    finally:
        draft.beside.unlink(missing_ok=True)
    folder = os.open(draft.path.parent, os.O_RDONLY)
    try:
        # Sync the folder too, or a power failure could undo the rename.
        os.fsync(folder)
    finally:
        os.close(folder)
    return draft.header


def until(stop: Callable[[], bool], batches: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """Yield the batches until `stop` returns True; then raise BrokenOffError."""
    for batch in batches:
        if stop():
            raise BrokenOffError
        yield batch


def _verify(path: Path, header: Header, stop: Callable[[], bool]) -> None:
    """Read a file to its end; raise BackupError if it differs from what was written."""
    try:
        found = check(path, stop)
    except DamagedError as error:
        raise BackupError(f"{path.parent} does not store what is written: {error}") from None
    if found != header:
        raise BackupError(f"{path.parent} does not store what is written to it")


def check(path: Path, stop: Callable[[], bool] = lambda: False) -> Header:
    """Read a backup to its end, to find damage. Return its header.

    Raises:
        DamagedError: It is incomplete or was changed.
        NewerError: A newer version of the program wrote it.
        BrokenOffError: `stop` returned True.
    """
    with path.open("rb") as file:
        reader = BackupReader(file)
        for _, batches in reader.tables():
            for _ in until(stop, batches):
                pass
        return reader.header
