"""The watch over an SQLite archive's file, and its rescue when it is lost.

A deleted file is restored at its path. A replaced file is saved beside the new one, and the serving
process must then start over with the new file.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from typing import TYPE_CHECKING

from storage.db import sqlite_file
from storage.db.lost_file import FileFate, LostFile, OpenFile
from storage.db.outage import DatabaseFailure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

log = logging.getLogger(__name__)

AGAIN = 10.0
"""Seconds between two attempts to save the content of a lost file."""


class KeptFile:
    """The SQLite file that this process uses.

    Args:
        path: The path of the file.
        turn: The lock that this process's writers hold.
        serves: Returns whether this process serves. Only the serving process saves.
        renew: Discards every connection when the process moves to another file.
    """

    def __init__(
        self,
        path: Path,
        turn: asyncio.Lock,
        serves: Callable[[], bool],
        renew: Callable[[], Awaitable[None]],
    ) -> None:
        self._path = path
        self._turn = turn
        self._serves = serves
        self._renew = renew
        self._file: OpenFile | None = None
        self._lost: LostFile | None = None
        self._tried = 0.0
        self._telling: set[asyncio.Future[None]] = set()
        self.hear: Callable[[LostFile], Awaitable[None]] | None = None
        """Called with the fate of a lost file and its content; see `Database.on_lost_file`."""

    async def open(self) -> None:
        """Open the file, creating it if it is missing, and hold it open.

        Raises:
            DatabaseError, sqlite3.Error, OSError: The file cannot be used.
        """
        self._file = await asyncio.to_thread(_open, self._path)

    async def close(self) -> None:
        """Close the file, after all other connections: this writes the WAL into the file."""
        for telling in self._telling:
            telling.cancel()
        file, self._file, self._lost = self._file, None, None
        if file is not None:
            await asyncio.to_thread(file.close)

    @property
    def failure(self) -> DatabaseFailure | None:
        """Why the file must not be used; None if the path still names it."""
        fate = None if self._file is None else self._file.fate()
        return None if fate is None else _failure(self._lost or LostFile(self._path, fate))

    async def save(self) -> DatabaseFailure | None:
        """Save the content of a lost file, and continue with a usable file if there is one.

        Returns:
            Why the file cannot be used yet; None if it can.

        Raises:
            DatabaseError, sqlite3.Error, OSError: The new file at the path cannot be used.
        """
        # The lock waits for the current writer. Of concurrent calls only the first one saves.
        async with self._turn:
            fate = None if self._file is None else self._file.fate()
            if self._file is None or fate is None:
                self._lost = None
                return None
            known = self._lost
            if not self._is_done(known, fate):
                self._lost = await self._saved(self._file, fate)
                self._tried = asyncio.get_running_loop().time()
                if known is None or (known.fate, known.saved) != (fate, self._lost.saved):
                    self._tell(self._lost)
            lost = self._lost or LostFile(self._path, fate)
            if lost.saved == self._path or (fate is FileFate.REPLACED and not self._serves()):
                await self._go_on(self._file)
                return None
        return _failure(lost)

    async def _saved(self, file: OpenFile, fate: FileFate) -> LostFile:
        if fate is FileFate.AWAY or not self._serves():
            return LostFile(self._path, fate)
        return await asyncio.to_thread(_save, file, self._path, fate)

    def _is_done(self, lost: LostFile | None, fate: FileFate) -> bool:
        """Return whether the content is saved already, or it is too early to try again."""
        if lost is None or (lost.fate is not fate and lost.saved != self._path):
            return False
        since = asyncio.get_running_loop().time() - self._tried
        return lost.problem is None or since < AGAIN

    async def _go_on(self, lost: OpenFile) -> None:
        """Switch to the file that is now at the path."""
        self._file = await asyncio.to_thread(_open, self._path)
        self._lost = None
        await self._renew()
        await asyncio.to_thread(lost.close)

    def _tell(self, lost: LostFile) -> None:
        if not self._serves():
            return
        if lost.saved == self._path:
            log.warning("%s was restored with all its content", self._path)
        elif lost.fate is not FileFate.AWAY:
            log.error("%s. %s", lost.reason, lost.advice)
        if self.hear is not None:
            telling = asyncio.ensure_future(self.hear(lost))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)


def _open(path: Path) -> OpenFile:
    return OpenFile(path, sqlite_file.prepare_file(path))


def _save(file: OpenFile, path: Path, fate: FileFate) -> LostFile:
    try:
        file.let_go_of_log()
        saved = file.save()
        if fate is FileFate.DELETED:
            file.put_back(saved)
            saved = path
    except (sqlite3.Error, OSError) as error:
        problem = error.strerror if isinstance(error, OSError) else None
        return LostFile(path, fate, problem=problem or str(error))
    return LostFile(path, fate, saved)


def _failure(lost: LostFile) -> DatabaseFailure:
    return DatabaseFailure(lost.reason, lost.advice)
